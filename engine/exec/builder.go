package exec

import (
	"context"
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/processors"
)

// Env holds what a statement needs to run.
type Env struct {
	Function *function.Env
	Source   Source
	Memory   MemoryPool // see Accounted
	Limits   memory.Limits
	// Spill is where operators write what they have no memory for; nil: the statement fails instead.
	Spill   *spill.Query
	Numbers *batch.TextNumbers // of the lake's dictionaries; nil: they have none
	// MaxBytesScanned stops the statement with EXCEEDED_SCAN_LIMIT; 0: no limit.
	MaxBytesScanned int64
	// ScanLimit names the limit's owner in the error; "": the query.
	ScanLimit string
	// Workers is the number of goroutines that read row groups of a scan, or sort, in parallel; 0: one per
	// processor.
	Workers int
	Stats   *Stats // never nil
}

// Build makes the operators that run a plan, and returns the result's columns in order. It opens scans with ctx but
// reads nothing yet. The caller closes the operator; after an error there is nothing to close.
func Build(ctx context.Context, node plan.Node, env *Env) (Operator, []*plan.Column, error) {
	env.Function.Memory, env.Function.Limits, env.Function.Numbers = env.Memory.Account("an expression"), env.Limits, env.Numbers
	b := &builder{ctx: ctx, env: env, budget: &scanBudget{maxBytes: env.MaxBytesScanned, name: env.ScanLimit, stats: env.Stats}}
	o, columns, err := b.build(node)
	if err != nil {
		b.closeLeaves()
		return nil, nil, err
	}
	return &guard{o}, columns, nil
}

// guard is the root: it turns panics of kernels that carry a user's error into that error.
type guard struct{ Operator }

func (g *guard) Next(ctx context.Context) (b *batch.Batch, err error) {
	defer batch.Recover(&err)
	return g.Operator.Next(ctx)
}

type builder struct {
	ctx    context.Context
	env    *Env
	budget *scanBudget
	opened []*scan   // to close when a later step fails
	node   plan.Node // whose operators are being made
	// filters are the runtime filters of the joins around a node, by ID.
	filters map[int]*runtimeFilter
	// shared are the rows that several nodes of the plan read, by plan.Reuse.Number.
	shared map[int]*sharedRows
	// working are the tables that the steps of the recursions around a node read.
	working map[*plan.WorkingRows]*table
	// unnested has the IDs of columns whose elements an UNNEST above reads.
	unnested map[int]bool
	// laidOut are the columns of positions, see layoutOf.
	laidOut   []*plan.Column
	positions map[int]int
}

// closeLeaves closes each opened scan once, if the operators of the plan could not be made.
func (b *builder) closeLeaves() {
	for _, s := range b.opened {
		s.feeders = nil // they would close scans, too
		s.Close()
	}
}

// build makes the operator of a node and its inputs.
func (b *builder) build(node plan.Node) (Operator, []*plan.Column, error) {
	if err := b.ctx.Err(); err != nil {
		return nil, nil, err
	}
	around := b.node
	b.node = node
	o, columns, err := b.operator(node)
	b.node = around
	if err != nil {
		return nil, nil, err
	}
	return b.env.Stats.measured(node, o), columns, nil
}

func (b *builder) operator(node plan.Node) (Operator, []*plan.Column, error) {
	switch n := node.(type) {
	case *plan.Scan:
		return b.scan(n)
	case *plan.Values:
		return b.values(n)
	case *plan.Join:
		return b.join(n)
	case *plan.SetOp:
		return b.setOp(n)
	case *plan.Recursion:
		return b.recursion(n)
	case *plan.Sequence:
		return &sequence{next: n.Start, stop: n.Stop, step: n.Step}, n.Columns(), nil
	case *plan.WorkingRows:
		return &tableScan{rows: &tableReader{table: b.working[n]}}, n.Cols, nil
	case *plan.Reuse:
		return b.reuse(n)
	case *plan.TopN:
		if s, ok := n.Input.(*plan.Scan); ok && (s.Order != plan.AnyOrder || hasLateColumns(s)) {
			return b.lateTopN(n, s)
		}
		if p, ok := n.Input.(*plan.Project); ok {
			if s, ok := p.Input.(*plan.Scan); ok && s.Order != plan.AnyOrder {
				return b.topNInOrder(n, p, s)
			}
		}
	case *plan.Aggregate:
		if s, ok := CountedScan(n); ok {
			return b.countedAggregate(n, s)
		}
	case *plan.Unnest:
		b.noteUnnested(n)
	case *plan.Limit:
		if s, ok := n.Input.(*plan.Scan); ok && n.Count >= 0 {
			return b.limitedScan(n, s)
		}
	}
	inputs := plan.Inputs(node)
	if len(inputs) != 1 {
		return nil, nil, fmt.Errorf("exec: %T cannot be run", node)
	}
	input, columns, err := b.build(inputs[0])
	if err != nil {
		return nil, nil, err
	}
	return b.unary(node, input, columns)
}

