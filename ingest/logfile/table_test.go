package logfile

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func TestResultFiles(t *testing.T) {
	const identity = `{type=AssumedRole, principalid=A:b, arn=arn:aws:sts::111122223333:assumed-role/a, b/c, accountid=null, sessioncontext={attributes={creationdate=2025-03-04 08:15:30.000, mfaauthenticated=false}, sessionissuer={type=Role}}}`
	const asJSON = `{"type":"AssumedRole","principalId":"A:b","arn":"arn:aws:sts::111122223333:assumed-role/a, b/c","sessionContext":{"attributes":{"creationDate":"2025-03-04T08:15:30Z","mfaAuthenticated":"false"},"sessionIssuer":{"type":"Role"}}}`
	r := NewReader(DefaultLimits())
	long := strings.Repeat("x", windowBytes)
	for name, c := range map[string]struct {
		plain string
		want  []string
	}{
		"eventjson":               {"eventTime,eventJson\n2025-03-04 08:21:07.000,\"{\"\"eventID\"\":\"\"1\"\"}\"\n,\"{\"\"eventID\"\":\"\"2\"\"}\"\n", []string{rec(1), rec(2)}},
		"quoted names, CRLF":      {"\"eventName\",\"eventjson\"\r\n\"x\",\"{\"\"eventID\"\":\"\"1\"\"}\"\r\n", []string{rec(1)}},
		"no last line feed":       {"eventjson\n\"{\"\"eventID\"\":\"\"1\"\"}\"", []string{rec(1)}},
		"names alone":             {"eventjson\n", nil},
		"names alone, no end":     {"eventjson", nil},
		"line feeds in values":    {"errormessage,eventjson\n\"a\n\"\"b\",\"{\"\"eventID\"\":\n\"\"1\"\"}\"\n", []string{"{\"eventID\":\n\"1\"}"}},
		"no eventjson in a row":   {"a,eventjson\nx,\nx,\"{}\"\n", []string{"INVALID_ROW", "{}"}},
		"too few values":          {"a,eventjson\nx\nx,\"{}\"\nx,y,z\n", []string{"INVALID_ROW", "{}", "INVALID_ROW"}},
		"Splunk":                  {"\"_raw\",\"_time\",host\n\"{\"\"eventID\"\":\"\"1\"\"}\",\"x\",h\n", []string{`{"eventID":"1"}`}},
		"semicolons":              {"_time;_raw;a,b\n1,5;\"{\"\"eventID\"\":\"\"1\"\"}\";\nx;y\n", []string{rec(1), "INVALID_ROW"}},
		"semicolons, by columns":  {"\"eventTime\";\"eventName\"\n2025-03-04 08:21:07;a,b\n", []string{`{"eventTime":"2025-03-04T08:21:07Z","eventName":"a,b"}`}},
		"semicolons, flattened":   {"eventTime;userIdentity.arn\n2025-03-04T08:21:07Z;a\n", []string{"file:NOT_A_LOG_FILE"}},
		"semicolons, no event":    {"a;b\n1;2\n", []string{"file:NOT_A_LOG_FILE"}},
		"Graylog":                 {"\"timestamp\",\"source\",\"message\"\n\"x\",\"h\",\"{\"\"eventID\"\":\"\"1\"\"}\"\n", []string{`{"eventID":"1"}`}},
		"Logs Insights":           {"@timestamp,@message\n\"x\",\"{\"\"eventID\"\":\"\"1\"\"}\"\n", []string{`{"eventID":"1"}`}},
		"flattened":               {"eventTime,eventName,userIdentity.arn\n2025-03-04T08:21:07Z,x,a\n", []string{"file:NOT_A_LOG_FILE"}},
		"flattened, and whole":    {"userIdentity.arn,eventjson\na,\"{\"\"eventID\"\":\"\"1\"\"}\"\n", []string{rec(1)}},
		"text behind a quote":     {"a,eventjson\n\"x\"y,{}\n", []string{"INVALID_ROW"}},
		"a value over the window": {"a,eventjson\n" + long + ",\"{}\"\n" + long + ",\"{}\"\n", []string{"{}", "{}"}},
		"cut in a value":          {"eventjson\n\"{}\"\n\"{", []string{"{}", "file:TRUNCATED_JSON"}},
		"by columns":              {"eventTime,eventName,_col2,readOnly,errorCode\n2025-03-04 08:21:07.000,GetObject,5,true,\n", []string{`{"eventTime":"2025-03-04T08:21:07Z","eventName":"GetObject","readOnly":true}`}},
		"milliseconds":            {"eventtime\n2025-03-04 08:21:07.123\n", []string{`{"eventTime":"2025-03-04T08:21:07.123Z"}`}},
		"empty text is no NULL":   {"eventtime,eventname\n2025-03-04T08:21:07Z,\"\"\n", []string{`{"eventTime":"2025-03-04T08:21:07Z","eventName":""}`}},
		"rows":                    {"eventtime,useridentity\n,\"" + identity + "\"\n", []string{`{"userIdentity":` + asJSON + `}`}},
		"rows as JSON":            {"eventtime,useridentity\n,\"{\"\"type\"\":\"\"Root\"\"}\"\n", []string{`{"userIdentity":{"type":"Root"}}`}},
		"maps": {"eventtime,requestparameters\n,\"{bucketName=a, b, key=x=y, acl={\"\"a\"\":[1,2]}, none=null}\"\n",
			[]string{`{"requestParameters":{"bucketName":"a, b","key":"x=y","acl":{"a":[1,2]},"none":null}}`}},
		"empty map":          {"eventtime,requestparameters\n,{}\n", []string{`{"requestParameters":{}}`}},
		"lists":              {"eventtime,resources\n,\"[{accountid=1, type=AWS::S3::Bucket, arn=a}, {arn=b}]\"\n", []string{`{"resources":[{"accountId":"1","type":"AWS::S3::Bucket","ARN":"a"},{"ARN":"b"}]}`}},
		"a row that is none": {"eventtime,useridentity\n,x\n,{nobody=1}\n", []string{"INVALID_ROW", "INVALID_ROW"}},
		"a map that is none": {"eventtime,requestparameters\n,{x}\n", []string{"INVALID_ROW"}},
	} {
		t.Run(name, func(t *testing.T) {
			r.Open(strings.NewReader(c.plain))
			require.Equal(t, c.want, drain(t, r, nil))
			r.Open(iotest.HalfReader(bytes.NewReader(packed(c.plain))))
			require.Equal(t, c.want, drain(t, r, nil), "gzip")
		})
	}
}

