package function

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// FrameFunction computes an aggregate function over the frames of a sorted table. Exactly one of its fields is set.
// Its cost does not grow with the number of rows in each frame, unless values cannot leave its state.
type FrameFunction struct {
	// Rows sets out[i] to the row of the table whose first argument is the result of row i, NullRow for NULL.
	Rows func(f *Frames, args []batch.Vector, out []int32) error
	// Values returns one result per row.
	Values func(f *Frames, args []batch.Vector) (arrow.Array, error)
}

// FrameRowBytes limits the memory that a FrameFunction needs for each row of the table, including its results.
const FrameRowBytes = 64

// Frames are the partitions of a table of Rows rows, with their frames.
type Frames struct {
	Partitions []*WindowPartition
	Rows       int
	Env        *Env // to check whether the statement has ended
}

// FramesOf returns the FrameFunction of an aggregate, nil for an aggregate that must read all rows of each frame.
func FramesOf(fn *types.Resolved) *FrameFunction {
	switch fn.Name {
	case "count":
		return &FrameFunction{Values: countFrames}
	case "min", "max", "min_by", "max_by":
		return extremeFrames(fn)
	case "arbitrary", "any_value":
		return &FrameFunction{Rows: func(f *Frames, args []batch.Vector, out []int32) error {
			return pickFrames(f, args[0], out, func(row, other int32) bool { return false })
		}}
	case "sum":
		return sumFrames(fn)
	case "avg":
		return averageFrames(fn)
	case "variance", "var_samp":
		return spreadFrames(fn, (*spread).sample)
	case "var_pop":
		return spreadFrames(fn, (*spread).population)
	case "stddev", "stddev_samp":
		return spreadFrames(fn, root((*spread).sample))
	case "stddev_pop":
		return spreadFrames(fn, root((*spread).population))
	case "skewness":
		return momentFrames(fn, (*moments).skewness)
	case "kurtosis":
		return momentFrames(fn, (*moments).kurtosis)
	}
	return truthFrames(fn)
}

// sliding is the state S of a frame that values enter and leave.
type sliding[A, S, R any] struct {
	enter, leave func(s *S, value A)
	// mayLeave reports whether, after values leave, the state is exactly that of the remaining values; nil: always.
	mayLeave func(s *S) bool
	// inOrder: values must enter in row order.
	inOrder bool
	// value returns the result, false for NULL.
	value func(s *S) (R, bool, error)
}

// frames computes the states of frames in order. A state slides with its frame if fewer rows leave than stay, and
// is recomputed otherwise. Trino's AggregateWindowFunction makes the same choices, so sums of floating-point
// numbers, which depend on them, are the same.
func (k sliding[A, S, R]) frames(fn *types.Resolved) *FrameFunction {
	return &FrameFunction{Values: func(f *Frames, args []batch.Vector) (arrow.Array, error) {
		m := frameState[A, S, R]{sliding: k, env: f.Env, valid: validOf(args[:1], f.Rows)}
		if args[0].Array.DataType().ID() == arrow.NULL {
			m.valid = make([]byte, (f.Rows+7)/8)
		} else {
			m.values = columnOf[A](args[0])
		}
		out, valid := make([]R, f.Rows), arrowdata.FullValidity(f.Rows)
		for _, p := range f.Partitions {
			m.empty()
			for i, from := range p.FrameStart {
				if err := m.move(from, p.FrameEnd[i]); err != nil {
					return nil, err
				}
				v, ok, err := k.value(&m.state)
				if err != nil {
					return nil, err
				}
				if !ok {
					arrowdata.ClearBit(valid, int(p.Start)+i)
					continue
				}
				out[int(p.Start)+i] = v
			}
		}
		return arrayOf(arrowtype.Of(fn.Return), out, valid, batch.InTurn)
	}}
}

// frameState is the state of the values in rows [from, to) that are not NULL.
type frameState[A, S, R any] struct {
	sliding[A, S, R]
	env    *Env
	values column[A]
	valid  []byte

	state    S
	from, to int32 // equal for none
}

func (m *frameState[A, S, R]) empty() {
	var none S
	m.state, m.from, m.to = none, -1, -1
}

// move changes the state to that of the rows [from, to).
func (m *frameState[A, S, R]) move(from, to int32) error {
	if from >= to {
		m.empty()
		return m.env.Ended()
	}
	if from == m.from && to >= m.to {
		before := m.to
		m.to = to
		return m.enterRows(before, to)
	}
	staying := min(to, m.to) - max(from, m.from)
	leaving := max(0, from-m.from) + max(0, m.to-to)
	if m.from < m.to && staying > leaving && (from >= m.from || !m.inOrder) && m.leaveRows(m.from, from) && m.leaveRows(to, m.to) {
		if err := m.enterRows(from, m.from); err != nil {
			return err
		}
		from, m.from = m.to, from
	} else {
		m.empty()
		m.from = from
	}
	m.to = to
	return m.enterRows(from, to)
}

// rowsPerLook is the number of rows between two checks whether the statement has ended.
const rowsPerLook = 1 << 16

func (m *frameState[A, S, R]) enterRows(from, to int32) error {
	for from < to {
		if err := m.env.Ended(); err != nil {
			return err
		}
		part := min(to, from+rowsPerLook)
		for ; from < part; from++ {
			if arrowdata.IsValid(m.valid, int(from)) {
				m.enter(&m.state, m.values.at(int(from)))
			}
		}
	}
	return nil
}

// leaveRows removes rows from the state, and reports whether that was possible.
func (m *frameState[A, S, R]) leaveRows(from, to int32) bool {
	if from >= to {
		return true
	}
	if m.mayLeave != nil && !m.mayLeave(&m.state) {
		return false
	}
	for ; from < to; from++ {
		if arrowdata.IsValid(m.valid, int(from)) {
			m.leave(&m.state, m.values.at(int(from)))
		}
	}
	return true
}

func isFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
