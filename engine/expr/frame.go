package expr

import (
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// frame is the rows that nodes compute: dense, numbered from 0. Level 0 holds the columns of the batch, each
// further level the parameters of a lambda. A frame belongs to one goroutine.
type frame struct {
	env    *function.Env
	rows   int
	levels []level
	// root caches parts of expressions. rootRows are this frame's rows in root's frame; nil for that frame itself.
	root     *rootParts
	rootRows []int32
}

// level is a set of columns and the selection of their rows that the frame sees.
type level struct {
	columns []batch.Vector
	idx     []int32 // frame row → column row; nil: the same
	repeats bool    // idx may contain a row more than once
	dense   []batch.Vector
}

func newFrame(env *function.Env, b *batch.Batch, sel []int32) *frame {
	rows := b.Len
	if sel != nil {
		rows = len(sel)
	}
	return &frame{env: env, rows: rows, levels: []level{{columns: b.Columns, idx: sel}}}
}

// column returns a column for the frame's rows. It gathers each column at most once.
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

// narrow returns the frame of the given rows.
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

// compose returns idx[r] for each r of rows; a nil idx is the identity.
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

// enter returns the frame of a lambda's body with rows calls. Call i sees row outer[i] of f and row i of params. A
// nil outer means that the body reads nothing of f.
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
