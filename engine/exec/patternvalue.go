package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
)

// patternExpr is a compiled plan.PatternExpr. A nil expr means none.
type patternExpr struct {
	expr   expr.Evaluator
	values []*patternValue
}

// patternValue is a compiled plan.PatternValue.
type patternValue struct {
	plan.PatternValue
	source    int // position in the input
	labels    []bool
	aggregate *function.AggregateImpl
	args      []expr.Evaluator
	lambdas   []function.Lambda
}

// matchPlace is where an expression is computed: at row current of a match. If match is nil, all values are NULL.
type matchPlace struct {
	match     *rowMatch
	current   int32
	partition *function.WindowPartition
}

// row returns the row to which v navigates, -1 if there is none.
func (v *patternValue) row(p matchPlace) int32 {
	row := v.logical(p)
	if row < 0 || v.Physical == 0 {
		return row
	}
	to := int64(row) + v.Physical
	if to < int64(p.partition.Start) || to >= int64(p.partition.End) {
		return -1
	}
	return int32(to)
}

// logical returns the row of the match to which v navigates before PREV and NEXT, -1 if there is none.
func (v *patternValue) logical(p matchPlace) int32 {
	from, to := v.span(p)
	if v.First && p.match != nil {
		to = p.match.end // FIRST may look beyond the current row
	}
	left := v.Offset
	for i := range to - from {
		row := to - 1 - i
		if v.First {
			row = from + i
		}
		if !v.takes(p.match, row) {
			continue
		}
		if left == 0 {
			return row
		}
		left--
	}
	return -1
}

// span returns the rows of the match that v may use: [from, to).
func (v *patternValue) span(p matchPlace) (from, to int32) {
	if p.match == nil {
		return 0, 0
	}
	if v.Final {
		return p.match.start, p.match.end
	}
	return p.match.start, min(p.match.end, p.current+1)
}

func (v *patternValue) takes(m *rowMatch, row int32) bool {
	return v.labels == nil || v.labels[m.labels[row-m.start]]
}

// column computes v at each place.
func (w *patternWork) column(v *patternValue, places []matchPlace) (arrow.Array, error) {
	switch v.Kind {
	case plan.NavigatedColumn:
		rows := make([]int32, len(places))
		for i, p := range places {
			rows[i] = v.row(p)
		}
		return batch.Take(w.table.columns[v.source], rows), nil
	case plan.NavigatedClassifier:
		return w.classifiers(len(places), func(i int) (*rowMatch, int32) { return places[i].match, v.row(places[i]) }), nil
	case plan.MatchNumber:
		return matchNumbers(len(places), func(i int) *rowMatch { return places[i].match }), nil
	}
	return w.aggregate(v, places)
}

// classifiers returns the variables of rows as names, NULL for rows outside of the match.
func (w *patternWork) classifiers(n int, at func(i int) (*rowMatch, int32)) arrow.Array {
	codes := make([]int32, n)
	for i := range codes {
		codes[i] = -1
		m, row := at(i)
		if m != nil && row >= m.start && int(row-m.start) < len(m.labels) {
			codes[i] = int32(m.labels[row-m.start])
		}
	}
	return batch.Take(w.names, codes)
}

func matchNumbers(n int, at func(i int) *rowMatch) arrow.Array {
	numbers, valid := make([]int64, n), arrowdata.FullValidity(n)
	for i := range numbers {
		m := at(i)
		if m == nil {
			arrowdata.ClearBit(valid, i)
			continue
		}
		numbers[i] = m.number
	}
	return batch.FromValues(arrow.PrimitiveTypes.Int64, numbers, valid)
}

