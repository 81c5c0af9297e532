package plan

import (
	"slices"
	"strings"
)

// SetKind names a set operation.
type SetKind uint8

// The set operations. Union with Distinct unset is UNION ALL.
const (
	Union SetKind = iota
	Intersect
	Except
)

// SetOp combines inputs column by column.
type SetOp struct {
	Kind     SetKind
	Distinct bool
	Cols     []*Column // output
	From     []Node
	Map      [][]*Column // Map[i][j]: column of From[i] that feeds Cols[j]
}

// Columns implements Node.
func (n *SetOp) Columns() []*Column { return n.Cols }

// MapInputs implements Node.
func (n *SetOp) MapInputs(f func(Node) Node) Node {
	inputs, changed := mapList(n.From, f)
	if !changed {
		return n
	}
	c := *n
	c.From = inputs
	return &c
}

// MapExprs implements Node.
func (n *SetOp) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node.
func (n *SetOp) MapColumns(f func(*Column) *Column) Node {
	inputs, changed := mapParts(n.Map, func(from []*Column) ([]*Column, bool) { return mapList(from, f) })
	if !changed {
		return n
	}
	c := *n
	c.Map = inputs
	return &c
}

// VisitMade implements Node.
func (n *SetOp) VisitMade(visit func(*Column)) {
	visitAll(n.Cols, visit)
}

// KeepMade keeps the wanted columns of UNION ALL: the other operations compare all.
func (n *SetOp) KeepMade(wanted func(*Column) bool) Node {
	if n.Kind != Union || n.Distinct {
		return n
	}
	c := *n
	c.Cols, c.Map = nil, make([][]*Column, len(n.Map))
	for j, column := range n.Cols {
		if !wanted(column) {
			continue
		}
		c.Cols = append(c.Cols, column)
		for i := range n.Map {
			c.Map[i] = append(c.Map[i], n.Map[i][j])
		}
	}
	if len(c.Cols) == len(n.Cols) {
		return n
	}
	return &c
}

func (n *SetOp) same(other Node, s Sameness) bool {
	o, ok := other.(*SetOp)
	return ok && n.Kind == o.Kind && n.Distinct == o.Distinct && slices.EqualFunc(n.Map, o.Map, s.columns) && s.noteAll(n.Cols, o.Cols)
}

// Describe implements Node.
func (n *SetOp) Describe() string {
	name := map[SetKind]string{Union: "Union", Intersect: "Intersect", Except: "Except"}[n.Kind]
	inputs := make([]string, len(n.Map))
	for i, m := range n.Map {
		inputs[i] = columnNames(m)
	}
	return name + iff(n.Distinct, " distinct") + " " + columnNames(n.Cols) + " := " + strings.Join(inputs, ", ")
}
