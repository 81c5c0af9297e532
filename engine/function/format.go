package function

import (
	"errors"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/javaformat"
	"github.com/auditlake/auditlake/planner/types"
)

// formatFunctions is format(), which works as Java's Formatter.
func formatFunctions() []Function {
	return []Function{
		scalar("format(varchar, _...) -> varchar", "Returns the arguments put into a text at its %s, %d, %.2f and the like.", formatValues,
			types.NullCalled, types.ReturnOf(formattable)),
	}
}

// formattable fails for arguments that cannot be formatted.
func formattable(args []*types.Type) (*types.Type, error) {
	for _, t := range args[1:] {
		switch t.Kind {
		case types.Array, types.Map, types.Row, types.Varbinary, types.HyperLogLog, types.P4HyperLogLog,
			types.QDigest, types.TDigest, types.SetDigest:
			return nil, types.Errorf(types.NotSupported, types.Pos{}, "Type not supported for formatting: %s", t)
		}
	}
	return types.VarcharType, nil
}

func formatValues(fn *types.Resolved) Kernel {
	compile := memo(javaformat.Parse)
	dt := arrowOf(fn)
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		readers := make([]func(i int) javaformat.Arg, len(args)-1)
		for a := range readers {
			var err error
			if readers[a], err = formatReader(env, fn.Args[a+1], args[a+1]); err != nil {
				return batch.Vector{}, err
			}
		}
		const expectedBytes = 16
		texts, err := newAppended(meterOf(env), rows, int64(rows)*expectedBytes)
		if err != nil {
			return batch.Vector{}, err
		}
		pattern, values := columnOf[string](args[0]), make([]javaformat.Arg, len(readers))
		valid, err := texts.appendRows(env, args, validOf(args[:1], rows), func(dst []byte, i int) ([]byte, error) {
			items, err := compile(pattern.at(i))
			if err != nil {
				return nil, err
			}
			for a, read := range readers {
				values[a] = read(i)
			}
			text, err := javaformat.Append(dst, items, values, env.checkLength)
			if err != nil && (!EndsStatement(err) || errors.As(err, new(javaformat.Error))) {
				err = argumentError("Invalid format string: %s (%v)", types.Shortened(pattern.at(i)), err)
			}
			return text, err
		})
		if err != nil {
			return batch.Vector{}, err
		}
		a, err := texts.array(dt, valid)
		return batch.Vector{Array: a, Const: constant}, err
	}
}

// formatReader reads the values of an argument.
func formatReader(env *Env, t *types.Type, v batch.Vector) (func(i int) javaformat.Arg, error) {
	read, err := openFormatArg(env, t, v)
	return func(i int) javaformat.Arg {
		if isNull(v, i) {
			return javaformat.Arg{Text: "null"}
		}
		return read(i)
	}, err
}

func openFormatArg(env *Env, t *types.Type, v batch.Vector) (func(i int) javaformat.Arg, error) {
	switch t.Kind {
	case types.Unknown:
		return nil, nil
	case types.Boolean:
		c := columnOf[bool](v)
		return func(i int) javaformat.Arg {
			return javaformat.Arg{Kind: 'b', JavaClass: "java.lang.Boolean", Text: strconv.FormatBool(c.at(i))}
		}, nil
	case types.TinyInt:
		return formatInteger(columnOf[int8](v)), nil
	case types.SmallInt:
		return formatInteger(columnOf[int16](v)), nil
	case types.Integer:
		return formatInteger(columnOf[int32](v)), nil
	case types.BigInt:
		return formatInteger(columnOf[int64](v)), nil
	case types.Real:
		c := columnOf[float32](v)
		return func(i int) javaformat.Arg { return javaformat.FloatArg(float64(c.at(i)), 32) }, nil
	case types.Double:
		c := columnOf[float64](v)
		return func(i int) javaformat.Arg { return javaformat.FloatArg(c.at(i), 64) }, nil
	case types.Decimal:
		c := columnOf[decimal128.Num](v)
		return func(i int) javaformat.Arg { return javaformat.DecimalArg(c.at(i), t.Scale) }, nil
	case types.Date, types.Time, types.Timestamp, types.TimestampTZ:
		return formatTimes(t, v), nil
	}
	texts := v
	if t.Kind != types.Varchar && t.Kind != types.Char && t.Kind != types.JSON {
		toText, ok := castKernel(t, types.VarcharType, false)
		if !ok {
			return nil, types.Errorf(types.NotSupported, types.Pos{}, "Type not supported for formatting: %s", t)
		}
		var err error
		if texts, err = toText(env, []batch.Vector{v}, []Lambda{nil}, v.Array.Len()); err != nil {
			return nil, err
		}
	}
	c := columnOf[string](texts)
	return func(i int) javaformat.Arg {
		return javaformat.Arg{Kind: 's', JavaClass: "java.lang.String", Text: c.at(i)}
	}, nil
}

func formatInteger[T int8 | int16 | int32 | int64](c column[T]) func(i int) javaformat.Arg {
	return func(i int) javaformat.Arg {
		return javaformat.Arg{Kind: 'd', JavaClass: "java.lang.Long", Number: int64(c.at(i))}
	}
}
