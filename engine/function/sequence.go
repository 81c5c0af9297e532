package function

import (
	"slices"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func sequenceFunctions() []Function {
	const doc = "Returns an array of values from the first to the second, both included, in steps."
	return []Function{
		scalar("sequence(bigint, bigint) -> array(bigint)", doc, bound(numberSequence)),
		scalar("sequence(bigint, bigint, bigint) -> array(bigint)", doc, bound(numberSequence)),
		scalar("sequence(date, date) -> array(date)", doc, bound(dateSequence)),
		scalar("sequence(date, date, interval day to second) -> array(date)", doc, bound(dateSequence)),
		scalar("sequence(date, date, interval year to month) -> array(date)", doc, bound(monthSequence)),
		scalar("sequence(timestamp(p), timestamp(p), interval day to second) -> array(timestamp(p))", doc, moveMicros(bound(timestampSequence))),
		scalar("sequence(timestamp(p), timestamp(p), interval year to month) -> array(timestamp(p))", doc, moveMicros(bound(monthSequence))),
	}
}

// rowElements are the elements of a row's array, none of them NULL.
type rowElements[R any] struct {
	// count returns the number of elements; nil: it is not known in advance.
	count    func(i int) (int64, error)
	appendTo func(i int, out []R) ([]R, error)
}

// listBind adapts a function that returns the elements of a row's array.
func listBind[R any](open func(args []batch.Vector) rowElements[R]) Bind {
	return func(fn *types.Resolved) Kernel {
		dt := arrowtype.Of(fn.Return.Elem)
		return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			rows, constant := rowsToCompute(args, rows)
			valid := validOf(args, rows)
			row, meter := open(args), meterOf(env)
			out, err := withRoom(meter, []R(nil), row.expected(valid, rows))
			if err != nil {
				return batch.Vector{}, err
			}
			offsets := make([]int32, rows+1)
			for i := range rows {
				if err := meter.Stopped(); err != nil {
					return batch.Vector{}, err
				}
				if arrowdata.IsValid(valid, i) {
					if row.count == nil {
						if out, err = withRoom(meter, out, maxRepeat); err != nil {
							return batch.Vector{}, err
						}
					}
					if out, err = row.appendTo(i, out); err != nil {
						return batch.Vector{}, err
					}
					if len(out) > maxListElements {
						return batch.Vector{}, errTooManyElements()
					}
				}
				offsets[i+1] = int32(len(out))
			}
			elems, err := arrayOf(dt, out, nil, env.inTurn)
			if err != nil {
				return batch.Vector{}, err
			}
			return batch.Vector{Array: batch.FromLists(offsets, valid, elems), Const: constant}, nil
		}
	}
}

// expected returns the number of elements of all rows, as far as it is known, up to the first row with an error.
func (e rowElements[R]) expected(valid []byte, rows int) int {
	total := int64(0)
	for i := range rows {
		if e.count == nil || total > maxListElements {
			break
		}
		if !arrowdata.IsValid(valid, i) {
			continue
		}
		count, err := e.count(i)
		if err != nil {
			break
		}
		total += count
	}
	return int(total)
}

// checkSteps fails for a sequence without a direction or with too many values.
func checkSteps(from, to, step int64) (count int64, err error) {
	if step == 0 {
		return 0, argumentError("step must not be zero")
	}
	if step > 0 && to < from || step < 0 && to > from {
		return 0, argumentError("sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start")
	}
	span, width := uint64(to)-uint64(from), uint64(step)
	if step < 0 {
		span, width = uint64(from)-uint64(to), -uint64(step)
	}
	if span/width >= maxRepeat {
		return 0, errLongSequence()
	}
	return int64(span/width) + 1, nil
}

func errLongSequence() error {
	return argumentError("result of sequence function must not have more than %d entries", maxRepeat)
}

