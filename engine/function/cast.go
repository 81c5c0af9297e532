package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// caster makes a cast for bound types. With try, a value that does not convert becomes NULL.
type caster func(try bool) Bind

// casting returns the caster of a function of single values.
func casting[A, R any](f func(A) (R, error)) caster {
	return castingEnv(func(*Env) (func(A) (R, error), error) { return f, nil })
}

// castingPure returns a caster that never fails.
func castingPure[A, R any](f func(A) R) caster {
	return casting(func(a A) (R, error) { return f(a), nil })
}

// number is the constraint of number types.
type number interface{ integer | float32 | float64 }

// converting returns a caster of numbers that Go converts as Trino does. It never fails.
func converting[A, R number]() caster {
	return castingColumns(castingPure(func(a A) R { return R(a) }), func(out []R, values []A) bool {
		for row, v := range values {
			out[row] = R(v)
		}
		return true
	})
}

// castingColumns returns a caster that tries all first, a loop over a whole column, including NULLs. all returns
// false if some row needs rowByRow.
func castingColumns[A number, R any](rowByRow caster, all func(out []R, values []A) bool) caster {
	return func(try bool) Bind {
		rowByRow := rowByRow(try)
		return func(fn *types.Resolved) Kernel {
			dt, rowByRow := arrowOf(fn), rowByRow(fn)
			return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
				if args[0].Const {
					return rowByRow(env, args, lambdas, rows)
				}
				meter := meterOf(env)
				before := meter.Used()
				if err := meter.Grow(int64(rows) * sizeOf[R]()); err != nil {
					return batch.Vector{}, err
				}
				out := make([]R, rows)
				if !all(out, columnOf[A](args[0]).vals[:rows]) {
					if err := meter.Settle(before); err != nil {
						return batch.Vector{}, err
					}
					return rowByRow(env, args, lambdas, rows)
				}
				return batch.Vector{Array: batch.FromValues(dt, out, validOf(args, rows))}, nil
			}
		}
	}
}

// castingEnv returns a caster that depends on the statement; open runs once per batch.
func castingEnv[A, R any](open func(env *Env) (func(A) (R, error), error)) caster {
	return func(try bool) Bind {
		return func(fn *types.Resolved) Kernel {
			dt := arrowOf(fn)
			return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
				f, err := open(env)
				if err != nil {
					return batch.Vector{}, err
				}
				a := columnOf[A](args[0])
				return mapRows(env, dt, args, rows, func(i int) (R, error) {
					r, err := f(a.at(i))
					if err != nil && try {
						return r, errNull
					}
					return r, err
				})
			}
		}
	}
}

// castKernel returns the cast between two types, false if there is none.
func castKernel(from, to *types.Type, try bool) (Kernel, bool) {
	if from.Equal(to) {
		return func(env *Env, args []batch.Vector, _ []Lambda, _ int) (batch.Vector, error) { return args[0], nil }, true
	}
	if from.Kind == types.Unknown {
		null := batch.Nulls(arrowtype.Of(to), 1)
		return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			if args[0].Const {
				return batch.Vector{Array: null, Const: true}, nil
			}
			return batch.Vector{Array: batch.Nulls(arrowtype.Of(to), rows)}, nil
		}, true
	}
	if isNested(from) && isNested(to) {
		convert, ok := nestedCast(from, to)
		if !ok {
			return nil, false
		}
		return arrayKernel(convert, try), true
	}
	make, ok := casterOf(from, to)
	if !ok {
		return nil, false
	}
	return make(try)(&types.Resolved{Args: []*types.Type{from}, Return: to}), true
}

func isNested(t *types.Type) bool {
	return t.Kind == types.Array || t.Kind == types.Map || t.Kind == types.Row
}

// casterOf returns the cast between two types; at most one may be nested.
func casterOf(from, to *types.Type) (caster, bool) {
	switch to.Kind {
	case types.JSON:
		return castToJSON(from)
	case types.Varchar:
		return castToVarchar(from, to)
	}
	switch from.Kind {
	case types.Boolean:
		return castBoolean(to)
	case types.TinyInt:
		return castInteger[int8](from, to)
	case types.SmallInt:
		return castInteger[int16](from, to)
	case types.Integer:
		return castInteger[int32](from, to)
	case types.BigInt:
		return castInteger[int64](from, to)
	case types.Real:
		return castFloat[float32](to, 32)
	case types.Double:
		return castFloat[float64](to, 64)
	case types.Decimal:
		return castDecimal(from, to)
	case types.Varchar:
		return castVarchar(to)
	case types.Char:
		if to.Kind == types.Char {
			return castingPure(func(s string) string { return toChar(s, to.Length) }), true
		}
	case types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ:
		return castTemporal(from, to)
	case types.JSON:
		return castFromJSON(to)
	case types.Varbinary, types.IPAddress, types.UUID, types.HyperLogLog, types.P4HyperLogLog:
		return castBytes(from, to)
	}
	return nil, false
}

