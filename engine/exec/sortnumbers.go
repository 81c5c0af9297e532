package exec

import (
	"encoding/binary"
	"math"
	"math/bits"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// keyPart is a number below 1<<width that orders like a part of a sort key.
type keyPart struct {
	width int
	read  func(row int32) uint64
}

// keyParts returns numbers that order like the values that are not NULL; false for types without such numbers.
//
// They order as batch.Ordering does. The array is no dictionary. With by, which divides the search for the least
// value, numbers count from that value and so need few bits. If by is nil they count from the type's least value,
// so that numbers of different arrays can be compared.
func keyParts(a arrow.Array, valid []byte, key sortKey, by batch.Divide) ([]keyPart, bool) {
	t := key.valueType
	if t.Kind == types.TimestampTZ || t.Kind == types.TimeTZ {
		a = batch.Fields(a)[0]
	}
	if t.IsLong() {
		return decimalParts(batch.Values[decimal128.Num](a), valid, key.descending, by), true
	}
	switch t.Kind {
	case types.Boolean:
		values := a.(*array.Boolean)
		return []keyPart{{width: 1, read: func(row int32) uint64 {
			if values.Value(int(row)) != key.descending {
				return 1
			}
			return 0
		}}}, true
	case types.TinyInt:
		return integerParts(batch.Values[int8](a), valid, key.descending, by), true
	case types.SmallInt:
		return integerParts(batch.Values[int16](a), valid, key.descending, by), true
	case types.Integer, types.Date, types.IntervalYear, types.Color:
		return integerParts(batch.Values[int32](a), valid, key.descending, by), true
	case types.BigInt, types.Time, types.Timestamp, types.IntervalDay, types.TimestampTZ, types.TimeTZ:
		return integerParts(batch.Values[int64](a), valid, key.descending, by), true
	case types.Real:
		return floatParts(batch.Values[float32](a), key), true
	case types.Double:
		return floatParts(batch.Values[float64](a), key), true
	case types.Decimal:
		return decimalParts(batch.Values[decimal128.Num](a), valid, key.descending, by), true
	case types.UUID, types.IPAddress:
		return sixteenByteParts(a.(*array.FixedSizeBinary), key.descending), true
	}
	return nil, false
}

func integerParts[T int8 | int16 | int32 | int64](values []T, valid []byte, descending bool, by batch.Divide) []keyPart {
	least, greatest := int64(math.MinInt64), int64(math.MaxInt64)
	if by != nil {
		least, greatest = integerRange(values, valid, by)
	}
	part := keyPart{width: bits.Len64(uint64(greatest) - uint64(least))}
	if descending {
		part.read = func(row int32) uint64 { return uint64(greatest) - uint64(int64(values[row])) }
	} else {
		part.read = func(row int32) uint64 { return uint64(int64(values[row])) - uint64(least) }
	}
	return []keyPart{part}
}

// integerRange returns the least and the greatest value that is not NULL. There must be one.
func integerRange[T int8 | int16 | int32 | int64](values []T, valid []byte, by batch.Divide) (least, greatest int64) {
	least, greatest = math.MaxInt64, math.MinInt64
	var mu sync.Mutex
	by.Rows(len(values), func(_, from, to int) {
		low, high := int64(math.MaxInt64), int64(math.MinInt64)
		for i, v := range values[from:to] {
			if arrowdata.IsValid(valid, from+i) {
				low, high = min(low, int64(v)), max(high, int64(v))
			}
		}
		mu.Lock()
		defer mu.Unlock()
		least, greatest = min(least, low), max(greatest, high)
	})
	return least, greatest
}

// floatParts makes zeros equal, and NaNs, which come before or after all numbers.
func floatParts[T float32 | float64](values []T, key sortKey) []keyPart {
	nan, flip := uint64(math.MaxUint64), uint64(0)
	if key.nullsFirst {
		nan = 0
	}
	if key.descending {
		flip = math.MaxUint64
	}
	return []keyPart{{width: 64, read: func(row int32) uint64 {
		f := float64(values[row])
		switch {
		case f != f:
			return nan ^ flip
		case f > 0:
			return (math.Float64bits(f) | 1<<63) ^ flip
		case f == 0:
			return 1<<63 ^ flip
		}
		return ^math.Float64bits(f) ^ flip
	}}}
}

func decimalParts(values []decimal128.Num, valid []byte, descending bool, by batch.Divide) []keyPart {
	least, greatest := decimal128.MaxDecimal128, decimal128.MaxDecimal128.Negate()
	if by == nil {
		least, greatest = greatest, least
	}
	for i, v := range values {
		if by != nil && arrowdata.IsValid(valid, i) {
			if v.Cmp(least) < 0 {
				least = v
			}
			if v.Cmp(greatest) > 0 {
				greatest = v
			}
		}
	}
	distance := func(row int32) decimal128.Num { return values[row].Sub(least) }
	if descending {
		distance = func(row int32) decimal128.Num { return greatest.Sub(values[row]) }
	}
	low := func(row int32) uint64 { return distance(row).LowBits() }
	high := func(row int32) uint64 { return uint64(distance(row).HighBits()) }
	reach := greatest.Sub(least)
	if reach.HighBits() == 0 {
		return []keyPart{{width: bits.Len64(reach.LowBits()), read: low}}
	}
	return []keyPart{{width: bits.Len64(uint64(reach.HighBits())), read: high}, {width: 64, read: low}}
}

func sixteenByteParts(a *array.FixedSizeBinary, descending bool) []keyPart {
	flip := uint64(0)
	if descending {
		flip = math.MaxUint64
	}
	return []keyPart{
		{width: 64, read: func(row int32) uint64 { return binary.BigEndian.Uint64(a.Value(int(row))) ^ flip }},
		{width: 64, read: func(row int32) uint64 { return binary.BigEndian.Uint64(a.Value(int(row))[8:]) ^ flip }},
	}
}
