package exec

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage"
)

// Records are the rows of a table without statistics, in the layout of engine/arrowtype, up to batch.Rows rows a
// record. They are safe for concurrent use.
type Records interface {
	Records() int
	Record(i int) (arrow.Record, error)
}

// RecordScan returns a TableScan of records with the given columns. It counts no bytes as scanned: such tables have
// no events.
func RecordScan(columns []metadata.Column, records Records) TableScan {
	return &recordScan{columns: columns, records: records}
}

type recordScan struct {
	columns []metadata.Column
	records Records
	next    atomic.Int64
}

// Next implements TableScan.
func (s *recordScan) Next(context.Context) (RowGroup, error) {
	i := int(s.next.Load())
	if i >= s.records.Records() {
		return nil, io.EOF
	}
	s.next.Add(1)
	record, err := s.records.Record(i)
	if err != nil {
		return nil, err
	}
	return &recordGroup{scan: s, ordinal: i, record: s.present(record)}, nil
}

// present returns a record in today's layout. An older version of the program may have written the record.
func (s *recordScan) present(record arrow.Record) arrow.Record {
	if !slices.ContainsFunc(s.columns, func(c metadata.Column) bool { return arrowtype.HasLong(c.Type) }) {
		return record
	}
	fields, columns := slices.Clone(record.Schema().Fields()), slices.Clone(record.Columns())
	for i, c := range s.columns {
		columns[i] = array.MakeFromData(arrowtype.FromNanos(c.Type, columns[i].Data()))
		fields[i].Type = columns[i].DataType()
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), columns, record.NumRows())
}

// Stats implements TableScan.
func (s *recordScan) Stats() storage.ScanStats { return storage.ScanStats{} }

// StatsThrough implements TableScan.
func (s *recordScan) StatsThrough(int) storage.ScanStats { return storage.ScanStats{} }

// Until implements TableScan.
func (s *recordScan) Until(int64) {}

// Close implements TableScan.
func (s *recordScan) Close() {}

// recordGroup is one record.
type recordGroup struct {
	scan    *recordScan
	ordinal int
	mu      sync.Mutex // guards record, whose arrays count their NULLs on first use
	record  arrow.Record
}

// Ordinal implements RowGroup.
func (g *recordGroup) Ordinal() int { return g.ordinal }

// Position implements RowGroup.
func (g *recordGroup) Position() int64 { return int64(g.ordinal) << 32 }

// Unwanted implements RowGroup.
func (g *recordGroup) Unwanted() bool { return false }

// Rows implements RowGroup.
func (g *recordGroup) Rows() int { return int(g.record.NumRows()) }

// Settled implements RowGroup.
func (g *recordGroup) Settled(string) bool { return false }

// Live implements RowGroup.
func (g *recordGroup) Live(context.Context) ([]int32, error) { return nil, nil }

// Pieces implements RowGroup.
func (g *recordGroup) Pieces(ctx context.Context, path string, sel []int32) iter.Seq2[arrow.Array, error] {
	return storage.InOnePiece(g.Read(ctx, []string{path}, sel))
}

// Read implements RowGroup.
func (g *recordGroup) Read(_ context.Context, paths []string, sel []int32) ([]arrow.Array, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]arrow.Array, len(paths))
	for i, path := range paths {
		a := g.column(path)
		if a == nil {
			return nil, fmt.Errorf("exec: no column %s", path)
		}
		if sel != nil {
			a = batch.Take(a, sel)
		}
		out[i] = a
	}
	return out, nil
}

// column finds a column or a field inside one; nil if there is none.
func (g *recordGroup) column(path string) arrow.Array {
	for i, c := range g.scan.columns {
		if a := member(g.record.Column(i), c.Type, c.Name, path); a != nil {
			return a
		}
	}
	return nil
}

// member finds path in an array called name. Names may contain dots.
func member(a arrow.Array, t *types.Type, name, path string) arrow.Array {
	if path == name {
		return a
	}
	rest, ok := strings.CutPrefix(path, name+".")
	if !ok || t.Kind != types.Row {
		return nil
	}
	for i, f := range t.Fields {
		if found := member(batch.Field(a, i), f.Type, strings.ToLower(f.Name), rest); found != nil {
			return found
		}
	}
	return nil
}
