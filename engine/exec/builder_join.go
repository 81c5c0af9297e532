package exec

import (
	"maps"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

func (b *builder) join(n *plan.Join) (Operator, []*plan.Column, error) {
	filters := b.feed(n)
	left, leftColumns, err := b.build(n.Left)
	if err != nil {
		return nil, nil, err
	}
	right, rightColumns, err := b.build(n.Right)
	if err != nil {
		return nil, nil, err
	}
	readToEnd(right)
	var leftKeys, rightKeys []*plan.Column
	for _, k := range n.Equal {
		leftKeys, rightKeys = append(leftKeys, k.Left), append(rightKeys, k.Right)
	}
	leftAt, err := positionsOf(leftColumns, leftKeys)
	if err != nil {
		return nil, nil, err
	}
	rightAt, err := positionsOf(rightColumns, rightKeys)
	if err != nil {
		return nil, nil, err
	}
	condition, err := b.joinCondition(n, leftColumns, rightColumns)
	if err != nil {
		return nil, nil, err
	}
	if n.Kind == plan.SemiMark {
		return b.semiJoin(n, &semiJoin{left: left, right: right, rightColumns: rightColumns, leftColumns: len(leftColumns), leftKeys: leftAt, rightKeys: rightAt,
			condition: condition, nullAware: n.NullAware, filters: filters, memory: b.account("IN or EXISTS"), out: b.account("IN or EXISTS"),
			spilling: b.keySpilling(n, "IN or EXISTS"), gathering: b.gathering()}, leftColumns)
	}
	j := &hashJoin{kind: n.Kind, left: left, right: right, leftColumns: leftColumns, rightColumns: rightColumns,
		leftKeys: leftAt, rightKeys: rightAt, condition: condition, filters: filters, memory: b.account("JOIN"), out: b.account("JOIN"), spilling: b.keySpilling(n, "JOIN"),
		gathering: b.gathering()}
	var given []*plan.Column
	given, j.gives = readOf(append(append([]*plan.Column{}, leftColumns...), rightColumns...), n.Unread)
	if n.Kind == plan.RightJoin || n.Kind == plan.FullJoin {
		return j, given, nil // one goroutine notes which right rows had partners
	}
	if s, ok := right.(*scan); ok && len(rightAt) > 0 {
		s.groups.stages = append(s.groups.stages, oneToOne{&matchableStage{rightAt}})
		j.isMatchable = true
	}
	if s, ok := left.(*scan); ok {
		j.left = nil
		return s.through(j, j), given, nil
	}
	return j, given, nil
}

// semiJoin completes the join of an IN or EXISTS.
func (b *builder) semiJoin(n *plan.Join, s *semiJoin, leftColumns []*plan.Column) (Operator, []*plan.Column, error) {
	var given []*plan.Column
	given, s.gives = readOf(append(append([]*plan.Column{}, leftColumns...), n.Mark), n.Unread)
	if n.Residual == nil {
		b.keysAlone(s)
	}
	if n.LeftFirst {
		s.leftFirst = &ahead{input: s.left, memory: b.account("IN or EXISTS")}
		s.left = s.leftFirst
		return s, given, nil
	}
	if left, ok := s.left.(*scan); ok {
		s.left = nil
		return left.through(s, s), given, nil
	}
	return s, given, nil
}

// keysAlone makes the right side return only its keys. The workers of a scan drop repeated keys.
func (b *builder) keysAlone(s *semiJoin) {
	s.right = onto(s.right, &pick{input: s.right, positions: s.rightKeys})
	keys := make([]*plan.Column, len(s.rightKeys))
	for i, at := range s.rightKeys {
		keys[i] = s.rightColumns[at]
	}
	s.rightColumns, s.rightKeys, s.keysOnly = keys, allOf(len(keys)), true
	if len(s.rightKeys) > 0 {
		s.distinct = b.distinctInScan(s.right, len(s.rightKeys), "IN or EXISTS")
	}
}

// through adds a stage to the scan; from prepares the stage.
func (s *scan) through(stage expander, from feeder) *scan {
	s.feeders, s.mayMultiply = append(s.feeders, stageFeeder{from, len(s.groups.stages)}), true
	s.groups.stages = append(s.groups.stages, stage)
	return s
}

// joinCondition compiles what a join requires besides equal keys.
func (b *builder) joinCondition(n *plan.Join, leftColumns, rightColumns []*plan.Column) (joinCondition, error) {
	if n.Residual == nil {
		return joinCondition{}, nil
	}
	both := append(append([]*plan.Column{}, leftColumns...), rightColumns...)
	c := joinCondition{terms: plan.Conjuncts(n.Residual)}
	c.compile = func(terms []plan.Expr) (*pairFilter, error) { return b.pairFilter(terms, both) }
	read := layoutFor(n.Residual, rightColumns)
	maps.DeleteFunc(read, func(_, at int) bool { return at < 0 })
	c.beside = func(build *table, row int32) (expr.Evaluator, error) {
		constants := map[int]plan.Expr{}
		for id, at := range read {
			value := batch.Decode(batch.Take(build.columns[at], []int32{row}))
			constants[id] = &plan.Const{Value: function.ValueAt(rightColumns[at].Type, value, 0)}
		}
		condition := plan.Substitute(n.Residual, constants)
		return expr.Compile(condition, layoutFor(condition, leftColumns), b.env.Function)
	}
	var err error
	if c.whole, err = c.compile(c.terms); err != nil {
		return c, err
	}
	if c.choices, err = joinChoicesOf(n, leftColumns, rightColumns); err != nil {
		return c, err
	}
	for _, bound := range n.Bounds() {
		compiled := joinBound{JoinBound: bound}
		if compiled.right, err = expr.Compile(bound.Right, layoutFor(bound.Right, rightColumns), b.env.Function); err != nil {
			return c, err
		}
		if compiled.left, err = expr.Compile(bound.Left, layoutFor(bound.Left, leftColumns), b.env.Function); err != nil {
			return c, err
		}
		c.bounds = append(c.bounds, compiled)
	}
	return c, nil
}

// pairFilter compiles terms over the columns of both sides; nil for none. It gathers texts, rows and lists only for
// pairs that pass the terms before them.
func (b *builder) pairFilter(terms []plan.Expr, both []*plan.Column) (*pairFilter, error) {
	if len(terms) == 0 {
		return nil, nil
	}
	last := slices.IndexFunc(terms, func(term plan.Expr) bool { return !plan.ReadsFixedWidth(term) })
	var first *pairFilter
	if last > 0 {
		var err error
		if first, err = b.pairFilter(terms[:last], both); err != nil {
			return nil, err
		}
		terms = terms[last:]
	}
	condition := plan.Expr(&plan.Special{Form: plan.And, Args: terms, T: types.BooleanType})
	if len(terms) == 1 {
		condition = terms[0]
	}
	at := layoutFor(condition, both)
	compiled, err := expr.Compile(condition, at, b.env.Function)
	if err != nil {
		return nil, err
	}
	return &pairFilter{first: first, condition: compiled, reads: slices.Sorted(maps.Values(at))}, nil
}

func (b *builder) setOp(n *plan.SetOp) (Operator, []*plan.Column, error) {
	inputs := make([]Operator, len(n.From))
	for i, from := range n.From {
		input, columns, err := b.build(from)
		if err != nil {
			return nil, nil, err
		}
		positions, err := positionsOf(columns, n.Map[i])
		if err != nil {
			return nil, nil, err
		}
		inputs[i] = onto(input, &pick{input: input, positions: positions})
	}
	switch {
	case n.Kind == plan.Union && n.Distinct:
		return b.distinctRows(n, &concatenation{inputs: inputs}, n.Cols, "UNION"), n.Cols, nil
	case n.Kind == plan.Union:
		return &concatenation{inputs: inputs}, n.Cols, nil
	}
	count := &setCount{inputs: inputs, columns: len(n.Cols), all: !n.Distinct, left: exceptAll, memory: b.account("INTERSECT or EXCEPT"),
		spilling: b.keySpilling(n, "INTERSECT or EXCEPT")}
	if n.Kind == plan.Intersect {
		count.left = intersectAll
	}
	count.findInScans()
	if n.Distinct && b.workers() > 1 && len(n.Cols) > 1 {
		count.findAhead(b.account("INTERSECT or EXCEPT"), b.account("INTERSECT or EXCEPT"))
	}
	count.newRows = func() *grouper {
		rows := newGrouper(columnTypes(n.Cols))
		rows.memory = count.memory
		rows.useNumbers(b.env.Numbers)
		return rows
	}
	return count, n.Cols, nil
}

func columnTypes(columns []*plan.Column) []arrow.DataType {
	out := make([]arrow.DataType, len(columns))
	for i, c := range columns {
		out[i] = arrowtype.Of(c.Type)
	}
	return out
}

// spreads reports whether an item's array of rows becomes one column per field.
func spreads(item plan.UnnestItem) bool {
	t := item.Column.Type
	return t.Kind == types.Array && t.Elem.Kind == types.Row
}
