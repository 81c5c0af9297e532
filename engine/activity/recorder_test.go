package activity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// disk is where a recorder writes to.
type disk struct {
	mu     sync.Mutex
	now    time.Time
	failed error // of every write; nil: they succeed
	panics bool
	events []map[string]any
	blocks chan struct{} // a write waits until it is closed; nil: it does not
}

func (d *disk) write(_ context.Context, events [][]byte) error {
	if d.blocks != nil {
		<-d.blocks
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.panics {
		panic("a defect")
	}
	if d.failed != nil {
		return d.failed
	}
	for _, text := range events {
		var e map[string]any
		if err := json.Unmarshal(text, &e); err != nil {
			return err
		}
		d.events = append(d.events, e)
	}
	return nil
}

func (d *disk) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

func (d *disk) names() (names []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.events {
		names = append(names, e["eventName"].(string))
	}
	return names
}

func newRecorder(t *testing.T, d *disk) *Recorder {
	d.now = noon
	r := New(Options{
		Region: "eu-west-1", AccountID: "123456789012", Write: d.write, Log: slog.New(slog.DiscardHandler),
		StoreARN: func(id string) string { return map[string]string{"a": "arn:a"}[id] },
		Now: func() time.Time {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.now
		},
	})
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// TestRecord: an event has the members of CloudTrail's records.
func TestRecord(t *testing.T) {
	d := &disk{}
	r := newRecorder(t, d)
	r.Note(&Event{
		At: noon, Source: "cloudtrail.amazonaws.com", Name: "StartQuery", Type: APICall, RequestID: "r", ReadOnly: true,
		By:         Asker{KeyID: "AKIA1", Principal: "arn:aws:iam::123456789012:user/team/ann", PrincipalID: "AIDA1", AccountID: "123456789012", IP: "10.0.0.1", Program: "aws-cli"},
		Parameters: Parameters(map[string]any{"QueryStatement": "SELECT 1", "QueryParameters": []any{"x"}}), Response: Parameters(map[string]any{"QueryId": "q"}),
		ErrorCode: "AccessDeniedException", ErrorMessage: "no", Denied: true, StoreIDs: []string{"a", "gone"}, Data: map[string]any{"bytesScanned": 7},
	})
	require.NoError(t, r.Flush(context.Background()))
	got := d.events[0]
	require.Regexp(t, `^[0-9a-f-]{36}$`, got["eventID"])
	delete(got, "eventID")
	require.Equal(t, map[string]any{
		"eventVersion": "1.11", "eventTime": "2026-11-20T12:00:00Z", "eventSource": "cloudtrail.amazonaws.com", "eventName": "StartQuery", "awsRegion": "eu-west-1",
		"sourceIPAddress": "10.0.0.1", "userAgent": "aws-cli", "errorCode": "AccessDeniedException", "errorMessage": "no", "requestID": "r", "readOnly": true,
		"userIdentity": map[string]any{"type": "IAMUser", "principalId": "AIDA1", "arn": "arn:aws:iam::123456789012:user/team/ann", "accountId": "123456789012",
			"accessKeyId": "AKIA1", "userName": "ann"},
		"requestParameters": map[string]any{"queryStatement": "SELECT 1", "queryParameters": []any{"x"}}, "responseElements": map[string]any{"queryId": "q"},
		"additionalEventData": map[string]any{"decision": "denied", "bytesScanned": 7.0},
		"resources":           []any{map[string]any{"accountId": "123456789012", "type": "AWS::CloudTrail::EventDataStore", "ARN": "arn:a"}},
		"eventType":           "AwsApiCall", "managementEvent": true, "recipientAccountId": "123456789012", "eventCategory": "Management",
	}, got)
}

// TestIdentities: userIdentity is of the kind that CloudTrail has for a principal.
func TestIdentities(t *testing.T) {
	o := &Options{AccountID: "123456789012"}
	for _, tt := range []struct {
		name string
		by   Asker
		want userIdentity
	}{
		{"root key", Asker{IsRoot: true, Principal: "arn:aws:iam::1:root", PrincipalID: "1", AccountID: "1"}, userIdentity{Type: "Root", PrincipalID: "1", ARN: "arn:aws:iam::1:root", AccountID: "1"}},
		{"owner", Asker{IsOwner: true}, userIdentity{Type: "Root", PrincipalID: "owner", AccountID: "123456789012"}},
		{"user", Asker{Principal: "arn:aws:iam::1:user/ann"}, userIdentity{Type: "IAMUser", ARN: "arn:aws:iam::1:user/ann", UserName: "ann"}},
		{"role", Asker{Principal: "arn:aws:sts::1:assumed-role/r/s"}, userIdentity{Type: "AssumedRole", ARN: "arn:aws:sts::1:assumed-role/r/s"}},
		{"another principal", Asker{Principal: "arn:aws:iam::2:root"}, userIdentity{Type: "AWSAccount", ARN: "arn:aws:iam::2:root"}},
		{"nobody known", Asker{UserName: "me"}, userIdentity{Type: "Unknown", UserName: "me"}},
	} {
		require.Equal(t, tt.want, o.identityOf(&tt.by), tt.name)
	}
}

// TestLimits: what is too long is cut off or left out, and secrets are not there.
func TestLimits(t *testing.T) {
	d := &disk{}
	r := newRecorder(t, d)
	long := strings.Repeat("ä", 20_000)
	var many []any
	for i := range 30_000 {
		many = append(many, fmt.Sprint(i))
	}
	r.Note(&Event{At: noon, By: Asker{Program: long}, ErrorMessage: long, Parameters: Parameters(map[string]any{"QueryStatement": long})})
	r.Note(&Event{At: noon, Parameters: Parameters(map[string]any{"List": many})})
	r.Note(&Event{At: noon, Parameters: Parameters(map[string]any{
		"externalId": "s3cret", "AuditEvents": []any{map[string]any{"eventData": "s3cret"}}, "Deep": []any{map[string]any{"ExternalId": "s3cret"}}, "NextToken": "s3cret",
	})})
	require.NoError(t, r.Flush(context.Background()))
	statement := d.events[0]["requestParameters"].(map[string]any)["queryStatement"].(string)
	require.Equal(t, strings.Repeat("ä", MaxStatementCharacters), statement)
	require.Equal(t, strings.Repeat("ä", 512), d.events[0]["userAgent"])
	require.Equal(t, strings.Repeat("ä", 512), d.events[0]["errorMessage"])
	require.Nil(t, d.events[1]["requestParameters"])
	require.Equal(t, true, d.events[1]["additionalEventData"].(map[string]any)["requestParametersOmitted"])
	require.Equal(t, map[string]any{"externalId": hidden, "auditEventsCount": 1.0, "deep": []any{map[string]any{"externalId": hidden}}, "nextToken": hidden},
		d.events[2]["requestParameters"])
}

// TestPolls: of polls that are alike the first is an event at once, the others of its minute one together.
func TestPolls(t *testing.T) {
	d := &disk{}
	r := newRecorder(t, d)
	poll := func(query string, at time.Duration) {
		r.NotePoll(PollKey{Name: "GetQueryResults", Asker: "k", Query: query}, &Event{At: noon.Add(at), Name: query, RequestID: fmt.Sprint(at)})
	}
	for i := range 50 {
		poll("a", time.Duration(i)*time.Second)
	}
	poll("b", 0)
	require.NoError(t, r.Flush(context.Background()))
	require.Equal(t, []string{"a", "b"}, d.names())
	d.set(func() { d.now = noon.Add(59 * time.Second) })
	require.NoError(t, r.Flush(context.Background()))
	require.Len(t, d.names(), 2)
	d.set(func() { d.now = noon.Add(time.Minute) })
	require.NoError(t, r.Flush(context.Background()))
	require.Equal(t, []string{"a", "b", "a"}, d.names(), "b was polled once")
	folded := d.events[2]
	require.Equal(t, "2026-11-20T12:00:49Z", folded["eventTime"])
	require.NotContains(t, folded, "requestID")
	require.Equal(t, map[string]any{"decision": "allowed", "polls": 49.0, "from": "2026-11-20T12:00:00Z"}, folded["additionalEventData"])
	poll("a", 61*time.Second)
	poll("a", 62*time.Second)
	poll("a", 3*time.Minute) // the minute before is over
	require.NoError(t, r.Close())
	require.Equal(t, []string{"a", "b", "a", "a", "a", "a"}, d.names())
	require.Empty(t, r.polls)
}

// TestManyKindsOfPolls: clients that ask for ever other queries fill no memory.
func TestManyKindsOfPolls(t *testing.T) {
	r := newRecorder(t, &disk{})
	for i := range maxPolls + 100 {
		r.NotePoll(PollKey{Query: fmt.Sprint(i)}, &Event{At: noon})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	require.Len(t, r.polls, maxPolls)
}

// TestLossIsAnEvent: what does not fit into the queue while the disk waits is counted, and the count is written.
func TestLossIsAnEvent(t *testing.T) {
	d := &disk{blocks: make(chan struct{})}
	r := newRecorder(t, d)
	const noted = maxQueued + 2*maxBatch + 17
	for range noted {
		r.Note(&Event{At: noon, Name: "one"})
	}
	r.mu.Lock()
	require.LessOrEqual(t, len(r.queue), maxQueued)
	r.mu.Unlock()
	close(d.blocks)
	require.NoError(t, r.Close())
	written, lost := 0, 0
	for _, e := range d.events {
		if e["eventName"] == "ActivityLost" {
			require.Equal(t, "QueueFull", e["errorCode"])
			require.Equal(t, "Root", e["userIdentity"].(map[string]any)["type"])
			lost += int(e["additionalEventData"].(map[string]any)["lost"].(float64))
			continue
		}
		written++
	}
	require.Positive(t, lost)
	require.Equal(t, noted, written+lost)
}

// TestFailedWrites: events wait for a disk that fails, and that it did becomes an event, also if writing panics.
func TestFailedWrites(t *testing.T) {
	d := &disk{failed: errors.New("no room")}
	r := newRecorder(t, d)
	r.Note(&Event{At: noon, Name: "first"})
	require.ErrorContains(t, r.Flush(context.Background()), "no room")
	r.Note(&Event{At: noon, Name: "second"})
	d.set(func() { d.failed, d.panics = nil, true })
	require.ErrorContains(t, r.Flush(context.Background()), "a defect")
	d.set(func() { d.panics = false })
	require.NoError(t, r.Close())
	require.Equal(t, []string{"first", "second", "ActivityWriteFailed"}, d.names())
	require.Contains(t, d.events[2]["errorMessage"], "a defect")
	require.GreaterOrEqual(t, d.events[2]["additionalEventData"].(map[string]any)["attempts"], 2.0)
	require.ErrorIs(t, r.Close(), ErrClosed)
}

// TestItIsWrittenByItself: nobody has to ask for it.
func TestItIsWrittenByItself(t *testing.T) {
	d := &disk{}
	r := newRecorder(t, d)
	r.Note(&Event{At: noon, Name: "one"})
	require.Eventually(t, func() bool { return len(d.names()) == 1 }, time.Minute, time.Millisecond)
}

// TestNobodyRecords: a nil recorder takes everything, and does nothing.
func TestNobodyRecords(t *testing.T) {
	var r *Recorder
	r.Note(&Event{})
	r.NotePoll(PollKey{}, &Event{})
	require.NoError(t, r.Flush(context.Background()))
	require.NoError(t, r.Close())
}

func BenchmarkNote(b *testing.B) {
	r := New(Options{Write: func(context.Context, [][]byte) error { return nil }, Log: slog.New(slog.DiscardHandler), Now: time.Now, StoreARN: func(string) string { return "" }})
	defer r.Close()
	members := map[string]any{"QueryStatement": "SELECT eventName, count(*) FROM main GROUP BY 1", "QueryParameters": []any{"x"}}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r.Note(&Event{At: noon, Name: "StartQuery", Parameters: Parameters(members)})
		}
	})
}
