package awsapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/awsapi/model"
)

// auditData is the activity of an event, with some members changed; nil: the member is not there.
func (f *fixture) auditData(changes map[string]any) string {
	f.Helper()
	members := of("version", "1.0", "userIdentity", of("type", "CustomUser", "principalId", "user-1", "details", of("dept", "r&d")), "userAgent", "app/1.0",
		"eventSource", "app.example.com", "eventName", "Login", "eventTime", f.clock.Now().UTC().Format(time.RFC3339), "UID", "uid-1",
		"requestParameters", of("path", "/x"), "responseElements", of("ok", true), "sourceIPAddress", "192.0.2.7", "recipientAccountId", account)
	for name, value := range changes {
		members[name] = value
		if value == nil {
			delete(members, name)
		}
	}
	return text(f.T, members)
}

// auditEvent is an event with changes of its activity.
func (f *fixture) auditEvent(id string, changes map[string]any) map[string]any {
	f.Helper()
	return of("id", id, "eventData", f.auditData(changes))
}

func (f *fixture) putRequest(id, secret, channel, externalID string, events ...any) *http.Request {
	f.Helper()
	query := url.Values{"channelArn": {channel}}
	if externalID != "" {
		query.Set("externalId", externalID)
	}
	body := text(f.T, of("auditEvents", events))
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8585/PutAuditEvents?"+query.Encode(), strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return f.sign(r, "cloudtrail-data", body, id, secret, "")
}

// putAs pushes as a key that is made for it.
func (f *fixture) putAs(options engine.KeyOptions, channel, externalID string, events ...any) *httptest.ResponseRecorder {
	f.Helper()
	key, secrets, err := f.lake.Keys().Create(f.Context(), options)
	require.NoError(f, err)
	w := f.serve(f.putRequest(key.ID, secrets.Secret, channel, externalID, events...))
	f.checkAnswer(model.CloudTrailData, "PutAuditEvents", w)
	return w
}

type putAnswer struct {
	Successful []struct{ ID, EventID string }
	Failed     []struct{ ID, ErrorCode, ErrorMessage string }
}

// put pushes as the root, and returns status, error code and answer.
func (f *fixture) put(channel string, events ...any) (code string, out putAnswer) {
	f.Helper()
	w := f.serve(f.putRequest(rootID, secret, channel, "", events...))
	f.checkAnswer(model.CloudTrailData, "PutAuditEvents", w)
	require.Equal(f, "application/json", w.Header().Get("Content-Type"))
	if code = w.Header().Get("x-amzn-ErrorType"); code == "" {
		require.NoError(f, json.Unmarshal(w.Body.Bytes(), &out))
	}
	return code, out
}

// answerRows are the rows of a query.
func (f *fixture) answerRows(sql string) (rows [][]string) {
	f.Helper()
	id := f.start(sql)
	f.wait(id, "FINISHED")
	for _, row := range f.get("GetQueryResults", of("QueryId", id))["QueryResultRows"].([]any) {
		var values []string
		for _, column := range row.([]any) {
			for _, value := range column.(map[string]any) {
				values = append(values, fmt.Sprint(value))
			}
		}
		rows = append(rows, values)
	}
	return rows
}

