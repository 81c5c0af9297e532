package logfile

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func sqs(body string) string {
	return fmt.Sprintf(`{"MessageId":"m","ReceiptHandle":"r","MD5OfBody":"x","Body":%s}`, strconv.Quote(body))
}

func lambdaSQS(body string) string {
	return fmt.Sprintf(`{"messageId":"m","receiptHandle":"r","body":%s,"attributes":{},"eventSource":"aws:sqs","awsRegion":"eu-west-1"}`, strconv.Quote(body))
}

func sns(message string) string {
	return fmt.Sprintf(`{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:eu-west-1:111122223333:t","Message":%s,"Timestamp":"2025-03-04T08:21:07.000Z"}`, strconv.Quote(message))
}

func bridge(detail string) string { return bridgeOf("AWS API Call via CloudTrail", detail) }

func bridgeOf(detailType, detail string) string {
	return `{"version":"0","id":"e","detail-type":"` + detailType + `","source":"aws.s3","account":"111122223333","time":"2025-03-04T08:21:07Z","region":"eu-west-1","resources":[],"detail":` + detail + `}`
}

func logEvent(message string) string {
	return fmt.Sprintf(`{"id":"3","timestamp":1741076467000,"message":%s}`, strconv.Quote(message))
}

func subscription(events ...string) string {
	return `{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[` + strings.Join(events, ",") + `]}`
}

func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func gzip64(text string) string { return base64Of(string(packed(text))) }

func awslogs(text string) string { return `{"awslogs":{"data":"` + gzip64(text) + `"}}` }

func kinesis(data string) string {
	return `{"SequenceNumber":"4","ApproximateArrivalTimestamp":"2025-03-04T08:21:07+00:00","Data":"` + data + `","PartitionKey":"p"}`
}

