package exec_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage"
)

// memoryTable is a table in memory that is read in row groups of any size.
type memoryTable struct {
	meta    *metadata.Table
	columns []arrow.Array
	rows    int
}

// memorySource is a catalog and a source of memory tables.
type memorySource struct {
	tables    map[string]*memoryTable
	groupRows int
	// dictionaries makes text columns come dictionary-encoded.
	dictionaries bool

	mu    sync.Mutex // guards reads
	reads []string   // paths read
}

func (s *memorySource) Table(_ context.Context, name string) (*metadata.Table, error) {
	if t, ok := s.tables[strings.ToLower(name)]; ok {
		return t.meta, nil
	}
	return nil, types.Errorf(types.TableNotFound, types.Pos{}, "Table '%s' does not exist", name)
}

func (s *memorySource) Tables(context.Context) ([]*metadata.Table, error) {
	var list []*metadata.Table
	for _, t := range s.tables {
		list = append(list, t.meta)
	}
	return list, nil
}

func (s *memorySource) Open(_ context.Context, t *metadata.Table, _ exec.ScanRequest) (exec.TableScan, error) {
	return &memoryScan{source: s, table: s.tables[strings.ToLower(t.Name)]}, nil
}

type memoryScan struct {
	source *memorySource
	table  *memoryTable
	next   atomic.Int64
}

func (s *memoryScan) Next(context.Context) (exec.RowGroup, error) {
	start := int(s.next.Load())
	if start >= s.table.rows {
		return nil, io.EOF
	}
	g := &memoryGroup{s, start, min(s.table.rows, start+s.source.groupRows)}
	s.next.Store(int64(g.end))
	return g, nil
}

// Stats counts a row as one byte.
func (s *memoryScan) Stats() storage.ScanStats {
	rows := s.next.Load()
	return storage.ScanStats{BytesScanned: rows, EventsScanned: rows}
}

func (s *memoryScan) StatsThrough(ordinal int) storage.ScanStats {
	rows := min(int64(s.table.rows), int64((ordinal+1)*s.source.groupRows))
	return storage.ScanStats{BytesScanned: rows, EventsScanned: rows}
}

func (s *memoryScan) Close() {}

type memoryGroup struct {
	scan       *memoryScan
	start, end int
}

func (g *memoryGroup) Ordinal() int { return g.start / g.scan.source.groupRows }

func (g *memoryGroup) Rows() int { return g.end - g.start }

func (g *memoryGroup) Settled(string) bool { return false }

func (g *memoryGroup) Live(context.Context) ([]int32, error) { return nil, nil }

func (g *memoryGroup) Read(_ context.Context, paths []string, sel []int32) ([]arrow.Array, error) {
	var out []arrow.Array
	for _, path := range paths {
		g.scan.source.mu.Lock()
		g.scan.source.reads = append(g.scan.source.reads, path)
		g.scan.source.mu.Unlock()
		a := array.NewSlice(g.scan.table.column(path), int64(g.start), int64(g.end))
		if sel != nil {
			a = batch.Take(a, sel)
		}
		if a.DataType().ID() == arrow.STRING && g.scan.source.dictionaries {
			a = encoded(a)
		}
		out = append(out, a)
	}
	return out, nil
}

// column finds a column or a field inside one.
func (t *memoryTable) column(path string) arrow.Array {
	for i, c := range t.meta.Columns {
		if c.Name == path {
			return t.columns[i]
		}
		rest, ok := strings.CutPrefix(path, c.Name+".")
		if !ok {
			continue
		}
		a, ty := t.columns[i], c.Type
		for _, step := range strings.Split(rest, ".") {
			for f, field := range ty.Fields {
				if strings.EqualFold(field.Name, step) {
					a, ty = fieldOf(a, f), field.Type
					break
				}
			}
		}
		return a
	}
	panic("no column " + path)
}

func fieldOf(a arrow.Array, f int) arrow.Array {
	index := make([]int32, a.Len())
	for i := range index {
		index[i] = int32(i)
		if a.IsNull(i) {
			index[i] = -1
		}
	}
	return batch.Take(a.(*array.Struct).Field(f), index)
}

// encoded makes a dictionary array of strings.
func encoded(a arrow.Array) arrow.Array {
	values := batch.NewInterner(a.DataType())
	codes := make([]int32, a.Len())
	if err := values.Insert(batch.Vector{Array: a}, a.Len(), codes); err != nil {
		panic(err)
	}
	valid := batch.FullValidity(a.Len())
	for i := range codes {
		if codes[i] == 0 {
			batch.ClearBit(valid, i)
		}
		codes[i] = max(0, codes[i]-1)
	}
	all := values.Values()
	return batch.FromCodes(codes, valid, array.NewSlice(all, 1, int64(all.Len())))
}

