package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// recognition is MATCH_RECOGNIZE: it looks for matches in the rows of partitions, in
// their order, and gives a row per match or per matched row.
type recognition struct {
	node        *plan.PatternRecognition
	partitionBy []int
	pool        MemoryPool
	program     *patternProgram
	conditions  []*patternExpr // by variable
	measures    []*patternExpr
	skip        []bool // the variables to skip to
	env         *function.Env
	names       arrow.Array // of variables

	// Of the piece at hand:
	ctx    context.Context
	memory *account
	table  *table // sorted
	rowIs  [][]bool
	places []matchPlace // of the rows to give out
}

func (b *builder) recognition(n *plan.PatternRecognition, input Operator, columns []*plan.Column) (Operator, []*plan.Column, error) {
	rows, err := b.partitionedRows(n, input, columns, n.PartitionBy, n.OrderBy, "MATCH_RECOGNIZE")
	if err != nil {
		return nil, nil, err
	}
	r := &recognition{node: n, env: b.env.Function, partitionBy: rows.partitions.by, pool: b.memory()}
	if r.program, err = compilePattern(n.Pattern); err != nil {
		return nil, nil, err
	}
	if r.names, err = nameColumn(n.Variables); err != nil {
		return nil, nil, err
	}
	for _, c := range n.Conditions {
		x, err := patternValues(b, n, c, columns)
		if err != nil {
			return nil, nil, err
		}
		r.conditions = append(r.conditions, x)
	}
	for _, m := range n.Measures {
		x, err := patternValues(b, n, m.PatternExpr, columns)
		if err != nil {
			return nil, nil, err
		}
		r.measures = append(r.measures, x)
	}
	r.skip = make([]bool, len(n.Variables))
	for _, label := range n.Skip.Labels {
		r.skip[label] = true
	}
	matches := &partitionwise{rows: rows, compute: r.compute, workers: 1, stages: &pieceStages{memory: b.account("MATCH_RECOGNIZE")}}
	if n.AllRows {
		out := slices.Clone(columns)
		for _, m := range n.Measures {
			out = append(out, m.Column)
		}
		return matches, out, nil
	}
	return matches, n.Columns(), nil
}

// matchReader gives out the rows of a piece's matches.
type matchReader struct {
	*tableReader
	memory *account
	piece  *partitionPiece
}

func (m *matchReader) next(ctx context.Context) (*batch.Batch, error) { return m.nextOrdered(ctx) }

func (m *matchReader) close() {
	m.memory.close()
	m.piece.close()
}

// compute finds the matches of a piece.
func (r *recognition) compute(ctx context.Context, piece *partitionPiece) (pieceReader, error) {
	r.ctx, r.memory = ctx, &account{r.pool.Account("MATCH_RECOGNIZE")}
	r.places = nil
	results, err := r.matchesOf(piece)
	r.table, r.rowIs, r.places = nil, nil, nil
	if err != nil {
		r.memory.close()
		return nil, err
	}
	return &matchReader{tableReader: results, memory: r.memory, piece: piece}, nil
}

func (r *recognition) matchesOf(piece *partitionPiece) (*tableReader, error) {
	// The sorted copy, and for every row what it is.
	size := takenBytes(piece.table.vectors(), piece.rows) + int64(len(piece.rows))*int64(16+pieceRowBytes+len(r.conditions))
	if err := r.memory.add(size + int64(len(piece.ends))*partitionBytes); err != nil {
		return nil, err
	}
	partitions := piece.windowPartitions(false)
	r.table = &table{columns: make([]arrow.Array, len(piece.table.columns)), rows: len(piece.rows)}
	for i, c := range piece.table.columns {
		r.table.columns[i] = batch.Take(c, piece.rows)
	}
	alone := r.precompute(partitions)
	m := &patternMatcher{program: r.program, memory: r.memory,
		past: newPatternPast(r.program, r.conditions, func(v int) bool { return r.rowIs[v] != nil }, r.node.Classifier)}
	for _, p := range partitions {
		if err := r.partition(m, p, alone); err != nil {
			return nil, err
		}
	}
	return r.output()
}

// precompute evaluates at once the conditions that depend on the row alone, and
// reports whether all do. One that fails is left to be tried row by row: it
// may fail only for rows that no match tries.
func (r *recognition) precompute(partitions []*function.WindowPartition) (alone bool) {
	alone = true
	r.rowIs = make([][]bool, len(r.conditions))
	for v, x := range r.conditions {
		if x.expr == nil {
			continue
		}
		if x.ofRow(v) {
			if is, err := r.ofRows(x, partitions); err == nil {
				r.rowIs[v] = is
				continue
			}
		}
		alone = false
	}
	return alone
}

// maxFailedStates bounds the marks of states that lead to no match; larger
// partitions are matched without.
const maxFailedStates = 1 << 28

