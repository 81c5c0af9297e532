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

// MapInputs implements Node.
func (n *Values) MapInputs(func(Node) Node) Node { return n }

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

// KeepMade keeps the wanted columns.
func (n *Values) KeepMade(wanted func(*Column) bool) Node {
	var kept []int
	for i, c := range n.Cols {
		if wanted(c) {
			kept = append(kept, i)
		}
	}
	if len(kept) == len(n.Cols) {
		return n
	}
	out := &Values{Rows: make([][]Expr, len(n.Rows))}
	for _, i := range kept {
		out.Cols = append(out.Cols, n.Cols[i])
		for r := range n.Rows {
			out.Rows[r] = append(out.Rows[r], n.Rows[r][i])
		}
	}
	return out
}

// GivesNoRows reports whether there are no rows.
func (n *Values) GivesNoRows() bool { return len(n.Rows) == 0 }

// GuessRows counts the rows.
func (n *Values) GuessRows(func(Node) float64) float64 { return float64(len(n.Rows)) }

// same implements Node. Constant rows are not worth keeping.
func (n *Values) same(Node, Sameness) bool { return false }

func (n *Values) neverSame() {}

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
