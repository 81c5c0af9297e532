package orc

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// Statistics describes a column over a row group, a stripe or a file.
// A field of a NULL struct counts as NULL.
type Statistics struct {
	// Known is false if the file holds no usable statistics of the column: then only HasNull below is set, and is
	// true.
	Known bool
	// Values is the number of non-null values.
	Values int64
	// HasNull is false only if there is certainly no NULL.
	HasNull bool
	// Min and Max bound the non-null values. Kind NoBound: not known, or there is no value. Floating point columns
	// have bounds only if no value is NaN according to the writer.
	Min, Max Bound
}

// BoundKind says which member of a Bound holds the value.
type BoundKind int

// The kinds of Bound, by column type.
const (
	NoBound      BoundKind = iota
	IntBound               // Int: integers; days of a date; timestamps in the Arrow type's unit; boolean as 0, 1
	FloatBound             // Float: real and double
	TextBound              // Text: string, char, varchar; ordered by UTF-8 bytes
	DecimalBound           // Decimal: at the scale of the column
)

// Bound is one end of a column's values.
type Bound struct {
	Kind    BoundKind
	Int     int64
	Float   float64
	Text    string
	Decimal decimal128.Num
	// Exact is false if the value itself may not occur in the column, because long text is cut, or timestamps are
	// finer than statistics. A lower bound is then at or below the minimum, an upper bound at or above the maximum.
	Exact bool
}

// readStatistics interprets stored statistics of a column over the given number of rows.
func readStatistics(c *column, m *orcpb.ColumnStatistics, rows int64) Statistics {
	if m == nil || m.NumberOfValues == nil {
		return Statistics{HasNull: true}
	}
	s := Statistics{Known: true, Values: int64(m.GetNumberOfValues())}
	s.HasNull = s.Values < rows
	if c.isRepeated() { // rows say nothing about the number of elements
		s.HasNull = m.HasNull == nil || m.GetHasNull()
	}
	if s.Values == 0 {
		return s
	}
	s.Min, s.Max = bounds(c, m)
	if s.Min.Kind == NoBound || s.Max.Kind == NoBound {
		s.Min, s.Max = Bound{}, Bound{}
	}
	return s
}

// isRepeated reports whether a row may have several values of the column, or none.
func (c *column) isRepeated() bool {
	for p := c.parent; p != nil; p = p.parent {
		if p.kind != orcpb.Type_STRUCT {
			return true
		}
	}
	return false
}

// isPart reports whether the column is the element of a list or a field of a struct, and in no map or union.
func (c *column) isPart() bool {
	isPart := false
	for p := c.parent; p != nil && p.parent != nil; p = p.parent {
		if p.kind != orcpb.Type_LIST && p.kind != orcpb.Type_STRUCT {
			return false
		}
		isPart = true
	}
	return isPart
}

// isMapKey reports whether the column has the keys of maps, and is in no union.
func (c *column) isMapKey() bool {
	if c.parent == nil || c.parent.kind != orcpb.Type_MAP || c.parent.children[0] != c {
		return false
	}
	for p := c.parent; p != nil; p = p.parent {
		if p.kind == orcpb.Type_UNION {
			return false
		}
	}
	return true
}

func bounds(c *column, m *orcpb.ColumnStatistics) (low, high Bound) {
	switch {
	case m.IntStatistics != nil && m.IntStatistics.Minimum != nil && m.IntStatistics.Maximum != nil:
		return intBound(m.IntStatistics.GetMinimum()), intBound(m.IntStatistics.GetMaximum())
	case m.DateStatistics != nil && m.DateStatistics.Minimum != nil && m.DateStatistics.Maximum != nil:
		return intBound(int64(m.DateStatistics.GetMinimum())), intBound(int64(m.DateStatistics.GetMaximum()))
	case m.BucketStatistics != nil && len(m.BucketStatistics.GetCount()) > 0 && c.kind == orcpb.Type_BOOLEAN:
		return boolBounds(m.BucketStatistics.GetCount()[0], m.GetNumberOfValues())
	case m.DoubleStatistics != nil && m.DoubleStatistics.Minimum != nil && m.DoubleStatistics.Maximum != nil:
		return floatBounds(m.DoubleStatistics)
	case m.StringStatistics != nil && c.isText():
		return textBounds(m.StringStatistics)
	case m.DecimalStatistics != nil:
		return decimalBound(c, m.DecimalStatistics.GetMinimum()), decimalBound(c, m.DecimalStatistics.GetMaximum())
	case m.TimestampStatistics != nil:
		return timeBounds(c, m.TimestampStatistics)
	}
	return Bound{}, Bound{}
}

