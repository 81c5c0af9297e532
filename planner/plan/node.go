package plan

import "slices"

// Node is a step of a plan that produces rows of Columns(). A node is immutable: a method that changes one returns
// a copy, or the node itself.
type Node interface {
	Columns() []*Column
	// MapInputs calls f with each input, in order, and returns the node over the inputs that f returns: the node
	// itself if f changes none.
	MapInputs(f func(Node) Node) Node
	// MapExprs returns the node with f applied to each expression that the node itself evaluates; the node itself
	// if f changes none.
	MapExprs(f func(Expr) Expr) Node
	// MapColumns returns the node with f applied to every column that the node names outside its expressions: keys,
	// orders, arguments. Columns that it makes stay. If f changes none it returns the node itself.
	MapColumns(f func(*Column) *Column) Node
	// VisitMade visits the columns that the node makes: those of Columns that no input has, and those that only its
	// own expressions or conditions read.
	VisitMade(visit func(*Column))
	// Describe returns the node in one line: its name, then what it does.
	Describe() string
	// same reports whether the node does the same as another one, given that their inputs are the same, and notes
	// which columns of the two correspond. Nodes with a method neverSame are never the same.
	same(other Node, s Sameness) bool
}

// Inputs lists the inputs of n. Walks over whole plans use MapInputs, which allocates no list per node.
func Inputs(n Node) []Node {
	var list []Node
	n.MapInputs(func(input Node) Node {
		list = append(list, input)
		return input
	})
	return list
}

// VisitExprs visits the expressions that n itself evaluates, not those of its inputs. Columns that n reads directly
// (keys, sort columns) are not among them.
func VisitExprs(n Node, visit func(Expr)) {
	n.MapExprs(func(e Expr) Expr {
		visit(e)
		return e
	})
}

// VisitColumns visits the columns that n names outside its expressions.
func VisitColumns(n Node, visit func(*Column)) {
	n.MapColumns(func(c *Column) *Column {
		visit(c)
		return c
	})
}

// mapParts returns list with f applied to each part, and whether f changed any. If not, it returns list itself.
func mapParts[T any](list []T, f func(T) (T, bool)) ([]T, bool) {
	out := list
	changed := false
	for i, part := range list {
		mapped, other := f(part)
		if !other {
			continue
		}
		if !changed {
			out, changed = slices.Clone(list), true
		}
		out[i] = mapped
	}
	return out, changed
}

// mapList is mapParts for parts that can be compared.
func mapList[T comparable](list []T, f func(T) T) ([]T, bool) {
	return mapParts(list, func(part T) (T, bool) {
		mapped := f(part)
		return mapped, mapped != part
	})
}

// appendColumns appends the columns of n. For a long chain of nodes it avoids a list per node.
func appendColumns(list []*Column, n Node) []*Column {
	if a, ok := n.(interface {
		appendColumns(list []*Column) []*Column
	}); ok {
		return a.appendColumns(list)
	}
	return append(list, n.Columns()...)
}

func visitAll(columns []*Column, visit func(*Column)) {
	for _, c := range columns {
		visit(c)
	}
}

// keepParts returns the parts to keep: list itself if all are.
func keepParts[T any](list []T, keep func(T) bool) []T {
	for i, part := range list {
		if keep(part) {
			continue
		}
		kept := slices.Clone(list[:i])
		for _, other := range list[i+1:] {
			if keep(other) {
				kept = append(kept, other)
			}
		}
		return kept
	}
	return list
}
