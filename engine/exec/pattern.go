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

// recognition is MATCH_RECOGNIZE: it finds matches in the ordered rows of each partition and returns one row per
// match or per matched row. Several goroutines may compute pieces in parallel.
type recognition struct {
	node        *plan.PatternRecognition
	partitionBy []int
	pool        MemoryPool
	program     *patternProgram
	conditions  []*patternExpr // by variable
	measures    []*patternExpr
	skip        []bool // by variable: whether AFTER MATCH SKIP goes to it
	env         *function.Env
	names       arrow.Array // of variables
}

// patternWork looks for matches in the partitions of a piece.
type patternWork struct {
	*recognition
	ctx    context.Context
	memory *account
	table  *table // sorted
	rowIs  [][]bool
	places []matchPlace // of the rows to return
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
	batch.CountNulls(r.names)
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
	matches := &partitionwise{rows: rows, compute: r.compute, workers: b.workers(), stages: &pieceStages{memory: b.account("MATCH_RECOGNIZE")}}
	if n.AllRows {
		out := slices.Clone(columns)
		for _, m := range n.Measures {
			out = append(out, m.Column)
		}
		return matches, out, nil
	}
	return matches, n.Columns(), nil
}

// matchReader returns the rows of a piece's matches.
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
	w := &patternWork{recognition: r, ctx: ctx, memory: &account{r.pool.Account("MATCH_RECOGNIZE")}}
	results, err := w.matchesOf(piece)
	if err != nil {
		w.memory.close()
		return nil, err
	}
	return &matchReader{tableReader: results, memory: w.memory, piece: piece}, nil
}

func (w *patternWork) matchesOf(piece *partitionPiece) (*tableReader, error) {
	// The sorted copy and, for each row, its place and the conditions' results.
	size := takenBytes(piece.table.vectors(), piece.rows) + int64(len(piece.rows))*int64(16+pieceRowBytes+len(w.conditions))
	if err := w.memory.add(size + int64(len(piece.ends))*partitionBytes); err != nil {
		return nil, err
	}
	partitions := piece.windowPartitions(false)
	w.table = &table{columns: make([]arrow.Array, len(piece.table.columns)), rows: len(piece.rows)}
	for i, c := range piece.table.columns {
		w.table.columns[i] = batch.Take(c, piece.rows)
	}
	alone := w.precompute(partitions)
	m := &patternMatcher{program: w.program, memory: w.memory,
		past: newPatternPast(w.program, w.conditions, func(v int) bool { return w.rowIs[v] != nil }, w.node.Classifier)}
	for _, p := range partitions {
		if err := w.partition(m, p, alone); err != nil {
			return nil, err
		}
	}
	return w.output()
}

// precompute evaluates, for all rows at once, the conditions that depend on the row alone. It reports whether it
// did so for all conditions. One that fails is evaluated row by row later: it may fail only for rows that no match
// tries.
func (w *patternWork) precompute(partitions []*function.WindowPartition) (alone bool) {
	alone = true
	w.rowIs = make([][]bool, len(w.conditions))
	for v, x := range w.conditions {
		if x.expr == nil {
			continue
		}
		if x.ofRow(v) {
			if is, err := w.ofRows(x, partitions); err == nil {
				w.rowIs[v] = is
				continue
			}
		}
		alone = false
	}
	return alone
}

// maxFailedStates limits the marks of states that lead to no match. Larger partitions are matched without marks.
const maxFailedStates = 1 << 28

// markFailed provides m.failed for a partition.
func (w *patternWork) markFailed(m *patternMatcher, p *function.WindowPartition) error {
	states := (int64(p.End-p.Start) + 1) * int64(len(w.program.steps))
	if states > maxFailedStates {
		m.failed = nil
		return nil
	}
	if states <= int64(cap(m.failed)) {
		m.failed = m.failed[:states]
		clear(m.failed)
		return nil
	}
	if err := w.memory.add(states - int64(cap(m.failed))); err != nil {
		return err
	}
	m.failed = make([]bool, states)
	return nil
}

