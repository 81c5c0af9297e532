package function

import (
	"math/big"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

func sumFunctions() []Function {
	return []Function{
		aggregate("sum(bigint) -> bigint", "Returns the sum of the values.", exactSum(addInt64, addInt64s)),
		aggregate("sum(double) -> double", "Returns the sum of the values.", folding(addDouble[float64], (*mean).join, (*mean).sumDouble)),
		aggregate("sum(real) -> real", "Returns the sum of the values.", folding(addDouble[float32], (*mean).join, (*mean).sumReal)),
		aggregate("sum(decimal(p,s)) -> decimal(p,s)", "Returns the sum of the values.",
			foldingRuns((*decimalTotal).addRun, (*decimalTotal).add, (*decimalTotal).join, (*decimalTotal).sum),
			types.ReturnOf(func(args []*types.Type) (*types.Type, error) {
				return types.DecimalOf(maxDecimalDigits, args[0].Scale), nil
			})),
		aggregate("sum(interval day to second) -> interval day to second", "Returns the sum of the values.", exactSum(addInt64, addInt64s)),
		aggregate("sum(interval year to month) -> interval year to month", "Returns the sum of the values.", exactSum(addInt32, nil)),
	}
}

// total is a sum, and reports whether it contains any value.
type total[T any] struct {
	sum T
	any bool
}

// exactSum returns an exact sum. plus adds a value and detects overflow; run, if not nil, adds many.
func exactSum[T any](plus func(a, b T) (T, error), run func(t *total[T], values []T) error) *AggregateImpl {
	return totalling(run, func(t *total[T], v T) (err error) {
		t.any = true
		t.sum, err = plus(t.sum, v)
		return err
	})
}

// totalling returns the aggregate of a step that adds a value; step also adds the totals of parts. run is as in
// fold.
func totalling[T any](run func(t *total[T], values []T) error, step func(t *total[T], v T) error) *AggregateImpl {
	return foldingRuns(run, step,
		func(t, other *total[T]) error {
			if !other.any {
				return nil
			}
			return step(t, other.sum)
		},
		func(t *total[T]) (T, bool, error) { return t.sum, t.any, nil })
}

// addInt64s adds values in order.
func addInt64s(t *total[int64], values []int64) error {
	sum := t.sum
	for _, v := range values {
		next := sum + v
		if (sum^next)&(v^next) < 0 {
			t.sum = sum
			_, err := addInt64(sum, v)
			return err
		}
		sum = next
	}
	t.sum, t.any = sum, t.any || len(values) > 0
	return nil
}

func addInt64(a, b int64) (int64, error) {
	sum := a + b
	if (sum > a) != (b > 0) && b != 0 {
		return 0, rangeError("bigint addition overflow: %d + %d", a, b)
	}
	return sum, nil
}

func addInt32(a, b int32) (int32, error) {
	sum := int64(a) + int64(b)
	if sum != int64(int32(sum)) {
		return 0, rangeError("interval addition overflow: %d + %d", a, b)
	}
	return int32(sum), nil
}

// decimalTotal is a sum of unscaled values of up to 38 digits in 192 bits. Only the result can overflow.
type decimalTotal struct {
	low, middle uint64
	high        int64
	count       int64
}

func (s *decimalTotal) add(v decimal128.Num) error {
	s.count++
	s.addWords(v.LowBits(), uint64(v.HighBits()), v.HighBits()>>63)
	return nil
}

// addRun adds values in order.
func (s *decimalTotal) addRun(values []decimal128.Num) error {
	total := *s
	for _, v := range values {
		_ = total.add(v)
	}
	*s = total
	return nil
}

func (s *decimalTotal) addWords(low, middle uint64, high int64) {
	var carry uint64
	s.low, carry = bits.Add64(s.low, low, 0)
	s.middle, carry = bits.Add64(s.middle, middle, carry)
	s.high += high + int64(carry)
}

func (s *decimalTotal) join(other *decimalTotal) error {
	s.count += other.count
	s.addWords(other.low, other.middle, other.high)
	return nil
}

// narrow returns the total if it fits in 127 bits and a sign.
func (s *decimalTotal) narrow() (v decimal128.Num, ok bool) {
	v = decimal128.New(int64(s.middle), s.low)
	return v, s.high == v.HighBits()>>63 && bitsOf(v) < 128
}

func (s *decimalTotal) big() *big.Int {
	v := big.NewInt(s.high)
	v.Lsh(v, 64).Add(v, new(big.Int).SetUint64(s.middle))
	return v.Lsh(v, 64).Add(v, new(big.Int).SetUint64(s.low))
}

func (s *decimalTotal) sum() (decimal128.Num, bool, error) {
	if s.count == 0 {
		return decimal128.Num{}, false, nil
	}
	v, ok := s.narrow()
	if !ok {
		return v, false, rangeError("Decimal overflow")
	}
	v, err := fitting(v)
	return v, true, err
}

// average returns the mean at the argument's scale, rounded half away from zero.
func (s *decimalTotal) average() (decimal128.Num, bool, error) {
	if s.count == 0 {
		return decimal128.Num{}, false, nil
	}
	if v, ok := s.narrow(); ok {
		v, err := fitting(overWordHalfUp(v, uint64(s.count)))
		return v, true, err
	}
	v, err := fitDecimal(types.DivideHalfUp(s.big(), big.NewInt(s.count)))
	return v, true, err
}

// mean is a sum of floating-point numbers and their count.
type mean struct {
	sum   float64
	count int64
}

func addDouble[T int64 | float32 | float64](m *mean, v T) error {
	m.sum += float64(v)
	m.count++
	return nil
}

func (m *mean) join(other *mean) error {
	m.sum += other.sum
	m.count += other.count
	return nil
}

func (m *mean) sumDouble() (float64, bool, error) { return m.sum, m.count > 0, nil }

func (m *mean) sumReal() (float32, bool, error) { return float32(m.sum), m.count > 0, nil }

func (m *mean) average() (float64, bool, error) { return m.sum / float64(m.count), m.count > 0, nil }

func (m *mean) averageReal() (float32, bool, error) {
	return float32(m.sum / float64(m.count)), m.count > 0, nil
}

func (m *mean) averageDayInterval() (int64, bool, error) {
	if m.count == 0 {
		return 0, false, nil
	}
	return int64(roundHalfUp(m.sum / float64(m.count))), true, nil
}

func averageFunctions() []Function {
	const doc = "Returns the average of the values."
	return []Function{
		aggregate("avg(bigint) -> double", doc, folding(addDouble[int64], (*mean).join, (*mean).average)),
		aggregate("avg(double) -> double", doc, folding(addDouble[float64], (*mean).join, (*mean).average)),
		aggregate("avg(real) -> real", doc, folding(addDouble[float32], (*mean).join, (*mean).averageReal)),
		aggregate("avg(decimal(p,s)) -> decimal(p,s)", doc,
			foldingRuns((*decimalTotal).addRun, (*decimalTotal).add, (*decimalTotal).join, (*decimalTotal).average)),
		aggregate("avg(interval day to second) -> interval day to second", doc,
			folding(addDouble[int64], (*mean).join, (*mean).averageDayInterval)),
		aggregate("avg(interval year to month) -> interval year to month", doc, folding(
			func(m *mean, v int32) error { return addDouble(m, int64(v)) }, (*mean).join,
			func(m *mean) (int32, bool, error) {
				v, ok, err := m.averageDayInterval()
				return int32(v), ok, err
			})),
	}
}
