package plan

import "strings"

// Sort orders rows.
type Sort struct {
	Input Node
	Keys  []SortKey
}

// SortKey orders by a column.
type SortKey struct {
	Column     *Column
	Descending bool
	NullsFirst bool
}

// Columns implements Node.
func (n *Sort) Columns() []*Column { return n.Input.Columns() }

func (n *Sort) appendColumns(list []*Column) []*Column { return appendColumns(list, n.Input) }

// MapInputs implements Node.
func (n *Sort) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node.
func (n *Sort) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node.
func (n *Sort) MapColumns(f func(*Column) *Column) Node {
	keys, changed := mapSortKeys(n.Keys, f)
	if !changed {
		return n
	}
	c := *n
	c.Keys = keys
	return &c
}

// VisitMade implements Node.
func (n *Sort) VisitMade(func(*Column)) {}

// SplitsBy returns all columns.
func (n *Sort) SplitsBy() func(*Column) bool { return anyColumn }

// GivesNoRows reports whether the input gives none.
func (n *Sort) GivesNoRows() bool { return isEmpty(n.Input) }

func (n *Sort) same(other Node, s Sameness) bool {
	o, ok := other.(*Sort)
	return ok && s.sortKeys(n.Keys, o.Keys)
}

// Describe implements Node.
func (n *Sort) Describe() string { return "Sort " + sortKeys(n.Keys) }

// MapSortKeys returns the keys with f applied to their columns.
func MapSortKeys(keys []SortKey, f func(*Column) *Column) []SortKey {
	mapped, _ := mapSortKeys(keys, f)
	return mapped
}

func mapSortKeys(keys []SortKey, f func(*Column) *Column) ([]SortKey, bool) {
	return mapList(keys, func(k SortKey) SortKey {
		k.Column = f(k.Column)
		return k
	})
}

func sortKeys(keys []SortKey) string {
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = columnName(k.Column) + iff(k.Descending, " DESC") + iff(k.NullsFirst, " NULLS FIRST")
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