// stepSequence counts from start to stop by a step of the same unit.
func stepSequence[T int32 | int64](start, stop column[T], step func(i int) (int64, error)) rowElements[T] {
	return rowElements[T]{
		count: func(i int) (int64, error) {
			by, err := step(i)
			if err != nil {
				return 0, err
			}
			return checkSteps(int64(start.at(i)), int64(stop.at(i)), by)
		},
		appendTo: func(i int, out []T) ([]T, error) {
			from, to := int64(start.at(i)), int64(stop.at(i))
			by, err := step(i)
			if err != nil {
				return out, err
			}
			count, err := checkSteps(from, to, by)
			before := len(out)
			out = slices.Grow(out, int(count))[:before+int(count)]
			for k := range out[before:] {
				out[before+k] = T(from + int64(k)*by)
			}
			return out, err
		},
	}
}

func numberSequence(*types.Resolved) Bind {
	return listBind(func(args []batch.Vector) rowElements[int64] {
		start, stop := columnOf[int64](args[0]), columnOf[int64](args[1])
		return stepSequence(start, stop, func(i int) (int64, error) {
			switch {
			case len(args) == 3:
				return columnOf[int64](args[2]).at(i), nil
			case stop.at(i) < start.at(i):
				return -1, nil
			}
			return 1, nil
		})
	})
}

func dateSequence(*types.Resolved) Bind {
	return listBind(func(args []batch.Vector) rowElements[int32] {
		start, stop := columnOf[int32](args[0]), columnOf[int32](args[1])
		return stepSequence(start, stop, func(i int) (int64, error) {
			if len(args) < 3 {
				if stop.at(i) < start.at(i) {
					return -1, nil
				}
				return 1, nil
			}
			millis := columnOf[int64](args[2]).at(i)
			if millis%millisPerDay != 0 {
				return 0, argumentError("sequence step must be a day interval if start and end values are dates")
			}
			return millis / millisPerDay, nil
		})
	})
}

func timestampSequence(fn *types.Resolved) Bind {
	units := arrowtype.UnitsPerSecond(fn.Args[0])
	return listBind(func(args []batch.Vector) rowElements[int64] {
		start, stop, step := columnOf[int64](args[0]), columnOf[int64](args[1]), columnOf[int64](args[2])
		return stepSequence(start, stop, func(i int) (int64, error) {
			by, ok := multiply(step.at(i), max(1, units/1000))
			if !ok {
				return 0, overflowed("the step")
			}
			if units < 1000 {
				by /= 1000 / units
			}
			return by, nil
		})
	})
}

// monthSequence counts by months. Each value is the first one moved, so days are clamped to each month's own end.
// The number of values is that of date_diff; the last may be clamped to a day past the end.
func monthSequence(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	if fn.Args[0].Kind == types.Date {
		return listBind(func(args []batch.Vector) rowElements[int32] {
			start, stop, step := columnOf[int32](args[0]), columnOf[int32](args[1]), columnOf[int32](args[2])
			return rowElements[int32]{appendTo: func(i int, out []int32) ([]int32, error) {
				err := countMonths(c, int64(start.at(i)), int64(stop.at(i)), int64(step.at(i)), func(v int64) { out = append(out, int32(v)) })
				return out, err
			}}
		})
	}
	return listBind(func(args []batch.Vector) rowElements[int64] {
		start, stop, step := columnOf[int64](args[0]), columnOf[int64](args[1]), columnOf[int32](args[2])
		return rowElements[int64]{appendTo: func(i int, out []int64) ([]int64, error) {
			err := countMonths(c, start.at(i), stop.at(i), int64(step.at(i)), func(v int64) { out = append(out, v) })
			return out, err
		}}
	})
}

func countMonths(c clock, from, to, step int64, emit func(int64)) error {
	if _, err := checkSteps(from, from+sign(to-from), step); err != nil {
		return err
	}
	first := c.local(from)
	last := monthsBetween(first, c.local(to)) / step
	if last >= maxRepeat {
		return errLongSequence()
	}
	for k := range last + 1 {
		t, err := addMonths(first, k*step)
		if err != nil {
			return err
		}
		emit(c.value(t))
	}
	return nil
}

func sign(v int64) int64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}
