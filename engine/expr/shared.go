package expr

import (
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
)

// sharedParts finds the parts that several expressions have in common. These are computed once for the rows of a
// batch.
type sharedParts struct {
	seen  plan.ExprIndex
	times []int   // occurrences of each part of seen, not counting those inside a shared part
	slots []*part // by position in seen
	count int     // the number of slots in use
}

// part is a node that occurs in several places. If it is evaluated for all rows of a batch it caches its value,
// which later places then use.
type part struct {
	node node
	slot int
}

// noteParts counts the parts of e. It does not descend into a part seen before, because the parts inside are
// computed with it. It reports whether e is deterministic and without lambdas, and whether it reads a column.
func (s *sharedParts) noteParts(e plan.Expr) (isFixed, reads bool) {
	if at := s.find(e); at >= 0 {
		s.times[at]++
		return true, true
	}
	switch e := e.(type) {
	case *plan.Ref:
		return true, true
	case *plan.Lambda:
		return false, true
	case *plan.Call:
		isFixed = !e.Fn.NonDeterministic
	default:
		isFixed = true
	}
	for _, child := range plan.Children(e) {
		childFixed, childReads := s.noteParts(child)
		isFixed, reads = isFixed && childFixed, reads || childReads
	}
	if isFixed && reads && isPart(e) {
		s.seen.AddExpr(e)
		s.times = append(s.times, 1)
	}
	return isFixed, reads
}

// find returns the position of e among the parts seen, -1 if it is not one.
func (s *sharedParts) find(e plan.Expr) int {
	if !isPart(e) {
		return -1
	}
	return s.seen.FindExpr(e)
}

// timesOf returns how often e occurs in the expressions.
func (s *sharedParts) timesOf(e plan.Expr) int {
	if s == nil {
		return 1
	}
	if at := s.find(e); at >= 0 {
		return s.times[at]
	}
	return 1
}

// isPart reports whether computing e takes more than reading a column.
func isPart(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Call, *plan.Cast, *plan.Special:
		return true
	case *plan.FieldOf:
		return isPart(e.Arg)
	}
	return false
}

// partOf returns the shared part for e, nil if e occurs only once.
func (s *sharedParts) partOf(e plan.Expr) *part {
	if s == nil {
		return nil
	}
	at := s.find(e)
	if at < 0 || s.times[at] < 2 {
		return nil
	}
	if s.slots == nil {
		s.slots = make([]*part, s.seen.Len())
	}
	if s.slots[at] == nil {
		s.slots[at] = &part{slot: s.count}
		s.count++
	}
	return s.slots[at]
}

func (n *part) eval(f *frame) (batch.Vector, error) {
	if v, ok := n.kept(f); ok {
		return v, nil
	}
	if root := f.root; root != nil && root.parts[n.slot].Array != nil {
		return batch.Vector{Array: f.env.Take(root.parts[n.slot].Array, f.rootRows)}, nil
	}
	v, err := n.node.eval(f)
	if err != nil {
		return v, err
	}
	return v, n.keep(f, v)
}

// kept returns the part's cached value if it is valid for the rows of f.
func (n *part) kept(f *frame) (v batch.Vector, ok bool) {
	if f.root == nil {
		return v, false
	}
	v = f.root.parts[n.slot]
	return v, v.Array != nil && (f == f.root.frame || v.Const)
}

// keep caches v if f is the root frame, that is, if v covers every row of the batch.
func (n *part) keep(f *frame, v batch.Vector) error {
	if f.root == nil || f != f.root.frame {
		return nil
	}
	if err := f.root.kept.Grow(batch.HeldBytes(v.Array)); err != nil {
		return err
	}
	f.root.parts[n.slot] = v
	return nil
}

// rootParts caches the values of parts for all rows of a frame.
type rootParts struct {
	frame *frame
	parts []batch.Vector // by slot
	kept  *memory.Meter  // accounts for parts
}

// shareParts makes f, a frame of all live rows, cache the values of count parts. The caller closes f.
func (f *frame) shareParts(count int) {
	if count == 0 {
		return
	}
	f.root = &rootParts{frame: f, parts: make([]batch.Vector, count)}
	if f.env != nil && f.env.Memory != nil {
		f.root.kept = f.env.Memory.Meter(f.env.Limits.MaxValueBytes)
	}
}

// close releases the memory of the parts of f.
func (f *frame) close() {
	if f.root != nil {
		f.root.kept.Close()
	}
}
