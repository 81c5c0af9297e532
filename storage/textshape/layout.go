package textshape

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/storage/schema"
)

// kind is how a column holds a member's value.
type kind uint8

const (
	otherKind kind = iota // never taken from its column
	textKind
	flagKind
	momentKind
	mapKind
	rowKind
	rowsKind
)

// node is a column, a field of a row, or the element of a list.
type node struct {
	kind     kind
	at       int     // its values in Rows
	children []*node // the fields of a row, or the element of a list
	members  members // of a row
}

// Layout maps the members of a table's records to its columns. It is immutable.
type Layout struct {
	columns []*node // by stored column
	members members
	nodes   int
}

// NewLayout makes the layout of a table.
func NewLayout(table *schema.Table) *Layout {
	l := &Layout{}
	stored := table.Stored()
	l.columns, l.members = l.fields(stored)
	return l
}

func (l *Layout) fields(columns []schema.Column) ([]*node, members) {
	nodes := make([]*node, len(columns))
	var m members
	for i, c := range columns {
		nodes[i] = l.node(c.Type, c.Fields)
		if c.JSONKey != "" {
			m.addMember(member{key: c.JSONKey, lower: c.Name, node: nodes[i]})
		}
	}
	return nodes, m
}

func (l *Layout) node(typ arrow.DataType, fields []schema.Column) *node {
	n := &node{at: l.nodes}
	l.nodes++
	switch typ := typ.(type) {
	case *arrow.StringType:
		n.kind = textKind
	case *arrow.BooleanType:
		n.kind = flagKind
	case *arrow.TimestampType:
		n.kind = momentKind
	case *arrow.MapType:
		n.kind = mapKind
	case *arrow.StructType:
		n.kind = rowKind
		n.children, n.members = l.fields(fields)
	case *arrow.ListType:
		if typ.Elem().ID() == arrow.STRUCT {
			n.kind = rowsKind
			n.children = []*node{l.node(typ.Elem(), fields)}
		}
	}
	return n
}

// members maps the names of an object's members to nodes.
type members struct {
	byLength [][]member
}

type member struct {
	key, lower string
	node       *node
}

func (m *members) addMember(one member) {
	for len(m.byLength) <= len(one.key) {
		m.byLength = append(m.byLength, nil)
	}
	m.byLength[len(one.key)] = append(m.byLength[len(one.key)], one)
}

// find takes a name as in the text, in any letter case; nil if it has no node.
func (m *members) find(name []byte) *node {
	if len(name) >= len(m.byLength) {
		return nil
	}
	candidates := m.byLength[len(name)]
	for i := range candidates {
		if candidates[i].key == string(name) {
			return candidates[i].node
		}
	}
	for i := range candidates {
		if strings.EqualFold(candidates[i].lower, string(name)) {
			return candidates[i].node
		}
	}
	return nil
}
