package storage

import (
	"context"
	"io"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/storage/predicate"
)

// ScanRequest says what to read of a store.
type ScanRequest struct {
	StoreID string
	// Horizon is the retention horizon: rows with an eventtime before it do not exist.
	Horizon time.Time
	// Where lets the scan leave out data in which no row can match. Bounds of timestamp columns are
	// milliseconds since 1970 UTC.
	Where predicate.Predicate
	// Columns are the paths that may be read, such as "useridentity.arn"; only Estimate needs them.
	Columns []string
	// FilterColumns are those of Columns that are read for every row of every row group left.
	FilterColumns []string
}

// Estimate is an interval that holds the bytes scanned of a full run of a scan.
type Estimate struct{ LowBytes, HighBytes int64 }

// ScanStats tells what a scan left out and read.
type ScanStats struct {
	PartitionsTotal, PartitionsPruned int64 // days
	SegmentsTotal, SegmentsPruned     int64
	RowGroupsTotal, RowGroupsPruned   int64 // of the segments that were not pruned, as far as the scan has come
	BytesScanned                      int64 // the distinct stored bytes needed: blocks, row indexes, bloom filters
	BytesRead                         int64 // physically read from files
	BytesStored                       int64 // of all segments of the store
	EventsScanned                     int64 // rows of the row groups read
}

// Scan visits the row groups of a store that a predicate leaves. Next must not be called by several
// goroutines at once; the row groups it gave out may be read concurrently with it and each other.
type Scan struct{}

// Scan starts a scan: days and segments are pruned from the manifest, which is free of charge.
func (s *Snapshot) Scan(req ScanRequest) (*Scan, error) { return &Scan{}, nil }

// Estimate tells between which bounds the bytes scanned will lie when all row groups are visited.
// What it reads itself is not counted.
func (s *Snapshot) Estimate(ctx context.Context, req ScanRequest) (Estimate, error) {
	return Estimate{}, nil
}

// Next gives the next row group in scan order: day, segment, stripe, row group. io.EOF: there is none.
func (sc *Scan) Next(ctx context.Context) (*RowGroup, error) { return nil, io.EOF }

// Stats tells what was done so far.
func (sc *Scan) Stats() ScanStats { return ScanStats{} }

// StatsThrough is Stats as if the scan had ended with the row group of this ordinal: for a query that
// stops early, while workers had gone ahead.
func (sc *Scan) StatsThrough(ordinal int) ScanStats { return ScanStats{} }

// RowGroup is a run of at most 8192 rows, the unit of reading.
type RowGroup struct{}

// Ordinal numbers the row groups that a scan gives out from 0, in scan order.
func (g *RowGroup) Ordinal() int { return 0 }

// Rows is the number of rows, those behind the horizon included.
func (g *RowGroup) Rows() int { return 0 }

// Live gives the rows within the horizon, ascending; nil: all. It reads eventtime only where
// statistics leave it open.
func (g *RowGroup) Live(ctx context.Context) ([]int32, error) { return nil, nil }

// Read decodes columns and struct fields, such as "useridentity.arn", for the rows in sel (ascending,
// nil: all): one array of len(sel) rows per path. Text may come as Dictionary(int32, utf8). A field of
// a NULL struct is NULL. eventjsonchecksum is computed from eventjson.
func (g *RowGroup) Read(ctx context.Context, paths []string, sel []int32) ([]arrow.Array, error) {
	return nil, nil
}
