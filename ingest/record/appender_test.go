package record

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/storage/schema"
)

// rowOf is the JSON form of the row a record becomes, members that are null left out.
func rowOf(t *testing.T, category, record string) (map[string]any, Row) {
	t.Helper()
	table, ok := schema.ForCategory(category)
	require.True(t, ok)
	a := NewAppender(table)
	row, failure := a.Scan([]byte(record))
	require.Nil(t, failure)
	a.Append()
	rec := a.Flush()
	require.EqualValues(t, 1, rec.NumRows())
	require.True(t, rec.Schema().Equal(table.Arrow()))
	values := map[string]any{}
	for i, c := range rec.Columns() {
		if c.IsValid(0) {
			values[rec.ColumnName(i)] = plain(c, 0)
		}
	}
	return values, row
}

// event is a record with the given members behind a valid time.
func event(members string) string {
	if members == "" {
		return `{"eventTime":"2025-03-04T08:21:07Z"}`
	}
	return `{"eventTime":"2025-03-04T08:21:07Z",` + members + `}`
}

func TestColumns(t *testing.T) {
	type m = map[string]any
	for name, c := range map[string]struct {
		members string
		column  string
		want    any
	}{
		"string":                        {`"eventName":"GetObject"`, "eventname", "GetObject"},
		"empty string":                  {`"errorCode":""`, "errorcode", ""},
		"escapes in a string":           {`"userAgent":"a\u0041\n\ud83d\ude00"`, "useragent", "aA\n😀"},
		"lone surrogate":                {`"userAgent":"a\ud83dz"`, "useragent", "a\ufffdz"},
		"null":                          {`"errorCode":null`, "errorcode", nil},
		"absent":                        {``, "errorcode", nil},
		"any letter case":               {`"sourceIpAddress":"203.0.113.9"`, "sourceipaddress", "203.0.113.9"},
		"name with escapes":             {`"event\u004eame":"GetObject"`, "eventname", "GetObject"},
		"name that only begins alike":   {`"eventNames":"x"`, "eventname", nil},
		"kelvin sign is not a k":        {"\"userIdentity\":{\"acces\u212aeyId\":\"x\"}", "useridentity", m{}},
		"array in a text":               {`"userAgent":["a", {"b" : 1.0}]`, "useragent", `["a",{"b":1.0}]`},
		"dense object in a text":        {`"userAgent":{"a b":"c d"}`, "useragent", `{"a b":"c d"}`},
		"number in a text":              {`"apiVersion":1.0e2`, "apiversion", "1.0e2"},
		"boolean in a text":             {`"sessionCredentialFromConsole":true`, "sessioncredentialfromconsole", "true"},
		"boolean":                       {`"readOnly":false`, "readonly", false},
		"boolean as a string":           {`"readOnly":"true"`, "readonly", true},
		"boolean as a string, false":    {`"managementEvent":"false"`, "managementevent", false},
		"boolean in capitals":           {`"readOnly":"True"`, "readonly", nil},
		"number in a boolean":           {`"readOnly":1`, "readonly", nil},
		"object in a boolean":           {`"readOnly":{}`, "readonly", nil},
		"empty map":                     {`"requestParameters":{}`, "requestparameters", m{}},
		"null map":                      {`"requestParameters":null`, "requestparameters", nil},
		"string in a map column":        {`"responseElements":"{\"a\":1}"`, "responseelements", nil},
		"empty string in a map column":  {`"responseElements":""`, "responseelements", nil},
		"array in a map column":         {`"responseElements":[1]`, "responseelements", nil},
		"map values":                    {`"requestParameters":{"s":"x\"y","n":0.0,"t":true,"f":false,"z":null,"o":{ "a" : [ ] },"e":{ },"a":[1, 2]}`, "requestparameters", m{"s": `x"y`, "n": "0.0", "t": "true", "f": "false", "z": nil, "o": `{"a":[]}`, "e": `{}`, "a": `[1,2]`}},
		"map numbers keep their text":   {`"responseElements":{"a":1455204717646,"b":1.688992107857E9,"c":-0.50}`, "responseelements", m{"a": "1455204717646", "b": "1.688992107857E9", "c": "-0.50"}},
		"map keys differ by case":       {`"requestParameters":{"Tagging":"a","tagging":"b"}`, "requestparameters", m{"Tagging": "a", "tagging": "b"}},
		"map key repeated":              {`"requestParameters":{"k":"a","l":"b","k":null}`, "requestparameters", m{"l": "b", "k": nil}},
		"map key repeated with escapes": {`"requestParameters":{"k":"a","\u006b":"b"}`, "requestparameters", m{"k": "b"}},
		"map key escaped":               {`"requestParameters":{"a\u0022b":"c"}`, "requestparameters", m{`a"b`: "c"}},
		"empty row":                     {`"tlsDetails":{}`, "tlsdetails", m{}},
		"null row":                      {`"tlsDetails":null`, "tlsdetails", nil},
		"string in a row column":        {`"userIdentity":"root"`, "useridentity", nil},
		"array in a row column":         {`"userIdentity":[{}]`, "useridentity", nil},
		"row in lower case":             {`"userIdentity":{"ARN":"a","accountid":"1","sessioncontext":{"SessionIssuer":{"username":"m"}}}`, "useridentity", m{"arn": "a", "accountid": "1", "sessioncontext": m{"sessionissuer": m{"username": "m"}}}},
		"nested time":                   {`"userIdentity":{"sessionContext":{"attributes":{"creationDate":"2025-03-04 08:15:30.1239+01:00","mfaAuthenticated":false}}}`, "useridentity", m{"sessioncontext": m{"attributes": m{"creationdate": "2025-03-04T07:15:30.123", "mfaauthenticated": "false"}}}},
		"nested time, basic form":       {`"userIdentity":{"sessionContext":{"attributes":{"creationDate":"20131102T010628Z"}}}`, "useridentity", m{"sessioncontext": m{"attributes": m{"creationdate": "2013-11-02T01:06:28.000"}}}},
		"nested time unreadable":        {`"userIdentity":{"sessionContext":{"attributes":{"creationDate":"..."}}}`, "useridentity", m{"sessioncontext": m{"attributes": m{}}}},
		"nested time a number":          {`"userIdentity":{"sessionContext":{"attributes":{"creationDate":1741076530}}}`, "useridentity", m{"sessioncontext": m{"attributes": m{}}}},
		"rows":                          {`"resources":[{"ARN":"a","type":"t"},{"arnPREFIX":"p"},null,"x",{}]`, "resources", []any{m{"arn": "a", "type": "t"}, m{"arnprefix": "p"}, nil, nil, m{}}},
		"no rows":                       {`"resources":[]`, "resources", []any{}},
		"string in a rows column":       {`"resources":""`, "resources", nil},
		"object in a rows column":       {`"resources":{"ARN":"a"}`, "resources", nil},
		"rows of rows with maps":        {`"eventContext":{"tagContext":{"resourceTags":[{"arn":"r","tags":{"a":"b"}},{"tags":{}}],"principalTags":{"c":1}}}`, "eventcontext", m{"tagcontext": m{"resourcetags": []any{m{"arn": "r", "tags": m{"a": "b"}}, m{"tags": m{}}}, "principaltags": m{"c": "1"}}}},
		"member repeated: last wins":    {`"eventName":"a","EVENTNAME":"b"`, "eventname", "b"},
		"row repeated: last wins whole": {`"userIdentity":{"type":"Root","arn":"a"},"userIdentity":{"type":"User"}`, "useridentity", m{"type": "User"}},
		"repeated, null last":           {`"eventName":"a","eventName":null`, "eventname", nil},
		"no member fills eventjson":     {`"eventJson":"x"`, "eventjson", event(`"eventJson":"x"`)},
	} {
		t.Run(name, func(t *testing.T) {
			values, _ := rowOf(t, "Management", event(c.members))
			require.Equal(t, c.want, values[c.column])
			require.Equal(t, event(c.members), values["eventjson"])
		})
	}
}

