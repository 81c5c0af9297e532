package types

import (
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

// A timestamp with more than six fraction digits is long. It counts picoseconds in 128 bits, so every precision
// covers the range that microseconds cover in 64 bits.

// maxShortFraction is the most fraction digits of timestamps that are not long.
const maxShortFraction = 6

// PicosPerMicro is the number of picoseconds in a microsecond.
const PicosPerMicro = 1_000_000

// IsLong reports whether values of t, a timestamp with or without time zone, count picoseconds (see Picos).
func (t *Type) IsLong() bool {
	return (t.Kind == Timestamp || t.Kind == TimestampTZ) && t.Precision > maxShortFraction
}

// Picos returns the picoseconds in micros microseconds and picos further picoseconds, which must be in [0,
// 999,999].
func Picos(micros, picos int64) decimal128.Num {
	high, low := bits.Mul64(uint64(micros), PicosPerMicro)
	if micros < 0 {
		high -= PicosPerMicro
	}
	low, carry := bits.Add64(low, uint64(picos), 0)
	return decimal128.New(int64(high+carry), low)
}

// SplitPicos is the inverse of Picos for the values of long timestamps. If the microseconds overflow 64 bits, they
// wrap around.
func SplitPicos(v decimal128.Num) (micros, picos int64) {
	high, low := uint64(v.HighBits()), v.LowBits()
	negative := v.HighBits() < 0
	if negative { // -v-1, so the division rounds down
		high, low = ^high, ^low
	}
	quotient, rest := bits.Div64(high%PicosPerMicro, low, PicosPerMicro)
	if negative {
		return int64(^quotient), PicosPerMicro - 1 - int64(rest)
	}
	return int64(quotient), int64(rest)
}

// UnixValue returns a timestamp of type t, in UTC. units counts from 1970 in the unit that files use for t:
// seconds, milliseconds, microseconds, or nanoseconds if t is long.
func UnixValue(t *Type, units int64) Value {
	switch {
	case t.IsLong() && t.Kind == TimestampTZ:
		return Value{Type: t, V: LongZoned{Instant: PicosOfNanos(units), Zone: "UTC"}}
	case t.IsLong():
		return Value{Type: t, V: PicosOfNanos(units)}
	case t.Kind == TimestampTZ:
		return Value{Type: t, V: Zoned{Instant: units, Zone: "UTC"}}
	}
	return Value{Type: t, V: units}
}

// PicosOfNanos converts nanoseconds to picoseconds.
func PicosOfNanos(nanos int64) decimal128.Num {
	micros := FloorDiv(nanos, 1000)
	return Picos(micros, (nanos-micros*1000)*1000)
}