// maxLimit replaces greater limits, so that sums of limits do not overflow.
const maxLimit = 1 << 60

// unary makes the operator of a node with one input.
func (b *builder) unary(node plan.Node, input Operator, columns []*plan.Column) (Operator, []*plan.Column, error) {
	switch n := node.(type) {
	case *plan.Filter:
		return b.filter(n, input, columns)
	case *plan.Project:
		return b.project(n, input, columns)
	case *plan.Aggregate:
		return b.aggregate(n, input, columns)
	case *plan.Sort:
		readToEnd(input)
		keys, err := sortKeys(n.Keys, columns)
		return &sorter{input: input, runs: b.sortedRuns(n, columns, keys, "ORDER BY")}, columns, err
	case *plan.TopN:
		readToEnd(input)
		keys, err := sortKeys(n.Keys, columns)
		top := b.topN(n, input, columns, keys)
		top.dropBelow(b.account("ORDER BY … LIMIT"), !isRepeatable(n.Input))
		return top, columns, err
	case *plan.PartitionTopN:
		t, err := b.partitionTopN(n, input, columns)
		if err != nil {
			return nil, nil, err
		}
		given, positions := readOf(columns, n.Unread)
		if positions == nil {
			return t, columns, nil
		}
		return &pick{input: t, positions: positions}, given, nil
	case *plan.Limit:
		return limitOf(n, input), columns, nil
	case *plan.Unnest:
		return b.unnest(n, input, columns)
	case *plan.Window:
		readToEnd(input)
		return b.window(n, input, columns)
	case *plan.PatternRecognition:
		readToEnd(input)
		return b.recognition(n, input, columns)
	case *plan.NumberRows:
		return &numberRows{input: input}, outputOf(n, columns), nil
	case *plan.EnforceSingleRow:
		return &singleRow{input: input, columns: columns}, columns, nil
	case *plan.Output:
		positions, err := positionsOf(columns, n.Cols)
		if err == nil && b.workers() > 1 {
			makePlain(input, positions)
		}
		return &pick{input: input, positions: positions}, n.Cols, err
	}
	return nil, nil, fmt.Errorf("exec: %T cannot be run", node)
}

func (b *builder) filter(n *plan.Filter, input Operator, columns []*plan.Column) (Operator, []*plan.Column, error) {
	conjuncts := plan.Conjuncts(n.Predicate)
	compiled, err := b.compileAll(conjuncts, columns)
	if err != nil {
		return nil, nil, err
	}
	taken := b.pickInOrder(input, conjuncts, compiled, columns)
	if taken == len(conjuncts) {
		return input, columns, nil
	}
	return onto(input, &filter{input: input, conjuncts: compiled[taken:]}), columns, nil
}

func (b *builder) topN(n *plan.TopN, input Operator, columns []*plan.Column, keys []sortKey) *topN {
	runs := b.sortedRuns(n, columns, keys, "ORDER BY … LIMIT")
	return &topN{input: input, columns: columns, keys: keys, offset: min(n.Offset, maxLimit), count: min(n.Count, maxLimit),
		withTies: n.WithTies, gathering: runs.gathering, memory: runs.memory, runs: runs}
}

// sortedRuns returns what sorts rows of columns for an operator of a node.
func (b *builder) sortedRuns(node plan.Node, columns []*plan.Column, keys []sortKey, operator string) *sortedRuns {
	memory := b.account(operator)
	return &sortedRuns{columns: columns, keys: keys, gathering: b.gathering(), memory: memory, spiller: b.spiller(node, memory)}
}

