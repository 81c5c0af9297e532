package parquet

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

// instantBytes is a timestamp of twelve bytes.
func instantBytes(nanos uint64, day uint32) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(nil, nanos), day)
}

// TestTypes: what an element says of its values, in either way, and the first value of each type.
func TestTypes(t *testing.T) {
	minus := uint64(math.MaxUint64) // -1 as bits
	integer := func(bits int, signed bool) logicalType {
		return logicalType{kind: logicalInteger, bits: bits, signed: signed}
	}
	for name, tt := range map[string]struct {
		e     element
		want  *types.Type
		raw   raw
		value any
	}{
		"boolean":        {element{physical: physicalBoolean}, types.BooleanType, raw{bits: 1}, true},
		"int32":          {element{physical: physicalInt32}, types.IntegerType, raw{bits: math.MaxUint32}, int64(-1)},
		"int64":          {element{physical: physicalInt64}, types.BigIntType, raw{bits: minus}, int64(-1)},
		"int64 by name":  {element{physical: physicalInt64, logical: integer(64, true)}, types.BigIntType, raw{bits: 5}, int64(5)},
		"float":          {element{physical: physicalFloat}, types.RealType, raw{bits: uint64(math.Float32bits(1.5))}, float32(1.5)},
		"double":         {element{physical: physicalDouble}, types.DoubleType, raw{bits: math.Float64bits(-2.5)}, -2.5},
		"bytes":          {element{physical: physicalBytes}, types.VarbinaryType, raw{bytes: []byte("ab")}, []byte("ab")},
		"fixed":          {element{physical: physicalFixed, length: 2}, types.VarbinaryType, raw{bytes: []byte("ab")}, []byte("ab")},
		"text":           {element{physical: physicalBytes, logical: logicalType{kind: logicalString}}, types.VarcharType, raw{bytes: []byte("ab")}, "ab"},
		"older text":     {element{physical: physicalBytes, converted: convertedUTF8}, types.VarcharType, raw{bytes: []byte("ab")}, "ab"},
		"older enum":     {element{physical: physicalBytes, converted: convertedEnum}, types.VarcharType, raw{bytes: []byte("ab")}, "ab"},
		"older JSON":     {element{physical: physicalBytes, converted: convertedJSON}, types.VarcharType, raw{bytes: []byte("{}")}, "{}"},
		"date":           {element{physical: physicalInt32, logical: logicalType{kind: logicalDate}}, types.DateType, raw{bits: 3}, int64(3)},
		"older date":     {element{physical: physicalInt32, converted: convertedDate}, types.DateType, raw{bits: 3}, int64(3)},
		"older time":     {element{physical: physicalInt32, converted: convertedTimeMs}, types.TimeOf(3), raw{bits: 3}, int64(3)},
		"older time, µs": {element{physical: physicalInt64, converted: convertedTimeUs}, types.TimeOf(6), raw{bits: 3}, int64(3)},
		"local":          {element{physical: physicalInt64, logical: logicalType{kind: logicalTimestamp, digits: 9}}, types.TimestampOf(9), raw{bits: 3}, types.Picos(0, 3000)},
		"older instant":  {element{physical: physicalInt64, converted: convertedInstantMs}, types.TimestampTZOf(3), raw{bits: 3}, types.Zoned{Instant: 3, Zone: "UTC"}},
		"older instant, µs": {element{physical: physicalInt64, converted: convertedInstantUs}, types.TimestampTZOf(6), raw{bits: 3},
			types.Zoned{Instant: 3, Zone: "UTC"}},
		"instant of 96 bits":       {element{physical: physicalInt96}, types.TimestampOf(9), raw{bytes: instantBytes(5, 2_440_589)}, types.Picos(86_400_000_000, 5000)},
		"the first day of 96 bits": {element{physical: physicalInt96}, types.TimestampOf(9), raw{bytes: instantBytes(1, 0)}, types.Picos(-2_440_588*86_400_000_000, 1000)},
		"the last day of 96 bits": {element{physical: physicalInt96}, types.TimestampOf(9), raw{bytes: instantBytes(0, 2_440_588+106_751_990)},
			types.Picos(106_751_990*86_400_000_000, 0)},
		"nothing":      {element{physical: physicalInt32, logical: logicalType{kind: logicalUnknown}}, types.UnknownType, raw{}, nil},
		"int8":         {element{physical: physicalInt32, converted: convertedInt8}, types.TinyIntType, raw{bits: 0xFF}, int64(-1)},
		"int16":        {element{physical: physicalInt32, converted: convertedInt8 + 1}, types.SmallIntType, raw{bits: 0xFFFF}, int64(-1)},
		"int64, older": {element{physical: physicalInt64, converted: convertedInt64}, types.BigIntType, raw{bits: minus}, int64(-1)},
		"uint8":        {element{physical: physicalInt32, converted: convertedUint8}, types.SmallIntType, raw{bits: minus}, int64(255)},
		"uint16":       {element{physical: physicalInt32, logical: integer(16, false)}, types.IntegerType, raw{bits: minus}, int64(65535)},
		"uint32":       {element{physical: physicalInt32, logical: integer(32, false)}, types.BigIntType, raw{bits: minus}, int64(math.MaxUint32)},
		"uint64":       {element{physical: physicalInt64, logical: integer(64, false)}, types.DecimalOf(20, 0), raw{bits: minus}, decimal128.FromU64(minus)},
		"decimal":      {element{physical: physicalInt32, converted: convertedDecimal, precision: 5, scale: 2}, types.DecimalOf(5, 2), raw{bits: math.MaxUint32}, decimal128.FromI64(-1)},
		"decimal, wide": {element{physical: physicalInt64, logical: logicalType{kind: logicalDecimal, prec: 18}}, types.DecimalOf(18, 0), raw{bits: minus},
			decimal128.FromI64(-1)},
		"decimal, bytes": {element{physical: physicalBytes, logical: logicalType{kind: logicalDecimal, prec: 3}}, types.DecimalOf(3, 0), raw{bytes: []byte{0xFF, 0x00}},
			decimal128.FromI64(-256)},
		"decimal, fixed": {element{physical: physicalFixed, length: 2, logical: logicalType{kind: logicalDecimal, prec: 3}}, types.DecimalOf(3, 0), raw{bytes: []byte{1, 0}},
			decimal128.FromI64(256)},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.e.converted == 0 && name != "older text" {
				tt.e.converted = noConverted
			}
			got, convert, err := typeOf(tt.e)
			require.NoError(t, err)
			require.Equal(t, tt.want.String(), got.String())
			v, err := convert(tt.raw)
			require.NoError(t, err)
			require.Equal(t, tt.value, v)
		})
	}
}

