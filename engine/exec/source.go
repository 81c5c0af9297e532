package exec

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/predicate"
)

// Source opens tables. The engine implements it over a snapshot of stores and over reference tables.
type Source interface {
	// Open starts a scan. Where is a hint: the scan may also return rows outside it.
	Open(ctx context.Context, table *metadata.Table, request ScanRequest) (TableScan, error)
}

// ScanRequest says what is read from a table.
type ScanRequest struct {
	Where predicate.Predicate
	// Columns are the paths that may be read, such as "useridentity.arn". FilterColumns are those of them that are
	// read for every row group that is not pruned.
	Columns, FilterColumns []string
	// SettledColumns are those of Columns that are not read in row groups that lie in their domain of Where.
	SettledColumns []string
	// RuntimeColumns are those of Columns by which Where may prune when the scan starts, if it does not yet.
	RuntimeColumns []string
	// Order is a hint like Where. A scan that follows it marks row groups as unwanted.
	Order storage.Order
	// Count is called for segments that need not be read, see storage.ScanRequest; nil: all are read.
	Count func(storage.CountedRows) bool
}

// TableScan visits the row groups of a table. One goroutine calls Next; others may meanwhile read its row groups
// and statistics.
type TableScan interface {
	// Next returns the next row group in scan order, io.EOF at the end.
	Next(ctx context.Context) (RowGroup, error)
	// Stats returns what was done so far. StatsThrough returns the same as if the scan had ended with the row group
	// of this ordinal (-1: before the first).
	Stats() storage.ScanStats
	StatsThrough(ordinal int) storage.ScanStats
	// Until declares rows beyond an eventtime, in milliseconds, unwanted, see storage.Scan.
	Until(millis int64)
	// Close frees what the scan holds; statistics stay.
	Close()
}

// RowGroup is the unit of reading, about batch.Rows rows. Its methods are those of storage.RowGroup.
type RowGroup interface {
	Ordinal() int
	Position() int64
	Unwanted() bool
	Rows() int
	Settled(path string) bool
	Live(ctx context.Context) ([]int32, error)
	Read(ctx context.Context, paths []string, sel []int32) ([]arrow.Array, error)
	Pieces(ctx context.Context, path string, sel []int32) iter.Seq2[arrow.Array, error]
}

// StoreScan makes a TableScan from a scan of an event data store.
func StoreScan(scan *storage.Scan) TableScan { return storeScan{scan} }

type storeScan struct{ scan *storage.Scan }

func (s storeScan) Next(ctx context.Context) (RowGroup, error) {
	g, err := s.scan.Next(ctx)
	if err != nil {
		return nil, err
	}
	return g, nil
}

func (s storeScan) Stats() storage.ScanStats { return s.scan.Stats() }

func (s storeScan) StatsThrough(ordinal int) storage.ScanStats { return s.scan.StatsThrough(ordinal) }

func (s storeScan) Until(millis int64) { s.scan.Until(millis) }

func (s storeScan) Close() {}
