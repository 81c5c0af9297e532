package function

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

func sumFrames(fn *types.Resolved) *FrameFunction {
	switch fn.Args[0].Kind {
	case types.BigInt:
		return integerSum[int64](fn, "bigint addition overflow: the sum of a window's frame is %s")
	case types.IntervalDay:
		return integerSum[int64](fn, "interval addition overflow: the sum of a window's frame is %s")
	case types.IntervalYear:
		return integerSum[int32](fn, "interval addition overflow: the sum of a window's frame is %s")
	case types.Double:
		return floatFrames[float64](fn, (*mean).sumDouble)
	case types.Real:
		return floatFrames[float32](fn, (*mean).sumReal)
	case types.Decimal:
		return decimalFrames(fn, (*decimalTotal).sum)
	}
	return nil
}

func averageFrames(fn *types.Resolved) *FrameFunction {
	switch fn.Args[0].Kind {
	case types.BigInt:
		return integerAverage[int64](fn, (*mean).average)
	case types.IntervalDay:
		return integerAverage[int64](fn, (*mean).averageDayInterval)
	case types.IntervalYear:
		return integerAverage[int32](fn, func(m *mean) (int32, bool, error) {
			v, ok, err := m.averageDayInterval()
			return int32(v), ok, err
		})
	case types.Double:
		return floatFrames[float64](fn, (*mean).average)
	case types.Real:
		return floatFrames[float32](fn, (*mean).averageReal)
	case types.Decimal:
		return decimalFrames(fn, (*decimalTotal).average)
	}
	return nil
}

// integerSum adds in 192 bits, so only the sum of a whole frame may overflow.
func integerSum[T int32 | int64](fn *types.Resolved, overflow string) *FrameFunction {
	return sliding[T, decimalTotal, T]{
		enter: func(s *decimalTotal, v T) {
			s.count++
			s.addWords(uint64(v), uint64(int64(v)>>63), int64(v)>>63)
		},
		leave: func(s *decimalTotal, v T) {
			s.count--
			s.subtractWords(uint64(v), uint64(int64(v)>>63), int64(v)>>63)
		},
		value: func(s *decimalTotal) (T, bool, error) {
			sum := T(s.low)
			sign := int64(sum) >> 63
			if s.low != uint64(sum) || s.middle != uint64(sign) || s.high != sign {
				return 0, false, rangeError(overflow, s.big())
			}
			return sum, s.count > 0, nil
		},
	}.frames(fn)
}

func decimalFrames(fn *types.Resolved, value func(*decimalTotal) (decimal128.Num, bool, error)) *FrameFunction {
	return sliding[decimal128.Num, decimalTotal, decimal128.Num]{
		enter: func(s *decimalTotal, v decimal128.Num) { _ = s.add(v) },
		leave: func(s *decimalTotal, v decimal128.Num) {
			s.count--
			s.subtractWords(v.LowBits(), uint64(v.HighBits()), v.HighBits()>>63)
		},
		value: value,
	}.frames(fn)
}

func (s *decimalTotal) subtractWords(low, middle uint64, high int64) {
	var borrow uint64
	s.low, borrow = bits.Sub64(s.low, low, 0)
	s.middle, borrow = bits.Sub64(s.middle, middle, borrow)
	s.high -= high + int64(borrow)
}

// floatFrames lets numbers leave a sum while it is finite: then they are finite too.
func floatFrames[T float32 | float64, R any](fn *types.Resolved, value func(*mean) (R, bool, error)) *FrameFunction {
	return sliding[T, mean, R]{
		enter: func(m *mean, v T) { _ = addDouble(m, v) },
		leave: func(m *mean, v T) {
			m.sum -= float64(v)
			m.count--
		},
		mayLeave: func(m *mean) bool { return isFinite(m.sum) },
		value:    value,
	}.frames(fn)
}

// wholeMean is a mean of integers, added as doubles in the order of the rows.
type wholeMean struct {
	mean
	magnitude float64 // the sum of absolute values
}

// Up to maxWhole, sums of integers are exact as doubles.
const maxWhole = 1 << 53

// integerAverage lets integers leave while no partial sum was rounded.
func integerAverage[T int32 | int64, R any](fn *types.Resolved, value func(*mean) (R, bool, error)) *FrameFunction {
	return sliding[T, wholeMean, R]{
		enter: func(m *wholeMean, v T) {
			_ = addDouble(&m.mean, int64(v))
			m.magnitude += math.Abs(float64(v))
		},
		leave: func(m *wholeMean, v T) {
			m.sum -= float64(v)
			m.count--
			m.magnitude -= math.Abs(float64(v))
		},
		mayLeave: func(m *wholeMean) bool { return m.magnitude <= maxWhole },
		inOrder:  true,
		value:    func(m *wholeMean) (R, bool, error) { return value(&m.mean) },
	}.frames(fn)
}
