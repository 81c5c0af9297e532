package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	dto "github.com/prometheus/client_model/go"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi"
	"github.com/auditlake/auditlake/server/awsapi/policy"
	"github.com/auditlake/auditlake/server/metrics"
)

var start = time.Date(2026, 11, 20, 7, 30, 0, 0, time.UTC)

// monitored is a lake behind a server with metrics.
type monitored struct {
	*testing.T
	clock  *clock.Clock
	lake   *engine.Lake
	server *httptest.Server
}

func newMonitored(t *testing.T) *monitored {
	m := &monitored{T: t, clock: clock.New(start)}
	figures := metrics.New()
	var err error
	m.lake, err = engine.Open(context.Background(), t.TempDir(), engine.Options{
		Now: m.clock.Now, Elapsed: m.clock.Elapsed, QueryEnded: figures.QueryEnded, Flushed: figures.Flushed, FlushAge: time.Hour,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		if err := m.lake.Close(); !errors.Is(err, engine.ErrClosed) {
			require.NoError(t, err)
		}
	})
	require.NoError(t, figures.Watch(m.lake))
	api, err := awsapi.New(m.lake, awsapi.Options{Now: m.clock.Now, Answered: func(a awsapi.Answered) { figures.Answered(a.Operation, a.Status, a.Took) }})
	require.NoError(t, err)
	t.Cleanup(api.Close)
	mux := http.NewServeMux()
	api.Mount(mux)
	figures.Door(m.lake, access.New(m.lake, false), slog.New(slog.DiscardHandler)).Mount(mux)
	m.server = httptest.NewServer(mux)
	t.Cleanup(m.server.Close)
	return m
}

// ask asks for the metrics with a key, "" for none.
func (m *monitored) ask(id, secret string) *http.Response {
	r, err := http.NewRequest(http.MethodGet, m.server.URL+"/metrics", nil)
	require.NoError(m, err)
	if id != "" {
		r.SetBasicAuth(id, secret)
	}
	response, err := m.server.Client().Do(r)
	require.NoError(m, err)
	m.Cleanup(func() { response.Body.Close() })
	return response
}

// read reads all metrics as a monitoring program does: values by name and labels. Of histograms it has the count and the sum.
func (m *monitored) read() map[string]float64 {
	response := m.ask("", "")
	require.Equal(m, http.StatusOK, response.StatusCode)
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(response.Body)
	require.NoError(m, err)
	out := map[string]float64{}
	for _, family := range families {
		require.NotEmpty(m, family.GetHelp(), family.GetName())
		for _, one := range family.Metric {
			name := family.GetName() + labelsOf(one)
			switch {
			case one.Histogram != nil:
				out[name] = float64(one.Histogram.GetSampleCount())
			case one.Counter != nil:
				out[name] = one.Counter.GetValue()
			case one.Gauge != nil:
				out[name] = one.Gauge.GetValue()
			}
		}
	}
	return out
}

func labelsOf(m *dto.Metric) string {
	var labels []string
	for _, l := range m.Label {
		labels = append(labels, l.GetName()+"="+l.GetValue())
	}
	return fmt.Sprint(labels)
}

// event is an event of some hours before start.
func event(hours int, id string) []byte {
	at := start.Add(-time.Duration(hours) * time.Hour).Format(time.RFC3339)
	return fmt.Appendf(nil, `{"eventTime":%q,"eventID":%q,"eventCategory":"Management"}`, at, id)
}

