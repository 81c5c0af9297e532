package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

var pushDay = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

// pushedEvent is an event of some 1.4 kB.
func pushedEvent(id int) []byte {
	return fmt.Appendf(nil, `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDA%d","arn":"arn:aws:iam::111122223333:user/u%d",`+
		`"accountId":"111122223333","userName":"u%d"},"eventTime":"2026-01-01T%02d:%02d:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject",`+
		`"awsRegion":"us-east-1","sourceIPAddress":"192.0.2.%d","userAgent":"[aws-cli/2.15.0]","requestParameters":{"bucketName":"reports","key":"k/%d","x":"%0900d"},`+
		`"eventID":"00000000-0000-4000-8000-%012d","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333"}`,
		id%97, id%97, id%97, id%24, id%60, id%250, id, id, id)
}

func TestPush(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	lake := openLake(t, dir, pushDay)
	createStore(t, lake, "main", 366)
	results, err := lake.Push(ctx, "main", [][]byte{pushedEvent(1), []byte(`{"eventTime":"never"}`), []byte(`[`), pushedEvent(2)})
	require.NoError(t, err)
	require.Equal(t, []string{"", "BAD_EVENT_TIME", "INVALID_JSON", ""}, []string{results[0].Code, results[1].Code, results[2].Code, results[3].Code})
	const question = `SELECT eventid, useridentity.username, element_at(requestparameters, 'key'), eventjson, eventjsonchecksum FROM main ORDER BY 1`
	want := answerOf(t, lake, question)
	require.Len(t, want, 2)
	total := answerOf(t, lake, "SELECT count(*), min(eventtime), max(eventtime), count(eventname) FROM main")
	require.Equal(t, want[:1], answerOf(t, lake, `SELECT eventid, useridentity.username, element_at(requestparameters, 'key'), eventjson, eventjsonchecksum FROM main
		WHERE eventtime < '2026-01-01 02:00:00' AND useridentity.username = 'u1'`))
	require.NoError(t, lake.Close())

	lake = openLake(t, dir, pushDay)
	require.Equal(t, want, answerOf(t, lake, question), "pushed events survive")
	require.NoError(t, lake.Flush(ctx))
	require.Equal(t, want, answerOf(t, lake, question))
	require.Equal(t, total, answerOf(t, lake, "SELECT count(*), min(eventtime), max(eventtime), count(eventname) FROM main"))
	usage, err := lake.Usage(ctx, "")
	require.NoError(t, err)
	require.EqualValues(t, len(pushedEvent(1))+len(pushedEvent(2)), usage.Totals[0].IngestedBytes)

	_, err = lake.Push(ctx, "none", nil)
	require.ErrorIs(t, err, engine.ErrStoreNotFound)
	require.NoError(t, lake.Stores().StopIngestion(ctx, "main"))
	_, err = lake.Push(ctx, "main", [][]byte{pushedEvent(3)})
	require.ErrorIs(t, err, engine.ErrStoreStatus)
}

// TestPartsOfPushedRowsAndLists: which rows and lists are there, and fields of what lists hold, are those of pushed events as of segments.
func TestPartsOfPushedRowsAndLists(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), pushDay)
	createStore(t, lake, "main", 366)
	var events [][]byte
	for i, member := range []string{
		`"resources":[{"type":"a","ARN":"x"},{"ARN":"y"},null,{"type":"b","accountId":"1"}]`, `"resources":[]`, `"userIdentity":{}`,
		`"userIdentity":{"sessionContext":{}},"resources":[{"type":"c"}]`, `"resources":null,"tlsDetails":{"tlsVersion":"v"}`,
	} {
		events = append(events, fmt.Appendf(nil, `{"eventTime":"2026-01-01T00:00:0%dZ","eventName":"n%d",%s}`, i, i, member))
	}
	_, err := lake.Push(ctx, "main", events)
	require.NoError(t, err)
	questions := map[string][]string{
		"SELECT count(*), count(resources), count(useridentity), count(useridentity.sessioncontext), count(tlsdetails) FROM main": {"5|3|2|1|1"},
		"SELECT eventname FROM main WHERE resources IS NULL AND useridentity IS NOT NULL AND tlsdetails IS NULL":                  {"n2"},
		"SELECT r.type FROM main CROSS JOIN UNNEST(resources) AS r (accountid, type, arn, arnprefix) ORDER BY 1 NULLS LAST":       {"a", "b", "c", "NULL", "NULL"},
		"SELECT eventname, o, r.arn FROM main LEFT JOIN UNNEST(resources) WITH ORDINALITY AS r (accountid, type, arn, arnprefix, o) ON TRUE WHERE r.arn IS NOT NULL OR o IS NULL ORDER BY 1, 2": {
			"n0|1|x", "n0|2|y", "n1|NULL|NULL", "n2|NULL|NULL", "n4|NULL|NULL"},
		"SELECT r.type, r.accountid, k FROM main CROSS JOIN UNNEST(resources, ARRAY[1, 2]) AS r (accountid, type, arn, arnprefix, k) WHERE eventname = 'n3' ORDER BY k": {"c|NULL|1", "NULL|NULL|2"},
	}
	for range 2 {
		for question, want := range questions {
			require.Equal(t, want, answerOf(t, lake, question), question)
		}
		require.NoError(t, lake.Flush(ctx))
	}
}

