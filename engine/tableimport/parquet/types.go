package parquet

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

// raw is a value as it is stored: numbers as bits, others as bytes that are valid
// until the next value is read.
type raw struct {
	bits  uint64
	bytes []byte
}

// The converted types, by which older files say what values mean.
const (
	convertedUTF8      = 0
	convertedEnum      = 4
	convertedDecimal   = 5
	convertedDate      = 6
	convertedTimeMs    = 7
	convertedTimeUs    = 8
	convertedInstantMs = 9
	convertedInstantUs = 10
	convertedUint8     = 11
	convertedInt8      = 15
	convertedInt64     = 18
	convertedJSON      = 19
)

// normalised is an element's logical type, or the one that its converted type means.
func (e element) normalised() logicalType {
	l := e.logical
	if l.kind != 0 {
		return l
	}
	switch c := e.converted; {
	case c == convertedUTF8:
		l.kind = logicalString
	case c == convertedEnum:
		l.kind = logicalEnum
	case c == convertedJSON:
		l.kind = logicalJSON
	case c == convertedDecimal:
		l = logicalType{kind: logicalDecimal, scale: e.scale, prec: e.precision}
	case c == convertedDate:
		l.kind = logicalDate
	case c == convertedTimeMs || c == convertedTimeUs:
		l = logicalType{kind: logicalTime, isUTC: true, digits: 3 * int(c-convertedTimeMs+1)}
	case c == convertedInstantMs || c == convertedInstantUs:
		l = logicalType{kind: logicalTimestamp, isUTC: true, digits: 3 * int(c-convertedInstantMs+1)}
	case c >= convertedUint8 && c <= convertedInt64:
		at := int(c - convertedUint8)
		l = logicalType{kind: logicalInteger, bits: 8 << (at % 4), signed: c >= convertedInt8}
	}
	return l
}

// typeOf is the Trino type of an element's values, and how they are made.
func typeOf(e element) (*types.Type, func(raw) (any, error), error) {
	l := e.normalised()
	if l.kind == logicalDecimal {
		return decimalOf(e, l)
	}
	switch e.physical {
	case physicalBoolean:
		return types.BooleanType, func(v raw) (any, error) { return v.bits != 0, nil }, nil
	case physicalInt32, physicalInt64:
		return integerOf(e, l)
	case physicalInt96:
		return types.TimestampOf(9), instant96, nil
	case physicalFloat:
		return types.RealType, func(v raw) (any, error) { return math.Float32frombits(uint32(v.bits)), nil }, nil
	case physicalDouble:
		return types.DoubleType, func(v raw) (any, error) { return math.Float64frombits(v.bits), nil }, nil
	case physicalBytes, physicalFixed:
		if e.physical == physicalFixed && (e.length == 0 || e.length > maxValueBytes) {
			return nil, nil, fmt.Errorf("a length of %d bytes is not supported", e.length)
		}
		if l.kind == logicalString || l.kind == logicalEnum || l.kind == logicalJSON {
			return types.VarcharType, func(v raw) (any, error) { return string(v.bytes), nil }, nil
		}
		return types.VarbinaryType, func(v raw) (any, error) { return append([]byte{}, v.bytes...), nil }, nil
	}
	return nil, nil, fmt.Errorf("the physical type %d is unknown", e.physical)
}