func TestOtherCategories(t *testing.T) {
	type m = map[string]any
	insight, _ := rowOf(t, "Insight", event(`"insightContext":{"baselineAverage":9.48587e-05,"insightAverage":"0.2","baselineDuration":10080.0,"insightDuration":5.5,"attributions":[{"attribute":"a","insight":[{"value":"x","average":1},{"average":1e999}]},{"baseline":[]}]}`))
	require.Equal(t, m{
		"baselineaverage": 9.48587e-05, "insightaverage": 0.2, "baselineduration": int32(10080),
		"attributions": []any{
			m{"attribute": "a", "insight": []any{m{"value": "x", "average": 1.0}, m{}}},
			m{"baseline": []any{}},
		},
	}, insight["insightcontext"])

	item, _ := rowOf(t, "ConfigurationItem", event(`"eventData":{"relatedEvents":["a",null,1],"tags":{"team":"web"}}`))
	require.Equal(t, m{"relatedevents": []any{"a", nil, "1"}, "tags": m{"team": "web"}}, item["eventdata"])

	for _, category := range schema.Categories() {
		values, _ := rowOf(t, category, event(`"eventID":"e"`))
		require.Equal(t, "e", values["eventid"], category)
	}
}

func TestRepeatedKeysAreCounted(t *testing.T) {
	for name, c := range map[string]struct {
		members string
		want    int
	}{
		"none":                 {`"requestParameters":{"a":1,"A":2}`, 0},
		"in a map":             {`"requestParameters":{"a":1,"a":2,"a":3}`, 2},
		"in a big map":         {`"requestParameters":{` + manyKeys(40) + `,"k7":"again"}`, 1},
		"in a row":             {`"tlsDetails":{"tlsVersion":"a","TLSVERSION":"b"}`, 1},
		"unknown members pass": {`"x":1,"x":2`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, row := rowOf(t, "Management", event(c.members))
			require.Equal(t, c.want, row.RepeatedKeys)
		})
	}
}

