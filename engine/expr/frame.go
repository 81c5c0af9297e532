package expr

import (
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// frame is the rows that nodes compute: dense, numbered from 0. Level 0 holds
// the columns of the batch, each further level the parameters of a lambda. A
// frame belongs to one goroutine.
type frame struct {
	env    *function.Env
	rows   int
	levels []level
	// root keeps parts of expressions; rootRows are the rows of its frame that this one has, unless it is that frame.
	root     *rootParts
	rootRows []int32
}

// level is a set of columns and which of their rows the frame sees.
type level struct {
	columns []batch.Vector
	idx     []int32 // frame row → column row; nil: the same
	repeats bool    // idx may have a row many times
	dense   []batch.Vector
}

func newFrame(env *function.Env, b *batch.Batch, sel []int32) *frame {
	rows := b.Len
	if sel != nil {
		rows = len(sel)
	}
	return &frame{env: env, rows: rows, levels: []level{{columns: b.Columns, idx: sel}}}
}

// column returns a column for the frame's rows, gathered at most once.
func (f *frame) column(depth, i int) batch.Vector {
	l := &f.levels[depth]
	if l.idx == nil {
		return l.columns[i]
	}
	if l.dense == nil {
		l.dense = make([]batch.Vector, len(l.columns))
	}
	if l.dense[i].Array == nil {
		if l.repeats && !l.columns[i].Const {
			l.dense[i] = batch.Vector{Array: f.env.Take(l.columns[i].Array, l.idx)}
		} else {
			l.dense[i] = batch.TakeVector(l.columns[i], l.idx)
		}
	}
	return l.dense[i]
}

// narrow returns the frame of some rows.
func (f *frame) narrow(rows []int32) *frame {
	levels := make([]level, len(f.levels))
	for i, l := range f.levels {
		levels[i] = level{columns: l.columns, idx: compose(l.idx, rows), repeats: l.repeats}
	}
	inner := &frame{env: f.env, rows: len(rows), levels: levels}
	if f.root != nil {
		inner.root, inner.rootRows = f.root, compose(f.rootRows, rows)
	}
	return inner
}

// compose is the selection that picks rows of a selection.
func compose(idx, rows []int32) []int32 {
	if idx == nil {
		return rows
	}
	out := make([]int32, len(rows))
	for i, r := range rows {
		out[i] = idx[r]
	}
	return out
}

// enter returns the frame of a lambda's body: rows calls, of which call i sees
// row outer[i] of f and row i of params. A nil outer stands for a body that
// reads nothing of f.
func (f *frame) enter(env *function.Env, params []batch.Vector, outer []int32, rows int) *frame {
	inner := &frame{levels: make([]level, len(f.levels))}
	if outer != nil {
		inner = f.narrow(outer)
		for i := range inner.levels {
			inner.levels[i].repeats = true
		}
	}
	inner.env, inner.rows, inner.root = env, rows, nil
	inner.levels = append(inner.levels, level{columns: params})
	return inner
}
