package logfile

import (
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// TestWrappers: events are found in what other programs make of them: texts alone, filters of the AWS CLI, and exports.
func TestWrappers(t *testing.T) {
	event := func(n int) string {
		return `{"eventVersion":"1.08","eventTime":"2025-03-04T08:21:07Z","eventName":"x","eventID":"` + strconv.Itoa(n) + `"}`
	}
	one, two := event(1), event(2)
	text := strconv.Quote
	for name, c := range map[string]struct {
		file string
		want []string
	}{
		"array of texts":           {"[" + text(one) + ",\n  " + text(two) + "]\n", []string{one, two}},
		"array of texts and none":  {"[" + text(one) + `,"hello",` + text(two) + "]", []string{one, "NOT_AN_EVENT", two}},
		"rows of texts":            {"[[" + text(one) + "],[" + text(two) + "]]", []string{one, two}},
		"rows with other columns":  {`[["RunInstances",` + text(one) + `,null,7],["x",` + text(two) + `]]`, []string{one, two}},
		"rows without events":      {`[["RunInstances","x"]]`, []string{"NOT_AN_EVENT"}},
		"texts, a line each":       {text(one) + "\n" + text(two) + "\n", []string{one, two}},
		"texts, one broken":        {text(one) + "\n" + `"hello` + "\n" + text(two) + "\n", []string{one, "INVALID_JSON", two}},
		"a text":                   {text(one), []string{one}},
		"a text with a list":       {text("[" + one + "," + two + "]"), []string{one, two}},
		"a text with a log file":   {text(`{"Records":[` + one + `,` + two + `]}`), []string{one, two}},
		"a text in a text":         {text(text(one)), []string{"file:NOT_A_LOG_FILE"}},
		"records in lower case":    {`{"records":[` + one + `,` + two + `]}`, []string{one, two}},
		"records of messages":      {`{"records":[{"messageId":"m","body":` + text(one) + `},{"messageId":"m","body":` + text(two) + `}]}`, []string{one, two}},
		"records of others":        {`{"records":[{"time":"2025-03-04T08:21:07Z","operationName":"x","category":"Administrative"}]}`, []string{"file:NOT_A_LOG_FILE"}},
		"records that are numbers": {`{"records":[1,2]}`, []string{"file:NOT_A_LOG_FILE"}},
		"pages of lookup-events":   {`[{"Events":[{"EventId":"1","CloudTrailEvent":` + text(one) + `}],"NextToken":"n"},{"Events":[]},{"Events":[{"CloudTrailEvent":` + text(two) + `}]}]`, []string{one, two}},
		"pages of log files":       {`[{"Records":[` + one + `]},{"records":[` + two + `]}]`, []string{one, two}},
		"pages of logs":            {`[{"events":[{"timestamp":1,"message":` + text(one) + `}]},{"events":[{"timestamp":1,"message":` + text(two) + `}]}]`, []string{one, two}},
		"pages of Logs Insights":   {`[{"results":[[{"field":"@timestamp","value":"x"},{"field":"@message","value":` + text(one) + `}]],"status":"Complete"}]`, []string{one}},
		"pages of others":          {`[{"Events":[{"a":1}]}]`, []string{"NOT_AN_EVENT"}},
		"get-query-results":        {queryResults(`[{"eventJson":` + text(one) + `}],[{"eventName":"x"},{"eventTime":"x"},{"eventjson":` + text(two) + `}]`), []string{one, two}},
		"get-query-results, pages": {"[" + queryResults(`[{"eventName":"x"},{"eventJson":`+text(one)+`}]`) + "," + queryResults(`[{"eventJson":`+text(two)+`}]`) + "]", []string{one, two}},
		"get-query-results, none":  {queryResults(""), nil},
		"other columns, a query's": {queryResults(`[{"eventName":"x"},{"n":"7"}],[{"eventJson":""}],[{"eventJson":` + text(one) + `}],[1],7`), []string{"NOT_AN_EVENT", "NOT_AN_EVENT", one, "NOT_AN_EVENT", "INVALID_JSON"}},
		"no row, a query's":        {queryResults(`,`), []string{"INVALID_JSON", "INVALID_JSON"}},
		"other columns, pages":     {"[" + queryResults(`[{"eventName":"x"}]`) + "]", []string{"NOT_AN_EVENT"}},
		"events, tabs between":     {one + "\t" + two + "\n", []string{one, two}},
		"chosen members":           {`[{"t":"2025","e":` + text(one) + `},{"t":"2025","e":` + text(two) + `}]`, []string{one, two}},

		"Logs Insights": {`{"results":[[{"field":"@timestamp","value":"x"},{"field":"@message","value":` + text(one) + `},{"field":"@ptr","value":"C"}],` +
			`[{"field":"@message","value":` + text(two) + `}],[{"field":"@timestamp","value":"x"}]],"status":"Complete"}`, []string{one, two, "NOT_AN_EVENT"}},

		"Logs Insights, console":   {`[{"@timestamp":"x","@message":` + one + `},{"@timestamp":"x","@message":` + two + `}]`, []string{one, two}},
		"Splunk, JSON":             {`{"preview":false,"result":{"_time":"x","_raw":` + text(one) + `}}` + "\n" + `{"preview":false,"lastrow":true,"result":{"_raw":` + text(two) + `,"eventName":"x","userIdentity.arn":"a"}}` + "\n", []string{one, two}},
		"Splunk, array":            {`{"preview":false,"init_offset":0,"results":[{"_raw":` + text(one) + `},{"_raw":` + text(two) + `}]}`, []string{one, two}},
		"Splunk, flattened":        {`{"preview":false,"result":{"eventName":"x","eventTime":"2025-03-04T08:21:07Z","userIdentity.arn":"a"}}`, []string{"file:NOT_A_LOG_FILE"}},
		"Elasticsearch, documents": {`{"_index":"i","_id":"1","_source":` + one + `}` + "\n" + `{"_index":"i","_source":{"@timestamp":"x","event":{"action":"x","original":` + text(two) + `},"aws":{"cloudtrail":{"event_version":"1"}}}}` + "\n", []string{one, two}},
		"Elasticsearch, answer":    {`{"took":1,"_shards":{"total":1},"hits":{"total":{"value":2},"hits":[{"_source":` + one + `},{"_source":{"event.original":` + text(two) + `}}],"x":1},"y":2}`, []string{one, two}},
		"Filebeat":                 {`{"@timestamp":"x","log":{"offset":1},"message":` + text(one) + `}` + "\n" + `{"@timestamp":"x","event":{"original":` + text(two) + `}}` + "\n", []string{one, two}},
		"Elastic's schema alone":   {`{"@timestamp":"x","event":{"action":"x"},"aws":{"cloudtrail":{"event_version":"1"}}}`, []string{"file:NOT_A_LOG_FILE"}},
		"Wazuh":                    {`{"timestamp":"x","rule":{"level":3},"agent":{"id":"000"},"data":{"integration":"aws","aws":` + one + `},"location":"Wazuh-AWS"}` + "\n" + `{"timestamp":"x","data":{"integration":"aws","aws":` + two + `}}` + "\n", []string{one, two}},
		"Graylog":                  {`{"timestamp":"x","source":"h","message":` + text(one) + `}` + "\n" + `{"timestamp":"x","message":"CreateUser by maria","full_message":` + text(two) + `}` + "\n", []string{one, two}},
		"Fluentd":                  {`{"log":` + text(one) + `,"stream":"stdout"}` + "\n" + `{"log":` + text(two) + `}` + "\n", []string{one, two}},
		"Panther":                  {one[:len(one)-1] + `,"p_log_type":"AWS.CloudTrail","p_row_id":"r"}` + "\n", []string{one[:len(one)-1] + `,"p_log_type":"AWS.CloudTrail","p_row_id":"r"}`}},
		"OCSF with its original":   {`{"class_uid":6003,"api":{"operation":"x"},"raw_data":` + text(one) + `}`, []string{one}},
		"OCSF":                     {`{"class_uid":6003,"api":{"operation":"x"},"unmapped":{"a":"b"}}`, []string{"file:NOT_A_LOG_FILE"}},
		"another object":           {`{"a":{"data":{"aws":{}}},"data":{"aws":{"event":{"log":{}}}}}`, []string{"file:NOT_A_LOG_FILE"}},
		"another object, later":    {one + `{"a":"{}"}`, []string{one, `{"a":"{}"}`}},
		"another object, first":    {`{"a":1}` + "\n" + one + "\n" + `{"b":1}` + "\n", []string{`{"a":1}`, one, `{"b":1}`}},
		"other objects alone":      {`{"a":1}` + "\n" + `{"b":1}` + "\n" + `{"message":"` + `hello","timestamp":1}`, []string{"file:NOT_A_LOG_FILE"}},
		"another object, no lines": {"{\n\"a\":1\n}\n" + one + two, []string{"{\n\"a\":1\n}", one, two}},
		"OCSF, first":              {`{"class_uid":6003}` + "\n" + one + "\n", []string{"NOT_AN_EVENT", one}},
		"a broken line, second":    {`{"a":1}` + "\nhello\n" + one + "\n", []string{`{"a":1}`, "INVALID_JSON", one}},
		"a line of text, first":    {"# exported\nhello\n" + one + "\n" + two + "\n", []string{"INVALID_JSON", "INVALID_JSON", one, two}},
		"lines of text alone":      {"# exported\nhello {\n" + `{"a":1}` + "\n", []string{"file:NOT_A_LOG_FILE"}},
		"bulk":                     {`{"index":{"_index":"i","_id":"1"}}` + "\n" + one + "\n" + `{ "create" : {} }` + "\n" + `{"event":{"original":` + text(two) + `}}` + "\n" + `{"delete":{"_id":"3"}}` + "\n", []string{one, two}},
		"bulk of other documents":  {`{"index":{}}` + "\n" + `{"a":1}` + "\n" + `{"index":{}}` + "\n" + `{"a":2}` + "\n", []string{"file:NOT_A_LOG_FILE"}},
		"bulk, some of others":     {`{"index":{}}` + "\n" + `{"a":1}` + "\n" + `{"index":{}}` + "\n" + one + "\n", []string{`{"a":1}`, one}},
		"like an action of a bulk": {one + "\n" + `{"index":1}` + "\n" + `{"index":{},"a":1}` + "\n" + `{}` + "\n", []string{one, `{"index":1}`, `{"index":{},"a":1}`, `{}`}},
		"syslog":                   {"Nov  2 10:00:00 host cloudtrail[12]: " + one + "\n" + "Nov  2 10:00:01 host cloudtrail[12]: " + two + "\r\n", []string{one, two}},
		"syslog, priority":         {"<134>1 2025-03-04T08:21:07Z host ct - - - " + one + "\n" + "<134>1 2025 host ct - - - hello\n\n" + "<134>1 2025 host ct - - - " + two, []string{one, "INVALID_JSON", two}},
		"key and event":            {"key-1\t" + one + "\nkey-2\t" + two + "\n", []string{one, two}},
		"text and another object":  {"hello {\"a\":1}\n", []string{"file:NOT_A_LOG_FILE"}},
		"JSON text sequence":       {"\x1e" + one + "\n\x1e" + two + "\n", []string{one, two}},
		"commas at line ends":      {one + ",\n" + two + ",\n", []string{one, two}},
		"commas, a broken line":    {one + ",\nhello,\n" + two + "\n", []string{one, "INVALID_JSON", two}},
		"commas, no lines":         {one + "," + two, []string{one, two}},
		"tabs":                     {"_time\t_raw\nx\t" + csvText(one) + "\nx\t" + csvText(two) + "\n", []string{one, two}},
		"Sumo Logic":               {`{"fields":[{"name":"_raw"}],"messages":[{"map":{"_messageid":"1","_raw":` + text(one) + `}},{"map":{"_raw":` + text(two) + `}}]}`, []string{one, two}},
		"Sumo Logic, pages":        {`[{"messages":[{"map":{"_raw":` + text(one) + `}}]},{"messages":[{"map":{"_raw":` + text(two) + `}}]}]`, []string{one, two}},
		"Graylog, answer":          {`{"messages":[{"index":"i","message":{"full_message":` + text(one) + `}},{"message":{"message":` + text(two) + `}}],"total_results":2}`, []string{one, two}},
		"messages of others":       {`{"messages":[{"role":"user","content":"hello"}]}`, []string{"file:NOT_A_LOG_FILE"}},
		"Loki":                     {`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"job":"x"},"values":[["17",` + text(one) + `],["18",` + text(two) + `]]}]}}`, []string{one, two}},
		"records as a text":        {`{"Records":` + text("["+one+","+two+"]") + `}`, []string{one, two}},
		"a member alone":           {`{"_1":` + one + "}\n" + `{"s":` + two + "}\n", []string{one, two}},
		"a member alone, an array": {`{"x":[` + one + `,` + two + `]}`, []string{one, two}},
		"text like an array":       {`{"a":"[INFO] hello","b":` + text(one) + `}`, []string{one}},
		"nested without an end":    {strings.Repeat(`{"data":`, 5000) + `{}` + strings.Repeat(`}`, 5000), []string{"file:NOT_A_LOG_FILE"}},
	} {
		t.Run(name, func(t *testing.T) {
			plain := NewReader(DefaultLimits())
			for _, stored := range []io.Reader{strings.NewReader(c.file), iotest.OneByteReader(strings.NewReader(c.file))} {
				plain.Open(stored)
				require.Equal(t, c.want, drain(t, plain, nil))
			}
			ahead, _ := scanningReaderOf(t, strings.NewReader(c.file), DefaultLimits())
			require.Equal(t, c.want, drain(t, ahead, nil), "scanned ahead")
		})
	}
}

// csvText is a value of CSV, in quotes.
func csvText(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// TestObjectsWithoutEvents: the failure of a file of other objects says what it lacks, or what it has.
func TestObjectsWithoutEvents(t *testing.T) {
	for file, want := range map[string]string{
		`{"@timestamp":"x","event":{"action":"x"},"aws":{"cloudtrail":{}}}`: "a document of Elastic's schema without the event in event.original: the integration keeps it with",
		`{"_index":"i","_source":{"@timestamp":"x","event.action":"x"}}`:    "without the event in event.original",
		`{"Item":{"name":{"S":"x"}}}`:                                       "the file has no member Records and is no record itself, but Item: neither",
		`{"a":1,"b":{},"c":"x","d":null,"e":1,"f":2}`:                       "and is no record itself, but a, b, c, d, e …: neither",
		`{}`:             "and is no record itself: neither",
		`{'Events': []}`: "a member name in single quotes, as Python prints a dict: write the file with json.dumps",
	} {
		r := NewReader(DefaultLimits())
		r.Open(strings.NewReader(file))
		_, err := r.Next()
		require.ErrorContains(t, err, want, file)
	}
}

// queryResults is what aws cloudtrail get-query-results prints of some rows.
func queryResults(rows string) string {
	return `{"QueryStatus":"FINISHED","QueryStatistics":{"ResultsCount":2},"QueryResultRows":[` + rows + `]}`
}

// TestQueryRowsWithoutEvents: the failure of a row without an event names the column that it lacks.
func TestQueryRowsWithoutEvents(t *testing.T) {
	r := NewReader(DefaultLimits())
	r.Open(strings.NewReader(queryResults(`[{"eventName":"x"}]`)))
	_, err := r.Next()
	require.ErrorContains(t, err, noEventColumn)
}
