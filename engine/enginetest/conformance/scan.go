package conformance

import (
	"cmp"
	"context"
	"io"
	"iter"
	"math"
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/predicate"
)

// scan visits the row groups of a table, as a scan of a store would.
type scan struct {
	source *Source
	table  *Table
	where  predicate.Predicate
	groups []*group // in the order of the request
	order  storage.Order
	next   atomic.Int64 // index in groups
	until  atomic.Int64 // the least reach that is wanted
}

func newScan(source *Source, table *Table, request exec.ScanRequest) *scan {
	s := &scan{source: source, table: table, where: request.Where, order: request.Order}
	s.until.Store(math.MinInt64)
	for start := 0; start < table.Rows; start += source.GroupRows {
		s.groups = append(s.groups, s.newGroup(start))
	}
	slices.SortStableFunc(s.groups, func(a, b *group) int { return cmp.Compare(b.reach, a.reach) })
	for i, g := range s.groups {
		g.ordinal = i
	}
	return s
}

func (s *scan) newGroup(start int) *group {
	g := &group{scan: s, start: start, end: min(s.table.Rows, start+s.source.GroupRows)}
	if s.order == storage.InScanOrder {
		return g
	}
	times := g.slice(s.table.column("eventtime")).(*array.Timestamp)
	g.reach = math.MinInt64
	for i := range times.Len() {
		g.reach = max(g.reach, s.reachOf(int64(times.Value(i))))
	}
	return g
}

func (s *scan) reachOf(millis int64) int64 {
	if s.order == storage.OldestFirst {
		return -millis
	}
	return millis
}

func (s *scan) Next(context.Context) (exec.RowGroup, error) {
	for {
		i := int(s.next.Load())
		if i == len(s.groups) || s.groups[i].Unwanted() {
			return nil, io.EOF
		}
		s.next.Add(1)
		g := s.groups[i]
		if !s.source.Prune || s.source.Reversed || s.table.mayMatch(s.where, g.start, g.end) {
			return g, nil
		}
	}
}

// Until implements exec.TableScan.
func (s *scan) Until(millis int64) { s.until.Store(s.reachOf(millis)) }

// Stats counts a row as one byte.
func (s *scan) Stats() storage.ScanStats { return s.StatsThrough(int(s.next.Load()) - 1) }

func (s *scan) StatsThrough(ordinal int) storage.ScanStats {
	rows := int64(0)
	for _, g := range s.groups[:ordinal+1] {
		rows += int64(g.Rows())
	}
	return storage.ScanStats{BytesScanned: rows, EventsScanned: rows}
}

func (s *scan) Close() {}

type group struct {
	scan       *scan
	ordinal    int
	start, end int
	reach      int64
}

func (g *group) Ordinal() int { return g.ordinal }

func (g *group) Position() int64 { return int64(g.start) }

func (g *group) Unwanted() bool { return g.reach < g.scan.until.Load() }

func (g *group) Rows() int { return g.end - g.start }

// Settled implements exec.RowGroup: there are no statistics.
func (g *group) Settled(string) bool { return false }

func (g *group) Live(context.Context) ([]int32, error) { return nil, nil }

func (g *group) Read(_ context.Context, paths []string, sel []int32) ([]arrow.Array, error) {
	s := g.scan.source
	out := make([]arrow.Array, 0, len(paths))
	for _, path := range paths {
		s.mu.Lock()
		s.reads = append(s.reads, path)
		s.mu.Unlock()
		column, keys := cutKeys(path)
		a := g.slice(g.scan.table.column(column))
		if keys != nil {
			a = entriesOf(a, keys)
		}
		if sel != nil {
			a = batch.Take(a, sel)
		}
		if s.Dictionaries {
			a = encoded(a, false)
		}
		out = append(out, a)
	}
	return out, nil
}

// pieceRows is how many rows Pieces gives at once.
const pieceRows = 3

// Pieces implements exec.RowGroup: texts that are kept beyond their time change.
func (g *group) Pieces(ctx context.Context, path string, sel []int32) iter.Seq2[arrow.Array, error] {
	return func(yield func(arrow.Array, error) bool) {
		columns, err := g.Read(ctx, []string{path}, sel)
		if err != nil {
			yield(nil, err)
			return
		}
		for row := 0; row < columns[0].Len(); row += pieceRows {
			rows := make([]int32, min(pieceRows, columns[0].Len()-row))
			for i := range rows {
				rows[i] = int32(row + i)
			}
			piece := batch.Take(columns[0], rows)
			if !yield(piece, nil) {
				return
			}
			if texts, ok := piece.(*array.String); ok && texts.Data().Buffers()[2] != nil {
				clear(texts.Data().Buffers()[2].Bytes())
			}
		}
	}
}

func (g *group) slice(column arrow.Array) arrow.Array {
	if !g.scan.source.Reversed {
		return array.NewSlice(column, int64(g.start), int64(g.end))
	}
	rows := make([]int32, g.Rows())
	for i := range rows {
		rows[i] = int32(g.scan.table.Rows - 1 - g.start - i)
	}
	return batch.Take(column, rows)
}