func TestEventTime(t *testing.T) {
	for text, want := range map[string]string{
		"2025-03-04T08:21:07Z":                        "2025-03-04T08:21:07.000",
		"2025-03-04 08:21:07":                         "2025-03-04T08:21:07.000",
		"2025-03-04T08:21:07":                         "2025-03-04T08:21:07.000",
		"2025-03-04 08:21:07Z":                        "2025-03-04T08:21:07.000",
		"2025-03-04 08:21:07.9":                       "2025-03-04T08:21:07.900",
		"2025-03-04 08:21:07.999999999":               "2025-03-04T08:21:07.999",
		"2025-03-04T08:21:07.1234567890Z":             "2025-03-04T08:21:07.123",
		"2025-03-04T08:21:07+05:30":                   "2025-03-04T02:51:07.000",
		"2025-03-04T08:21:07.5-11:00":                 "2025-03-04T19:21:07.500",
		"20250304T082107Z":                            "2025-03-04T08:21:07.000",
		"20250304T082107":                             "2025-03-04T08:21:07.000",
		"20250304t082107,5z":                          "2025-03-04T08:21:07.500",
		"20250304T0821":                               "2025-03-04T08:21:00.000",
		"20250304T0821Z":                              "2025-03-04T08:21:00.000",
		"20250304T0821+0530":                          "2025-03-04T02:51:00.000",
		"20250304T240000Z":                            "2025-03-05T00:00:00.000",
		"2025-03-04T08:21":                            "2025-03-04T08:21:00.000",
		"2025-03-04T08:21Z":                           "2025-03-04T08:21:00.000",
		"2025-03-04 08:21-05:00":                      "2025-03-04T13:21:00.000",
		"2025-03-04t08:21:07z":                        "2025-03-04T08:21:07.000",
		"2025-03-04T08:21:07,25Z":                     "2025-03-04T08:21:07.250",
		"2025-03-04T24:00Z":                           "2025-03-05T00:00:00.000",
		"2024-02-28T24:00:00.000Z":                    "2024-02-29T00:00:00.000",
		"2025-12-31T24:00:00-01:00":                   "2026-01-01T01:00:00.000",
		"20250304T082107.5-1100":                      "2025-03-04T19:21:07.500",
		"20250304T082107+01":                          "2025-03-04T07:21:07.000",
		"20250304T082107.25+05:30":                    "2025-03-04T02:51:07.250",
		"2025-03-04T08:21:07+0530":                    "2025-03-04T02:51:07.000",
		"2024-02-29T23:59:59Z":                        "2024-02-29T23:59:59.000",
		"1970-01-01T00:00:00Z":                        "1970-01-01T00:00:00.000",
		"9999-12-31T23:59:59.999Z":                    "9999-12-31T23:59:59.999",
		`2025-03-04T08:21:07\u005a`:                   "2025-03-04T08:21:07.000",
		`2025-03-04T08\u003a21:07.25+00:0` + `\u0030`: "2025-03-04T08:21:07.250",
	} {
		t.Run(text, func(t *testing.T) {
			values, _ := rowOf(t, "Management", `{"eventTime":"`+text+`"}`)
			require.Equal(t, want, values["eventtime"])
		})
	}
}