// TestHasEvents: tables and notes of events are told from those that other programs write, by what they hold.
func TestHasEvents(t *testing.T) {
	event := `"{""eventVersion"":""1.08"",""eventName"":""x"",""eventTime"":""2025-03-04T08:21:07Z""}"`
	lines := `{"eventVersion":"1.08","eventName":"x","eventTime":"2025-03-04T08:21:07Z"}`
	for name, c := range map[string]struct {
		plain string
		want  bool
	}{
		"Splunk":                     {"_time,_raw\n1," + event + "\n", true},
		"Splunk, semicolons, a mark": {"\xef\xbb\xbf_time;_raw\n1;" + event, true},
		"Splunk, of several sources": {"_raw\nhello\n\"{}\"\n" + event + "\n", true},
		"Splunk, of others":          {"_raw\nhello\n\"{\"\"a\"\":1}\"\n", false},
		"a log":                      {"time,message\n1,hello\n", false},
		"a log of events":            {"@timestamp,@message\n1," + event + "\n", true},
		"columns":                    {"eventTime,eventName\n2025-03-04 08:21:07,x\n", true},
		"a time alone":               {"eventTime,user\n2025-03-04 08:21:07,x\n", false},
		"flattened":                  {"eventTime,userIdentity.arn\nx,y\n", true},
		"names alone":                {"_raw\n", false},
		"lines of JSON":              {lines, true},
		"a line of text, then JSON":  {"# exported\n" + lines, true},
		"a log file":                 {`{"Records":[` + lines + `]}`, true},
		"a log file, cut off":        {`{"Records":[` + lines + `,{"a":`, true},
		"flattened, JSON":            {`{"time":"x","userIdentity.arn":"a"}`, true},
		"other JSON":                 {`{"a":1}` + "\n" + `{"b":2}` + "\n", false},
		"a note":                     {"hello\n", false},
		"events far behind":          {strings.Repeat("hello\n", windowBytes/6+1) + lines, false},
		"other columns":              {"a,b\n1,2\n", false},
		"a cut row":                  {"_raw\n\"{", false},
		"nothing":                    {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, HasEvents(strings.NewReader(c.plain)))
			require.Equal(t, c.want, HasEvents(bytes.NewReader(packed(c.plain))), "gzip")
		})
	}
	require.False(t, HasEvents(iotest.ErrReader(iotest.ErrTimeout)))
}
