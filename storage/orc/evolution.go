package orc

import (
	"fmt"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// idAttribute is the type attribute with the field id of a column, which stays when it is renamed.
const idAttribute = "iceberg.id"

// missingColumn is the id of a column that a file lacks: all its values are NULL.
const missingColumn = -2

// Columns are the columns that a caller wants from files of other writers, or of other versions of this program. It
// is safe for concurrent use; make it once for all files.
type Columns struct {
	root   *column
	schema *arrow.Schema

	mu     sync.Mutex
	byTree map[*typeTree]*typeTree // mu; trees of files matched to these columns, at most maxKnownTrees
}

// NewColumns makes Columns of the fields of a schema. attributes returns the type attributes of the column at a
// path, as a Writer stores them; "iceberg.id" is the field id. It may be nil.
func NewColumns(schema *arrow.Schema, attributes func(path string) map[string]string) (*Columns, error) {
	root, err := columnsOf(schema, attributes)
	if err != nil {
		return nil, err
	}
	return &Columns{root: root, schema: schema, byTree: map[*typeTree]*typeTree{}}, nil
}

// As returns a reader of the same file with the wanted columns instead of the file's.
//
// A column or field matches by its field id. Failing that, the one without a field id that has its name matches;
// letter case decides only between several. List elements, map keys and values match by position. A column that the
// file lacks is NULL and costs nothing. Values of a narrower type are widened: integers, float to double.
// Timestamps are rounded down to the wanted unit. If the file has another type, reading the column is an
// *UnsupportedError.
func (r *Reader) As(wanted *Columns) *Reader {
	wanted.mu.Lock()
	defer wanted.mu.Unlock()
	tree := wanted.byTree[r.tree]
	if tree == nil {
		root := &column{id: r.tree.root.id, kind: r.tree.root.kind, dataType: r.tree.root.dataType}
		root.matchFields(wanted.root, r.tree.root)
		tree = &typeTree{root: root, schema: wanted.schema, count: r.tree.count}
		if len(wanted.byTree) >= maxKnownTrees {
			clear(wanted.byTree)
		}
		wanted.byTree[r.tree] = tree
	}
	view := *r
	view.tree = tree
	return &view
}

// matchFields sets the fields of a struct to the wanted ones, matched with those of the file's struct.
func (c *column) matchFields(wanted, stored *column) {
	for _, field := range wanted.children {
		c.children = append(c.children, field.matched(c, stored.fieldLike(field)))
	}
}

// fieldLike finds the field that matches a wanted one, nil if there is none.
func (c *column) fieldLike(wanted *column) *column {
	id := wanted.attributes[idAttribute]
	var alike *column
	for _, field := range c.children {
		own := field.attributes[idAttribute]
		switch {
		case id != "" && own != "":
			if own == id {
				return field
			}
		case field.name == wanted.name:
			alike = field
		case alike == nil && strings.EqualFold(field.name, wanted.name):
			alike = field
		}
	}
	return alike
}

// matched is a wanted column under parent that reads the stored one, NULL if that is nil.
func (c *column) matched(parent, stored *column) *column {
	m := &column{id: missingColumn, kind: c.kind, name: c.name, path: c.path, dataType: c.dataType, attributes: c.attributes, parent: parent}
	m.mismatch = parent.mismatch
	if stored != nil && !c.canHold(stored) {
		m.mismatch = fmt.Sprintf("reading column %s of type %s as %s", c.path, strings.ToLower(stored.kind.String()), c.dataType)
		stored = nil
	}
	if stored == nil {
		for _, child := range c.children {
			m.children = append(m.children, child.matched(m, nil))
		}
		return m
	}
	m.id, m.kind = stored.id, stored.kind
	if c.kind == orcpb.Type_STRUCT {
		m.matchFields(c, stored)
		return m
	}
	for i, child := range c.children {
		m.children = append(m.children, child.matched(m, stored.children[i]))
	}
	return m
}

// canHold reports whether the values of a stored column can be read as the wanted type.
func (c *column) canHold(stored *column) bool {
	if c.kind == stored.kind {
		return c.kind != orcpb.Type_DECIMAL || arrow.TypeEqual(c.dataType, stored.dataType)
	}
	switch c.kind {
	case orcpb.Type_SHORT, orcpb.Type_INT, orcpb.Type_LONG:
		return stored.kind >= orcpb.Type_BYTE && stored.kind < c.kind
	case orcpb.Type_DOUBLE:
		return stored.kind == orcpb.Type_FLOAT
	case orcpb.Type_STRING:
		return stored.isText()
	}
	return false
}

// isMissing reports whether the file lacks the column, or has one of another type.
func (c *column) isMissing() bool { return c.id == missingColumn }

// readsNothing reports whether the column is NULL in all rows, whatever the file holds.
func (c *column) readsNothing() bool {
	if !c.isMissing() {
		return false
	}
	for p := c.parent; p != nil; p = p.parent {
		if !p.isMissing() && p.kind != orcpb.Type_STRUCT {
			return false
		}
	}
	return true
}

// absent describes a missing column.
func (c *column) absent() Statistics { return Statistics{Known: c.mismatch == "", HasNull: true} }

// nullReader reads a missing column.
type nullReader struct{ dataType arrow.DataType }

func (nullReader) seek(int) error { return nil }

func (nullReader) skip(int) error { return nil }

func (r nullReader) read(w rowWindow) (arrow.ArrayData, error) {
	n := w.n
	if w.sel != nil {
		n = len(w.sel)
	}
	return array.MakeArrayOfNull(memory.DefaultAllocator, r.dataType, n).Data(), nil
}