// partition finds the matches of one partition.
func (w *patternWork) partition(m *patternMatcher, p *function.WindowPartition, alone bool) error {
	m.partition = p
	if alone {
		if err := w.markFailed(m, p); err != nil {
			return err
		}
	}
	number, matched := int64(0), p.Start // rows before matched are in a match
	m.accepts = func(v int, path *matchedRow, row int32) (bool, error) { return w.accepts(m, v, path, row, number+1) }
	for row := p.Start; row < p.End; {
		found, err := m.match(w.ctx, row, number+1)
		if err != nil {
			return err
		}
		if found == nil {
			if w.node.Unmatched && row >= matched {
				w.places = append(w.places, matchPlace{current: row, partition: p})
			}
			row++
			continue
		}
		number++
		w.add(found, p)
		matched = max(matched, found.end)
		if row, err = w.after(found); err != nil {
			return err
		}
	}
	return nil
}

// accepts reports whether row, after the rows of path, meets the condition of variable v.
func (w *patternWork) accepts(m *patternMatcher, v int, path *matchedRow, row int32, number int64) (bool, error) {
	x := w.conditions[v]
	if x.expr == nil {
		return true, nil
	}
	if is := w.rowIs[v]; is != nil {
		return is[row], nil
	}
	tried := &rowMatch{start: m.start, end: row + 1, number: number, labels: m.labelsOf(path, row, v)}
	value, err := w.eval(x, []matchPlace{{match: tried, current: row, partition: m.partition}})
	if err != nil {
		return false, err
	}
	return !arrowdata.IsNull(value.Array, 0) && batch.Bools(value.Array)[0], nil
}

// add notes the rows that a match returns.
func (w *patternWork) add(m *rowMatch, p *function.WindowPartition) {
	empty := m.end == m.start
	switch {
	case !w.node.AllRows:
		w.places = append(w.places, matchPlace{match: m, current: max(m.start, m.end-1), partition: p})
	case empty && !w.node.HideEmpty:
		w.places = append(w.places, matchPlace{match: m, current: m.start, partition: p})
	}
	if !w.node.AllRows {
		return
	}
	for row := m.start; row < m.end; row++ {
		if m.excluded == nil || !m.excluded[row-m.start] {
			w.places = append(w.places, matchPlace{match: m, current: row, partition: p})
		}
	}
}

// after returns the row where matching continues.
func (w *patternWork) after(m *rowMatch) (int32, error) {
	if m.end == m.start {
		return m.start + 1, nil
	}
	target := int32(-1)
	switch w.node.Skip.Kind {
	case plan.SkipPastLast:
		return m.end, nil
	case plan.SkipToNext:
		return m.start + 1, nil
	}
	for i, label := range m.labels {
		if w.skip[label] && (target < 0 || w.node.Skip.Kind == plan.SkipToLast) {
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

// output computes the rows to return.
func (w *patternWork) output() (*tableReader, error) {
	rows, none := make([]int32, len(w.places)), make([]bool, len(w.places))
	for i, p := range w.places {
		rows[i], none[i] = p.current, p.match == nil
	}
	out := &table{rows: len(rows)}
	if w.node.AllRows {
		for _, c := range w.table.columns {
			out.columns = append(out.columns, batch.Take(c, rows))
		}
	} else {
		for _, at := range w.partitionBy {
			out.columns = append(out.columns, batch.Take(w.table.columns[at], rows))
		}
	}
	for i, x := range w.measures {
		if len(rows) == 0 {
			out.columns = append(out.columns, emptyColumn(w.node.Measures[i].Column).Array)
			continue
		}
		value, err := w.eval(x, w.places)
		if err != nil {
			return nil, err
		}
		out.columns = append(out.columns, nullsAt(batch.Expand(value, len(rows)), w.places, none))
	}
	size := batchBytes(&batch.Batch{Columns: out.vectors()})
	return &tableReader{table: out}, w.memory.add(size)
}