// TestEveryDay holds the calendar to that of package time.
func TestEveryDay(t *testing.T) {
	for _, year := range []int{0, 1900} {
		for day := time.Date(year, 1, 1, 23, 59, 59, 0, time.UTC); day.Year() < year+400; day = day.AddDate(0, 0, 1) {
			millis, ok := ParseTime([]byte(day.Format("2006-01-02T15:04:05Z")))
			if !ok || millis != day.UnixMilli() {
				require.Fail(t, "not read", day)
			}
			if day.AddDate(0, 0, 1).Day() > 1 {
				continue
			}
			_, ok = ParseTime(fmt.Appendf(nil, "%s-%02dT00:00:00Z", day.Format("2006-01"), day.Day()+1))
			require.False(t, ok, day)
		}
	}
}

func TestFailures(t *testing.T) {
	at := func(time string) string { return `{"eventTime":` + time + `}` }
	for name, c := range map[string]struct {
		record  string
		reason  ingest.Reason
		message string
	}{
		"no time":              {`{"eventName":"x"}`, ingest.BadEventTime, "no eventTime"},
		"null time":            {at(`null`), ingest.BadEventTime, "no eventTime"},
		"number":               {at(`1741076530`), ingest.BadEventTime, "1741076530"},
		"empty":                {at(`""`), ingest.BadEventTime, "YYYY"},
		"date only":            {at(`"2025-03-04"`), ingest.BadEventTime, ""},
		"basic date only":      {at(`"20250304"`), ingest.BadEventTime, ""},
		"basic, no minutes":    {at(`"20250304T08Z"`), ingest.BadEventTime, ""},
		"basic, half a second": {at(`"20250304T08210Z"`), ingest.BadEventTime, ""},
		"basic, no such day":   {at(`"20250230T082107Z"`), ingest.BadEventTime, ""},
		"basic, no T":          {at(`"20250304 082107Z"`), ingest.BadEventTime, ""},
		"basic, half a zone":   {at(`"20250304T082107+1"`), ingest.BadEventTime, ""},
		"basic, letters":       {at(`"2025O304T082107Z"`), ingest.BadEventTime, ""},
		"no minutes":           {at(`"2025-03-04T08Z"`), ingest.BadEventTime, "hh:mm"},
		"half of the seconds":  {at(`"2025-03-04T08:21:0Z"`), ingest.BadEventTime, ""},
		"part of a minute":     {at(`"2025-03-04T08:21.5Z"`), ingest.BadEventTime, ""},
		"mixed forms":          {at(`"2025-03-04T0821Z"`), ingest.BadEventTime, ""},
		"before 1970":          {at(`"1969-12-31T23:59:59.999Z"`), ingest.BadEventTime, ""},
		"before 1970 by zone":  {at(`"1970-01-01T00:30:00+01:00"`), ingest.BadEventTime, ""},
		"behind 9999":          {at(`"9999-12-31T23:59:59-01:00"`), ingest.BadEventTime, ""},
		"February 30":          {at(`"2025-02-30T00:00:00Z"`), ingest.BadEventTime, ""},
		"month 13":             {at(`"2025-13-01T00:00:00Z"`), ingest.BadEventTime, ""},
		"day 0":                {at(`"2025-01-00T00:00:00Z"`), ingest.BadEventTime, ""},
		"hour 24, a second":    {at(`"2025-01-01T24:00:01Z"`), ingest.BadEventTime, ""},
		"hour 24, a fraction":  {at(`"2025-01-01T24:00:00.001Z"`), ingest.BadEventTime, ""},
		"hour 25":              {at(`"2025-01-01T25:00Z"`), ingest.BadEventTime, ""},
		"the end of 9999":      {at(`"9999-12-31T24:00:00Z"`), ingest.BadEventTime, ""},
		"leap second":          {at(`"2016-12-31T23:59:60Z"`), ingest.BadEventTime, ""},
		"slashes":              {at(`"2025/01/01T00:00:00Z"`), ingest.BadEventTime, ""},
		"point without digit":  {at(`"2025-01-01T00:00:00.Z"`), ingest.BadEventTime, ""},
		"zone of 24 hours":     {at(`"2025-01-01T00:00:00+24:00"`), ingest.BadEventTime, ""},
		"space behind":         {at(`"2025-01-01T00:00:00Z "`), ingest.BadEventTime, ""},
		"placeholder":          {at(`"...` + strings.Repeat("é", 60) + `"`), ingest.BadEventTime, "…"},
		"not UTF-8":            {"{\"eventTime\":\"2025-03-04T08:21:07Z\",\"userAgent\":\"\xff\"}", ingest.InvalidUTF8, "byte 49"},
		"surrogate in UTF-8":   {event("\"x\":\"\xed\xa0\x80\""), ingest.InvalidUTF8, ""},
		"cut off":              {`{"eventTime":"2025-03-04T08:21:07Z"`, ingest.InvalidJSON, "ends early"},
		"text behind":          {event("") + "x", ingest.InvalidJSON, "byte 36"},
		"a bad word":           {event(`"readOnly":tru`), ingest.InvalidJSON, "byte 50"},
		"a bad escape":         {event(`"x":"\x"`), ingest.InvalidJSON, "escape"},
		"a raw tab":            {event("\"x\":\"\t\""), ingest.InvalidJSON, "control character"},
		"an array":             {`[]`, ingest.InvalidJSON, "not a JSON object"},
		"nothing":              {``, ingest.InvalidJSON, "ends early"},
		"too deep":             {event(`"x":` + strings.Repeat("[", 600) + strings.Repeat("]", 600)), ingest.RecordTooDeep, "512"},
		"too deep in a map":    {event(`"requestParameters":{"a":` + strings.Repeat(`{"a":`, 600) + "1" + strings.Repeat("}", 601)), ingest.RecordTooDeep, "512"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAppender(t)
			_, failure := a.Scan([]byte(event(`"eventName":"before"`)))
			require.Nil(t, failure)
			a.Append()
			_, failure = a.Scan([]byte(c.record))
			require.NotNil(t, failure)
			require.Equal(t, c.reason, failure.Reason, failure.Message)
			require.Contains(t, failure.Message, c.message)
			a.Append() // adds nothing
			_, failure = a.Scan([]byte(event(`"eventName":"behind"`)))
			require.Nil(t, failure)
			a.Append()
			rec := a.Flush()
			require.EqualValues(t, 2, rec.NumRows())
			names := rec.Column(rec.Schema().FieldIndices("eventname")[0])
			require.Equal(t, []any{"before", "behind"}, []any{plain(names, 0), plain(names, 1)})
		})
	}
}