// TestPutAuditEvents: events are in all destinations at once, in the form that the guide documents, and after a restart.
func TestAuditEventsAreStored(t *testing.T) {
	f := newFixture(t)
	first, second := f.newActivityStore("first"), f.newActivityStore("second")
	arn := f.newChannel(first, second)
	data := f.auditData(of("UID", "é ✓ \"x\"\n", "eventTime", "2026-11-20T06:00:00.25Z"))
	sum := sha256.Sum256([]byte(data))
	code, out := f.put(idOf(arn), of("id", "evt-1", "eventData", data, "eventDataChecksum", base64.StdEncoding.EncodeToString(sum[:])), f.auditEvent("evt_2", of("UID", "u2")))
	require.Empty(t, code)
	require.Empty(t, out.Failed)
	require.Len(t, out.Successful, 2)
	require.Equal(t, "evt-1", out.Successful[0].ID)
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, out.Successful[0].EventID)
	require.NotEqual(t, out.Successful[0].EventID, out.Successful[1].EventID)
	check := func() {
		t.Helper()
		for _, store := range []string{first, second} {
			require.Equal(t, [][]string{{out.Successful[0].EventID, "2026-11-20 06:00:00.250", "ActivityAuditLog", "ActivityLog", region, account, arn,
				"2026-11-20T07:00:00Z", "é ✓ \"x\"\n", "user-1", "r&d", "true"}},
				f.answerRows(`SELECT eventID, eventTime, eventCategory, eventType, awsRegion, recipientAccountId, metadata.channelARN, metadata.ingestionTime, eventData.UID,
					eventData.userIdentity.principalId, eventData.userIdentity.details['dept'], eventData.responseElements['ok'] FROM `+idOf(store)+` WHERE eventData.UID <> 'u2'`))
			rows := f.answerRows("SELECT json_format(json_extract(eventJSON, '$.eventData')), eventJSON FROM " + idOf(store) + " WHERE eventData.UID <> 'u2'")
			require.Contains(t, rows[0][1], `"eventData":`+data+`}`, "what came is there byte for byte")
		}
	}
	check()
	status := f.get("GetChannel", of("Channel", arn))["IngestionStatus"]
	want := of("LatestIngestionSuccessTime", float64(start.Unix()), "LatestIngestionSuccessEventID", out.Successful[1].EventID,
		"LatestIngestionAttemptTime", float64(start.Unix()), "LatestIngestionAttemptEventID", out.Successful[1].EventID)
	require.Equal(t, want, status)
	require.NoError(t, f.lake.Flush(t.Context()))
	f.close()
	f.open()
	check()
	require.Equal(t, want["LatestIngestionSuccessTime"], f.get("GetChannel", of("Channel", arn))["IngestionStatus"].(map[string]any)["LatestIngestionSuccessTime"])
}

// TestRepeatedAuditEvents: the same id with the same bytes is the same event for a day, on one channel, whatever happens to the server.
func TestRepeatedAuditEvents(t *testing.T) {
	f := newFixture(t)
	store := f.newActivityStore("activity")
	arn := f.newChannel(store)
	other := f.get("CreateChannel", of("Name", "other", "Source", "GitHub", "Destinations", to(store)))["ChannelArn"].(string)
	event := f.auditEvent("evt-1", nil)
	push := func(channel string, events ...any) string {
		t.Helper()
		code, out := f.put(channel, events...)
		require.Empty(t, code)
		require.Len(t, out.Successful, len(events), out.Failed)
		return out.Successful[0].EventID
	}
	first := push(arn, event)
	require.Equal(t, first, push(arn, event))
	require.Equal(t, first, push(arn, event, f.auditEvent("evt-2", nil)), "among others")
	changed := of("id", "evt-1", "eventData", event["eventData"].(string)+" ")
	second := push(arn, changed)
	require.NotEqual(t, first, second, "other bytes under the id")
	require.Equal(t, second, push(arn, changed))
	require.Equal(t, first, push(arn, event))
	require.NotEqual(t, first, push(other, event), "another channel")
	for range 2 {
		f.close()
		f.open()
		require.Equal(t, first, push(arn, event), "after a restart")
		require.NoError(t, f.lake.Flush(t.Context()))
		require.Equal(t, first, push(arn, event), "after a flush")
	}
	f.clock.Pass(24*time.Hour - time.Second)
	require.Equal(t, first, push(arn, event), "the first second of the last day")
	f.clock.Pass(time.Second)
	third := push(arn, event)
	require.NotEqual(t, first, third, "a day later")
	require.Equal(t, third, push(arn, event))
	require.Equal(t, [][]string{{"5"}}, f.answerRows("SELECT count(*) FROM "+idOf(store)))
}