// sharedFile finds a file of the material beside the module root.
func sharedFile(t *testing.T, path string) string {
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	file := filepath.Join(dir, "..", "shared", path)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("no recorded answers at %s", file)
	}
	return file
}

// fixtures are the tables of the recorded cases.
func fixtures(t *testing.T) *memorySource {
	text, err := os.ReadFile(sharedFile(t, "data/trino/fixtures.json"))
	require.NoError(t, err)
	var list []struct {
		Table   string
		Columns []struct{ Name, Type string }
		Rows    [][]json.RawMessage
	}
	require.NoError(t, json.Unmarshal(text, &list))
	source := &memorySource{tables: map[string]*memoryTable{}, groupRows: 3}
	for _, f := range list {
		table := &memoryTable{meta: &metadata.Table{Name: f.Table, Rows: int64(len(f.Rows))}, rows: len(f.Rows)}
		for i, c := range f.Columns {
			parsed, err := types.ParseType(c.Type)
			require.NoError(t, err)
			table.meta.Columns = append(table.meta.Columns, metadata.Column{Name: c.Name, Type: parsed})
			values := make([]types.Value, len(f.Rows))
			for r, row := range f.Rows {
				values[r] = valueOf(t, parsed, row[i])
			}
			a, err := function.ArrayOf(parsed, values)
			require.NoError(t, err)
			table.columns = append(table.columns, a)
		}
		source.tables[strings.ToLower(f.Table)] = table
	}
	return source
}

// valueOf reads a value of the recorded protocol.
func valueOf(t *testing.T, ty *types.Type, text json.RawMessage) types.Value {
	if string(text) == "null" {
		return types.Null(ty)
	}
	v := types.Value{Type: ty}
	var s string
	quoted := json.Unmarshal(text, &s) == nil
	switch {
	case ty.Kind == types.Boolean:
		v.V = string(text) == "true"
	case ty.IsInteger():
		var n int64
		require.NoError(t, json.Unmarshal(text, &n))
		v.V = n
	case ty.Kind == types.Double || ty.Kind == types.Real:
		if !quoted {
			s = string(text)
		}
		var f float64
		_, err := fmt.Sscan(s, &f)
		require.NoError(t, err)
		v.V = f
		if ty.Kind == types.Real {
			v.V = float32(f)
		}
	case ty.Kind == types.Decimal:
		n, err := decimal128.FromString(s, int32(ty.Precision), int32(ty.Scale))
		require.NoError(t, err)
		v.V = n
	case ty.Kind == types.Date:
		days, ok := types.ParseDate(s)
		require.True(t, ok)
		v.V = days
	case ty.Kind == types.Timestamp:
		parsed, err := types.ParseTimestamp(s)
		require.NoError(t, err)
		require.Equal(t, ty.Precision, parsed.Type.Precision)
		v.V = parsed.V
	case ty.Kind == types.Varbinary:
		b, err := base64.StdEncoding.DecodeString(s)
		require.NoError(t, err)
		v.V = b
	case ty.Kind == types.Array, ty.Kind == types.Row:
		var items []json.RawMessage
		require.NoError(t, json.Unmarshal(text, &items))
		list := make([]types.Value, len(items))
		for i, item := range items {
			elem := ty.Elem
			if ty.Kind == types.Row {
				elem = ty.Fields[i].Type
			}
			list[i] = valueOf(t, elem, item)
		}
		v.V = list
	case ty.Kind == types.Map:
		v.V = mapOf(t, ty, text)
	default:
		v.V = s
	}
	return v
}

// mapOf reads the entries of a map in the order they are written.
func mapOf(t *testing.T, ty *types.Type, text json.RawMessage) types.MapValue {
	d := json.NewDecoder(bytes.NewReader(text))
	_, err := d.Token()
	require.NoError(t, err)
	m := types.MapValue{}
	for d.More() {
		key, err := d.Token()
		require.NoError(t, err)
		var item json.RawMessage
		require.NoError(t, d.Decode(&item))
		m.Keys = append(m.Keys, types.Value{Type: ty.Key, V: key})
		m.Values = append(m.Values, valueOf(t, ty.Elem, item))
	}
	return m
}