// markFailed gives m room for the marks of a partition.
func (r *recognition) markFailed(m *patternMatcher, p *function.WindowPartition) error {
	states := (int64(p.End-p.Start) + 1) * int64(len(r.program.steps))
	if states > maxFailedStates {
		m.failed = nil
		return nil
	}
	if states <= int64(cap(m.failed)) {
		m.failed = m.failed[:states]
		clear(m.failed)
		return nil
	}
	if err := r.memory.add(states - int64(cap(m.failed))); err != nil {
		return err
	}
	m.failed = make([]bool, states)
	return nil
}

// partition finds the matches of one partition.
func (r *recognition) partition(m *patternMatcher, p *function.WindowPartition, alone bool) error {
	m.partition = p
	if alone {
		if err := r.markFailed(m, p); err != nil {
			return err
		}
	}
	number, matched := int64(0), p.Start // rows before matched are in a match
	m.accepts = func(v int, path *matchedRow, row int32) (bool, error) { return r.accepts(m, v, path, row, number+1) }
	for row := p.Start; row < p.End; {
		found, err := m.match(r.ctx, row, number+1)
		if err != nil {
			return err
		}
		if found == nil {
			if r.node.Unmatched && row >= matched {
				r.places = append(r.places, matchPlace{current: row, partition: p})
			}
			row++
			continue
		}
		number++
		r.add(found, p)
		matched = max(matched, found.end)
		if row, err = r.after(found); err != nil {
			return err
		}
	}
	return nil
}

// accepts decides a condition: v for row after the rows of path.
func (r *recognition) accepts(m *patternMatcher, v int, path *matchedRow, row int32, number int64) (bool, error) {
	x := r.conditions[v]
	if x.expr == nil {
		return true, nil
	}
	if is := r.rowIs[v]; is != nil {
		return is[row], nil
	}
	tried := &rowMatch{start: m.start, end: row + 1, number: number, labels: m.labelsOf(path, row, v)}
	value, err := r.eval(x, []matchPlace{{match: tried, current: row, partition: m.partition}})
	if err != nil {
		return false, err
	}
	return !arrowdata.IsNull(value.Array, 0) && batch.Bools(value.Array)[0], nil
}

// add notes the rows that a match gives.
func (r *recognition) add(m *rowMatch, p *function.WindowPartition) {
	empty := m.end == m.start
	switch {
	case !r.node.AllRows:
		r.places = append(r.places, matchPlace{match: m, current: max(m.start, m.end-1), partition: p})
	case empty && !r.node.HideEmpty:
		r.places = append(r.places, matchPlace{match: m, current: m.start, partition: p})
	}
	if !r.node.AllRows {
		return
	}
	for row := m.start; row < m.end; row++ {
		if m.excluded == nil || !m.excluded[row-m.start] {
			r.places = append(r.places, matchPlace{match: m, current: row, partition: p})
		}
	}
}

// after is the row where matching goes on.
func (r *recognition) after(m *rowMatch) (int32, error) {
	if m.end == m.start {
		return m.start + 1, nil
	}
	target := int32(-1)
	switch r.node.Skip.Kind {
	case plan.SkipPastLast:
		return m.end, nil
	case plan.SkipToNext:
		return m.start + 1, nil
	}
	for i, label := range m.labels {
		if r.skip[label] && (target < 0 || r.node.Skip.Kind == plan.SkipToLast) {
			target = m.start + int32(i)
		}
	}
	switch {
	case target < 0:
		return 0, types.Errorf(types.GenericUserError, types.Pos{}, "AFTER MATCH SKIP TO failed: pattern variable is not present in match")
	case target == m.start:
		return 0, types.Errorf(types.GenericUserError, types.Pos{}, "AFTER MATCH SKIP TO failed: cannot skip to first row of match")
	}
	return target, nil
}

// output computes the rows to give out.
func (r *recognition) output() (*tableReader, error) {
	rows, none := make([]int32, len(r.places)), make([]bool, len(r.places))
	for i, p := range r.places {
		rows[i], none[i] = p.current, p.match == nil
	}
	out := &table{rows: len(rows)}
	if r.node.AllRows {
		for _, c := range r.table.columns {
			out.columns = append(out.columns, batch.Take(c, rows))
		}
	} else {
		for _, at := range r.partitionBy {
			out.columns = append(out.columns, batch.Take(r.table.columns[at], rows))
		}
	}
	for i, x := range r.measures {
		if len(rows) == 0 {
			out.columns = append(out.columns, emptyColumn(r.node.Measures[i].Column).Array)
			continue
		}
		value, err := r.eval(x, r.places)
		if err != nil {
			return nil, err
		}
		out.columns = append(out.columns, nullsAt(batch.Expand(value, len(rows)), r.places, none))
	}
	size := batchBytes(&batch.Batch{Columns: out.vectors()})
	return &tableReader{table: out}, r.memory.add(size)
}
