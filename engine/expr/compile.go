package expr

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// Compile returns an evaluator of e for batches in which column layout[id] is the plan's column id. env is passed
// to every kernel. A reference to a column outside layout, or a function that no library resolved, is an error.
func Compile(e plan.Expr, layout map[int]int, env *function.Env) (Evaluator, error) {
	list, err := CompileList([]plan.Expr{e}, layout, env)
	if err != nil {
		return nil, err
	}
	return list.items[0], nil
}

// CompileList is Compile for several expressions over the same batches. Parts that they have in common are computed
// once for a batch.
func CompileList(expressions []plan.Expr, layout map[int]int, env *function.Env) (*List, error) {
	c := &compiler{layout: layout, shared: &sharedParts{}, env: env}
	for _, e := range expressions {
		c.shared.noteParts(e)
		c.extractions.noteExtractions(e)
	}
	list := &List{env: env, items: make([]*evaluator, len(expressions))}
	for i, e := range expressions {
		root, err := c.compile(e)
		if err != nil {
			return nil, err
		}
		out := &evaluator{root: root, returns: arrowtype.Of(e.Type()), conjuncts: []node{root}, env: env}
		if and, ok := root.(*andOr); ok && and.stopAt == batch.False {
			out.conjuncts = and.args
		}
		list.items[i] = out
	}
	for _, item := range list.items {
		item.parts = c.shared.count
	}
	list.parts = c.shared.count
	return list, nil
}

// CompileLambda compiles a lambda that captures nothing, as aggregate functions take them.
func CompileLambda(l *plan.Lambda) (function.Lambda, error) {
	c := &compiler{}
	n, err := c.lambda(l)
	if err != nil {
		return nil, err
	}
	return n.bind(&frame{levels: []level{{}}}), nil
}

// compiler turns plan expressions into nodes. scopes holds the parameters of the enclosing lambdas, outermost
// first.
type compiler struct {
	layout map[int]int
	scopes [][]*plan.Column
	shared *sharedParts // nil in a lambda that captures nothing
	// extractions are the calls that read a JSON text together, once for several paths.
	extractions extractions
	env         *function.Env // of the statement, for values that are computed once; may be nil
	// isInOfColumn: the current expression is inside an ofColumn.
	isInOfColumn bool
	reads        map[plan.Expr]reads // results of readsOf
	// shallowest is the lowest level that a reference has used since it was last set.
	shallowest int
}

func (c *compiler) compile(e plan.Expr) (node, error) {
	if len(c.scopes) > 0 {
		return c.compileWhole(e)
	}
	p := c.shared.partOf(e)
	if p == nil {
		return c.compileWhole(e)
	}
	var err error
	if p.node == nil {
		p.node, err = c.compileWhole(e)
	}
	return p, err
}

// compileWhole compiles e as if it occurred only once.
func (c *compiler) compileWhole(e plan.Expr) (node, error) {
	if n, err := c.ofColumn(e); n != nil || err != nil {
		return n, err
	}
	if n, err := c.ofColumns(e); n != nil || err != nil {
		return n, err
	}
	switch e := e.(type) {
	case *plan.Ref:
		n, err := c.ref(e)
		if err != nil {
			return nil, err
		}
		return n, nil
	case *plan.Const:
		v, err := function.Constant(e.Value)
		return &constant{v}, err
	case *plan.Call:
		for _, fused := range []func(*plan.Call) (node, error){c.piece, c.parsedMember} {
			if n, err := fused(e); n != nil || err != nil {
				return n, err
			}
		}
		n, err := c.call(e.Fn, e.Args)
		if err != nil {
			return nil, err
		}
		n.pos = e.Pos
		if found, err := c.search(e, n); found != nil || err != nil {
			return found, err
		}
		if x, err := c.extraction(e, n); x != nil || err != nil {
			return x, err
		}
		return n, nil
	case *plan.Cast:
		n, err := c.call(e.Fn, []plan.Expr{e.Arg})
		if err != nil {
			return nil, err
		}
		return c.castConstants(n), nil
	case *plan.Special:
		return c.special(e)
	case *plan.FieldOf:
		arg, err := c.compile(e.Arg)
		return &fieldOf{arg: arg, index: e.Index}, err
	}
	return nil, fmt.Errorf("expr: %T cannot be computed", e)
}

