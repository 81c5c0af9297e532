package orc

import (
	"math"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// maxBoundBytes is the longest text stored as a bound; longer ones are cut.
const maxBoundBytes = 256

// statistician gathers the statistics of one column. The column's kind decides which of the typed members is used.
type statistician struct {
	kind    orcpb.Type_Kind
	count   uint64 // non-null values
	hasNull bool

	// integers, dates, booleans (sum counts the true ones); timestamps in unit
	min, max  int64
	sum       int64
	sumBroken bool // the sum overflowed

	floatMin, floatMax, floatSum float64
	hasNaN                       bool

	hasText          bool
	textMin, textMax []byte // cut to maxBoundBytes+1
	length           int64  // of all text or binary values, bytes

	decimalMin, decimalMax decimal128.Num
	decimalScale           int32

	unit arrow.TimeUnit // of a timestamp column
}

func (s *statistician) reset() {
	*s = statistician{kind: s.kind, decimalScale: s.decimalScale, unit: s.unit, textMin: s.textMin[:0], textMax: s.textMax[:0]}
}

func (s *statistician) addInt(v int64) {
	if s.count == 0 {
		s.min, s.max = v, v
	} else {
		s.min, s.max = min(s.min, v), max(s.max, v)
	}
	s.count++
	s.addSum(v)
}

func (s *statistician) addSum(v int64) {
	sum := s.sum + v
	if (sum > s.sum) != (v > 0) && v != 0 {
		s.sumBroken = true
	}
	s.sum = sum
}

func (s *statistician) addFloat(v float64) {
	switch {
	case v != v:
		s.hasNaN = true
	case s.count == 0:
		s.floatMin, s.floatMax = v, v
	default:
		s.floatMin, s.floatMax = min(s.floatMin, v), max(s.floatMax, v)
	}
	s.count++
	s.floatSum += v
}

// addLengths counts text or binary values with bytes in total.
func (s *statistician) addLengths(values, bytes int) {
	s.count += uint64(values)
	s.length += int64(bytes)
}

// addText notes one of the distinct values that addLengths counted.
func (s *statistician) addText(v []byte) {
	if len(v) > maxBoundBytes+1 {
		v = v[:maxBoundBytes+1]
	}
	if !s.hasText || string(v) < string(s.textMin) {
		s.textMin = append(s.textMin[:0], v...)
	}
	if !s.hasText || string(v) > string(s.textMax) {
		s.textMax = append(s.textMax[:0], v...)
	}
	s.hasText = true
}

func (s *statistician) addDecimal(v decimal128.Num) {
	if s.count == 0 || v.Less(s.decimalMin) {
		s.decimalMin = v
	}
	if s.count == 0 || s.decimalMax.Less(v) {
		s.decimalMax = v
	}
	s.count++
}

// merge adds the statistics of other.
func (s *statistician) merge(other *statistician) {
	s.hasNull = s.hasNull || other.hasNull
	if other.count == 0 {
		return
	}
	first := s.count == 0
	s.count += other.count
	s.length += other.length
	if first {
		s.min, s.max = other.min, other.max
		s.floatMin, s.floatMax = other.floatMin, other.floatMax
		s.decimalMin, s.decimalMax = other.decimalMin, other.decimalMax
	} else {
		s.min, s.max = min(s.min, other.min), max(s.max, other.max)
		s.floatMin, s.floatMax = min(s.floatMin, other.floatMin), max(s.floatMax, other.floatMax)
		if other.decimalMin.Less(s.decimalMin) {
			s.decimalMin = other.decimalMin
		}
		if s.decimalMax.Less(other.decimalMax) {
			s.decimalMax = other.decimalMax
		}
	}
	s.addSum(other.sum)
	s.sumBroken = s.sumBroken || other.sumBroken
	s.floatSum += other.floatSum
	s.hasNaN = s.hasNaN || other.hasNaN
	if s.isText() {
		s.addText(other.textMin)
		s.addText(other.textMax)
	}
}

func (s *statistician) isText() bool { return s.kind == orcpb.Type_STRING }

// message returns the statistics as files hold them.
func (s *statistician) message() *orcpb.ColumnStatistics {
	m := &orcpb.ColumnStatistics{NumberOfValues: proto.Uint64(s.count), HasNull: proto.Bool(s.hasNull)}
	if s.count == 0 {
		return m
	}
	switch s.kind {
	case orcpb.Type_BOOLEAN:
		m.BucketStatistics = &orcpb.BucketStatistics{Count: []uint64{uint64(s.sum)}}
	case orcpb.Type_BYTE, orcpb.Type_SHORT, orcpb.Type_INT, orcpb.Type_LONG:
		m.IntStatistics = &orcpb.IntegerStatistics{Minimum: proto.Int64(s.min), Maximum: proto.Int64(s.max)}
		if !s.sumBroken {
			m.IntStatistics.Sum = proto.Int64(s.sum)
		}
	case orcpb.Type_DATE:
		m.DateStatistics = &orcpb.DateStatistics{Minimum: proto.Int32(int32(s.min)), Maximum: proto.Int32(int32(s.max))}
	case orcpb.Type_FLOAT, orcpb.Type_DOUBLE:
		m.DoubleStatistics = s.floatMessage()
	case orcpb.Type_STRING:
		m.StringStatistics = s.textMessage()
	case orcpb.Type_BINARY:
		m.BinaryStatistics = &orcpb.BinaryStatistics{Sum: proto.Int64(s.length)}
	case orcpb.Type_DECIMAL:
		m.DecimalStatistics = &orcpb.DecimalStatistics{
			Minimum: proto.String(decimalText(s.decimalMin, s.decimalScale)),
			Maximum: proto.String(decimalText(s.decimalMax, s.decimalScale)),
		}
	case orcpb.Type_TIMESTAMP, orcpb.Type_TIMESTAMP_INSTANT:
		m.TimestampStatistics = s.timeMessage()
	}
	return m
}

func (s *statistician) floatMessage() *orcpb.DoubleStatistics {
	if s.hasNaN { // readers that prune by bounds would lose the NaN rows
		return &orcpb.DoubleStatistics{}
	}
	m := &orcpb.DoubleStatistics{Minimum: proto.Float64(s.floatMin), Maximum: proto.Float64(s.floatMax)}
	if !math.IsInf(s.floatSum, 0) && !math.IsNaN(s.floatSum) {
		m.Sum = proto.Float64(s.floatSum)
	}
	return m
}

func (s *statistician) textMessage() *orcpb.StringStatistics {
	m := &orcpb.StringStatistics{Sum: proto.Int64(s.length)}
	low, lowCut := cutText(s.textMin)
	high, highCut := cutText(s.textMax)
	if !utf8.Valid(low) || !utf8.Valid(high) {
		return m
	}
	if highCut {
		if high = nextText(high); high == nil {
			return m
		}
	}
	if lowCut {
		m.LowerBound = proto.String(string(low))
	} else {
		m.Minimum = proto.String(string(low))
	}
	if highCut {
		m.UpperBound = proto.String(string(high))
	} else {
		m.Maximum = proto.String(string(high))
	}
	return m
}

// cutText shortens long text at the border of a code point.
func cutText(text []byte) (short []byte, cut bool) {
	if len(text) <= maxBoundBytes {
		return text, false
	}
	end := maxBoundBytes
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end], true
}

