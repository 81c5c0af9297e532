package expr

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// extractions are the groups of calls that read values at constant paths of the same text.
type extractions []*extractionGroup

// extractionGroup is several calls over one text. Evaluating one of them for all rows of a batch computes all of
// them, as reading the text is most of the work.
type extractionGroup struct {
	text   plan.Expr
	kind   extractionKind
	calls  []*plan.Call // no two are equal
	reader textReader
	arg    node  // nil: not compiled yet
	slots  []int // in the root's parts, by call
}

// extractionKind says which calls are read together.
type extractionKind int

const (
	noExtraction   extractionKind = iota
	scalarByMember                // json_extract_scalar
	sqlPath                       // SQL/JSON functions of members
)

// textReader computes each call of a group for a column of texts that is not constant. It returns the results by
// call.
type textReader interface {
	Extract(env *function.Env, texts batch.Vector, rows int) ([]batch.Vector, error)
}

// extraction is one call of a group.
type extraction struct {
	node  // computes this call alone
	group *extractionGroup
	place int
}

// noteExtractions collects the calls that are computed whenever e is.
func (x *extractions) noteExtractions(e plan.Expr) {
	switch e := e.(type) {
	case *plan.Lambda:
		return
	case *plan.Special:
		if e.Form != plan.Not && e.Form != plan.IsNull && e.Form != plan.MakeRow && e.Form != plan.MakeArray {
			x.noteExtractions(e.Args[0])
			return
		}
	case *plan.Call:
		if kind := extractionOf(e); kind != noExtraction {
			x.add(kind, e)
		}
	}
	for _, child := range plan.Children(e) {
		x.noteExtractions(child)
	}
}

// extractionOf returns the kind of calls, over the same first argument, with which a call is read.
func extractionOf(e *plan.Call) extractionKind {
	if len(e.Args) < 2 || e.Args[0].Type().Kind != types.Varchar || !plan.IsDeterministic(e.Args[0]) {
		return noExtraction
	}
	for _, arg := range e.Args[1:] {
		if _, isConst := arg.(*plan.Const); !isConst {
			return noExtraction
		}
	}
	text, isText := e.Args[1].(*plan.Const).Value.V.(string)
	switch {
	case !isText:
		return noExtraction
	case e.Fn.Name == "json_extract_scalar":
		if _, ok := function.NewScalarPaths([]string{text}); ok {
			return scalarByMember
		}
	case function.IsOfMembers(e.Fn.Name, text):
		return sqlPath
	}
	return noExtraction
}

func (x *extractions) add(kind extractionKind, e *plan.Call) {
	g := x.of(kind, e.Args[0])
	if g == nil {
		g = &extractionGroup{text: e.Args[0], kind: kind}
		*x = append(*x, g)
	}
	if g.place(e) < 0 {
		g.calls = append(g.calls, e)
	}
}

// of returns the group of a text, nil if there is none.
func (x extractions) of(kind extractionKind, text plan.Expr) *extractionGroup {
	for _, g := range x {
		if g.kind == kind && plan.Equal(g.text, text) {
			return g
		}
	}
	return nil
}

// place returns the position of a call in its group, -1 if it is not in it.
func (g *extractionGroup) place(e *plan.Call) int {
	return slices.IndexFunc(g.calls, func(c *plan.Call) bool { return plan.Equal(c, e) })
}

// newReader returns a reader for the group's texts.
func (g *extractionGroup) newReader() (textReader, error) {
	if g.kind == scalarByMember {
		var paths []string
		for _, c := range g.calls {
			paths = append(paths, c.Args[1].(*plan.Const).Value.V.(string))
		}
		reader, _ := function.NewScalarPaths(paths)
		return reader, nil
	}
	var calls []*types.Resolved
	rest := make([][]batch.Vector, len(g.calls))
	for i, c := range g.calls {
		calls = append(calls, c.Fn)
		for _, arg := range c.Args[1:] {
			v, err := function.Constant(arg.(*plan.Const).Value)
			if err != nil {
				return nil, err
			}
			rest[i] = append(rest[i], v)
		}
	}
	return function.NewSQLPaths(calls, rest)
}

// extraction returns the node of a call in a group of several; alone computes it by itself. Else it returns nil.
func (c *compiler) extraction(e *plan.Call, alone node) (node, error) {
	kind := extractionOf(e)
	if kind == noExtraction || len(c.scopes) > 0 {
		return nil, nil
	}
	g := c.extractions.of(kind, e.Args[0])
	if g == nil || len(g.calls) < 2 || g.place(e) < 0 {
		return nil, nil
	}
	if g.arg == nil {
		var err error
		if g.reader, err = g.newReader(); err != nil {
			return nil, err
		}
		if g.arg, err = c.compile(g.text); err != nil {
			return nil, err
		}
		for range g.calls {
			g.slots = append(g.slots, c.shared.count)
			c.shared.count++
		}
	}
	return &extraction{node: alone, group: g, place: g.place(e)}, nil
}

func (n *extraction) eval(f *frame) (batch.Vector, error) {
	if f.root == nil || f != f.root.frame {
		return n.node.eval(f)
	}
	g := n.group
	if v := f.root.parts[g.slots[n.place]]; v.Array != nil {
		return v, nil
	}
	texts, err := g.arg.eval(f)
	if err != nil {
		return batch.Vector{}, err
	}
	if _, isPlain := texts.Array.(*array.String); !isPlain || texts.Const {
		return n.node.eval(f) // it reads each text of a dictionary once
	}
	held := f.env.Held()
	values, err := g.reader.Extract(f.env, texts, f.rows)
	if err != nil {
		return batch.Vector{}, err
	}
	for place, v := range values {
		if err := f.root.kept.Grow(batch.HeldBytes(v.Array)); err != nil {
			return batch.Vector{}, err
		}
		f.root.parts[g.slots[place]] = v
	}
	return values[n.place], f.env.SettleResult(held, values[n.place])
}
