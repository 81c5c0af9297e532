// Package metrics is the door for monitoring. GET /metrics answers in Prometheus's text format: what the lake
// stores and ingests, and what queries and requests do. The package has its own registry.
package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/auditlake/auditlake/engine"
)

// Metrics counts the events that its methods report, also before the lake is open. Its methods are safe for
// concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	queries       *prometheus.CounterVec
	scanned       *prometheus.CounterVec
	queryTook     *prometheus.HistogramVec
	answered      *prometheus.HistogramVec
	flushes       *prometheus.CounterVec
	flushedEvents prometheus.Counter
	flushedBytes  prometheus.Counter
	flushTook     prometheus.Histogram
}

// requestBuckets are for durations of moments, queryBuckets for durations up to an hour, both in seconds.
var (
	requestBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60}
	queryBuckets   = []float64{.001, .005, .01, .05, .1, .5, 1, 5, 10, 30, 60, 300, 1800, 3600}
)

// New returns metrics without any counts.
func New() *Metrics {
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "auditlake_" + name, Help: help}, labels)
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "auditlake_" + name, Help: help})
	}
	seconds := func(name, help string, buckets []float64) prometheus.HistogramOpts {
		return prometheus.HistogramOpts{Name: "auditlake_" + name, Help: help, Buckets: buckets}
	}
	m := &Metrics{
		registry:  prometheus.NewRegistry(),
		queries:   counters("queries_ended_total", "Queries that ended, by their last state.", "door", "state"),
		scanned:   counters("query_scanned_bytes_total", "Bytes scanned by queries that ended.", "door"),
		queryTook: prometheus.NewHistogramVec(seconds("query_duration_seconds", "From the submission of a query to its end.", queryBuckets), []string{"door"}),
		answered: prometheus.NewHistogramVec(seconds("api_request_duration_seconds", "Requests of the AWS API; no operation: refused before it was known.", requestBuckets),
			[]string{"operation", "status"}),
		flushes:       counters("flushes_total", "Flushes of pushed events into segments.", "result"),
		flushedEvents: counter("flushed_events_total", "Pushed events that were moved into segments."),
		flushedBytes:  counter("flushed_bytes_total", "Bytes of the text of pushed events that were moved into segments."),
		flushTook:     prometheus.NewHistogram(seconds("flush_duration_seconds", "Flushes of pushed events.", requestBuckets)),
	}
	m.registry.MustRegister(m.queries, m.scanned, m.queryTook, m.answered, m.flushes, m.flushedEvents, m.flushedBytes, m.flushTook,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// QueryEnded counts an ended query.
func (m *Metrics) QueryEnded(q *engine.QueryInfo) {
	m.queries.WithLabelValues(q.Door, labelOf(q.State)).Inc()
	m.scanned.WithLabelValues(q.Door).Add(float64(q.BytesScanned))
	m.queryTook.WithLabelValues(q.Door).Observe(max(0, q.EndedAt.Sub(q.CreatedAt).Seconds()))
}

// Flushed counts an ended flush.
func (m *Metrics) Flushed(done engine.Flushed, err error) {
	result := "done"
	if err != nil {
		result = "failed"
	} else {
		m.flushedEvents.Add(float64(done.Events))
		m.flushedBytes.Add(float64(done.Bytes))
	}
	m.flushes.WithLabelValues(result).Inc()
	m.flushTook.Observe(done.Took.Seconds())
}

// Answered counts a request of the AWS API. operation is one of the API's operations, or "".
func (m *Metrics) Answered(operation string, status int, took time.Duration) {
	m.answered.WithLabelValues(operation, strconv.Itoa(status)).Observe(took.Seconds())
}
