package types

import "github.com/apache/arrow/go/v15/arrow/decimal128"

// Value is a constant: a type and its Go value, nil for NULL.
//
//	Boolean                          bool
//	TinyInt…BigInt, Date (days),
//	Time, Timestamp (UnitsPerSecond),
//	Color (see engine/function),
//	IntervalDay (ms), IntervalYear   int64
//	Real                             float32
//	Double                           float64
//	Decimal                          decimal128.Num (unscaled)
//	a long Timestamp (see IsLong)    decimal128.Num (picoseconds)
//	Varchar, Char, JSON              string
//	Varbinary, UUID, IPAddress,
//	sketches                         []byte
//	TimestampTZ, TimeTZ              Zoned
//	a long TimestampTZ               LongZoned
//	Array, Row                       []Value
//	Map                              MapValue
type Value struct {
	Type *Type
	V    any
}

// Zoned is a timestamp or time with time zone: the UTC instant in the type's unit (see UnitsPerSecond) and the
// zone's name ("UTC", "+05:30", "America/New_York").
type Zoned struct {
	Instant int64
	Zone    string
}

// LongZoned is a long timestamp with time zone: the UTC instant in picoseconds.
type LongZoned struct {
	Instant decimal128.Num
	Zone    string
}

// MapValue holds the entries of a map constant; Keys[i] belongs to Values[i].
type MapValue struct {
	Keys   []Value
	Values []Value
}

// Null returns the NULL of type t.
func Null(t *Type) Value { return Value{Type: t} }

// IsNull reports whether v is NULL.
func (v Value) IsNull() bool { return v.V == nil }

// UnitsPerSecond returns the number of stored units per second for a time or timestamp with p fraction digits: 1,
// 1e3, 1e6, 1e9 or 1e12, the smallest that holds p. Long timestamps always count picoseconds.
func UnitsPerSecond(p int) int64 {
	switch {
	case p == 0:
		return 1
	case p <= 3:
		return 1e3
	case p <= 6:
		return 1e6
	case p <= 9:
		return 1e9
	}
	return 1e12
}
