package answer

import (
	"strconv"

	"github.com/auditlake/auditlake/planner/types"
)

// AppendTypeSignature appends the JSON by which the Trino client protocol
// describes a type to programs: {"rawType":…,"arguments":[…]}.
func AppendTypeSignature(out []byte, t *types.Type) []byte {
	switch t.Kind {
	case types.Decimal:
		return appendSignature(out, "decimal", number(t.Precision), number(t.Scale))
	case types.Varchar:
		length := t.Length
		if length == types.Unbounded {
			length = maxVarcharLength
		}
		return appendSignature(out, "varchar", number(length))
	case types.Char:
		return appendSignature(out, "char", number(t.Length))
	case types.Time:
		return appendSignature(out, "time", number(t.Precision))
	case types.TimeTZ:
		return appendSignature(out, "time with time zone", number(t.Precision))
	case types.Timestamp:
		return appendSignature(out, "timestamp", number(t.Precision))
	case types.TimestampTZ:
		return appendSignature(out, "timestamp with time zone", number(t.Precision))
	case types.Array:
		return appendSignature(out, "array", inner(t.Elem))
	case types.QDigest:
		return appendSignature(out, "qdigest", inner(t.Elem))
	case types.Map:
		return appendSignature(out, "map", inner(t.Key), inner(t.Elem))
	case types.Row:
		arguments := make([]argument, len(t.Fields))
		for i, f := range t.Fields {
			arguments[i] = fieldArgument(f)
		}
		return appendSignature(out, "row", arguments...)
	}
	return appendSignature(out, t.String())
}

// maxVarcharLength is how the protocol writes a varchar without limit.
const maxVarcharLength = 1<<31 - 1

// argument appends one parameter of a type.
type argument func(out []byte) []byte

func appendSignature(out []byte, rawType string, arguments ...argument) []byte {
	out = AppendQuoted(append(out, `{"rawType":`...), []byte(rawType))
	out = append(out, `,"arguments":[`...)
	for i, appendTo := range arguments {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendTo(out)
	}
	return append(out, "]}"...)
}

func number(n int) argument {
	return func(out []byte) []byte {
		return append(strconv.AppendInt(append(out, `{"kind":"LONG","value":`...), int64(n), 10), '}')
	}
}

func inner(t *types.Type) argument {
	return func(out []byte) []byte {
		return append(AppendTypeSignature(append(out, `{"kind":"TYPE","value":`...), t), '}')
	}
}

// fieldArgument is a field of a row; one without a name has no fieldName.
func fieldArgument(f types.Field) argument {
	return func(out []byte) []byte {
		out = append(out, `{"kind":"NAMED_TYPE","value":{`...)
		if f.Name != "" {
			out = append(AppendQuoted(append(out, `"fieldName":{"name":`...), []byte(f.Name)), "},"...)
		}
		return append(AppendTypeSignature(append(out, `"typeSignature":`...), f.Type), "}}"...)
	}
}
