package exec

import (
	"cmp"
	"math"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// keyShift moves a row's sort key by its frame offset, and returns the
// comparison of other rows' keys with that value.
type keyShift func(row int) (compare func(candidate int) int, err error)

// newKeyShift makes the shift for a key and an offset column; direction is 1
// or -1. Errors: a negative or NULL offset, a pair of types without a sum.
func newKeyShift(keyType *types.Type, keys arrow.Array, offsetType *types.Type, offsets arrow.Array, direction int64) (keyShift, error) {
	check := func(row int, negative bool) error {
		switch {
		case offsets.IsNull(row):
			return frameError("Window frame offset value must not be null")
		case negative:
			return frameError("Window frame offset value must not be negative")
		}
		return nil
	}
	switch keyType.Kind {
	case types.Real, types.Double:
		return floatShift(keys, offsets, float64(direction), check)
	case types.Decimal:
		return decimalShift(keyType, keys, offsetType, offsets, direction, check)
	}
	key, err := frameInteger(keyValues(keys))
	if err != nil {
		return nil, err
	}
	step, err := frameInteger(offsets)
	if err != nil {
		return nil, err
	}
	move, err := integerMove(keyType, offsetType)
	if err != nil {
		return nil, err
	}
	return func(row int) (func(int) int, error) {
		if err := check(row, step(row) < 0); err != nil {
			return nil, err
		}
		bound := move(key(row), direction*step(row))
		return func(candidate int) int { return cmp.Compare(key(candidate), bound) }, nil
	}, nil
}

// keyValues are the instants of keys with time zone, else the keys.
func keyValues(keys arrow.Array) arrow.Array {
	if instants, ok := batch.Instants(keys); ok {
		return instants
	}
	return keys
}

// integerMove adds an offset to a key that is held as an integer.
func integerMove(keyType, offsetType *types.Type) (func(key, offset int64) int64, error) {
	switch {
	case keyType.IsInteger() && offsetType.IsInteger(), keyType.Kind == offsetType.Kind:
		return addClamped, nil
	case offsetType.Kind == types.IntervalDay && keyType.Kind == types.Date:
		return func(key, millis int64) int64 { return key + millis/86_400_000 }, nil
	case offsetType.Kind == types.IntervalDay:
		perMilli := arrowtype.UnitsPerSecond(keyType)
		return func(key, millis int64) int64 { return addClamped(key, millis*perMilli/1000) }, nil
	case offsetType.Kind == types.IntervalYear && keyType.Kind == types.Date:
		return func(key, months int64) int64 { return addMonths(key*86_400, months) / 86_400 }, nil
	case offsetType.Kind == types.IntervalYear:
		perSecond := arrowtype.UnitsPerSecond(keyType)
		return func(key, months int64) int64 {
			seconds := floorDiv(key, perSecond)
			return addMonths(seconds, months)*perSecond + key - seconds*perSecond
		}, nil
	}
	return nil, types.Errorf(types.NotSupported, types.Pos{}, "RANGE frame of %s with an offset of %s is not supported", keyType, offsetType)
}

func addClamped(a, b int64) int64 {
	sum := a + b
	if (sum > a) == (b > 0) || b == 0 {
		return sum
	}
	if b > 0 {
		return math.MaxInt64
	}
	return math.MinInt64
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// addMonths moves UTC seconds by months; a day past the month's end becomes its last.
func addMonths(seconds, months int64) int64 {
	t := time.Unix(seconds, 0).UTC()
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	lastDay := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), lastDay)-1).Unix()
}

func floatShift(keys, offsets arrow.Array, direction float64, check func(row int, negative bool) error) (keyShift, error) {
	key, err := frameFloat(keys)
	if err != nil {
		return nil, err
	}
	step, err := frameFloat(offsets)
	if err != nil {
		return nil, err
	}
	return func(row int) (func(int) int, error) {
		if err := check(row, step(row) < 0); err != nil {
			return nil, err
		}
		bound := key(row) + direction*step(row)
		return func(candidate int) int { return floatCompare(key(candidate), bound) }, nil
	}, nil
}

// floatCompare orders NaN after all numbers and as equal to itself.
func floatCompare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b || a != a && b != b:
		return 0
	case a != a:
		return 1
	}
	return -1
}

func frameFloat(a arrow.Array) (func(row int) float64, error) {
	switch a.DataType().ID() {
	case arrow.FLOAT64:
		values := batch.Values[float64](a)
		return func(row int) float64 { return values[row] }, nil
	case arrow.FLOAT32:
		values := batch.Values[float32](a)
		return func(row int) float64 { return float64(values[row]) }, nil
	}
	integer, err := frameInteger(a)
	return func(row int) float64 { return float64(integer(row)) }, err
}

func decimalShift(
	keyType *types.Type, keys arrow.Array, offsetType *types.Type, offsets arrow.Array, direction int64,
	check func(row int, negative bool) error,
) (keyShift, error) {
	scale := int32(keyType.Scale)
	step := func(row int) decimal128.Num { return decimal128.Num{} }
	if offsetType.Kind == types.Decimal {
		values := batch.Values[decimal128.Num](offsets)
		scale = max(scale, int32(offsetType.Scale))
		up := decimal128.GetScaleMultiplier(int(scale) - offsetType.Scale)
		step = func(row int) decimal128.Num { return values[row].Mul(up) }
	} else {
		integer, err := frameInteger(offsets)
		if err != nil {
			return nil, err
		}
		up := decimal128.GetScaleMultiplier(int(scale))
		step = func(row int) decimal128.Num { return decimal128.FromI64(integer(row)).Mul(up) }
	}
	values := batch.Values[decimal128.Num](keys)
	up := decimal128.GetScaleMultiplier(int(scale) - keyType.Scale)
	return func(row int) (func(int) int, error) {
		move := step(row)
		if err := check(row, move.Sign() < 0); err != nil {
			return nil, err
		}
		bound := values[row].Mul(up).Add(move.Mul(decimal128.FromI64(direction)))
		return func(candidate int) int { return values[candidate].Mul(up).Cmp(bound) }, nil
	}, nil
}
