package function

import (
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// bySpans wraps a function of a timestamp, and of constants behind it, that is the same for all timestamps of a span, of
// which unit tells the length; 0 where each timestamp is a span of its own. Events come ordered by their time, so
// the function is computed once for many neighbours.
func bySpans(unit func(constants []batch.Vector) time.Duration, bind Bind) Bind {
	return func(fn *types.Resolved) Kernel {
		c, rowByRow := clockOf(fn.Args[0]), bind(fn)
		if c.units > millisPerSecond {
			return rowByRow // finer times are rounded, out of their span
		}
		return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
			if args[0].Const || !allConst(args[1:]) && len(args) > 1 {
				return rowByRow(env, args, lambdas, rows)
			}
			step := c.unitsOf(int64(unit(args[1:])))
			if step == 0 {
				return rowByRow(env, args, lambdas, rows)
			}
			const codeBytes = 4
			if err := meterOf(env).Grow(int64(rows) * codeBytes); err != nil {
				return batch.Vector{}, err
			}
			valid := validOf(args, rows)
			codes, firsts := spansOf(batch.Values[int64](args[0].Array), valid, step)
			if len(firsts) == 0 {
				return rowByRow(env, args, lambdas, rows)
			}
			inner := append([]batch.Vector{{Array: batch.FromValues(args[0].Array.DataType(), firsts, nil)}}, args[1:]...)
			v, err := rowByRow(env, inner, lambdas, len(firsts))
			if err != nil {
				return v, err
			}
			if v.Array.DataType().ID() == arrow.STRING && v.Array.NullN() == 0 {
				return batch.Vector{Array: batch.FromCodes(codes, valid, v.Array)}, nil
			}
			for i := range codes {
				if !arrowdata.IsValid(valid, i) {
					codes[i] = -1
				}
			}
			return batch.Vector{Array: env.Take(v.Array, codes)}, nil
		}
	}
}

// millisPerSecond are the units of the finest timestamps that patterns and fields show whole.
const millisPerSecond = 1000

// minSpanRows is how many rows a span must have, in the mean, for it to be worth while to look for spans.
const minSpanRows = 4

// minLookedRows is how many rows are looked at before that can be told.
const minLookedRows = 256

// spansOf numbers the spans of step units that values which are not NULL lie in, and gives a value of each; none where
// spans have few rows.
func spansOf(values []int64, valid []byte, step int64) (codes []int32, firsts []int64) {
	codes = make([]int32, len(values))
	numbers := map[int64]int32{}
	var last span
	code, changes := int32(0), 0
	for i, v := range values {
		if !arrowdata.IsValid(valid, i) {
			continue
		}
		if !last.holds(v) {
			if changes++; changes*minSpanRows > min(len(values), max(i, minLookedRows)) {
				return nil, nil
			}
			start := types.FloorDiv(v, step) * step
			last = span{start, start + step}
			known := false
			if code, known = numbers[start]; !known {
				code = int32(len(firsts))
				numbers[start], firsts = code, append(firsts, v)
			}
		}
		codes[i] = code
	}
	return codes, firsts
}

// finestOf reads the pattern behind a timestamp.
func finestOf(finest func(pattern string) time.Duration) func([]batch.Vector) time.Duration {
	return func(constants []batch.Vector) time.Duration {
		if isNull(constants[0], 0) {
			return 0
		}
		return finest(batch.Strings(constants[0].Array)[0])
	}
}
