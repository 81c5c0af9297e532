package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// conditionalFunctions are the functions that choose among their arguments, or read their types. CASE, IF, COALESCE
// and the like are forms of expressions.
func conditionalFunctions() []Function {
	return []Function{
		// Arguments after a NULL are still evaluated, and may fail.
		scalar("greatest(T, T...) -> T where T orderable", "Returns the greatest argument; NULL if any is NULL.", greatest, types.NullCalled),
		scalar("least(T, T...) -> T where T orderable", "Returns the least argument; NULL if any is NULL.", least, types.NullCalled),
		scalar("typeof(T) -> varchar", "Returns the name of the argument's type.", typeOf, types.NullCalled),
		scalar("$fail(varchar, varchar) -> boolean", "fails with an error name and a message", failWith, types.NonDeterministic),
		scalar("fail(varchar) -> unknown", "Fails with a message.", fail, types.NonDeterministic),
	}
}

// fail fails for the first row that has a message; the other rows are NULL.
func fail(*types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		message := columnOf[string](args[0])
		for i := range rows {
			if !isNull(args[0], i) {
				return batch.Vector{}, types.Errorf(types.GenericUserError, types.Pos{}, "%s", message.at(i))
			}
		}
		return batch.Vector{Array: batch.Nulls(arrow.Null, rows)}, nil
	}
}

// failWith fails if there is any row.
func failWith(*types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		if rows == 0 {
			return batch.Vector{Array: batch.Nulls(arrow.FixedWidthTypes.Boolean, 0)}, nil
		}
		name, message := columnOf[string](args[0]), columnOf[string](args[1])
		return batch.Vector{}, types.Errorf(name.at(0), types.Pos{}, "%s", message.at(0))
	}
}

func typeOf(fn *types.Resolved) Kernel {
	name, err := batch.FromStrings(arrow.BinaryTypes.String, []string{fn.Args[0].PlainString()}, nil)
	return func(*Env, []batch.Vector, []Lambda, int) (batch.Vector, error) {
		return batch.Vector{Array: name, Const: true}, err
	}
}

func greatest(fn *types.Resolved) Kernel {
	return chooseKernel(fn.Return, +1)
}

func least(fn *types.Resolved) Kernel {
	return chooseKernel(fn.Return, -1)
}

// chooseKernel returns one of its arguments for each row: the first of the greatest (sign 1) or least (sign -1). A
// NaN loses against every number.
func chooseKernel(t *types.Type, sign int) Kernel {
	if kernel := chooseNumbersOf(t, sign); kernel != nil {
		return kernel
	}
	return chooseAny(t, sign)
}

func chooseAny(t *types.Type, sign int) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		valid := validOf(args, rows)
		best := args[0]
		for _, next := range args[1:] {
			best = batch.Vector{Array: chooseColumn(env, t, sign, best, next, rows, valid)}
		}
		idx := make([]int32, rows)
		for i := range idx {
			idx[i] = int32(best.At(i))
			if !arrowdata.IsValid(valid, i) {
				idx[i] = -1
			}
		}
		return batch.Vector{Array: env.Take(best.Array, idx), Const: constant}, nil
	}
}

// chooseNumbersOf is chooseKernel for types whose values Go compares, nil for others.
func chooseNumbersOf(t *types.Type, sign int) Kernel {
	if t.IsLong() {
		return nil
	}
	switch t.Kind {
	case types.TinyInt:
		return chooseNumbers[int8](t, sign)
	case types.SmallInt:
		return chooseNumbers[int16](t, sign)
	case types.Integer, types.Date, types.IntervalYear:
		return chooseNumbers[int32](t, sign)
	case types.BigInt, types.Timestamp, types.Time, types.IntervalDay:
		return chooseNumbers[int64](t, sign)
	case types.Real:
		return chooseNumbers[float32](t, sign)
	case types.Double:
		return chooseNumbers[float64](t, sign)
	}
	return nil
}

func chooseNumbers[T number](t *types.Type, sign int) Kernel {
	dt := arrowtype.Of(t)
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		if err := meterOf(env).Grow(int64(rows) * sizeOf[T]()); err != nil {
			return batch.Vector{}, err
		}
		out := make([]T, rows)
		first := columnOf[T](args[0])
		for i := range out {
			out[i] = first.at(i)
		}
		for _, arg := range args[1:] {
			chooseOver(out, columnOf[T](arg), sign)
		}
		return batch.Vector{Array: batch.FromValues(dt, out, validOf(args, rows)), Const: constant}, nil
	}
}

// chooseOver replaces the values of best by those of next that win, the greater (sign 1) or the less (sign -1).
func chooseOver[T number](best []T, next column[T], sign int) {
	if sign > 0 {
		for i, b := range best {
			if n := next.at(i); n > b || b != b {
				b = n
			}
			best[i] = b
		}
		return
	}
	for i, b := range best {
		if n := next.at(i); n < b || b != b {
			b = n
		}
		best[i] = b
	}
}

func chooseColumn(env *Env, t *types.Type, sign int, best, next batch.Vector, rows int, valid []byte) arrow.Array {
	order := batch.Ordering(t, next.Array, best.Array)
	if sign > 0 {
		order = batch.OrderingNaNFirst(t, next.Array, best.Array)
	}
	idx := make([]int32, rows)
	behind := best.Array.Len() // where next begins in the joined array
	for i := range idx {
		b, n := best.At(i), next.At(i)
		idx[i] = int32(b)
		if arrowdata.IsValid(valid, i) && order(n, b)*sign > 0 {
			idx[i] = int32(behind + n)
		}
	}
	return env.Take(env.Concat([]arrow.Array{best.Array, next.Array}), idx)
}