// conversion casts a whole array.
type conversion func(env *Env, a arrow.Array) (arrow.Array, error)

// arrayKernel returns the kernel of a conversion. With try, if the whole array fails, it converts row by row to
// find the rows that do not convert.
func arrayKernel(convert conversion, try bool) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		a := args[0].Array
		out, err := convert(env, a)
		if err == nil || !try || EndsStatement(err) {
			return batch.Vector{Array: out, Const: args[0].Const}, err
		}
		a = env.Decode(a)
		parts := make([]arrow.Array, a.Len())
		for i := range parts {
			one := env.Take(a, []int32{int32(i)})
			if parts[i], err = convert(env, one); err != nil {
				if EndsStatement(err) {
					return batch.Vector{}, err
				}
				if parts[i], err = convert(env, batch.Nulls(a.DataType(), 1)); err != nil {
					return batch.Vector{}, err
				}
			}
		}
		return batch.Vector{Array: env.Concat(parts), Const: args[0].Const}, nil
	}
}

// elementCast is the cast of elements or fields.
func elementCast(from, to *types.Type) (conversion, bool) {
	kernel, ok := castKernel(from, to, false)
	if !ok {
		return nil, false
	}
	return func(env *Env, a arrow.Array) (arrow.Array, error) {
		v, err := kernel(env, []batch.Vector{{Array: a}}, []Lambda{nil}, a.Len())
		if err != nil {
			return nil, err
		}
		return env.Expand(v, a.Len()), nil
	}, true
}

// nestedCast casts arrays, maps and rows element by element.
func nestedCast(from, to *types.Type) (conversion, bool) {
	if from.Kind != to.Kind {
		return nil, false
	}
	switch from.Kind {
	case types.Array:
		elem, ok := elementCast(from.Elem, to.Elem)
		return castLists(elem), ok
	case types.Map:
		key, ok1 := elementCast(from.Key, to.Key)
		value, ok2 := elementCast(from.Elem, to.Elem)
		return castMaps(key, value, to), ok1 && ok2
	}
	if len(from.Fields) != len(to.Fields) {
		return nil, false
	}
	fields := make([]conversion, len(from.Fields))
	for i, f := range from.Fields {
		var ok bool
		if fields[i], ok = elementCast(f.Type, to.Fields[i].Type); !ok {
			return nil, false
		}
	}
	return castRows(fields, to), true
}

// compact drops the elements and fields under NULLs, so that they cannot raise errors.
func compact(a arrow.Array) arrow.Array {
	if a.NullN() == 0 && a.Data().Offset() == 0 {
		return a
	}
	idx := make([]int32, a.Len())
	for i := range idx {
		idx[i] = int32(i)
		if a.IsNull(i) {
			idx[i] = -1
		}
	}
	return batch.Take(a, idx)
}

func castLists(elem conversion) conversion {
	return func(env *Env, a arrow.Array) (arrow.Array, error) {
		a = compact(a)
		offsets, elems := batch.Lists(a)
		out, err := elem(env, elems)
		if err != nil {
			return nil, err
		}
		return batch.FromLists(offsets, arrowdata.Validity(a), out), nil
	}
}

func castMaps(key, value conversion, to *types.Type) conversion {
	return func(env *Env, a arrow.Array) (arrow.Array, error) {
		a = compact(a)
		offsets, keys, values := batch.Maps(a)
		keys, err := key(env, keys)
		if err != nil {
			return nil, err
		}
		if values, err = value(env, values); err != nil {
			return nil, err
		}
		if err := uniqueKeys(to.Key, offsets, keys); err != nil {
			return nil, err
		}
		return batch.FromMaps(offsets, arrowdata.Validity(a), keys, values), nil
	}
}

// uniqueKeys fails for maps in which a cast has made two keys equal, or a key NULL.
func uniqueKeys(t *types.Type, offsets []int32, keys arrow.Array) error {
	same := batch.Sameness(t, keys, keys)
	for row := range len(offsets) - 1 {
		for i := offsets[row]; i < offsets[row+1]; i++ {
			if arrowdata.IsNull(keys, int(i)) {
				return castError("map key cannot be null")
			}
			for j := offsets[row]; j < i; j++ {
				if same(int(i), int(j)) == batch.True {
					return castError("duplicate keys")
				}
			}
		}
	}
	return nil
}

func castRows(fields []conversion, to *types.Type) conversion {
	dt := arrowtype.Of(to).(*arrow.StructType)
	return func(env *Env, a arrow.Array) (arrow.Array, error) {
		a = compact(a)
		out := batch.Fields(a)
		for i, f := range out {
			var err error
			if out[i], err = fields[i](env, f); err != nil {
				return nil, err
			}
		}
		return batch.FromFields(dt, a.Len(), arrowdata.Validity(a), out), nil
	}
}
