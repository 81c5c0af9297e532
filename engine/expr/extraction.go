package expr

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// extractions are the calls of json_extract_scalar with constant paths that expressions have, by their text.
type extractions []*extractionGroup

// extractionGroup is several paths of one text: who asks for the value of one for all rows of a batch gets those of all of them, as reading the text is most of the work.
type extractionGroup struct {
	text  plan.Expr
	names []string // of paths
	paths *function.ScalarPaths
	arg   node  // nil: not compiled yet
	slots []int // of the root's parts, by path
}

// extraction is one call of a group.
type extraction struct {
	node  // computes it alone
	group *extractionGroup
	path  int
}

// noteExtractions finds the calls that are computed whenever e is.
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
		if text, path, ok := extractedBy(e); ok {
			x.add(text, path)
		}
	}
	for _, child := range plan.Children(e) {
		x.noteExtractions(child)
	}
}

// extractedBy returns the text and the path of a call of json_extract_scalar.
func extractedBy(e *plan.Call) (text plan.Expr, path string, ok bool) {
	if e.Fn.Name != "json_extract_scalar" || e.Args[0].Type().Kind != types.Varchar || !plan.IsDeterministic(e.Args[0]) {
		return nil, "", false
	}
	c, isConst := e.Args[1].(*plan.Const)
	if !isConst {
		return nil, "", false
	}
	path, ok = c.Value.V.(string)
	return e.Args[0], path, ok
}

func (x *extractions) add(text plan.Expr, path string) {
	if _, ok := function.NewScalarPaths([]string{path}); !ok {
		return
	}
	g := x.of(text)
	if g == nil {
		g = &extractionGroup{text: text}
		*x = append(*x, g)
	}
	if !slices.Contains(g.names, path) {
		g.names = append(g.names, path)
	}
}

// of returns the group of a text, nil if there is none.
func (x extractions) of(text plan.Expr) *extractionGroup {
	for _, g := range x {
		if plan.Equal(g.text, text) {
			return g
		}
	}
	return nil
}

// extraction makes the node of a call that has alone as its own; nil where the call is in no group of several.
func (c *compiler) extraction(e *plan.Call, alone node) (node, error) {
	text, path, ok := extractedBy(e)
	if !ok || len(c.scopes) > 0 {
		return nil, nil
	}
	g := c.extractions.of(text)
	if g == nil || len(g.names) < 2 || !slices.Contains(g.names, path) {
		return nil, nil
	}
	if g.arg == nil {
		var err error
		if g.arg, err = c.compile(text); err != nil {
			return nil, err
		}
		g.paths, _ = function.NewScalarPaths(g.names)
		for range g.names {
			g.slots = append(g.slots, c.shared.count)
			c.shared.count++
		}
	}
	return &extraction{node: alone, group: g, path: slices.Index(g.names, path)}, nil
}

func (n *extraction) eval(f *frame) (batch.Vector, error) {
	if f.root == nil || f != f.root.frame {
		return n.node.eval(f)
	}
	g := n.group
	if v := f.root.parts[g.slots[n.path]]; v.Array != nil {
		return v, nil
	}
	texts, err := g.arg.eval(f)
	if err != nil {
		return batch.Vector{}, err
	}
	if _, isPlain := texts.Array.(*array.String); !isPlain || texts.Const {
		return n.node.eval(f) // which reads each text of a dictionary once
	}
	held := f.env.Held()
	values, err := g.paths.Extract(f.env, texts, f.rows)
	if err != nil {
		return batch.Vector{}, err
	}
	for path, v := range values {
		if err := f.root.kept.Grow(batch.HeldBytes(v.Array)); err != nil {
			return batch.Vector{}, err
		}
		f.root.parts[g.slots[path]] = v
	}
	return values[n.path], f.env.SettleResult(held, values[n.path])
}
