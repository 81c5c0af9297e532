package expr

import (
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
)

// sharedParts finds the parts that some expressions have in common, which are
// computed once for the rows of a batch.
type sharedParts struct {
	seen  plan.ExprIndex
	times []int   // how often a part of seen stands in the expressions, outside of one that is shared itself
	slots []*part // by position in seen
	count int     // of slots that are used
}

// part is a node that several places of expressions have. Where all rows of a
// batch are asked for it keeps what it gives, from which later places take it.
type part struct {
	node node
	slot int
}

// noteParts counts the parts of e. A part seen before is not looked into: what
// it holds is computed with it. It reports whether e gives the same each time,
// for which lambdas do not count, and whether it reads a column.
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

// find returns the position of e among the parts seen, -1 if it is none.
func (s *sharedParts) find(e plan.Expr) int {
	if !isPart(e) {
		return -1
	}
	return s.seen.FindExpr(e)
}

// timesOf returns how often e stands in the expressions.
func (s *sharedParts) timesOf(e plan.Expr) int {
	if s == nil {
		return 1
	}
	if at := s.find(e); at >= 0 {
		return s.times[at]
	}
	return 1
}

// isPart reports whether e takes more than a look at a column.
func isPart(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Call, *plan.Cast, *plan.Special:
		return true
	case *plan.FieldOf:
		return isPart(e.Arg)
	}
	return false
}

// partOf returns the part that e is, nil if it stands in one place.
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

// kept returns what the part gave before, if that is for the rows of f.
func (n *part) kept(f *frame) (v batch.Vector, ok bool) {
	if f.root == nil {
		return v, false
	}
	v = f.root.parts[n.slot]
	return v, v.Array != nil && (f == f.root.frame || v.Const)
}

// keep notes what the part gives for the rows of f if those are all of its root's.
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

// rootParts is what the parts gave for all rows of a frame.
type rootParts struct {
	frame *frame
	parts []batch.Vector // by slot
	kept  *memory.Meter  // holds them
}

// shareParts makes f, a frame of all rows asked for, keep what count parts give. The
// caller closes it.
func (f *frame) shareParts(count int) {
	if count == 0 {
		return
	}
	f.root = &rootParts{frame: f, parts: make([]batch.Vector, count)}
	if f.env != nil && f.env.Memory != nil {
		f.root.kept = f.env.Memory.Meter(f.env.Limits.MaxValueBytes)
	}
}

// close gives back what the parts of f held.
func (f *frame) close() {
	if f.root != nil {
		f.root.kept.Close()
	}
}