func intBound(v int64) Bound { return Bound{Kind: IntBound, Int: v, Exact: true} }

func boolBounds(trues, values uint64) (low, high Bound) {
	low, high = intBound(0), intBound(1)
	if trues == values {
		low.Int = 1
	}
	if trues == 0 {
		high.Int = 0
	}
	return low, high
}

func floatBounds(m *orcpb.DoubleStatistics) (low, high Bound) {
	if math.IsNaN(m.GetMinimum()) || math.IsNaN(m.GetMaximum()) || math.IsNaN(m.GetSum()) {
		return Bound{}, Bound{}
	}
	return Bound{Kind: FloatBound, Float: m.GetMinimum(), Exact: true}, Bound{Kind: FloatBound, Float: m.GetMaximum(), Exact: true}
}

func textBounds(m *orcpb.StringStatistics) (low, high Bound) {
	switch {
	case m.Minimum != nil:
		low = Bound{Kind: TextBound, Text: m.GetMinimum(), Exact: true}
	case m.LowerBound != nil:
		low = Bound{Kind: TextBound, Text: m.GetLowerBound()}
	}
	switch {
	case m.Maximum != nil:
		high = Bound{Kind: TextBound, Text: m.GetMaximum(), Exact: true}
	case m.UpperBound != nil:
		high = Bound{Kind: TextBound, Text: m.GetUpperBound()}
	}
	return low, high
}

func decimalBound(c *column, text string) Bound {
	t, ok := c.dataType.(*arrow.Decimal128Type)
	if !ok {
		return Bound{}
	}
	v, ok := parseDecimal(text, t.Scale)
	if !ok {
		return Bound{}
	}
	return Bound{Kind: DecimalBound, Decimal: v, Exact: true}
}

// timeBounds uses only the bounds in UTC: the older ones are in a time zone that the file does not state.
func timeBounds(c *column, m *orcpb.TimestampStatistics) (low, high Bound) {
	t, ok := c.dataType.(*arrow.TimestampType)
	if !ok || m.MinimumUtc == nil || m.MaximumUtc == nil {
		return Bound{}, Bound{}
	}
	minNanos, maxNanos := int64(0), int64(999_999)
	if m.MinimumNanos != nil {
		minNanos = int64(m.GetMinimumNanos()) - 1
	}
	if m.MaximumNanos != nil {
		maxNanos = int64(m.GetMaximumNanos()) - 1
	}
	if minNanos < 0 || maxNanos > 999_999 || maxNanos < 0 || minNanos > 999_999 {
		return Bound{}, Bound{}
	}
	low = timeBound(m.GetMinimumUtc(), minNanos, t.Unit, m.MinimumNanos != nil)
	return low, timeBound(m.GetMaximumUtc(), maxNanos, t.Unit, m.MaximumNanos != nil)
}

// timeBound converts a time to a unit, rounding down as for values.
func timeBound(millis, nanos int64, unit arrow.TimeUnit, exact bool) Bound {
	b := Bound{Kind: IntBound, Exact: exact || unit <= arrow.Millisecond}
	switch unit {
	case arrow.Second:
		b.Int = floorDiv(millis, 1000)
	case arrow.Millisecond:
		b.Int = millis
	case arrow.Microsecond:
		if millis > math.MaxInt64/1000-1 || millis < math.MinInt64/1000+1 {
			return Bound{}
		}
		b.Int = millis*1000 + nanos/1000
	default:
		if millis > math.MaxInt64/1_000_000-1 || millis < math.MinInt64/1_000_000+1 {
			return Bound{}
		}
		b.Int = millis*1_000_000 + nanos
	}
	return b
}
