package function

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// castFromJSON reads values of type to from JSON text; JSON null is NULL.
func castFromJSON(to *types.Type) (caster, bool) {
	if !readsJSON(to) {
		return nil, false
	}
	return func(try bool) Bind {
		return func(*types.Resolved) Kernel {
			return arrayKernel(func(env *Env, a arrow.Array) (arrow.Array, error) { return fromJSONColumn(env, to, a) }, try)
		}
	}, true
}

func readsJSON(t *types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double,
		types.Decimal, types.Varchar, types.JSON:
		return true
	case types.Array:
		return readsJSON(t.Elem)
	case types.Map:
		_, fromText := castKernel(types.VarcharType, t.Key, false)
		return fromText && readsJSON(t.Elem)
	case types.Row:
		return !slices.ContainsFunc(t.Fields, func(f types.Field) bool { return !readsJSON(f.Type) })
	}
	return false
}

// refuseKeys fails if there are maps in a type whose keys JSON objects cannot
// have. As in Trino this is an error of the cast that runs, also of NULL.
func refuseKeys(t *types.Type) error {
	inner := []*types.Type{t.Elem}
	switch {
	case t.Kind == types.Map && !isObjectKey(t.Key):
		return castError("Cannot cast JSON to %s", t)
	case t.Kind == types.Row:
		inner = nil
		for _, f := range t.Fields {
			inner = append(inner, f.Type)
		}
	case !isNested(t):
		return nil
	}
	for _, t := range inner {
		if err := refuseKeys(t); err != nil {
			return err
		}
	}
	return nil
}

func fromJSONColumn(env *Env, to *types.Type, a arrow.Array) (arrow.Array, error) {
	if err := refuseKeys(to); err != nil {
		return nil, err
	}
	vals := make([]types.Value, a.Len())
	for i, text := range batch.Strings(a) {
		vals[i] = types.Null(to)
		if a.IsNull(i) {
			continue
		}
		err := meterOf(env).Grow(jsonTreeBytes(text))
		if err != nil {
			return nil, err
		}
		if vals[i], err = valueFromJSON(text, to); err != nil {
			return nil, err
		}
	}
	return ArrayOf(to, vals)
}

// valueFromJSON reads one JSON text as a value of type t.
func valueFromJSON(text string, t *types.Type) (types.Value, error) {
	j := &jsontext.Walker{Text: text}
	v, err := readJSON(j, t)
	switch {
	case err == nil:
		return v, nil
	case isNested(t):
		return v, castError("Cannot cast to %s. %s\n%s", t, messageOf(err), types.Shortened(text))
	case j.Text != "" && (j.Text[0] == '{' || j.Text[0] == '['):
		return v, castError("Cannot cast '%s' to %s", types.Shortened(text), t)
	}
	return v, castError("%s", messageOf(err))
}

func messageOf(err error) string {
	if user, ok := err.(*types.Error); ok {
		return user.Message
	}
	return err.Error()
}

func readJSON(j *jsontext.Walker, t *types.Type) (types.Value, error) {
	first := j.PeekByte()
	if first == 'n' && t.Kind != types.JSON {
		_, err := j.ReadWord()
		return types.Null(t), err
	}
	switch t.Kind {
	case types.JSON:
		out, err := (&canonicalWriter{order: mergedByKey}).appendValue(nil, j)
		return types.Value{Type: t, V: string(out)}, err
	case types.Array:
		return readJSONArray(j, t)
	case types.Map:
		return readJSONMap(j, t)
	case types.Row:
		return readJSONRow(j, t)
	}
	if first == '{' || first == '[' {
		return types.Value{}, castError("Unexpected token when cast to %s: %c", t, first)
	}
	var err error
	text := numberPastDouble(j)
	if text == "" {
		text, err = j.ReadScalar()
	}
	if err != nil {
		return types.Value{}, err
	}
	v, err := scalarFromJSON(text, first, t)
	return types.Value{Type: t, V: v}, err
}

