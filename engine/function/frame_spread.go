package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// spreadFrames computes variances and similar aggregates.
func spreadFrames(fn *types.Resolved, value func(*spread) (float64, bool, error)) *FrameFunction {
	oneByOne := growingFrames(fn, addSpread[int64], addSpread[float64], value)
	if fn.Args[0].Kind == types.BigInt {
		return besideEachOther[int64](oneByOne, value)
	}
	return besideEachOther[float64](oneByOne, value)
}

// lanes is the number of frames whose spreads are computed at once. Each number waits for the division of the
// previous one in its frame, but not for those of other frames.
const lanes = 4

// besideEachOther computes the spreads of several frames at once, if all begin at different rows, as moving frames
// do. It adds the numbers of each frame in order, as oneByOne does. oneByOne computes all other frames.
func besideEachOther[T int64 | float64](oneByOne *FrameFunction, value func(*spread) (float64, bool, error)) *FrameFunction {
	return &FrameFunction{Values: func(f *Frames, args []batch.Vector) (arrow.Array, error) {
		if args[0].Const || args[0].Array.DataType().ID() == arrow.NULL || validOf(args[:1], f.Rows) != nil || !allMove(f.Partitions) {
			return oneByOne.Values(f, args)
		}
		values := columnOf[T](args[0]).vals
		out, valid := make([]float64, f.Rows), arrowdata.FullValidity(f.Rows)
		for _, p := range f.Partitions {
			for first := 0; first < len(p.FrameStart); first += lanes {
				if err := f.Env.Ended(); err != nil {
					return nil, err
				}
				end := min(first+lanes, len(p.FrameStart))
				spreads := spreadsOf(values, p.FrameStart[first:end], p.FrameEnd[first:end])
				for i := range end - first {
					row := int(p.Start) + first + i
					v, ok, err := value(&spreads[i])
					if err != nil {
						return nil, err
					}
					if !ok {
						arrowdata.ClearBit(valid, row)
						continue
					}
					out[row] = v
				}
			}
		}
		return arrayOf(arrow.PrimitiveTypes.Float64, out, valid, batch.InTurn)
	}}
}

// allMove reports whether besideEachOther pays. Few of the frames' rows may be in frames that begin where the
// previous one does and could continue its spread. No frame may be so long that it needs a check within it whether
// the statement has ended.
func allMove(partitions []*WindowPartition) bool {
	rows, following := int64(0), int64(0)
	for _, p := range partitions {
		for i, from := range p.FrameStart {
			size := int64(max(0, p.FrameEnd[i]-from))
			if size > rowsPerLook/lanes {
				return false
			}
			rows += size
			if i > 0 && from == p.FrameStart[i-1] {
				following += size
			}
		}
	}
	return following <= rows/lanes
}

// spreadsOf returns the spreads of up to lanes frames.
func spreadsOf[T int64 | float64](values []T, from, to []int32) (out [lanes]spread) {
	shared := 0 // the length that all frames have at least
	if len(from) == lanes {
		shared = int(max(0, min(to[0]-from[0], to[1]-from[1], to[2]-from[2], to[3]-from[3])))
	}
	if shared > 0 {
		a, b, c, d := values[from[0]:][:shared], values[from[1]:][:shared], values[from[2]:][:shared], values[from[3]:][:shared]
		out = addFour(a, b, c, d)
	}
	for i := range from {
		for row := int(from[i]) + shared; row < int(to[i]); row++ {
			_ = addSpread(&out[i], values[row]) // never fails
		}
	}
	return out
}

// addFour returns the spreads of four lists of equal length, each as addSpread computes it.
func addFour[T int64 | float64](a, b, c, d []T) [lanes]spread {
	var p, q, r, s spread
	b, c, d = b[:len(a)], c[:len(a)], d[:len(a)]
	for i := range a {
		_, _ = addSpread(&p, a[i]), addSpread(&q, b[i])
		_, _ = addSpread(&r, c[i]), addSpread(&s, d[i])
	}
	return [lanes]spread{p, q, r, s}
}

// momentFrames computes skewness and kurtosis.
func momentFrames(fn *types.Resolved, value func(*moments) (float64, bool, error)) *FrameFunction {
	return growingFrames(fn, addMoment[int64], addMoment[float64], value)
}

// growingFrames recomputes each frame in row order: removing a value from these states would change the last digits
// of the result.
func growingFrames[S any](
	fn *types.Resolved, addWhole func(*S, int64) error, addFraction func(*S, float64) error, value func(*S) (float64, bool, error),
) *FrameFunction {
	if fn.Args[0].Kind == types.BigInt {
		return growingFramesOf(fn, addWhole, value)
	}
	return growingFramesOf(fn, addFraction, value)
}

func growingFramesOf[T int64 | float64, S any](fn *types.Resolved, add func(*S, T) error, value func(*S) (float64, bool, error)) *FrameFunction {
	return sliding[T, S, float64]{
		enter:    func(s *S, v T) { _ = add(s, v) }, // never fails
		mayLeave: func(*S) bool { return false },
		inOrder:  true,
		value:    value,
	}.frames(fn)
}
