// Package parquet reads Parquet files that people bring, row by row, as values
// of Trino types. Every size is checked before memory is taken for it, values
// are read one at a time, and damage is an error.
package parquet

import (
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/auditlake/auditlake/planner/types"
)

// Limits of what a file may hold.
const (
	maxFooterBytes = 32 << 20
	maxHeaderBytes = 8 << 20 // of a page's head
	maxElements    = 20_000  // of the schema
	maxSchemaDepth = 64
	maxPageBytes   = 64 << 20
	maxWindowBytes = 64 << 20  // of zstd
	maxHeldBytes   = 256 << 20 // of pages and dictionaries at once
	maxValueBytes  = 16 << 20
	maxRowBytes    = 64 << 20 // of a row's values, about
)

// valueBytes is what a value takes beside its text.
const valueBytes = 48

var (
	errTooLong   = fmt.Errorf("a value has more than %d bytes", maxValueBytes)
	errRowTooBig = fmt.Errorf("a row has more than %d bytes", maxRowBytes)
)

// Column is a column of a file.
type Column struct {
	Name string
	Type *types.Type
}

// File is an open file. It is not for several goroutines at once.
type File struct {
	reader  io.ReaderAt
	size    int64
	footer  *footer
	columns []*node
	leaves  []leafType
	wanted  []int // columns that rows have

	group    int // the next row group
	rows     int64
	open     []*column // by leaf; nil where no column is wanted
	held     int64     // bytes of pages and dictionaries
	rowBytes int64
}

// Open reads the metadata of a file of size bytes.
func Open(reader io.ReaderAt, size int64) (*File, error) {
	if bits.UintSize < 64 && size > 1<<31-1 {
		return nil, errors.New("the file is too large for this machine")
	}
	f := &File{reader: reader, size: size}
	var err error
	if f.footer, err = readFooter(reader, size); err != nil {
		return nil, err
	}
	tree := &schemaTree{rest: f.footer.schema}
	if f.columns, err = tree.readRoot(); err != nil {
		return nil, err
	}
	f.leaves = tree.leaves
	f.open = make([]*column, len(f.leaves))
	for i := range f.columns {
		f.wanted = append(f.wanted, i)
	}
	return f, nil
}

// Columns are the file's columns.
func (f *File) Columns() []Column {
	out := make([]Column, len(f.columns))
	for i, n := range f.columns {
		out[i] = Column{Name: n.name, Type: n.t}
	}
	return out
}

// Select makes rows have only some of the columns, in any order. It comes before
// the first NextRow.
func (f *File) Select(columns []int) { f.wanted = columns }

// NextRow returns the values of the next row, io.EOF at the end.
func (f *File) NextRow() ([]types.Value, error) {
	for f.rows == 0 {
		if err := f.closeGroup(); err != nil {
			return nil, err
		}
		if f.group == len(f.footer.groups) {
			return nil, io.EOF
		}
		if err := f.openGroup(); err != nil {
			return nil, err
		}
	}
	f.rows--
	f.rowBytes = 0
	row := make([]types.Value, len(f.wanted))
	for i, at := range f.wanted {
		v, err := f.readValue(f.columns[at])
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", f.columns[at].name, err)
		}
		row[i] = v
	}
	for _, c := range f.open {
		if c != nil && c.rep != 0 {
			return nil, errors.New("the file is damaged: a row has values that belong to none of its arrays")
		}
	}
	return row, nil
}

// closeGroup drops the columns of the row group that was read.
func (f *File) closeGroup() error {
	for i, c := range f.open {
		if c == nil {
			continue
		}
		if !c.ended {
			return errors.New("the file is damaged: a column has more values than its row group")
		}
		c.close()
		f.open[i] = nil
	}
	return nil
}

func (f *File) openGroup() error {
	g := f.footer.groups[f.group]
	f.group++
	if len(g.chunks) != len(f.leaves) {
		return errors.New("the file is damaged: a row group and the schema differ in their number of columns")
	}
	f.rows = g.rows
	if f.rows == 0 {
		return nil
	}
	for _, at := range f.wanted {
		for leaf := f.columns[at].leaves[0]; leaf < f.columns[at].leaves[1]; leaf++ {
			if f.open[leaf] != nil {
				continue
			}
			c, err := f.openColumn(g.chunks[leaf], f.leaves[leaf], g.rows)
			if err == nil {
				err = c.advance()
			}
			if err != nil {
				return fmt.Errorf("column %s: %w", f.columns[at].name, err)
			}
			f.open[leaf] = c
		}
	}
	return nil
}

// readValue reads the value of a node that the levels of its leaves say is next.
func (f *File) readValue(n *node) (types.Value, error) {
	if n.leaf >= 0 {
		v, err := f.open[n.leaf].take()
		return types.Value{Type: n.t, V: v}, err
	}
	if f.rowBytes += valueBytes; f.rowBytes > maxRowBytes {
		return types.Value{}, errRowTooBig
	}
	first := f.open[n.leaves[0]]
	if first.def < n.maxDef {
		return types.Null(n.t), f.skipNull(n)
	}
	if n.itemDef == 0 {
		fields := make([]types.Value, len(n.parts))
		for i, part := range n.parts {
			var err error
			if fields[i], err = f.readValue(part); err != nil {
				return types.Value{}, err
			}
		}
		return types.Value{Type: n.t, V: fields}, nil
	}
	return f.readItems(n, first)
}

// skipNull reads over the place that each leaf below has for a value which is not
// there, or for an array without items.
func (f *File) skipNull(n *node) error {
	for leaf := n.leaves[0]; leaf < n.leaves[1]; leaf++ {
		c := f.open[leaf]
		if c.def == c.leaf.maxDef {
			return errors.New("the file is damaged: columns of one value differ in whether it is NULL")
		}
		if _, err := c.take(); err != nil {
			return err
		}
	}
	return nil
}

// readItems reads the items of an array or a map.
func (f *File) readItems(n *node, first *column) (types.Value, error) {
	lists := make([][]types.Value, len(n.parts))
	for i := range lists {
		lists[i] = []types.Value{}
	}
	if first.def < n.itemDef {
		if err := f.skipNull(n); err != nil {
			return types.Value{}, err
		}
	} else {
		for more := true; more; more = first.rep == n.itemRep {
			for i, part := range n.parts {
				v, err := f.readValue(part)
				if err != nil {
					return types.Value{}, err
				}
				lists[i] = append(lists[i], v)
			}
			if f.rowBytes += valueBytes; f.rowBytes > maxRowBytes {
				return types.Value{}, errRowTooBig
			}
		}
	}
	if len(lists) == 1 {
		return types.Value{Type: n.t, V: lists[0]}, nil
	}
	for _, key := range lists[0] {
		if key.IsNull() {
			return types.Value{}, errors.New("a map has a key that is NULL")
		}
	}
	return types.Value{Type: n.t, V: types.MapValue{Keys: lists[0], Values: lists[1]}}, nil
}
