package orc

import "github.com/apache/arrow/go/v15/arrow/decimal128"

// Statistics describes a column over a row group, a stripe or a file.
// A field of a NULL struct counts as NULL.
type Statistics struct {
	// Known is false when the file holds no usable statistics of the column: then nothing below
	// is set but HasNull, which is true.
	Known bool
	// Values is the number of non-null values.
	Values int64
	// HasNull is false only if there is certainly no NULL.
	HasNull bool
	// Min and Max bound the non-null values. Kind NoBound: not known, or there is no value.
	// Bounds of floating point columns are given only if no value is NaN as far as the writer tells.
	Min, Max Bound
}

// BoundKind says which member of a Bound holds the value.
type BoundKind int

// The kinds of Bound, by column type.
const (
	NoBound      BoundKind = iota
	IntBound               // Int: integers; days of a date; timestamps in the unit of the column's Arrow type; boolean as 0, 1
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
	// Exact is false when the value itself may not occur in the column (long text is cut;
	// timestamps finer than the statistics): a lower bound is then at or below the minimum,
	// an upper bound at or above the maximum.
	Exact bool
}