// eventWith is an event with some members that matter to whether a store takes it.
func eventWith(at, category, name string) []byte {
	return fmt.Appendf(nil, `{"eventTime":%q,"eventName":%q,"eventCategory":%q,"eventSource":"s3.amazonaws.com","resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/%s"}]}`,
		at, name, category, name)
}

func TestPushTellsWhyNot(t *testing.T) {
	if testing.Short() {
		t.Skip("one push after the other; the unit stage runs it")
	}
	selectors := []engine.Selector{{Name: "deletions", FieldSelectors: []engine.FieldSelector{
		{Field: "eventCategory", Equals: []string{"Data"}}, {Field: "resources.type", Equals: []string{"AWS::S3::Object"}},
		{Field: "eventName", StartsWith: []string{"Delete"}, NotEquals: []string{"DeleteTag"}},
	}}}
	for _, tt := range []struct {
		name  string
		store engine.StoreOptions
		event []byte
		want  string // code
	}{
		{"default selectors", engine.StoreOptions{}, eventWith("2026-01-01T00:00:00Z", "Management", "RunInstances"), ""},
		{"no category counts as management", engine.StoreOptions{}, pushedEvent(1), ""},
		{"other category", engine.StoreOptions{}, eventWith("2026-01-01T00:00:00Z", "Data", "GetObject"), "NOT_SELECTED"},
		{"selected", engine.StoreOptions{Selectors: selectors}, eventWith("2026-01-01T00:00:00Z", "Data", "DeleteObject"), ""},
		{"deselected", engine.StoreOptions{Selectors: selectors}, eventWith("2026-01-01T00:00:00Z", "Data", "DeleteTag"), "NOT_SELECTED"},
		{"not selected", engine.StoreOptions{Selectors: selectors}, eventWith("2026-01-01T00:00:00Z", "Data", "GetObject"), "NOT_SELECTED"},
		{"selectors come before what is wrong", engine.StoreOptions{Selectors: selectors}, eventWith("never", "Data", "GetObject"), "NOT_SELECTED"},
		{"no JSON is not for selectors", engine.StoreOptions{Selectors: selectors}, []byte(`{"eventTime":`), "INVALID_JSON"},
		{"no object", engine.StoreOptions{}, []byte(`7`), "INVALID_JSON"},
		{"no time", engine.StoreOptions{}, []byte(`{"eventCategory":"Management"}`), "BAD_EVENT_TIME"},
		{"invalid UTF-8", engine.StoreOptions{}, []byte("{\"eventTime\":\"2026-01-01T00:00:00Z\",\"a\":\"\xff\"}"), "INVALID_UTF8"},
		{"no bytes", engine.StoreOptions{}, nil, "INVALID_JSON"},
		{"wrong category", engine.StoreOptions{Category: "ConfigurationItem"}, eventWith("2026-01-01T00:00:00Z", "Evidence", "x"), "NOT_SELECTED"},
		{"no selectors", engine.StoreOptions{Category: "Data"}, eventWith("2026-01-01T00:00:00Z", "Data", "GetObject"), ""},
		{"no selectors, other category", engine.StoreOptions{Category: "Data"}, eventWith("2026-01-01T00:00:00Z", "Management", "x"), "NOT_SELECTED"},
		{"first instant kept", engine.StoreOptions{RetentionDays: 7}, eventWith("2025-12-26T00:00:00Z", "Management", "x"), ""},
		{"last instant not kept", engine.StoreOptions{RetentionDays: 7}, eventWith("2025-12-25T23:59:59.999Z", "Management", "x"), "PAST_RETENTION"},
		{"a day ahead", engine.StoreOptions{}, eventWith("2026-01-03T00:00:00Z", "Management", "x"), ""},
		{"more than a day ahead", engine.StoreOptions{}, eventWith("2026-01-03T00:00:00.001Z", "Management", "x"), "IN_FUTURE"},
		{"largest", engine.StoreOptions{}, sizedEvent(1 << 20), ""},
		{"too large", engine.StoreOptions{}, sizedEvent(1<<20 + 1), "RECORD_TOO_LARGE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := context.Background()
			lake := openLake(t, t.TempDir(), pushDay)
			tt.store.Name = "main"
			if tt.store.RetentionDays == 0 {
				tt.store.RetentionDays = 366
			}
			_, err := lake.Stores().Create(ctx, tt.store)
			require.NoError(t, err)
			results, err := lake.Push(ctx, "main", [][]byte{tt.event})
			require.NoError(t, err)
			require.Equal(t, tt.want, results[0].Code, results[0].Message)
			require.Equal(t, tt.want == "", results[0].Message == "")
			want := []string{"1"}
			if tt.want != "" {
				want = []string{"0"}
			}
			require.Equal(t, want, answerOf(t, lake, "SELECT count(*) FROM main"))
		})
	}
}