// TestFiguresMove: everything that is done with a lake moves the figures that say so, and no other of them.
func TestFiguresMove(t *testing.T) {
	ctx, m := context.Background(), newMonitored(t)
	_, err := m.lake.Stores().Create(ctx, engine.StoreOptions{Name: "main", RetentionDays: 3653})
	require.NoError(t, err)
	_, err = m.lake.Stores().Create(ctx, engine.StoreOptions{Name: "fixed", BillingMode: engine.FixedRetention})
	require.NoError(t, err)
	before := m.read()
	require.Positive(t, before["auditlake_memory_limit_bytes[]"])
	require.Zero(t, before["auditlake_stored_events[store=main]"])
	require.Contains(t, before, "auditlake_total_paid_storage_bytes[store=main]")
	require.NotContains(t, before, "auditlake_total_paid_storage_bytes[store=fixed]")
	require.Contains(t, before, "go_goroutines[]")
	moved := func() map[string]float64 {
		out := map[string]float64{}
		now := m.read()
		for name, value := range now {
			if strings.HasPrefix(name, "auditlake_") && value != before[name] {
				out[name] = value - before[name]
			}
		}
		before = now
		return out
	}

	first, old := event(1, "1"), event(24*400, "2")
	results, err := m.lake.Push(ctx, "main", [][]byte{first, old, []byte(`{"eventID":"no time"}`)})
	require.NoError(t, err)
	require.NotEmpty(t, results[2].Code)
	text := float64(len(first) + len(old))
	got := moved()
	require.Positive(t, got["auditlake_log_bytes[]"], "%v", got)
	require.Equal(t, got["auditlake_stored_bytes[store=main]"], got["auditlake_total_storage_bytes[store=main]"])
	require.Equal(t, []float64{2, text, 1, 2}, []float64{got["auditlake_ingested_events_total[store=main]"], got["auditlake_ingested_bytes_total[store=main]"],
		got["auditlake_rejected_events_total[store=main]"], got["auditlake_stored_events[store=main]"]})
	require.EqualValues(t, start.Add(-time.Hour).Unix(), before["auditlake_newest_event_timestamp_seconds[store=main]"])
	require.Len(t, got, 8, "%v", got)

	require.NoError(t, m.lake.Flush(ctx))
	got = moved()
	require.Negative(t, got["auditlake_log_bytes[]"])
	require.Positive(t, before["auditlake_total_paid_storage_bytes[store=main]"], "the event of 400 days ago")
	require.Less(t, before["auditlake_total_paid_storage_bytes[store=main]"], before["auditlake_stored_bytes[store=main]"])
	require.Equal(t, 1.0, got["auditlake_flushes_total[result=done]"])
	require.Equal(t, 2.0, got["auditlake_flushed_events_total[]"])
	require.Equal(t, text, got["auditlake_flushed_bytes_total[]"])
	require.Equal(t, 1.0, got["auditlake_flush_duration_seconds[]"])
	require.Equal(t, text, got["auditlake_total_data_retained_bytes[store=main]"])

	logs := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(logs, "a.json"), fmt.Appendf(nil, `{"Records":[%s,{"eventTime":"never"}]}`, event(2, "3")), 0o600))
	_, err = m.lake.Imports().Run(ctx, engine.ImportOptions{Store: "fixed", Paths: []string{logs}})
	require.NoError(t, err)
	got = moved()
	require.Equal(t, []float64{1, 1, 1}, []float64{got["auditlake_ingested_events_total[store=fixed]"],
		got["auditlake_rejected_events_total[store=fixed]"], got["auditlake_stored_events[store=fixed]"]})
	require.Positive(t, got["auditlake_ingested_bytes_total[store=fixed]"])
	require.EqualValues(t, start.Add(-2*time.Hour).Unix(), before["auditlake_newest_event_timestamp_seconds[store=fixed]"])
	require.NotContains(t, before, "auditlake_last_good_import_timestamp_seconds[store=main]")
	require.NotContains(t, before, "auditlake_newest_event_timestamp_seconds[store=empty]")
	require.NoError(t, os.WriteFile(filepath.Join(logs, "b.json.gz"), []byte{0x1f, 0x8b, 8, 0}, 0o600))
	m.clock.Pass(time.Second)
	_, err = m.lake.Imports().Run(ctx, engine.ImportOptions{Store: "fixed", Paths: []string{logs}})
	require.NoError(t, err)
	require.Equal(t, 1.0, moved()["auditlake_last_import_failed_files[store=fixed]"])
	require.NoError(t, os.Remove(filepath.Join(logs, "b.json.gz")))
	require.NoError(t, os.Remove(filepath.Join(logs, "a.json")))
	require.NoError(t, os.WriteFile(filepath.Join(logs, "c.json"), event(3, "4"), 0o600))
	m.clock.Pass(time.Second)
	_, err = m.lake.Imports().Run(ctx, engine.ImportOptions{Store: "fixed", Paths: []string{logs}})
	require.NoError(t, err)
	got = moved()
	require.Equal(t, -1.0, got["auditlake_last_import_failed_files[store=fixed]"])
	require.EqualValues(t, m.clock.Now().Unix(), before["auditlake_last_good_import_timestamp_seconds[store=fixed]"])

	m.clock.Pass(time.Hour)
	require.Equal(t, []string{"auditlake_hourly_data_ingested_bytes[store=fixed]", "auditlake_hourly_data_ingested_bytes[store=main]"}, slices.Sorted(maps.Keys(moved())))
	m.clock.Pass(time.Hour)
	require.Equal(t, -text, moved()["auditlake_hourly_data_ingested_bytes[store=main]"])
}

// TestQueriesMoveFigures: queries that run are counted by state, those that ended by how.
func TestQueriesMoveFigures(t *testing.T) {
	ctx, m := context.Background(), newMonitored(t)
	_, err := m.lake.Stores().Create(ctx, engine.StoreOptions{Name: "main"})
	require.NoError(t, err)
	_, err = m.lake.Push(ctx, "main", [][]byte{event(1, "1")})
	require.NoError(t, err)
	rows, err := m.lake.Query(ctx, "SELECT array_agg(eventid) FROM main", engine.ThroughDoor("trino"))
	require.NoError(t, err)
	require.Equal(t, 1.0, m.read()["auditlake_queries[door=trino state=running]"])
	require.True(t, rows.Next())
	require.Positive(t, m.read()["auditlake_memory_used_bytes[]"])
	for rows.Next() {
	}
	require.NoError(t, rows.Close())
	_, err = m.lake.Query(ctx, "SELECT nope FROM main", engine.ThroughDoor("aws"))
	require.Error(t, err)
	query, err := m.lake.Queries().Submit(ctx, "SELECT 1")
	require.NoError(t, err)
	query.Cancel(engine.ErrQueryCancelled)
	m.lake.Queries().NoteEnded("SET TIME ZONE 'UTC'", nil)
	got := m.read()
	require.NotContains(t, got, "auditlake_queries[door=trino state=running]")
	require.Positive(t, got["auditlake_query_scanned_bytes_total[door=trino]"])
	for name, want := range map[string]float64{
		"auditlake_queries_ended_total[door=trino state=finished]":    1,
		"auditlake_queries_ended_total[door=aws state=failed]":        1,
		"auditlake_queries_ended_total[door=library state=cancelled]": 1,
		"auditlake_queries_ended_total[door=library state=finished]":  1,
		"auditlake_query_duration_seconds[door=trino]":                1,
		"auditlake_query_duration_seconds[door=library]":              2,
	} {
		require.Equal(t, want, got[name], name)
	}
}

