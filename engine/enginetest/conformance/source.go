package conformance

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/systemtable"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
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
	// Dictionaries makes text columns come dictionary-encoded, and the texts in lists.
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
	return newScan(s, s.Tables[strings.ToLower(t.Name)], request), nil
}

// ReadsOf counts the row groups that were read of a column or field.
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

// encoded makes dictionary arrays of strings and of those in lists, as segments give them.
func encoded(a arrow.Array, isInList bool) arrow.Array {
	switch x := a.(type) {
	case *array.String:
		return encodedTexts(a)
	case *array.List:
		offsets, elements := batch.Lists(x)
		return batch.FromLists(offsets, arrowdata.Validity(x), encoded(elements, true))
	case *array.Map:
		offsets, keys, values := batch.Maps(x)
		if keys.DataType().ID() == arrow.STRING {
			keys = encodedTexts(keys)
		}
		return batch.FromMaps(offsets, arrowdata.Validity(x), keys, values)
	case *array.Struct:
		if !isInList {
			return a
		}
		fields := batch.Fields(x)
		for i, f := range fields {
			fields[i] = encoded(f, true)
		}
		return batch.FromFields(x.DataType().(*arrow.StructType), x.Len(), arrowdata.Validity(x), fields)
	}
	return a
}

func encodedTexts(a arrow.Array) arrow.Array {
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
