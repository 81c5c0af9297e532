package exec

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

func (b *builder) aggregate(n *plan.Aggregate, input Operator, columns []*plan.Column) (Operator, []*plan.Column, error) {
	node := n
	n = byNumber(n)
	keys, err := positionsOf(columns, n.Keys)
	if err != nil {
		return nil, nil, err
	}
	if len(n.Aggs) == 0 && n.Sets == nil && len(keys) > 0 {
		return b.distinct(n, onto(input, &pick{input: input, positions: keys}))
	}
	readToEnd(input)
	h := &hashAgg{node: n, keys: keys, memory: b.account("GROUP BY"), limits: b.env.Limits, workers: b.workers(), next: -1}
	sets := n.Sets
	if sets == nil {
		sets = [][]int{allOf(len(keys))}
	}
	calls := make([]*aggregateCall, len(n.Aggs))
	for i, a := range n.Aggs {
		if calls[i], err = b.aggregateCall(a, columns); err != nil {
			return nil, nil, err
		}
		calls[i].leader = slices.IndexFunc(calls[:i], func(c *aggregateCall) bool { return c.leads(calls[i]) })
	}
	h.spilling = b.keySpilling(node, "GROUP BY")
	h.newSet = func(i int, memory *account) *groupingSet {
		var keyTypes []arrow.DataType
		for _, k := range sets[i] {
			keyTypes = append(keyTypes, arrowtype.Of(n.Keys[k].Type))
		}
		s := &groupingSet{keys: sets[i], grouper: newGrouper(keyTypes)}
		s.grouper.memory = memory
		s.grouper.useNumbers(b.env.Numbers)
		for _, call := range calls {
			if call.leader >= 0 {
				s.calls = append(s.calls, s.calls[call.leader].newFollower(call, b.env))
			} else {
				s.calls = append(s.calls, call.newAggregation(b.env, len(sets[i]) > 0, memory, h.spilling))
			}
		}
		return s
	}
	for i := range sets {
		h.sets = append(h.sets, h.newSet(i, h.memory))
	}
	h.grouping = &batchGrouping{keys: keys, sets: sets, calls: calls, env: b.env.Function, memory: b.account("GROUP BY")}
	h.input = groupedOn(input, h.grouping)
	if h.workers > 1 {
		h.pipeline = &groupPipeline{agg: h, combining: b.account("GROUP BY"), adding: b.account("GROUP BY")}
	}
	return h, n.Columns(), nil
}

// distinct returns each combination of keys as soon as it appears. The workers of a scan drop the repeats within a
// row group.
func (b *builder) distinct(n *plan.Aggregate, keys Operator) (Operator, []*plan.Column, error) {
	d := b.distinctRows(n, keys, n.Keys, "DISTINCT")
	d.grouping = b.distinctInScan(keys, len(n.Keys), "DISTINCT")
	return d, n.Columns(), nil
}

// distinctInScan makes the workers of a scan drop rows that repeat another row of their row group. columns is the
// number of the rows' columns. It returns nil if rows is not a scan.
func (b *builder) distinctInScan(rows Operator, columns int, operator string) *batchGrouping {
	s, ok := rows.(*scan)
	if !ok {
		return nil
	}
	all := allOf(columns)
	grouping := &batchGrouping{keys: all, sets: [][]int{all}, memory: b.account(operator)}
	s.groups.stages = append(s.groups.stages, oneToOne{grouping})
	return grouping
}

// distinctRows makes the operator of a node that returns each row of its input once. columns are all columns of the
// input.
func (b *builder) distinctRows(node plan.Node, input Operator, columns []*plan.Column, operator string) *distinct {
	d := &distinct{input: input, workers: b.workers(), rows: firstRows{memory: b.account(operator), spilling: b.keySpilling(node, operator)}}
	d.newSeen = func() *grouper {
		seen := newGrouper(columnTypes(columns))
		seen.memory = d.rows.memory
		seen.useNumbers(b.env.Numbers)
		seen.withoutValues()
		return seen
	}
	d.rows.seen = d.newSeen()
	d.rows.seen.keepTexts(input)
	if b.workers() > 1 && len(columns) > 1 {
		d.ahead = &distinctPipeline{input: input, rows: &d.rows, combining: b.account(operator)}
	}
	return d
}