// numberPastDouble reads Infinity, the form of the json type for a number
// beyond the doubles; it is no JSON.
func numberPastDouble(j *jsontext.Walker) string {
	for _, word := range []string{"Infinity", "-Infinity"} {
		if j.TakeText(word) {
			return word
		}
	}
	return ""
}

// scalarFromJSON converts a string, number or boolean; first is the first byte
// of its JSON text.
func scalarFromJSON(text string, first byte, t *types.Type) (any, error) {
	isNumber := first == '-' || first == 'I' || first >= '0' && first <= '9'
	truth := 0
	if first == 't' {
		truth = 1
	}
	if first != '"' && !isNumber && t.Kind != types.Varchar && t.Kind != types.Boolean {
		text = strconv.Itoa(truth)
		isNumber = true
	}
	fraction := isNumber && strings.ContainsAny(text, ".eEI")
	switch t.Kind {
	case types.Varchar:
		if fraction {
			f, _ := strconv.ParseFloat(text, 64)
			text = scientific(f, 64)
		}
		return truncate(jsontext.WithoutSurrogates(text), t.Length), nil
	case types.Boolean:
		if isNumber {
			if _, err := strconv.ParseInt(text, 10, 64); !fraction && err != nil {
				return nil, castError("Cannot cast '%s' to %s", text, t)
			}
			f, _ := strconv.ParseFloat(text, 64)
			return f != 0, nil
		}
		return booleanReader.value(text)
	case types.Double:
		return floatReader[float64]("DOUBLE", 64).value(text)
	case types.Real:
		return floatReader[float32]("REAL", 32).value(text)
	case types.Decimal:
		return decimalReader(t).value(text)
	}
	return integerFromJSON(text, fraction, t)
}

func integerFromJSON(text string, fraction bool, t *types.Type) (any, error) {
	var n int64
	var err error
	if fraction {
		f, _ := strconv.ParseFloat(text, 64)
		n, err = roundTo[float64, int64]("bigint", math.MinInt64, math.MaxInt64)(f)
	} else {
		n, err = integerReader[int64]("BIGINT", 64).value(text)
	}
	if err != nil {
		return nil, err
	}
	limit := map[types.Kind]int64{types.TinyInt: math.MaxInt8, types.SmallInt: math.MaxInt16, types.Integer: math.MaxInt32, types.BigInt: math.MaxInt64}[t.Kind]
	if n > limit || n < -limit-1 {
		return nil, castError("Out of range for %s: %s", t, text)
	}
	return n, nil
}

func readJSONArray(j *jsontext.Walker, t *types.Type) (types.Value, error) {
	if err := expect(j, "array", "["); err != nil {
		return types.Value{}, err
	}
	elems := []types.Value{}
	err := j.EachElement(func(int) error {
		v, err := readJSON(j, t.Elem)
		elems = append(elems, v)
		return err
	})
	return types.Value{Type: t, V: elems}, err
}

func readJSONMap(j *jsontext.Walker, t *types.Type) (types.Value, error) {
	if err := expect(j, "object", "{"); err != nil {
		return types.Value{}, err
	}
	var m types.MapValue
	seen := map[any]bool{}
	err := j.EachMember(func(key string) error {
		k, err := scalarFromJSON(key, '"', t.Key)
		if err != nil {
			return err
		}
		if seen[k] {
			return castError("Duplicate map keys are not allowed")
		}
		seen[k] = true
		v, err := readJSON(j, t.Elem)
		m.Keys = append(m.Keys, types.Value{Type: t.Key, V: k})
		m.Values = append(m.Values, v)
		return err
	})
	return types.Value{Type: t, V: m}, err
}

func expect(j *jsontext.Walker, what, first string) error {
	if strings.IndexByte(first, j.PeekByte()) < 0 {
		return castError("Expected a json %s, but got %s", what, types.Shortened(j.Rest()))
	}
	return nil
}
