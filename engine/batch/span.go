package batch

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
)

// Span assigns codes to the integers of a known column by their distance from the least one, without a lookup.
//
// Code 0 is NULL; the others count from 1 in steps of the greatest common divisor of all distances. A value between
// two steps has no code. It is safe for concurrent use.
type Span struct {
	low, high int64
	last      uint64 // the place of high
	// inverse and shift divide by the step, see place.
	inverse uint64
	shift   int
}

// SpanOf returns the span of an array's values. It is nil if they are not 64-bit integers or times, if all are
// NULL, or if the span needs more codes than there are.
func SpanOf(a arrow.Array) *Span {
	if id := a.DataType().ID(); id != arrow.INT64 && id != arrow.TIMESTAMP {
		return nil
	}
	values, valid := Values[int64](a), arrowdata.Validity(a)
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for i, v := range values {
		if arrowdata.IsValid(valid, i) {
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high {
		return nil
	}
	s := &Span{low: low, high: high, inverse: 1, last: uint64(high) - uint64(low)}
	if s.last < math.MaxInt32 {
		return s
	}
	s.divideBy(s.last)
	for i, v := range values {
		if !arrowdata.IsValid(valid, i) || s.place(v) <= s.last {
			continue
		}
		step := commonDivisor((uint64(high)-uint64(low))/s.last, uint64(v)-uint64(low))
		if s.divideBy(step); s.last >= math.MaxInt32 {
			return nil
		}
	}
	return s
}

// divideBy sets the step between two codes. The distances of all values so far are multiples of it.
func (s *Span) divideBy(step uint64) {
	s.last = (uint64(s.high) - uint64(s.low)) / step
	s.shift = bits.TrailingZeros64(step)
	odd := step >> s.shift
	s.inverse = odd // correct in its last three bits; each round doubles how many
	for range 5 {
		s.inverse *= 2 - odd*s.inverse
	}
}

// place returns how many steps a value is from the least one. It is more than last if the value lies outside or
// between two steps.
//
// Multiplying by the inverse of an odd number divides its multiples exactly, and yields more for any other number
// than for any multiple. The rotation does the same for a power of two.
func (s *Span) place(v int64) uint64 {
	return bits.RotateLeft64((uint64(v)-uint64(s.low))*s.inverse, -s.shift)
}

// commonDivisor returns the greatest common divisor.
func commonDivisor(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Codes writes the code of each row to codes, Absent for values without one. The column has the span's type or is
// all NULL.
func (s *Span) Codes(v Vector, codes []int32) {
	if v.Array.DataType().ID() == arrow.NULL {
		clear(codes)
		return
	}
	values, valid := Values[int64](v.Array), arrowdata.Validity(v.Array)
	if v.Const {
		code := s.code(values[0], arrowdata.IsValid(valid, 0))
		for row := range codes {
			codes[row] = code
		}
		return
	}
	if valid == nil {
		for row, value := range values[:len(codes)] {
			codes[row] = s.code(value, true)
		}
		return
	}
	for row := range codes {
		codes[row] = s.code(values[row], arrowdata.IsSet(valid, row))
	}
}

func (s *Span) code(v int64, isValid bool) int32 {
	if !isValid {
		return 0
	}
	if place := s.place(v); place <= s.last {
		return int32(place) + 1
	}
	return Absent
}

// MaxCode is the greatest code.
func (s *Span) MaxCode() int32 { return int32(s.last) + 1 }

// Ends returns an array of type t with the least and the greatest value.
func (s *Span) Ends(t arrow.DataType, _ Divide) arrow.Array {
	return FromValues(t, []int64{s.low, s.high}, nil)
}