func allOf(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// aggregateCall is a compiled plan.AggCall, from which every grouping set makes its own state.
type aggregateCall struct {
	call    plan.AggCall
	impl    *function.AggregateImpl
	input   *aggregateInput
	lambdas []function.Lambda
	order   []sortKey
	workers int // that sort the rows of a call with ORDER BY
	// mergesInOrder: states of successive parts of the rows may be merged in that order.
	mergesInOrder bool
	// Rows of a group that agree in the first repeatArgs arguments count as one; with countsRepeats their number is
	// passed too. 0: every row is needed.
	repeatArgs    int
	countsRepeats bool
	// leader is the first call that leads this one, and finds its rows; -1: none.
	leader int
}

// leads reports whether c and other have the same distinct arguments and filter, and neither has an ORDER BY.
func (c *aggregateCall) leads(other *aggregateCall) bool {
	a, b := c.call, other.call
	return a.Distinct && b.Distinct && a.Filter == b.Filter && len(a.OrderBy)+len(b.OrderBy) == 0 && slices.EqualFunc(a.Args, b.Args, plan.Equal)
}

// counts reports whether the call only checks whether its arguments are NULL.
func (c *aggregateCall) counts() bool { return c.call.Fn.Name == "count" }

// newAccumulator makes the state of the function; it is safe for concurrent use.
func (c *aggregateCall) newAccumulator(env *function.Env) function.Accumulator {
	return c.impl.New(c.call.Fn, env, c.lambdas)
}

func (b *builder) aggregateCall(a plan.AggCall, columns []*plan.Column) (*aggregateCall, error) {
	impl, ok := a.Fn.Impl.(*function.AggregateImpl)
	if !ok {
		return nil, types.Errorf(types.NotSupported, types.Pos{}, "Aggregate function %s is not supported", a.Fn.Name)
	}
	out := &aggregateCall{call: a, impl: impl, workers: b.workers(), input: &aggregateInput{filter: -1}}
	var err error
	if out.input.args, out.lambdas, err = b.arguments(a.Args, columns); err != nil {
		return nil, err
	}
	if a.Filter != nil {
		if out.input.filter, err = positionOf(columns, a.Filter); err != nil {
			return nil, err
		}
	}
	if out.order, err = sortKeys(a.OrderBy, columns); err != nil {
		return nil, err
	}
	for _, k := range out.order {
		out.input.orderBy = append(out.input.orderBy, k.position)
	}
	state := out.newAccumulator(b.env.Function)
	out.mergesInOrder = !a.Distinct && len(out.order) == 0 && function.MergesInOrder(state, func(argument int) bool {
		_, ok := a.Args[argument].(*plan.Const)
		return ok
	})
	if !a.Distinct && len(out.order) == 0 {
		_, out.countsRepeats = state.(function.RepeatCounter)
		out.repeatArgs = function.RepeatArguments(state)
	}
	if a.Distinct || out.countsRepeats {
		out.repeatArgs = len(out.input.args)
	}
	return out, nil
}

// arguments compiles a call's arguments. It returns the lambdas apart from the others.
func (b *builder) arguments(list []plan.Expr, columns []*plan.Column) ([]expr.Evaluator, []function.Lambda, error) {
	var args []plan.Expr
	var lambdas []function.Lambda
	for _, e := range list {
		l, ok := e.(*plan.Lambda)
		if !ok {
			args = append(args, e)
			continue
		}
		lambda, err := expr.CompileLambda(l)
		if err != nil {
			return nil, nil, err
		}
		lambdas = append(lambdas, lambda)
	}
	compiled, err := b.compileAll(args, columns)
	return compiled, lambdas, err
}

// newAggregation makes the state of the call, which reserves from memory while its tables grow. keyed: there may be
// several groups.
func (c *aggregateCall) newAggregation(env *Env, keyed bool, memory *account, spilling *keySpilling) *aggregation {
	a := &aggregation{input: c.input, accumulator: c.newAccumulator(env.Function), counts: c.counts()}
	if c.call.Distinct {
		var dataTypes []arrow.DataType
		for _, arg := range c.call.Args {
			dataTypes = append(dataTypes, arrowtype.Of(arg.Type()))
		}
		a.distinct = newDistinctArgs(dataTypes, keyed)
		a.distinct.spilling, a.distinct.args.memory = spilling, memory
		a.distinct.args.useNumbers(env.Numbers)
	}
	if len(c.order) > 0 {
		a.ordered = &orderedRows{keys: c.order, gathering: gathering{workers: c.workers}}
	}
	return a
}