// aggregate computes an aggregate, with one group per place.
func (w *patternWork) aggregate(v *patternValue, places []matchPlace) (arrow.Array, error) {
	acc := v.aggregate.New(v.Fn, w.env, v.lambdas)
	acc.Resize(len(places))
	var groups, rows []int32
	var of []*rowMatch
	flush := func() error {
		if len(rows) == 0 {
			return nil
		}
		args, err := w.arguments(v, rows, of)
		if err == nil {
			err = acc.Add(groups, args, len(rows))
		}
		groups, rows, of = groups[:0], rows[:0], of[:0]
		return err
	}
	for i, p := range places {
		from, to := v.span(p)
		for row := from; row < to; row++ {
			if !v.takes(p.match, row) {
				continue
			}
			groups, rows, of = append(groups, int32(i)), append(rows, row), append(of, p.match)
			if len(rows) < batch.Rows {
				continue
			}
			if err := flush(); err != nil {
				return nil, err
			}
			if err := w.ctx.Err(); err != nil {
				return nil, err
			}
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	return acc.Result()
}

// arguments computes an aggregate's arguments for rows. of has the match of each row.
func (w *patternWork) arguments(v *patternValue, rows []int32, of []*rowMatch) ([]batch.Vector, error) {
	b := w.table.take(rows)
	names := w.classifiers(len(rows), func(i int) (*rowMatch, int32) { return of[i], rows[i] })
	numbers := matchNumbers(len(rows), func(i int) *rowMatch { return of[i] })
	b.Columns = append(b.Columns, batch.Vector{Array: names}, batch.Vector{Array: numbers})
	args := make([]batch.Vector, len(v.args))
	for i, arg := range v.args {
		var err error
		if args[i], err = arg.Eval(b); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// eval computes an expression at places.
func (w *patternWork) eval(x *patternExpr, places []matchPlace) (batch.Vector, error) {
	b := &batch.Batch{Len: len(places)}
	for _, v := range x.values {
		column, err := w.column(v, places)
		if err != nil {
			return batch.Vector{}, err
		}
		b.Columns = append(b.Columns, batch.Vector{Array: column})
	}
	return x.expr.Eval(b)
}

// ofRow reports whether variable's condition depends on the row alone, not on how earlier rows were matched.
func (x *patternExpr) ofRow(variable int) bool {
	for _, v := range x.values {
		if v.Kind != plan.NavigatedColumn || v.First || v.Offset != 0 || v.labels != nil && !v.labels[variable] {
			return false
		}
	}
	return true
}

// ofRows evaluates a condition that depends on the row alone for every row of the table.
func (w *patternWork) ofRows(x *patternExpr, partitions []*function.WindowPartition) ([]bool, error) {
	b := &batch.Batch{Len: w.table.rows}
	for _, v := range x.values {
		rows := make([]int32, w.table.rows)
		for _, p := range partitions {
			for row := p.Start; row < p.End; row++ {
				to := int64(row) + v.Physical
				if to < int64(p.Start) || to >= int64(p.End) {
					to = -1
				}
				rows[row] = int32(to)
			}
		}
		b.Columns = append(b.Columns, batch.Vector{Array: batch.Take(w.table.columns[v.source], rows)})
	}
	sel, err := x.expr.Filter(b)
	if err != nil {
		return nil, err
	}
	out := make([]bool, w.table.rows)
	if sel == nil {
		for i := range out {
			out[i] = true
		}
	}
	for _, row := range sel {
		out[row] = true
	}
	return out, nil
}

// nameColumn returns the variables' names as a column.
func nameColumn(names []string) (arrow.Array, error) {
	return batch.FromStrings(arrow.BinaryTypes.String, names, nil)
}

func patternValues(b *builder, n *plan.PatternRecognition, x plan.PatternExpr, columns []*plan.Column) (*patternExpr, error) {
	out := &patternExpr{}
	if x.Expr == nil {
		return out, nil
	}
	inside := append(append([]*plan.Column{}, columns...), n.Classifier, n.Number)
	at := map[int]int{}
	for i, v := range x.Values {
		c := &patternValue{PatternValue: v}
		if v.Labels != nil {
			c.labels = make([]bool, len(n.Variables))
			for _, label := range v.Labels {
				c.labels[label] = true
			}
		}
		var err error
		if v.Source != nil {
			if c.source, err = positionOf(columns, v.Source); err != nil {
				return nil, err
			}
		}
		if v.Kind == plan.PatternAggregate {
			c.aggregate = v.Fn.Impl.(*function.AggregateImpl)
			if c.args, c.lambdas, err = b.arguments(v.Args, inside); err != nil {
				return nil, err
			}
		}
		at[v.Column.ID] = i
		out.values = append(out.values, c)
	}
	var err error
	out.expr, err = expr.Compile(x.Expr, at, b.env.Function)
	return out, err
}

// nullsAt returns a with NULL in the rows that none marks.
func nullsAt(a arrow.Array, places []matchPlace, none []bool) arrow.Array {
	rows := iota32(len(places))
	for i := range rows {
		if none[i] {
			rows[i] = -1
		}
	}
	return batch.Take(a, rows)
}

func emptyColumn(c *plan.Column) batch.Vector {
	return batch.Vector{Array: batch.Nulls(arrowtype.Of(c.Type), 0)}
}
