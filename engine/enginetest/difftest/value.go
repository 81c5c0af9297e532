// Package difftest asks random questions about small tables, and compares the engine's answers with those of an
// interpreter. The interpreter works a row at a time and shares no code with the engine. Only tests use the package.
//
// A question is built from the tables upwards; each piece knows its SQL and, as plain Go, what it means. So there
// is no second parser and no plan. An expression is a text and a function of a row; a relation is a text and its
// rows.
package difftest

import (
	"cmp"
	"math"
	"math/big"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

// Values are those of types.Value.V: nil for NULL, bool, int64, float64,
// decimal128.Num, string, types.Zoned, types.LongZoned, []types.Value for arrays and rows,
// types.MapValue. Dates are days, timestamps milliseconds, long
// ones picoseconds.

// fault is an error of the language, such as DIVISION_BY_ZERO.
type fault string

func (f fault) Error() string { return string(f) }

// The faults that expressions here can have.
const (
	divisionByZero = fault(types.DivisionByZero)
	outOfRange     = fault(types.NumericValueOutOfRange)
	invalidCast    = fault(types.InvalidCastArgument)
	badArgument    = fault(types.InvalidFunctionArgument)
)

// order compares two values that are not NULL. NaN is above all other doubles.
func order(t *types.Type, a, b any) int {
	switch x := a.(type) {
	case bool:
		return cmp.Compare(truth(x), truth(b.(bool)))
	case int64:
		return cmp.Compare(x, b.(int64))
	case float64:
		y := b.(float64)
		switch {
		case math.IsNaN(x) || math.IsNaN(y):
			return cmp.Compare(truth(math.IsNaN(x)), truth(math.IsNaN(y)))
		}
		return cmp.Compare(x, y)
	case decimal128.Num:
		return x.BigInt().Cmp(b.(decimal128.Num).BigInt())
	case string:
		return strings.Compare(x, b.(string))
	case types.Zoned:
		return cmp.Compare(x.Instant, b.(types.Zoned).Instant)
	case types.LongZoned:
		return picosOf(x).Cmp(picosOf(b))
	}
	panic("difftest: no order of " + t.String())
}

// extreme is the greater of two values that are not NULL, the smaller one with
// sense -1. NaN loses against every other double.
func extreme(t *types.Type, a, b any, sense int) any {
	switch {
	case isNaN(a):
		return b
	case isNaN(b) || order(t, b, a)*sense <= 0:
		return a
	}
	return b
}

func isNaN(v any) bool {
	f, ok := v.(float64)
	return ok && math.IsNaN(f)
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// equal is the three-valued equality: nil when it depends on a NULL inside.
func equal(t *types.Type, a, b any) any {
	if a == nil || b == nil {
		return nil
	}
	switch x := a.(type) {
	case float64:
		return x == b.(float64)
	case []types.Value:
		return equalItems(x, b.([]types.Value))
	}
	return order(t, a, b) == 0
}

func equalItems(a, b []types.Value) any {
	if len(a) != len(b) {
		return false
	}
	var result any = true
	for i := range a {
		switch equal(a[i].Type, a[i].V, b[i].V) {
		case false:
			return false
		case nil:
			result = nil
		}
	}
	return result
}

// key identifies a value as grouping, DISTINCT and set operations do: NULL is
// one value, NaN is one value, 0 and -0 are one.
func key(v any) string {
	switch x := v.(type) {
	case nil:
		return "N"
	case bool:
		return "b" + string(rune('0'+truth(x)))
	case int64:
		return "i" + big.NewInt(x).String()
	case float64:
		switch {
		case x == 0:
			x = 0 // of -0, too
		case math.IsNaN(x):
			return "fN"
		}
		return "f" + big.NewInt(int64(math.Float64bits(x))).String()
	case decimal128.Num:
		return "d" + x.BigInt().String()
	case types.Zoned:
		return "z" + big.NewInt(x.Instant).String()
	case types.LongZoned:
		return "z" + picosOf(x).String()
	case string:
		return "s" + big.NewInt(int64(len(x))).String() + ":" + x
	case []types.Value:
		out := "["
		for _, item := range x {
			out += key(item.V) + ","
		}
		return out + "]"
	}
	panic("difftest: no key")
}

func rowKey(row []any) string {
	var out strings.Builder
	for _, v := range row {
		out.WriteString(key(v))
		out.WriteByte('|')
	}
	return out.String()
}