// integerOf handles the whole numbers of 32 and 64 bits.
func integerOf(e element, l logicalType) (*types.Type, func(raw) (any, error), error) {
	wide := e.physical == physicalInt64
	signed := func(v raw) (any, error) { return int64(int32(v.bits)), nil }
	if wide {
		signed = func(v raw) (any, error) { return int64(v.bits), nil }
	}
	switch {
	case l.kind == logicalUnknown:
		return types.UnknownType, func(raw) (any, error) { return nil, nil }, nil
	case l.kind == logicalDate && !wide:
		return types.DateType, signed, nil
	case l.kind == logicalTime && l.digits >= 3 && l.digits <= 9:
		return types.TimeOf(l.digits), signed, nil
	case l.kind == logicalTimestamp && wide && l.digits >= 3 && l.digits <= 9:
		t := types.TimestampOf(l.digits)
		if l.isUTC {
			t = types.TimestampTZOf(l.digits)
		}
		return t, func(v raw) (any, error) { return types.UnixValue(t, int64(v.bits)).V, nil }, nil
	case l.kind != logicalInteger || l.bits == 32 && l.signed && !wide || l.bits == 64 && l.signed && wide:
		if wide {
			return types.BigIntType, signed, nil
		}
		return types.IntegerType, signed, nil
	}
	unsigned := func(mask uint64) func(raw) (any, error) {
		return func(v raw) (any, error) { return int64(v.bits & mask), nil }
	}
	switch {
	case l.bits == 8 && l.signed:
		return types.TinyIntType, func(v raw) (any, error) { return int64(int8(v.bits)), nil }, nil
	case l.bits == 16 && l.signed:
		return types.SmallIntType, func(v raw) (any, error) { return int64(int16(v.bits)), nil }, nil
	case l.bits == 8:
		return types.SmallIntType, unsigned(math.MaxUint8), nil
	case l.bits == 16:
		return types.IntegerType, unsigned(math.MaxUint16), nil
	case l.bits == 32:
		return types.BigIntType, unsigned(math.MaxUint32), nil
	case l.bits == 64 && wide:
		return types.DecimalOf(20, 0), func(v raw) (any, error) { return decimal128.FromU64(v.bits), nil }, nil
	}
	return nil, nil, fmt.Errorf("whole numbers of %d bits are not supported", l.bits)
}

func decimalOf(e element, l logicalType) (*types.Type, func(raw) (any, error), error) {
	if l.prec < 1 || l.prec > 38 || l.scale < 0 || l.scale > l.prec {
		return nil, nil, fmt.Errorf("decimal(%d, %d) is not supported", l.prec, l.scale)
	}
	t, fits := types.DecimalOf(l.prec, l.scale), func(d decimal128.Num) (any, error) {
		if !d.FitsInPrecision(int32(l.prec)) {
			return nil, fmt.Errorf("the file is damaged: a decimal has more than %d digits", l.prec)
		}
		return d, nil
	}
	switch e.physical {
	case physicalInt32:
		return t, func(v raw) (any, error) { return fits(decimal128.FromI64(int64(int32(v.bits)))) }, nil
	case physicalInt64:
		return t, func(v raw) (any, error) { return fits(decimal128.FromI64(int64(v.bits))) }, nil
	case physicalBytes, physicalFixed:
		if e.physical == physicalFixed && (e.length < 1 || e.length > 16) {
			return nil, nil, fmt.Errorf("decimals of %d bytes are not supported", e.length)
		}
		return t, func(v raw) (any, error) {
			if len(v.bytes) > 16 {
				return nil, fmt.Errorf("decimals of %d bytes are not supported", len(v.bytes))
			}
			var wide [16]byte
			if len(v.bytes) > 0 && v.bytes[0] >= 0x80 {
				for i := range wide {
					wide[i] = 0xFF
				}
			}
			copy(wide[16-len(v.bytes):], v.bytes)
			return fits(decimal128.New(int64(binary.BigEndian.Uint64(wide[:])), binary.BigEndian.Uint64(wide[8:])))
		}, nil
	}
	return nil, nil, fmt.Errorf("decimals of the physical type %d are not supported", e.physical)
}

// instant96 is a timestamp as older programs wrote it: nanoseconds of the day,
// then the Julian day.
func instant96(v raw) (any, error) {
	const julian1970, dayNanos, lastDay = 2_440_588, 86_400_000_000_000, 106_751_990
	day := int64(binary.LittleEndian.Uint32(v.bytes[8:])) - julian1970
	if nanos := int64(binary.LittleEndian.Uint64(v.bytes)); nanos >= 0 && nanos <= dayNanos && day <= lastDay {
		return types.Picos(day*(dayNanos/1000)+nanos/1000, nanos%1000*1000), nil
	}
	return nil, fmt.Errorf("a timestamp lies outside of what timestamp(9) holds")
}