func TestTypesThatAreRefused(t *testing.T) {
	decimal := func(prec, scale int) logicalType {
		return logicalType{kind: logicalDecimal, prec: prec, scale: scale}
	}
	for name, tt := range map[string]struct {
		e      element
		reason string
	}{
		"no length":            {element{physical: physicalFixed}, "a length of 0 bytes"},
		"length":               {element{physical: physicalFixed, length: maxValueBytes + 1}, "is not supported"},
		"physical":             {element{physical: 8}, "the physical type 8 is unknown"},
		"bits":                 {element{physical: physicalInt32, logical: logicalType{kind: logicalInteger, bits: 24}}, "whole numbers of 24 bits"},
		"digits":               {element{physical: physicalInt32, logical: decimal(39, 0)}, "decimal(39, 0) is not supported"},
		"no digits":            {element{physical: physicalInt32, logical: decimal(0, 0)}, "decimal(0, 0) is not supported"},
		"scale":                {element{physical: physicalInt32, logical: decimal(3, 4)}, "decimal(3, 4) is not supported"},
		"decimals of doubles":  {element{physical: physicalDouble, logical: decimal(3, 0)}, "decimals of the physical type 5"},
		"decimals of 17 bytes": {element{physical: physicalFixed, length: 17, logical: decimal(3, 0)}, "decimals of 17 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.e.converted = noConverted
			_, _, err := typeOf(tt.e)
			require.ErrorContains(t, err, tt.reason)
		})
	}
}

func TestValuesThatAreRefused(t *testing.T) {
	small := logicalType{kind: logicalDecimal, prec: 2}
	for name, tt := range map[string]struct {
		e      element
		raw    raw
		reason string
	}{
		"a digit more":          {element{physical: physicalInt32, logical: small}, raw{bits: 100}, "a decimal has more than 2 digits"},
		"a digit more, wide":    {element{physical: physicalInt64, logical: small}, raw{bits: 100}, "a decimal has more than 2 digits"},
		"a decimal of 17 bytes": {element{physical: physicalBytes, logical: small}, raw{bytes: make([]byte, 17)}, "decimals of 17 bytes"},
		"a day too late":        {element{physical: physicalInt96}, raw{bytes: instantBytes(0, 2_440_588+106_751_991)}, "outside of what timestamp(9) holds"},
		"a time too late":       {element{physical: physicalInt96}, raw{bytes: instantBytes(86_400_000_000_001, 2_440_588)}, "outside of what timestamp(9) holds"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.e.converted = noConverted
			_, convert, err := typeOf(tt.e)
			require.NoError(t, err)
			_, err = convert(tt.raw)
			require.ErrorContains(t, err, tt.reason)
		})
	}
}