// TestMessages: every shape that events travel in gives the events as they were, and a failure for what is none.
func TestMessages(t *testing.T) {
	stamp := "2025-03-04T08:21:07.123Z "
	control := `{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logEvents":[` + logEvent("CWL CONTROL MESSAGE: Checking health of destination Firehose.") + `]}`
	whole := `{"eventVersion":"1.08","eventTime":"2025-03-04T08:21:07Z","eventSource":"s3.amazonaws.com","eventName":"x"}`
	plain := NewReader(DefaultLimits())
	ahead, _ := scanningReaderOf(t, strings.NewReader(""), DefaultLimits())
	lookup := `{"EventId":"1","EventName":"x","EventTime":"2025-03-04T08:21:07+00:00","CloudTrailEvent":` + strconv.Quote(rec(1)) + `}`
	for name, c := range map[string]struct {
		plain string
		want  []string
	}{
		"array":                                {"[" + rec(1) + ",\n" + rec(2) + "]\n", []string{rec(1), rec(2)}},
		"empty array":                          {"[]", nil},
		"empty":                                {"", nil},
		"white space":                          {" \n ", nil},
		"arrays":                               {"[" + rec(1) + "][" + rec(2) + "]\n", []string{rec(1), rec(2)}},
		"array of what is none":                {"[null," + rec(1) + ",5]", []string{"INVALID_JSON", rec(1), "INVALID_JSON"}},
		"array of events looked up":            {"[" + lookup + "]", []string{rec(1)}},
		"events looked up, a line each":        {lookup + "\n" + lookup + "\n", []string{rec(1), rec(1)}},
		"event of EventBridge":                 {bridge(rec(1)), []string{rec(1)}},
		"events of EventBridge a line each":    {bridge(rec(1)) + "\n" + bridge(rec(2)) + "\n", []string{rec(1), rec(2)}},
		"events of EventBridge in an array":    {"[" + bridge(rec(1)) + "," + bridge(rec(2)) + "]", []string{rec(1), rec(2)}},
		"another event of EventBridge":         {bridgeOf("EC2 Instance State-change Notification", `{"instance-id":"i","state":"running"}`), []string{"NOT_AN_EVENT"}},
		"another event with its time":          {bridgeOf("Object Created", `{"eventTime":"2025-03-04T08:21:07Z","eventName":"x"}`) + "\n" + bridge(rec(1)), []string{"NOT_AN_EVENT", rec(1)}},
		"another event with an id":             {bridgeOf("RDS DB Instance Event", `{"EventID":"RDS-EVENT-0001"}`), []string{"NOT_AN_EVENT"}},
		"event sent on under another type":     {bridgeOf("audit", whole), []string{whole}},
		"sign-in, and an event of a service":   {bridgeOf("AWS Console Sign In via CloudTrail", rec(1)) + bridgeOf("AWS Service Event via CloudTrail", rec(2)), []string{rec(1), rec(2)}},
		"a notification of text":               {sns("hello"), []string{"NOT_AN_EVENT"}},
		"batch of a topic, of text":            {`{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","Sns":` + sns("hello") + `}]}`, []string{"NOT_AN_EVENT"}},
		"subscription to a topic":              {`{"Type":"SubscriptionConfirmation","MessageId":"m","Token":"t","TopicArn":"arn","Message":"You have chosen","SubscribeURL":"u"}`, []string{"NOT_AN_EVENT"}},
		"test of S3 in a queue":                {sqs(`{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2025-03-04T08:21:07.000Z","Bucket":"b"}`), []string{"NOT_AN_EVENT"}},
		"an array that is cut off in a body":   {sqs(`[` + rec(1)), []string{"INVALID_JSON", rec(1)}},
		"subscription":                         {subscription(logEvent(rec(1)), logEvent(rec(2))), []string{rec(1), rec(2)}},
		"subscriptions without line feeds":     {subscription(logEvent(rec(1))) + control + subscription(logEvent(rec(2))), []string{rec(1), rec(2)}},
		"subscriptions in an array":            {"[" + subscription(logEvent(rec(1)), logEvent(rec(2))) + "," + control + "," + rec(3) + "]", []string{rec(1), rec(2), rec(3)}},
		"subscription with other lines":        {subscription(logEvent("START RequestId"), logEvent(rec(2))), []string{"NOT_AN_EVENT", rec(2)}},
		"filtered log events":                  {`{"events":[{"logStreamName":"s","timestamp":1,"message":` + strconv.Quote(rec(1)) + `,"ingestionTime":2,"eventId":"3"}],"searchedLogStreams":[]}`, []string{rec(1)}},
		"export":                               {stamp + rec(1) + "\n" + stamp + rec(2) + "\n", []string{rec(1), rec(2)}},
		"export with times of basic form":      {"20250304T082107Z " + rec(1) + "\n20250304T082107+0100 " + rec(2) + "\n", []string{rec(1), rec(2)}},
		"export with times to the minute":      {"2025-03-04t08:21z " + rec(1) + "\n2025-03-04T24:00Z " + rec(2) + "\n", []string{rec(1), rec(2)}},
		"export with other lines":              {stamp + rec(1) + "\n" + stamp + "hello\nmore {\n" + stamp + rec(2), []string{rec(1), "INVALID_JSON", "INVALID_JSON", rec(2)}},
		"received messages":                    {`{"Messages":[` + sqs(rec(1)) + `,` + sqs(bridge(rec(2))) + `]}`, []string{rec(1), rec(2)}},
		"a body":                               {sqs(rec(1)), []string{rec(1)}},
		"a notification":                       {sns(rec(1)), []string{rec(1)}},
		"notification in a queue":              {sqs(sns(bridge(rec(1)))), []string{rec(1)}},
		"batch of a queue":                     {`{"Records":[` + lambdaSQS(bridge(rec(1))) + `,` + lambdaSQS(rec(2)) + `]}`, []string{rec(1), rec(2)}},
		"batch of a topic":                     {`{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","Sns":` + sns(rec(1)) + `}]}`, []string{rec(1)}},
		"log file in a body":                   {sqs(`{"Records":[` + rec(1) + `,` + rec(2) + `]}`), []string{rec(1), rec(2)}},
		"batch and log file":                   {`{"Records":[` + lambdaSQS(rec(1)) + `]}{"Records":[` + rec(2) + `]}`, []string{rec(1), rec(2)}},
		"array in a body":                      {sqs(`[` + rec(1) + `,` + rec(2) + `]`), []string{rec(1), rec(2)}},
		"notification of a log file":           {sns(`{"s3Bucket":"b","s3ObjectKey":["k"]}`), []string{"NOT_AN_EVENT"}},
		"notification of an object":            {sqs(`{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2025-03-04T08:21:07Z","eventName":"ObjectCreated:Put","s3":{}}]}`), []string{"NOT_AN_EVENT"}},
		"a body of text":                       {sqs("hello"), []string{"NOT_AN_EVENT"}},
		"a body of another object":             {sqs(`{"a":1}`), []string{"NOT_AN_EVENT"}},
		"NDJSON of messages":                   {sqs(rec(1)) + "\n" + sqs("x") + "\n" + sqs(rec(2)) + "\n", []string{rec(1), "NOT_AN_EVENT", rec(2)}},
		"messages too deep":                    {sqs(sqs(sqs(sqs(sqs(sqs(sqs(rec(1)))))))), []string{"INVALID_JSON"}},
		"CloudWatch Logs to a function":        {awslogs(subscription(logEvent(rec(1)), logEvent(rec(2)))) + "\n" + awslogs(control), []string{rec(1), rec(2)}},
		"a function's data, not base64":        {`{"awslogs":{"data":"?"}}`, []string{"NOT_AN_EVENT"}},
		"a function's data, damaged":           {`{"awslogs":{"data":"` + base64.StdEncoding.EncodeToString(packed(rec(1))[:20]) + `"}}`, []string{"INVALID_JSON"}},
		"a function's data, none of gzip":      {`{"awslogs":{"data":"H4s="}}`, []string{"INVALID_JSON"}},
		"records of Kinesis":                   {`{"Records":[` + kinesis(base64Of(rec(1))) + `,` + kinesis(gzip64(subscription(logEvent(rec(2))))) + `],"MillisBehindLatest":0}`, []string{rec(1), rec(2)}},
		"a function's data with other lines":   {awslogs(subscription(logEvent("START"), logEvent(rec(1)), logEvent("END"), logEvent(rec(2)))) + awslogs(rec(3)), []string{"NOT_AN_EVENT", rec(1), rec(2), rec(3)}},
		"other lines in a text of a member":    {`{"x":` + strconv.Quote(subscription(logEvent("START"), logEvent(rec(1)))) + `}`, []string{"NOT_AN_EVENT", rec(1)}},
		"records of Kinesis, none of events":   {`{"Records":[` + kinesis(base64Of("hello")) + `,` + kinesis(base64Of(`{"a":1}`)) + `]}`, []string{"NOT_AN_EVENT", "NOT_AN_EVENT"}},
		"records of Kinesis, a line each":      {kinesis(base64Of(rec(1))) + "\n" + kinesis(base64Of(rec(2))) + "\n", []string{rec(1), rec(2)}},
		"batch of a stream":                    {`{"Records":[{"eventSource":"aws:kinesis","eventName":"aws:kinesis:record","eventID":"s:1","kinesis":{"partitionKey":"p","data":"` + gzip64(subscription(logEvent(rec(1)))) + `"}}]}`, []string{rec(1)}},
		"batch of a stream, in itself":         {awslogs(awslogs(awslogs(awslogs(awslogs(awslogs(awslogs(rec(1)))))))), []string{"INVALID_JSON"}},
		"a record with a member message":       {`{"eventID":"1","message":"x"}`, []string{`{"eventID":"1","message":"x"}`}},
		"a record with members like a message": {`{"eventID":"1","detail":{"a":1}}`, []string{`{"eventID":"1","detail":{"a":1}}`}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, stored := range []io.Reader{strings.NewReader(c.plain), iotest.OneByteReader(strings.NewReader(c.plain))} {
				plain.Open(stored)
				require.Equal(t, c.want, drain(t, plain, nil))
				sha, n := plain.Digest()
				sum := sha256.Sum256([]byte(c.plain))
				require.Equal(t, hex.EncodeToString(sum[:]), sha)
				require.EqualValues(t, len(c.plain), n)
			}
			ahead.Open(strings.NewReader(c.plain))
			require.Equal(t, c.want, drain(t, ahead, nil), "scanned ahead")
		})
	}
}

