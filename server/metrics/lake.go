package metrics

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/auditlake/auditlake/engine"
)

// lakeCollector reads the figures of a lake at each scrape.
type lakeCollector struct{ lake *engine.Lake }

// The figures of a lake. Those named after a CloudWatch metric are what the guide describes under that name.
var (
	ingestedEvents = ofStore("ingested_events_total", "Events that were pushed or imported since the server started.")
	ingestedBytes  = ofStore("ingested_bytes_total", "Bytes of the text of events that were pushed or imported since the server started.")
	rejectedEvents = ofStore("rejected_events_total", "Events that were pushed and not taken, or imported and not readable, since the server started.")
	storedEvents   = ofStore("stored_events", "Events within retention; a day that reaches past it counts whole.")
	storedBytes    = ofStore("stored_bytes", "Bytes on disk of the events within retention.")
	newestEvent    = ofStore("newest_event_timestamp_seconds", "Latest eventtime within retention, in seconds since 1970; absent: the store is empty.")
	lastGoodImport = ofStore("last_good_import_timestamp_seconds", "When the last import ended that completed, in seconds since 1970; absent: none has.")
	failedFiles    = ofStore("last_import_failed_files", "Files that the last import to end could not read.")

	hourlyDataIngested  = ofStore("hourly_data_ingested_bytes", "CloudWatch's HourlyDataIngested: ingested bytes of the last full hour, since the server started.")
	totalDataRetained   = ofStore("total_data_retained_bytes", "CloudWatch's TotalDataRetained: about the text of the stored events, by their average length.")
	totalStorageBytes   = ofStore("total_storage_bytes", "CloudWatch's TotalStorageBytes: the same as stored_bytes.")
	totalPaidStorage    = ofStore("total_paid_storage_bytes", "CloudWatch's TotalPaidStorageBytes: stored bytes of more than 366 days, of stores with extendable retention.")
	memoryUsed          = describe("memory_used_bytes", "Memory that queries hold.")
	memoryLimit         = describe("memory_limit_bytes", "Memory that queries may hold together.")
	cacheUsed           = describe("cache_bytes", "Memory that what was decoded of segments takes, of that of queries and only while they do not need it.")
	cacheHits           = describe("cache_hits_total", "Decoded parts of segments that queries asked for and that were kept.")
	cacheMisses         = describe("cache_misses_total", "Decoded parts of segments that queries asked for and that were not kept.")
	logBytes            = describe("log_bytes", "Pushed events that are in the log and in no segment yet.")
	openQueries         = describe("queries", "Queries that have not ended.", "door", "state")
	lakeCollectorFailed = describe("lake_unreadable", "1 if the figures of the lake cannot be read now, and are missing here.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("auditlake_"+name, help, labels, nil)
}

func ofStore(name, help string) *prometheus.Desc { return describe(name, help, "store") }

// labelOf returns a state as a label value.
func labelOf(s engine.QueryState) string { return strings.ToLower(string(s)) }

// Describe implements prometheus.Collector.
func (c *lakeCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		ingestedEvents, ingestedBytes, rejectedEvents, storedEvents, storedBytes, newestEvent, lastGoodImport, failedFiles, hourlyDataIngested, totalDataRetained, totalStorageBytes,
		totalPaidStorage, memoryUsed, memoryLimit, cacheUsed, cacheHits, cacheMisses, logBytes, openQueries, lakeCollectorFailed,
	} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c *lakeCollector) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	figures, err := c.lake.Figures(context.Background())
	if err != nil { // the metrics of the doors are still useful
		gauge(lakeCollectorFailed, 1)
		return
	}
	gauge(lakeCollectorFailed, 0)
	gauge(memoryUsed, float64(figures.QueryMemoryBytes))
	gauge(memoryLimit, float64(figures.QueryMemoryLimitBytes))
	gauge(cacheUsed, float64(figures.CacheBytes))
	to <- prometheus.MustNewConstMetric(cacheHits, prometheus.CounterValue, float64(figures.CacheHits))
	to <- prometheus.MustNewConstMetric(cacheMisses, prometheus.CounterValue, float64(figures.CacheMisses))
	gauge(logBytes, float64(figures.LogBytes))
	for of, count := range figures.Queries {
		gauge(openQueries, float64(count), of.Door, labelOf(of.State))
	}
	for _, s := range figures.Stores {
		collectStore(to, s)
	}
}

func collectStore(to chan<- prometheus.Metric, s engine.StoreFigures) {
	send := func(d *prometheus.Desc, kind prometheus.ValueType, value int64) {
		to <- prometheus.MustNewConstMetric(d, kind, float64(value), s.Store.Name)
	}
	send(ingestedEvents, prometheus.CounterValue, s.Ingested.Events)
	send(ingestedBytes, prometheus.CounterValue, s.Ingested.Bytes)
	send(rejectedEvents, prometheus.CounterValue, s.Ingested.Rejected)
	send(storedEvents, prometheus.GaugeValue, s.Events)
	send(storedBytes, prometheus.GaugeValue, s.StoredBytes)
	send(hourlyDataIngested, prometheus.GaugeValue, s.Ingested.LastHourBytes)
	send(totalDataRetained, prometheus.GaugeValue, s.RetainedBytes)
	send(totalStorageBytes, prometheus.GaugeValue, s.StoredBytes)
	send(failedFiles, prometheus.GaugeValue, s.LastImportFailedFiles)
	sendTime := func(d *prometheus.Desc, at time.Time) {
		if !at.IsZero() {
			to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(at.UnixMilli())/1000, s.Store.Name)
		}
	}
	sendTime(newestEvent, s.NewestEvent)
	sendTime(lastGoodImport, s.LastGoodImport)
	if s.Store.BillingMode == engine.ExtendableRetention {
		send(totalPaidStorage, prometheus.GaugeValue, s.ExtendedBytes)
	}
}

// Watch adds the figures of an open lake. Call it once.
func (m *Metrics) Watch(lake *engine.Lake) error {
	if err := m.registry.Register(&lakeCollector{lake}); err != nil {
		return fmt.Errorf("metrics of the lake: %w", err)
	}
	return nil
}