// TestRequestsMoveFigures: whatever a client sends, labels have the operations of the API alone.
func TestRequestsMoveFigures(t *testing.T) {
	m := newMonitored(t)
	for _, operation := range []string{"ListQueries", "Nothing", strings.Repeat("x", 1000)} {
		r, err := http.NewRequest(http.MethodPost, m.server.URL+"/", strings.NewReader("{}"))
		require.NoError(t, err)
		r.Header.Set("X-Amz-Target", "CloudTrail_20131101."+operation)
		response, err := m.server.Client().Do(r)
		require.NoError(t, err)
		response.Body.Close()
	}
	got := m.read()
	require.Equal(t, 3.0, got["auditlake_api_request_duration_seconds[operation= status=400]"], "%v", got)
}

// TestWhoMayRead: programs of this machine while there are no keys, then keys with the right.
func TestWhoMayRead(t *testing.T) {
	ctx, m := context.Background(), newMonitored(t)
	require.Equal(t, http.StatusOK, m.ask("", "").StatusCode)
	named := func(host string) int {
		r, err := http.NewRequest(http.MethodGet, m.server.URL+"/metrics", nil)
		require.NoError(t, err)
		r.Host = host
		response, err := m.server.Client().Do(r)
		require.NoError(t, err)
		defer response.Body.Close()
		return response.StatusCode
	}
	require.Equal(t, http.StatusForbidden, named("lake.example.com"), "a page of elsewhere asks through a browser of this machine")

	key := func(policies ...engine.KeyPolicy) (id, secret string) {
		k, secrets, err := m.lake.Keys().Create(ctx, engine.KeyOptions{Policies: policies})
		require.NoError(t, err)
		return k.ID, secrets.Secret
	}
	allow := func(action string) engine.KeyPolicy {
		return engine.KeyPolicy{Name: "p", Document: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"*"}]}`}
	}
	reader, readerSecret := key(allow(metrics.ReadAction))
	other, otherSecret := key(allow("cloudtrail:*"))
	document, isThere := policy.Managed("AuditlakeOperator")
	require.True(t, isThere)
	operator, operatorSecret := key(engine.KeyPolicy{Name: "AuditlakeOperator", Document: document})
	for name, tt := range map[string]struct {
		id, secret string
		want       int
	}{
		"nobody":            {"", "", http.StatusUnauthorized},
		"a wrong secret":    {reader, "wrong", http.StatusUnauthorized},
		"an unknown key":    {"AKIANOBODY", "wrong", http.StatusUnauthorized},
		"without the right": {other, otherSecret, http.StatusForbidden},
		"with the right":    {reader, readerSecret, http.StatusOK},
		"an operator":       {operator, operatorSecret, http.StatusOK},
	} {
		require.Equal(t, tt.want, m.ask(tt.id, tt.secret).StatusCode, name)
	}
	why, err := io.ReadAll(m.ask(other, otherSecret).Body)
	require.NoError(t, err)
	require.Contains(t, string(why), "is not authorized to perform auditlake:ReadMetrics")
	require.Contains(t, string(why), "the built-in policy AuditlakeOperator does")
}

// TestSecretsInTheOpen: a key that comes from another machine without TLS is not taken.
func TestSecretsInTheOpen(t *testing.T) {
	m := newMonitored(t)
	r := httptest.NewRequest(http.MethodGet, "http://lake/metrics", nil)
	r.SetBasicAuth("id", "secret")
	w := httptest.NewRecorder()
	m.server.Config.Handler.ServeHTTP(w, r)
	require.Equal(t, http.StatusForbidden, w.Code)
}

// TestMetricsOfAClosedLake: who asks while a lake is being closed learns that its keys cannot be checked, and nothing else.
func TestMetricsOfAClosedLake(t *testing.T) {
	m := newMonitored(t)
	require.NoError(t, m.lake.Close())
	for _, key := range []string{"", "AKIDEXAMPLE"} {
		require.Equal(t, http.StatusInternalServerError, m.ask(key, "secret").StatusCode, key)
	}
}

func TestOneLakeIsWatched(t *testing.T) {
	m := newMonitored(t)
	figures := metrics.New()
	require.NoError(t, figures.Watch(m.lake))
	require.ErrorContains(t, figures.Watch(m.lake), "metrics of the lake")
}