// sizedEvent is an event of so many bytes.
func sizedEvent(bytes int) []byte {
	head, tail := `{"eventTime":"2026-01-01T00:00:00Z","errorMessage":"`, `"}`
	return []byte(head + strings.Repeat("x", bytes-len(head)-len(tail)) + tail)
}

func TestPushFollowsTheSelectorsOfTheMoment(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), pushDay)
	createStore(t, lake, "main", 366)
	event := eventWith("2026-01-01T00:00:00Z", "Data", "GetObject")
	results, err := lake.Push(ctx, "main", [][]byte{event})
	require.NoError(t, err)
	require.Equal(t, engine.NotSelected, results[0].Code)
	_, err = lake.Stores().Update(ctx, "main", engine.StoreUpdate{Selectors: []engine.Selector{{FieldSelectors: []engine.FieldSelector{
		{Field: "eventCategory", Equals: []string{"Data"}}, {Field: "resources.type", Equals: []string{"AWS::S3::Object"}},
	}}}})
	require.NoError(t, err)
	results, err = lake.Push(ctx, "main", [][]byte{event})
	require.NoError(t, err)
	require.Empty(t, results[0].Code)
}

func TestPushToAStoreThatLeavesOutRepeatedEvents(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), pushDay)
	_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "main", DedupeEventID: true})
	require.NoError(t, err)
	_, err = lake.Push(ctx, "main", [][]byte{pushedEvent(1)})
	require.ErrorIs(t, err, engine.ErrPushToDedupe)
}

const pushCallers, pushBatch, pushRound = 8, 100, 400

// BenchmarkPush pushes batches of 100 events by 8 callers. In turns with it 8 callers write the same bytes
// to a plain file, one sync for all that wait: what the disk allows. plain/s is how many events a second
// that is, ratio the speed of pushing against it, CPU-µs what an event pushed costs, its flush included.
func BenchmarkPush(b *testing.B) {
	lake, err := engine.Open(context.Background(), b.TempDir(), engine.Options{Now: func() time.Time { return pushDay }})
	require.NoError(b, err)
	defer lake.Close()
	_, err = lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "main"})
	require.NoError(b, err)
	file, err := os.Create(filepath.Join(b.TempDir(), "log"))
	require.NoError(b, err)
	defer file.Close()
	plain := &plainLog{file: file}
	var events [][]byte
	for i := range pushBatch {
		events = append(events, pushedEvent(i))
	}
	var pushing, writing, cpu time.Duration
	b.ResetTimer()
	for left := b.N; left > 0; left -= pushRound {
		batches := min(left, pushRound)
		before := cpuTime(b)
		pushing += eachCaller(b, batches, func() error {
			_, err := lake.Push(context.Background(), "main", events)
			return err
		})
		cpu += cpuTime(b) - before
		writing += eachCaller(b, batches, func() error { return plain.write(events) })
	}
	total := float64(b.N * pushBatch)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(total/pushing.Seconds(), "events/s")
	b.ReportMetric(total/writing.Seconds(), "plain/s")
	b.ReportMetric(writing.Seconds()/pushing.Seconds(), "ratio")
	b.ReportMetric(float64(cpu.Microseconds())/total, "CPU-µs/event")
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// eachCaller lets all callers do their share of so many calls.
func eachCaller(b *testing.B, calls int, do func() error) time.Duration {
	b.Helper()
	start := time.Now()
	var callers sync.WaitGroup
	for c := range pushCallers {
		callers.Go(func() {
			for n := c; n < calls; n += pushCallers {
				if err := do(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	callers.Wait()
	return time.Since(start)
}

// plainLog appends to a file; those who wait for a sync share the next one.
type plainLog struct {
	file    *os.File
	syncing sync.Mutex

	mu      sync.Mutex
	buffer  []byte       // mu
	waiting []chan error // mu
}

func (l *plainLog) write(events [][]byte) error {
	done := make(chan error, 1)
	l.mu.Lock()
	l.waiting = append(l.waiting, done)
	for _, e := range events {
		l.buffer = append(l.buffer, e...)
	}
	l.mu.Unlock()
	l.syncing.Lock()
	l.mu.Lock()
	group, bytes := l.waiting, l.buffer
	l.waiting, l.buffer = nil, nil
	l.mu.Unlock()
	if len(group) > 0 {
		_, err := l.file.Write(bytes)
		if err == nil {
			err = l.file.Sync()
		}
		for _, c := range group {
			c <- err
		}
	}
	l.syncing.Unlock()
	return <-done
}
