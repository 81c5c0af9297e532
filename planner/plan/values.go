package plan

import (
	"fmt"
	"strings"
)

// Values gives constant rows.
type Values struct {
	Cols []*Column
	Rows [][]Expr // constants or expressions without columns
}

// Columns implements Node.
func (n *Values) Columns() []*Column { return n.Cols }

// Inputs implements Node.
func (n *Values) Inputs() []Node { return nil }

// WithInputs implements Node.
func (n *Values) WithInputs([]Node) Node { return n }

// MapExprs implements Node.
func (n *Values) MapExprs(f func(Expr) Expr) Node {
	rows, changed := mapParts(n.Rows, func(row []Expr) ([]Expr, bool) { return mapList(row, f) })
	if !changed {
		return n
	}
	return &Values{Cols: n.Cols, Rows: rows}
}

// MapColumns implements Node.
func (n *Values) MapColumns(func(*Column) *Column) Node { return n }

// VisitMade implements Node.
func (n *Values) VisitMade(visit func(*Column)) {
	visitAll(n.Cols, visit)
}

// same implements Node. Rows that are constants are not worth keeping.
func (n *Values) same(Node, Sameness) bool { return false }

// Describe implements Node.
func (n *Values) Describe() string {
	rows := make([]string, 0, len(n.Rows))
	for i, row := range n.Rows {
		if i == maxPrintedRows {
			rows = append(rows, fmt.Sprintf("… %d rows", len(n.Rows)))
			break
		}
		rows = append(rows, "("+formatExprs(row)+")")
	}
	return "Values " + columnNames(n.Cols) + " " + strings.Join(rows, ", ")
}

const maxPrintedRows = 10