// TestPackedMessageLimit: what the texts of a value unpack to is no more, in all, than a record may have.
func TestPackedMessageLimit(t *testing.T) {
	limits := DefaultLimits()
	limits.RecordBytes = 2000
	large := `{"eventID":"` + strings.Repeat("a", 1500) + `"}`
	for name, c := range map[string]struct {
		plain string
		want  []string
	}{
		"one after the other": {awslogs(large) + awslogs(large), []string{large, large}},
		"too large":           {awslogs(subscription(logEvent(large), logEvent(large))) + awslogs(rec(1)), []string{"RECORD_TOO_LARGE", rec(1)}},
		"too large together":  {sqs("[" + awslogs(large) + "," + awslogs(large) + "]"), []string{"RECORD_TOO_LARGE", large}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, read(t, []byte(c.plain), limits)) })
	}
}

// TestAmidValue: records of one value share its end, and the reader says when more of them are to come.
func TestAmidValue(t *testing.T) {
	plain := sqs(`[`+rec(1)+`,`+rec(2)+`]`) + "\n" + rec(3)
	r := readerOf(strings.NewReader(plain), DefaultLimits())
	var amid []bool
	var ends []int64
	for {
		record, err := r.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		amid, ends = append(amid, r.IsAmidValue()), append(ends, record.End)
		if !r.IsAmidValue() {
			_, n := r.DigestSoFar()
			require.Equal(t, record.End, n)
		}
	}
	require.Equal(t, []bool{true, false, false}, amid)
	require.Equal(t, ends[0], ends[1])
}