// workers returns the number of goroutines that an operator may use.
func (b *builder) workers() int {
	if b.env.Workers > 0 {
		return b.env.Workers
	}
	return processors.Count()
}

func (b *builder) account(operator string) *account {
	return &account{b.memory().Account(operator)}
}

// memory returns the pool of the operator that is being made.
func (b *builder) memory() MemoryPool { return b.env.Stats.memoryOf(b.node, b.env.Memory) }

// exprsPerCheck is the number of expressions compiled between two checks of the context.
const exprsPerCheck = 256

func (b *builder) compileAll(list []plan.Expr, columns []*plan.Column) ([]expr.Evaluator, error) {
	if len(list) == 0 {
		return nil, nil
	}
	at := b.layoutOf(columns)
	out := make([]expr.Evaluator, len(list))
	for i, e := range list {
		if i%exprsPerCheck == 0 && b.ctx.Err() != nil {
			return nil, b.ctx.Err()
		}
		var err error
		if out[i], err = expr.Compile(e, at, b.env.Function); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// layoutOf is layout, cached for the next call with the same columns: an aggregation compiles thousands of calls
// over one input.
func (b *builder) layoutOf(columns []*plan.Column) map[int]int {
	if len(columns) == 0 {
		return nil
	}
	if len(columns) != len(b.laidOut) || &columns[0] != &b.laidOut[0] {
		b.laidOut, b.positions = columns, layout(columns)
	}
	return b.positions
}

func sortKeys(keys []plan.SortKey, columns []*plan.Column) ([]sortKey, error) {
	out := make([]sortKey, len(keys))
	for i, k := range keys {
		at, err := positionOf(columns, k.Column)
		if err != nil {
			return nil, err
		}
		out[i] = sortKey{position: at, valueType: k.Column.Type, descending: k.Descending, nullsFirst: k.NullsFirst}
	}
	return out, nil
}

func (b *builder) values(n *plan.Values) (Operator, []*plan.Column, error) {
	rows := make([][]expr.Evaluator, len(n.Rows))
	for i, row := range n.Rows {
		var err error
		if rows[i], err = b.compileAll(row, nil); err != nil {
			return nil, nil, err
		}
	}
	return &values{rows: rows, columns: len(n.Cols)}, n.Cols, nil
}

// project passes columns through by position if no item computes anything.
func (b *builder) project(n *plan.Project, input Operator, columns []*plan.Column) (Operator, []*plan.Column, error) {
	list := make([]plan.Expr, len(n.Items))
	var refs []*plan.Column
	for i, item := range n.Items {
		list[i] = item.Expr
		if ref, ok := item.Expr.(*plan.Ref); ok {
			refs = append(refs, ref.Column)
		}
	}
	if len(refs) == len(list) {
		positions, err := positionsOf(columns, refs)
		return onto(input, &pick{input: input, positions: positions}), n.Columns(), err
	}
	items, err := expr.CompileList(list, b.layoutOf(columns), b.env.Function)
	if err != nil {
		return nil, nil, err
	}
	for i, item := range n.Items {
		if b.unnested[item.Column.ID] {
			items.CodeLists(i)
		}
	}
	return onto(input, &project{input: input, items: items, memory: b.account("SELECT")}), n.Columns(), nil
}

// onto puts a stateless operator on its input. The workers of a scan or a partitionwise do its work; on any other
// input the operator stays on top.
func onto(input Operator, o interface {
	Operator
	stage
}) Operator {
	if putStage(input, o) {
		return input
	}
	return o
}

// putStage makes an operator's workers do a stage's work; false: the operator has no such workers.
func putStage(input Operator, s stage) bool {
	switch in := input.(type) {
	case *scan:
		in.groups.stages = append(in.groups.stages, oneToOne{s})
	case *partitionwise:
		in.stages.put(s)
	default:
		return false
	}
	return true
}

// outputOf returns the columns of UNNEST and windows: those of the input, then those that the node makes.
func outputOf(n plan.Node, input []*plan.Column) []*plan.Column {
	out := slices.Clone(input)
	n.VisitMade(func(c *plan.Column) { out = append(out, c) })
	return out
}
