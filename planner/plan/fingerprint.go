package plan

import (
	"hash/maphash"
	"reflect"
)

// Fingerprints finds parts of a plan that may be the same in the sense of SamePlans, without comparing each with
// all others: parts that are the same have the same fingerprint.
type Fingerprints struct {
	columns map[int]uint64 // by ID: a hash of the column's content, independent of its ID
	exprs   exprHash
}

// NewFingerprints returns the fingerprints of a plan's parts.
func NewFingerprints() *Fingerprints {
	f := &Fingerprints{columns: map[int]uint64{}}
	f.exprs.column = func(c *Column) uint64 { return f.columns[c.ID] } // parameters of lambdas: 0
	return f
}

// OfNode returns the fingerprint of n. inputs are the fingerprints of its inputs, which must have been computed
// before.
func (f *Fingerprints) OfNode(n Node, inputs []uint64) uint64 {
	if s, ok := n.(*Scan); ok {
		return f.ofScan(s)
	}
	sum := maphash.String(hashSeed, reflect.TypeOf(n).Elem().Name())
	for _, input := range inputs {
		sum = mixed(sum, input)
	}
	VisitColumns(n, func(c *Column) { sum = mixed(sum, f.columns[c.ID]) })
	VisitExprs(n, func(e Expr) { sum = mixed(sum, f.exprs.of(e)) })
	made := uint64(0)
	n.VisitMade(func(c *Column) {
		made++
		f.columns[c.ID] = mixed(sum, made)
	})
	return sum
}

// ofScan returns the fingerprint of a scan. Its columns may be in any order.
func (f *Fingerprints) ofScan(n *Scan) uint64 {
	sum := maphash.String(hashSeed, n.Table.Name)
	all := uint64(0)
	for _, c := range n.Cols {
		own := mixed(sum, maphash.String(hashSeed, c.PathText()))
		f.columns[c.Column.ID] = own
		all += own
	}
	sum = mixed(sum, all)
	if n.Filter != nil {
		sum = mixed(sum, f.exprs.of(n.Filter))
	}
	return sum
}

// ShapeOf returns a hash that is the same for two nodes that differ only in columns that one of them lacks. inputs
// are the shapes of n's inputs. Projections are left out, as they may only choose columns. OfNode must have been
// called for n before.
func (f *Fingerprints) ShapeOf(n Node, inputs []uint64) uint64 {
	sum := maphash.String(hashSeed, reflect.TypeOf(n).Elem().Name())
	switch n := n.(type) {
	case *Scan:
		sum = maphash.String(hashSeed, n.Table.Name)
		if n.Filter != nil {
			sum = mixed(sum, f.exprs.of(n.Filter))
		}
	case *Project:
		return inputs[0]
	case *Aggregate:
		sum = mixed(sum, uint64(len(n.Keys)))
	case *Join:
		sum = mixed(mixed(sum, uint64(n.Kind)), uint64(len(n.Equal)))
	}
	for _, input := range inputs {
		sum = mixed(sum, input)
	}
	return sum
}