// nextText returns the shortest text greater than every text that starts with prefix: its last code point that has
// a successor is raised, the rest dropped. Nil if there is none.
func nextText(prefix []byte) []byte {
	for end := len(prefix); end > 0; {
		last, size := utf8.DecodeLastRune(prefix[:end])
		end -= size
		if last == utf8.MaxRune {
			continue
		}
		if last++; last == 0xd800 { // surrogates are not code points of their own
			last = 0xe000
		}
		return utf8.AppendRune(append([]byte(nil), prefix[:end]...), last)
	}
	return nil
}

// timeMessage stores milliseconds and, one too high, the nanoseconds below them; without the latter
// readers take 0 for the minimum and 999,999 for the maximum.
func (s *statistician) timeMessage() *orcpb.TimestampStatistics {
	minMillis, minNanos := splitMillis(s.min, s.unit)
	maxMillis, maxNanos := splitMillis(s.max, s.unit)
	return &orcpb.TimestampStatistics{
		Minimum: proto.Int64(minMillis), MinimumUtc: proto.Int64(minMillis), MinimumNanos: proto.Int32(minNanos + 1),
		Maximum: proto.Int64(maxMillis), MaximumUtc: proto.Int64(maxMillis), MaximumNanos: proto.Int32(maxNanos + 1),
	}
}

// splitMillis floors a timestamp to milliseconds.
func splitMillis(v int64, unit arrow.TimeUnit) (millis int64, nanos int32) {
	switch unit {
	case arrow.Second:
		return v * 1000, 0
	case arrow.Millisecond:
		return v, 0
	case arrow.Microsecond:
		millis = floorDiv(v, 1000)
		return millis, int32(v-millis*1000) * 1000
	}
	millis = floorDiv(v, 1_000_000)
	return millis, int32(v - millis*1_000_000)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