func (c *compiler) compileAll(list []plan.Expr) ([]node, error) {
	out := make([]node, len(list))
	for i, e := range list {
		var err error
		if out[i], err = c.compile(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *compiler) ref(e *plan.Ref) (*ref, error) {
	for depth := len(c.scopes); depth > 0; depth-- {
		for i, p := range c.scopes[depth-1] {
			if p.ID == e.Column.ID {
				c.shallowest = min(c.shallowest, depth)
				return &ref{depth, i}, nil
			}
		}
	}
	i, ok := c.layout[e.Column.ID]
	if !ok {
		return nil, types.Errorf(types.GenericInternalError, types.Pos{}, "the plan reads column %s (#%d), which its input does not give", e.Column.Name, e.Column.ID)
	}
	c.shallowest = 0
	return &ref{0, i}, nil
}

func (c *compiler) call(fn *types.Resolved, args []plan.Expr) (*call, error) {
	if fn.Name == types.OpConcat {
		fn, args = c.flatConcat(fn, args)
	}
	impl, ok := fn.Impl.(*function.Impl)
	if !ok {
		return nil, fmt.Errorf("expr: %s is no scalar function", fn.Name)
	}
	n := &call{fn: fn, impl: impl, returns: arrowtype.Of(fn.Return), args: make([]node, len(args)),
		fixed: make([]bool, len(args))}
	for i, a := range args {
		if l, ok := a.(*plan.Lambda); ok {
			lambda, err := c.lambda(l)
			if err != nil {
				return nil, err
			}
			n.lambdas = append(n.lambdas, boundAt{i, lambda})
			continue
		}
		arg, err := c.compile(a)
		if err != nil {
			return nil, err
		}
		n.args[i] = arg
		_, n.fixed[i] = arg.(*constant)
	}
	n.chain = newChain(n)
	return n, nil
}

// flatConcat merges nested concatenations of texts or bytes into one, so that no text is copied twice.
// Concatenations that occur elsewhere too are not merged.
func (c *compiler) flatConcat(fn *types.Resolved, args []plan.Expr) (*types.Resolved, []plan.Expr) {
	flat := &types.Resolved{Signature: fn.Signature, Return: fn.Return, Impl: fn.Impl}
	var all []plan.Expr
	var take func(fn *types.Resolved, args []plan.Expr)
	take = func(fn *types.Resolved, args []plan.Expr) {
		for i, arg := range args {
			if inner, ok := arg.(*plan.Call); ok && isJoinable(fn, inner.Fn) && c.shared.timesOf(inner) == 1 {
				take(inner.Fn, inner.Args)
				continue
			}
			flat.Args, all = append(flat.Args, fn.Args[i]), append(all, arg)
		}
	}
	take(fn, args)
	return flat, all
}

// isJoinable reports whether fn can concatenate the arguments of inner, also a concatenation, with the same result.
// That excludes char, whose values are padded, and concatenations of a single value, which fail.
func isJoinable(fn, inner *types.Resolved) bool {
	return inner.Name == types.OpConcat && (fn.Return.Kind == types.Varchar || fn.Return.Kind == types.Varbinary) && fn.Return.Equal(inner.Return) &&
		len(fn.Args) > 1 && len(inner.Args) > 1
}

// lambda compiles a lambda one level below the current expression.
func (c *compiler) lambda(l *plan.Lambda) (*lambda, error) {
	outside := c.shallowest
	c.scopes = append(c.scopes, l.Params)
	depth := len(c.scopes)
	c.shallowest = depth
	body, err := c.compile(l.Body)
	captures := c.shallowest < depth
	c.scopes = c.scopes[:depth-1]
	c.shallowest = min(outside, c.shallowest)
	return &lambda{body: body, returns: arrowtype.Of(l.Body.Type()), captures: captures}, err
}

func (c *compiler) special(e *plan.Special) (node, error) {
	switch e.Form {
	case plan.In:
		return c.in(e)
	case plan.Try:
		arg, err := c.compileWhole(e.Args[0])
		return newTry(arg, arrowtype.Of(e.Type())), err
	case plan.IsNull:
		if n, err := c.nullOfAll(e.Args[0]); n != nil || err != nil {
			return n, err
		}
	}
	args, err := c.compileAll(e.Args)
	if err != nil {
		return nil, err
	}
	t := e.Type()
	dt := arrowtype.Of(t)
	switch e.Form {
	case plan.And:
		return &andOr{args: flatten(args, batch.False), stopAt: batch.False}, nil
	case plan.Or:
		return &andOr{args: flatten(args, batch.True), stopAt: batch.True}, nil
	case plan.Not:
		return &not{args[0]}, nil
	case plan.If, plan.Case:
		return settled{newCase(args, dt)}, nil
	case plan.Coalesce:
		return settled{&coalesce{args: args, returns: dt}}, nil
	case plan.NullIf:
		return settled{&nullIf{args[0], args[1], e.Args[0].Type()}}, nil
	case plan.IsNull:
		return &isNull{args[0]}, nil
	case plan.MakeRow:
		return settled{&makeRow{args, dt.(*arrow.StructType)}}, nil
	case plan.MakeArray:
		return settled{&makeArray{args, arrowtype.Of(t.Elem)}}, nil
	}
	return nil, fmt.Errorf("expr: form %d cannot be computed", e.Form)
}

// settled accounts only the result of a node as held.
type settled struct{ node }

func (n settled) eval(f *frame) (batch.Vector, error) {
	held := f.env.Held()
	v, err := n.node.eval(f)
	if err != nil {
		return v, err
	}
	return v, f.env.SettleResult(held, v)
}

// flatten joins nested conjunctions (or disjunctions) into one list.
func flatten(args []node, stopAt batch.Truth) []node {
	var out []node
	for _, a := range args {
		if inner, ok := a.(*andOr); ok && inner.stopAt == stopAt {
			out = append(out, inner.args...)
			continue
		}
		out = append(out, a)
	}
	return out
}

// ref reads a column of the batch (depth 0) or a lambda parameter.
type ref struct{ depth, index int }

func (n *ref) eval(f *frame) (batch.Vector, error) { return f.column(n.depth, n.index), nil }

type constant struct{ value batch.Vector }

func (n *constant) eval(*frame) (batch.Vector, error) { return n.value, nil }