func TestExtremeRecordsPass(t *testing.T) {
	deep := strings.Repeat(`{"a":[`, 31) + strings.Repeat("]}", 31)
	values, _ := rowOf(t, "Management", event(`"requestParameters":{"deep":`+deep+`}`))
	require.Equal(t, map[string]any{"deep": deep}, values["requestparameters"])

	values, _ = rowOf(t, "Management", event(`"requestParameters":{`+manyKeys(10_000)+`}`))
	require.Len(t, values["requestparameters"], 10_000)
	require.Equal(t, "v9999", values["requestparameters"].(map[string]any)["k9999"])

	digits := strings.Repeat("9", 1<<20)
	values, _ = rowOf(t, "Management", event(`"requestParameters":{"n":-`+digits+`.5e-`+digits+`}`))
	require.Equal(t, map[string]any{"n": "-" + digits + ".5e-" + digits}, values["requestparameters"])

	long := strings.Repeat("x", 1<<20)
	values, _ = rowOf(t, "Management", event(`"errorMessage":"`+long+`"`))
	require.Equal(t, long, values["errormessage"], "a copy never cuts")
}

// TestManyValues: short elements cost many times their text in memory. Records
// may have what a megabyte has room for, and leave no such memory behind.
func TestManyValues(t *testing.T) {
	a := newAppender(t)
	list := func(element string, n int) []byte {
		return []byte(event(`"resources":[` + strings.Repeat(element+",", n) + `{}]`))
	}
	scan := func(raw []byte) (failure *ingest.Failure) {
		_, failure = a.Scan(raw)
		return failure
	}
	require.Nil(t, scan(list("{}", 1<<20/3)))
	for name, raw := range map[string][]byte{
		"rows":                list("{}", maxValues/4),
		"nulls":               list("null", maxValues+1),
		"row again and again": []byte(event(strings.Repeat(`"userIdentity":{},`, maxValues/8) + `"eventID":"e"`)),
	} {
		failure := scan(raw)
		require.NotNil(t, failure, name)
		require.Equal(t, ingest.RecordTooLarge, failure.Reason, name)
		require.Zero(t, a.ScanAhead(raw), name)
	}
	require.Nil(t, scan([]byte(event(`"requestParameters":{`+manyKeys(100_000)+`}`))))
	require.Nil(t, scan([]byte(event(`"eventID":"e"`))))
	require.LessOrEqual(t, cap(a.spans.values)+cap(a.spans.entries)+len(a.spans.seen), maxKeptValues)
}

