package conformance

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/systemtable"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/predicate"
)

// Table is a table in memory.
type Table struct {
	Meta    *metadata.Table
	Columns []arrow.Array
	Rows    int
}

// Source is a catalog and a source of tables in memory, by lower-case name,
// which are read in row groups of GroupRows rows.
type Source struct {
	Tables map[string]*Table
	// GroupRows is the number of rows of a row group.
	GroupRows int
	// Dictionaries makes text columns come dictionary-encoded.
	Dictionaries bool
	// Reversed makes the last row come first.
	Reversed bool
	// Prune leaves out the row groups that a scan's predicate lets be left out.
	Prune bool

	mu    sync.Mutex // guards reads
	reads []string   // paths read
}

// Catalog is the planner's view of the tables.
func (s *Source) Catalog() metadata.Catalog { return catalog{s.Tables} }

type catalog struct{ tables map[string]*Table }

func (c catalog) Table(_ context.Context, name string) (*metadata.Table, error) {
	if t, ok := c.tables[strings.ToLower(name)]; ok {
		return t.Meta, nil
	}
	return nil, types.Errorf(types.TableNotFound, types.Pos{}, "Table '%s' does not exist", name)
}

func (c catalog) Tables(context.Context) ([]*metadata.Table, error) {
	var list []*metadata.Table
	for _, t := range c.tables {
		list = append(list, t.Meta)
	}
	slices.SortFunc(list, func(a, b *metadata.Table) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// Open implements exec.Source.
func (s *Source) Open(_ context.Context, t *metadata.Table, request exec.ScanRequest) (exec.TableScan, error) {
	return &scan{source: s, table: s.Tables[strings.ToLower(t.Name)], where: request.Where}, nil
}

// ReadsOf counts the row groups of which a column or field was read.
func (s *Source) ReadsOf(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, read := range s.reads {
		if read == path {
			n++
		}
	}
	return n
}

type scan struct {
	source *Source
	table  *Table
	where  predicate.Predicate
	next   atomic.Int64
}

func (s *scan) Next(context.Context) (exec.RowGroup, error) {
	for {
		start := int(s.next.Load())
		if start >= s.table.Rows {
			return nil, io.EOF
		}
		g := &group{s, start, min(s.table.Rows, start+s.source.GroupRows)}
		s.next.Store(int64(g.end))
		if !s.source.Prune || s.source.Reversed || s.table.mayMatch(s.where, g.start, g.end) {
			return g, nil
		}
	}
}

// Stats counts a row as one byte.
func (s *scan) Stats() storage.ScanStats {
	rows := s.next.Load()
	return storage.ScanStats{BytesScanned: rows, EventsScanned: rows}
}

func (s *scan) StatsThrough(ordinal int) storage.ScanStats {
	rows := min(int64(s.table.Rows), int64((ordinal+1)*s.source.GroupRows))
	return storage.ScanStats{BytesScanned: rows, EventsScanned: rows}
}

func (s *scan) Close() {}

type group struct {
	scan       *scan
	start, end int
}

func (g *group) Ordinal() int { return g.start / g.scan.source.GroupRows }

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
		if a.DataType().ID() == arrow.STRING && s.Dictionaries {
			a = encoded(a)
		}
		out = append(out, a)
	}
	return out, nil
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

// column finds a column or a field inside one.
func (t *Table) column(path string) arrow.Array {
	for i, c := range t.Meta.Columns {
		if c.Name == path {
			return t.Columns[i]
		}
		rest, ok := strings.CutPrefix(path, c.Name+".")
		if !ok {
			continue
		}
		a, ty := t.Columns[i], c.Type
		for _, step := range strings.Split(rest, ".") {
			if m, isMap := a.(*array.Map); isMap {
				return arrowdata.KeysOf(m)
			}
			f := slices.IndexFunc(ty.Fields, func(f types.Field) bool { return strings.EqualFold(f.Name, step) })
			a, ty = batch.Field(a, f), ty.Fields[f].Type
		}
		return a
	}
	panic("no column " + path)
}

// encoded makes a dictionary array of strings.
func encoded(a arrow.Array) arrow.Array {
	values := batch.NewInterner(a.DataType())
	codes := make([]int32, a.Len())
	if err := values.Insert(batch.Vector{Array: a}, a.Len(), codes); err != nil {
		panic(err)
	}
	valid := arrowdata.FullValidity(a.Len())
	for i := range codes {
		if codes[i] == 0 {
			arrowdata.ClearBit(valid, i)
		}
		codes[i] = max(0, codes[i]-1)
	}
	all := values.Values()
	return batch.FromCodes(codes, valid, array.NewSlice(all, 1, int64(all.Len())))
}

// SystemCatalogs implements metadata.SystemTables.
func (c catalog) SystemCatalogs() []string { return systemtable.Catalogs() }

// SystemSchemas implements metadata.SystemTables.
func (c catalog) SystemSchemas(name string) []metadata.SystemSchema {
	return systemtable.Schemas(name, Session().Catalog)
}

// SystemTable implements metadata.SystemTables.
func (c catalog) SystemTable(ctx context.Context, in, schema, name string) (*metadata.SystemTable, error) {
	tables, err := c.Tables(ctx)
	if err != nil {
		return nil, err
	}
	return systemtable.Lake{Catalog: Session().Catalog, Schema: Session().Schema, Tables: tables}.Find(in, schema, name)
}
