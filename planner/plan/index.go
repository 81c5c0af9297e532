package plan

import (
	"hash/maphash"
	"maps"
	"math"

	"github.com/auditlake/auditlake/planner/types"
)

// ExprIndex finds an expression that computes the same as another, in the sense of Equal, without comparing it with
// each. The zero value is empty.
type ExprIndex struct {
	list []Expr
	at   map[uint64][]int // positions in list, by hash
	hash exprHash
}

// AddExpr appends e, even if it is there already, and returns its position.
func (x *ExprIndex) AddExpr(e Expr) int {
	if x.at == nil {
		x.at = map[uint64][]int{}
	}
	h := x.hash.of(e)
	x.at[h] = append(x.at[h], len(x.list))
	x.list = append(x.list, e)
	return len(x.list) - 1
}

// Len returns the number of expressions.
func (x *ExprIndex) Len() int { return len(x.list) }

// FindExpr returns the position of the first expression equal to e, -1 if there is none.
func (x *ExprIndex) FindExpr(e Expr) int {
	if len(x.list) == 0 {
		return -1
	}
	for _, i := range x.at[x.hash.of(e)] {
		if Equal(x.list[i], e) {
			return i
		}
	}
	return -1
}

// exprHash gives equal expressions equal hashes. It caches the hashes of expressions with parts, so hashing each
// part of a deep expression stays cheap.
type exprHash struct {
	known map[Expr]uint64
	// column returns the hash of a column; nil: each column equals only itself.
	column func(*Column) uint64
}

var hashSeed = maphash.MakeSeed()

func (h *exprHash) of(e Expr) uint64 { return h.within(e, nil) }

// within returns the hash of e, a part of lambdas whose parameters are params, by ID. Parameters of equal lambdas
// differ in identity, so all parameters hash alike.
func (h *exprHash) within(e Expr, params map[int]bool) uint64 {
	switch e := e.(type) {
	case *Ref:
		switch {
		case params[e.Column.ID]:
			return 7
		case h.column != nil:
			return h.column(e.Column)
		}
		return mixed(1, uint64(e.Column.ID))
	case *Const:
		return valueHash(e.Value)
	}
	known, ok := h.known[e]
	if ok && params == nil {
		return known
	}
	sum := uint64(4)
	inner := params
	switch e := e.(type) {
	case *Call:
		sum = maphash.String(hashSeed, e.Fn.Name)
	case *Special:
		sum = mixed(5, uint64(e.Form))
	case *FieldOf:
		sum = mixed(6, uint64(e.Index))
	case *Lambda:
		sum = mixed(3, uint64(len(e.Params)))
		inner = maps.Clone(params)
		if inner == nil {
			inner = map[int]bool{}
		}
		for _, p := range e.Params {
			inner[p.ID] = true
		}
	}
	for _, c := range Children(e) {
		sum = mixed(sum, h.within(c, inner))
	}
	if params != nil {
		return sum
	}
	if h.known == nil {
		h.known = map[Expr]uint64{}
	}
	h.known[e] = sum
	return sum
}

// valueHash gives equal values equal hashes. All values with parts have the same one.
func valueHash(value types.Value) uint64 {
	switch v := value.V.(type) {
	case string:
		return maphash.String(hashSeed, v)
	case int64:
		return mixed(2, uint64(v))
	case float64:
		return mixed(2, math.Float64bits(v+0)) // -0 equals 0
	case nil, float32, []types.Value, types.MapValue:
		return 2
	}
	return maphash.String(hashSeed, value.String())
}

func mixed(sum, part uint64) uint64 {
	sum = (sum ^ part) * 0x9E3779B97F4A7C15
	return sum ^ sum>>29
}