// TestAuditEventFaults: each faulty event has its code, and the others are taken.
func TestAuditEventFaults(t *testing.T) {
	f := newFixture(t)
	store := f.newActivityStore("activity", "RetentionPeriod", 7)
	arn := f.newChannel(store)
	long := func(n int) string { return strings.Repeat("é", n) }
	object := func(bytes int) map[string]any { return of("a", strings.Repeat("x", bytes-len(`{"a":""}`))) }
	taken := 0
	for i, tt := range []struct {
		name    string
		changes map[string]any
		want    string // "": it is taken
	}{
		{"sound", nil, ""},
		{"no version", of("version", nil), "FieldNotFound"},
		{"no identity", of("userIdentity", nil), "FieldNotFound"},
		{"no type", of("userIdentity", of("principalId", "p")), "FieldNotFound"},
		{"no principal", of("userIdentity", of("type", "t")), "FieldNotFound"},
		{"no source", of("eventSource", nil), "FieldNotFound"},
		{"no name", of("eventName", nil), "FieldNotFound"},
		{"no time", of("eventTime", nil), "FieldNotFound"},
		{"no UID", of("UID", nil), "FieldNotFound"},
		{"no recipient", of("recipientAccountId", nil), "FieldNotFound"},
		{"nothing optional", of("userAgent", nil, "requestParameters", nil, "responseElements", nil, "sourceIPAddress", nil), ""},
		{"an unknown member", of("extra", 1), ""},
		{"longest version", of("version", long(256)), ""},
		{"long version", of("version", long(257)), "FieldTooLong"},
		{"long type", of("userIdentity", of("type", long(129), "principalId", "p")), "FieldTooLong"},
		{"longest identity", of("userIdentity", of("type", long(128), "principalId", long(1024))), ""},
		{"long principal", of("userIdentity", of("type", "t", "principalId", long(1025))), "FieldTooLong"},
		{"long agent", of("userAgent", long(1025)), "FieldTooLong"},
		{"long source", of("eventSource", long(1025)), "FieldTooLong"},
		{"long name", of("eventName", long(1025)), "FieldTooLong"},
		{"long UID", of("UID", long(1025)), "FieldTooLong"},
		{"long error code", of("errorCode", long(257)), "FieldTooLong"},
		{"long error message", of("errorMessage", long(257)), "FieldTooLong"},
		{"longest errors", of("errorCode", long(256), "errorMessage", long(256)), ""},
		{"largest objects", of("requestParameters", object(100<<10), "responseElements", object(100<<10), "additionalEventData", object(28<<10)), ""},
		{"large parameters", of("requestParameters", object(100<<10+1)), "FieldTooLong"},
		{"large answer", of("responseElements", object(100<<10+1)), "FieldTooLong"},
		{"large additional data", of("additionalEventData", object(28<<10+1)), "FieldTooLong"},
		{"a number for a text", of("eventName", 7), "InvalidData"},
		{"a text for an object", of("requestParameters", "x"), "InvalidData"},
		{"a list for an identity", of("userIdentity", []any{}), "InvalidData"},
		{"a text for details", of("userIdentity", of("type", "t", "principalId", "p", "details", "x")), "InvalidData"},
		{"no time at all", of("eventTime", "yesterday"), "InvalidData"},
		{"a time without a zone", of("eventTime", "2026-11-20T06:00:00"), ""},
		{"before 1970", of("eventTime", "1969-12-31T23:59:59Z"), "InvalidData"},
		{"past retention", of("eventTime", "2026-11-13T06:59:59Z"), "InvalidData"},
		{"just kept", of("eventTime", "2026-11-13T07:00:00Z"), ""},
		{"a day ahead", of("eventTime", "2026-11-21T07:00:00Z"), ""},
		{"more than a day ahead", of("eventTime", "2026-11-21T07:00:01Z"), "InvalidData"},
		{"another recipient", of("recipientAccountId", "999999999999"), "InvalidRecipient"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := *f
			g.T = t
			code, out := g.put(arn, g.auditEvent(fmt.Sprint("faulty-", i), tt.changes), g.auditEvent(fmt.Sprint("sound-", i), nil))
			require.Empty(t, code)
			taken += len(out.Successful)
			if tt.want == "" {
				require.Empty(t, out.Failed)
				return
			}
			require.Len(t, out.Successful, 1)
			require.Len(t, out.Failed, 1)
			require.Equal(t, fmt.Sprint("faulty-", i), out.Failed[0].ID)
			require.Equal(t, tt.want, out.Failed[0].ErrorCode, out.Failed[0].ErrorMessage)
			require.NotEmpty(t, out.Failed[0].ErrorMessage)
		})
	}
	// The last one nests as deep as values may, and is too deep inside of the envelope.
	for i, data := range []string{"", "{", "[]", "null", `"x"`, f.auditData(nil) + "x", `{"version":1`, "\x00", strings.Repeat("[", 1000),
		strings.Replace(f.auditData(nil), `"r\u0026d"`, strings.Repeat("[", 509)+strings.Repeat("]", 509), 1)} {
		code, out := f.put(arn, of("id", fmt.Sprint("data-", i), "eventData", data))
		require.Empty(t, code)
		require.Len(t, out.Failed, 1, data)
		require.Equal(t, "InvalidData", out.Failed[0].ErrorCode)
	}
	code, out := f.put(arn, of("id", "sum", "eventData", f.auditData(nil), "eventDataChecksum", "x"))
	require.Empty(t, code)
	require.Equal(t, "InvalidChecksum", out.Failed[0].ErrorCode)
	last := f.get("GetChannel", of("Channel", arn))["IngestionStatus"].(map[string]any)
	require.Equal(t, "InvalidChecksum", last["LatestIngestionErrorCode"])
	require.NotEqual(t, last["LatestIngestionSuccessEventID"], last["LatestIngestionAttemptEventID"])
	require.Equal(t, [][]string{{fmt.Sprint(taken)}}, f.answerRows("SELECT count(*) FROM "+idOf(store)))
}