func manyKeys(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"k%d":"v%d"`, i, i)
	}
	return strings.Join(members, ",")
}

// TestRowsKeepTheirPlace mixes records with and without each kind of column
// and flushes between them.
func TestRowsKeepTheirPlace(t *testing.T) {
	a := newAppender(t)
	members := func(i int) string {
		var m []string
		if i%3 == 0 {
			m = append(m, fmt.Sprintf(`"eventName":"n%d","requestParameters":{"i":%d,"j":"x"}`, i, i))
		}
		if i%5 == 0 {
			m = append(m, fmt.Sprintf(`"readOnly":%t,"resources":[{"ARN":"a%d"},{}]`, i%2 == 0, i))
		}
		if i%7 == 0 {
			m = append(m, fmt.Sprintf(`"userIdentity":{"sessionContext":{"attributes":{"mfaAuthenticated":"m%d"}}}`, i))
		}
		return strings.Join(m, ",")
	}
	total := 0
	for _, rows := range []int{1, 8, 100, 0, 37} {
		first := total
		for range rows {
			_, failure := a.Scan([]byte(event(members(total))))
			require.Nil(t, failure)
			a.Append()
			total++
		}
		require.Equal(t, rows, a.Rows())
		require.Equal(t, rows == 0, a.Bytes() == 0)
		rec := a.Flush()
		require.EqualValues(t, rows, rec.NumRows())
		for row := range rows {
			want, _ := rowOf(t, "Management", event(members(first+row)))
			got := map[string]any{}
			for c := range int(rec.NumCols()) {
				if rec.Column(c).IsValid(row) {
					got[rec.ColumnName(c)] = plain(rec.Column(c), row)
				}
			}
			require.Equal(t, want, got, "row %d", first+row)
		}
	}
}

func TestScanTwiceAppendsOnce(t *testing.T) {
	a := newAppender(t)
	for _, name := range []string{"left out", "taken"} {
		_, failure := a.Scan([]byte(event(`"eventName":"` + name + `"`)))
		require.Nil(t, failure)
	}
	a.Append()
	a.Append()
	rec := a.Flush()
	require.EqualValues(t, 1, rec.NumRows())
	require.Equal(t, "taken", plain(rec.Column(rec.Schema().FieldIndices("eventname")[0]), 0))
}

// TestScanAheadIsOfTheseBytes: other bytes are scanned, also at the same place.
func TestScanAheadIsOfTheseBytes(t *testing.T) {
	one, two := event(`"eventName":"one"`), event(`"eventName":"two"`)
	window := []byte(one + "," + two)
	a := newAppender(t)
	require.Equal(t, len(one), a.ScanAhead(window))
	_, failure := a.Scan(window[:len(one)])
	require.Nil(t, failure)
	a.Append()
	require.Equal(t, len(one), a.ScanAhead(window))
	copy(window, two)
	require.Zero(t, a.ScanAhead(nil))
	for _, raw := range [][]byte{window[:len(two)], window[len(one)+1:]} {
		_, failure = a.Scan(raw)
		require.Nil(t, failure)
		a.Append()
	}
	require.Equal(t, len(two), a.ScanAhead(window))
	a.Append() // nothing: it was not asked for
	rec := a.Flush()
	require.EqualValues(t, 3, rec.NumRows())
	names := rec.Column(rec.Schema().FieldIndices("eventname")[0])
	require.Equal(t, []any{"one", "two", "two"}, []any{plain(names, 0), plain(names, 1), plain(names, 2)})
	for _, text := range []string{"", " " + one, "[]", one[:len(one)-1], `{"a":tru}`} {
		require.Zero(t, a.ScanAhead([]byte(text)), text)
	}
}

func newAppender(t testing.TB) *Appender {
	table, ok := schema.ForCategory("Management")
	require.True(t, ok)
	return NewAppender(table)
}

// Room for many rows stays through a few rows handed out between, is not handed out with them, and shrinks
// while they stay few.
func TestRoomOfTheRowsToCome(t *testing.T) {
	many := make([]byte, 1000)
	room := slices.Clone(many)
	require.Len(t, take(&room, given), 1000)
	require.Empty(t, room)
	require.GreaterOrEqual(t, cap(room), 1000)

	room = append(room, 'a', 'b')
	few := take(&room, given)
	require.Equal(t, "ab", string(few))
	require.Less(t, cap(few), 100)
	room = append(room, 'c', 'd')
	require.Equal(t, "ab", string(few), "nobody writes over what was handed out")
	room = append(room[:0], many[:900]...)
	require.Len(t, take(&room, given), 900)
	for range 100 {
		room = append(room, few...)
		take(&room, given)
	}
	require.Less(t, cap(room), 100)
}

func TestColumnOf(t *testing.T) {
	table, _ := schema.ForCategory("Insight")
	appender := NewAppender(table)
	_, ok := appender.ColumnOf("eventSource")
	require.False(t, ok)
	_, ok = appender.ColumnOf("insightDetails")
	require.False(t, ok, "it leads to several columns")
	column, ok := appender.ColumnOf("eventCategory")
	require.True(t, ok)
	text := `{"eventTime":"2026-01-01T00:00:00Z","EventCategory":"Insight"}`
	_, failure := appender.Scan([]byte(text))
	require.Nil(t, failure)
	at := appender.Value(column)
	require.Equal(t, `"Insight"`, text[at.Start:at.End])
}
