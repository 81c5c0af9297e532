package query

import (
	"encoding/json"
	"time"

	"github.com/auditlake/auditlake/storage"
)

// Stats are the work and cost of a query.
type Stats struct {
	Rows    int64 // of the answer, so far
	Elapsed time.Duration
	// EventsScanned are the rows of the row groups read, EventsMatched those left after the scans' filters.
	EventsScanned, EventsMatched int64
	// BytesScanned is what the query is charged for: a function of the snapshot, the plan and the query's instant.
	// BytesRead is what was physically read.
	BytesScanned, BytesRead int64
	// FreeBytes is the part of BytesScanned that costs nothing: the activity store's.
	FreeBytes       int64
	BytesStored     int64   // of the queried stores, each once
	Price           float64 // USD, an estimate of the managed service's price
	PeakMemoryBytes int64
	SpilledBytes    int64
	Pruned          Pruned
	// TimeNote gives the times of a store's first and last event if the statement's time range excludes all its
	// events and nothing was found.
	TimeNote string
}

// Pruned says what a query could skip.
type Pruned struct {
	Partitions      int64 `json:"partitions"`
	PartitionsTotal int64 `json:"partitionsTotal"`
	Segments        int64 `json:"segments"`
	SegmentsTotal   int64 `json:"segmentsTotal"`
	RowGroups       int64 `json:"rowGroups"`
	RowGroupsTotal  int64 `json:"rowGroupsTotal"`
}

func prunedOf(s storage.ScanStats) Pruned {
	return Pruned{
		Partitions: s.PartitionsPruned, PartitionsTotal: s.PartitionsTotal,
		Segments: s.SegmentsPruned, SegmentsTotal: s.SegmentsTotal,
		RowGroups: s.RowGroupsPruned, RowGroupsTotal: s.RowGroupsTotal,
	}
}

// MarshalJSON formats the statistics for --stats-file.
func (s Stats) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Rows            int64   `json:"rows"`
		ElapsedMillis   int64   `json:"elapsedMillis"`
		EventsScanned   int64   `json:"eventsScanned"`
		EventsMatched   int64   `json:"eventsMatched"`
		BytesScanned    int64   `json:"bytesScanned"`
		BytesRead       int64   `json:"bytesRead"`
		BytesStored     int64   `json:"bytesStored"`
		Price           float64 `json:"price"`
		PeakMemoryBytes int64   `json:"peakMemoryBytes"`
		SpilledBytes    int64   `json:"spilledBytes"`
		Pruned          Pruned  `json:"pruned"`
		TimeNote        string  `json:"timeNote,omitempty"`
	}{
		s.Rows, s.Elapsed.Milliseconds(), s.EventsScanned, s.EventsMatched, s.BytesScanned, s.BytesRead, s.BytesStored,
		s.Price, s.PeakMemoryBytes, s.SpilledBytes, s.Pruned, s.TimeNote,
	})
}