// TestAuditEventsOfTwoRetentions: a destination does not keep what is past its retention; the event is taken as long as another one does.
func TestAuditEventsOfTwoRetentions(t *testing.T) {
	f := newFixture(t)
	short, long := f.newActivityStore("short", "RetentionPeriod", 7), f.newActivityStore("long", "RetentionPeriod", 30)
	arn := f.newChannel(short, long)
	code, out := f.put(arn, f.auditEvent("a", of("eventTime", "2026-11-01T00:00:00Z")), f.auditEvent("b", nil), f.auditEvent("c", of("eventTime", "2026-10-01T00:00:00Z")))
	require.Empty(t, code)
	require.Len(t, out.Successful, 2)
	require.Equal(t, "InvalidData", out.Failed[0].ErrorCode)
	require.Contains(t, out.Failed[0].ErrorMessage, "days ago")
	require.Equal(t, [][]string{{"1"}}, f.answerRows("SELECT count(*) FROM "+idOf(short)))
	require.Equal(t, [][]string{{"2"}}, f.answerRows("SELECT count(*) FROM "+idOf(long)))
}

// TestPutAuditEventsErrors: what is wrong with a whole request. ChannelUnsupportedSchema does not occur: each destination takes events of the one schema that
// there is.
func TestPutAuditEventsErrors(t *testing.T) {
	f := newFixture(t)
	store := f.newActivityStore("activity")
	arn := f.newChannel(store)
	var many []any
	for i := range 101 {
		many = append(many, f.auditEvent(fmt.Sprint(i), nil))
	}
	large := func(bytes int) map[string]any {
		empty := len(f.auditData(of("userIdentity", of("type", "t", "principalId", "p", "details", of("x", "")))))
		return f.auditEvent("large", of("userIdentity", of("type", "t", "principalId", "p", "details", of("x", strings.Repeat("x", bytes-empty)))))
	}
	for _, tt := range []struct {
		name, channel string
		events        []any
		code          string
	}{
		{"by id", idOf(arn), []any{f.auditEvent("a", nil)}, ""},
		{"as many as there may be", arn, many[:100], ""},
		{"too many", arn, many, "ValidationException"},
		{"none", arn, []any{}, "ValidationException"},
		{"an id twice", arn, []any{f.auditEvent("a", nil), f.auditEvent("b", nil), f.auditEvent("a", of("UID", "x"))}, "DuplicatedAuditEventId"},
		{"an id with a space", arn, []any{f.auditEvent("a b", nil)}, "ValidationException"},
		{"a long id", arn, []any{f.auditEvent(strings.Repeat("a", 129), nil)}, "ValidationException"},
		{"no data", arn, []any{of("id", "a")}, "ValidationException"},
		{"more than a MiB", arn, []any{large(1 << 19), f.auditEvent("b", of("requestParameters", nil)), large(1<<19 + 1)}, "DuplicatedAuditEventId"},
		{"more than a MiB, in one event", arn, []any{large(1<<20 + 1)}, "ValidationException"},
		{"almost a MiB", arn, []any{large(1<<20 - 1024)}, ""},
		{"no channel", channelARN(absentStore), []any{f.auditEvent("a", nil)}, "ChannelNotFound"},
		{"no ARN", "app-channel", []any{f.auditEvent("a", nil)}, "InvalidChannelARN"},
		{"another account's", strings.Replace(arn, account, "999999999999", 1), []any{f.auditEvent("a", nil)}, "InvalidChannelARN"},
		{"an empty ARN", "", []any{f.auditEvent("a", nil)}, "InvalidChannelARN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := *f
			g.T = t
			code, out := g.put(tt.channel, tt.events...)
			require.Equal(t, tt.code, code)
			require.Empty(t, out.Failed)
		})
	}
	r := f.putRequest(rootID, secret, arn, "x", f.auditEvent("a", nil))
	require.Equal(t, "ValidationException", f.serve(r).Header().Get("x-amzn-ErrorType"), "an external id that is too short")

	f.close()
	f.isReadOnly = true
	f.open()
	code, _ := f.put(arn, f.auditEvent("z", nil))
	require.Equal(t, "UnsupportedOperationException", code, "a lake that is only read")
	f.refused("OperationNotPermittedException", "DeleteChannel", of("Channel", arn))
}
