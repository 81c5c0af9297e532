// Package arrowtype is the one table between Trino's types and Arrow's: which
// array holds the values of a type, in which unit.
//
//	boolean                    bool
//	tinyint…bigint             int8…int64
//	real, double               float32, float64
//	decimal(p,s)               decimal128(p,s), unscaled
//	varchar, char, json        utf8, or dictionary<int32, utf8>; char is padded to its length
//	varbinary, sketches, …     binary
//	date                       date32
//	time(p)                    time64, µs up to p = 6, ns up to p = 9; else Clock
//	timestamp(p)               timestamp without zone: s, ms, µs for p = 0, 3, 6; else Long
//	… with time zone           struct{instant, zone int32}, see Zoned
//	interval day to second     int64 milliseconds
//	interval year to month     int32 months
//	uuid, ipaddress            fixed_size_binary(16)
//	array, map, row            list, map, struct
//	unknown                    null
//
// Precisions between those named use the next finer unit.
package arrowtype

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/planner/types"
)

// ZoneKey is the time zone name that marks the instant of a value with time
// zone: it is UTC, and the zone for display stands beside it.
const ZoneKey = "UTC"

// Arrow has no picoseconds. Values that count them have types of their own, so that an array's type says what it
// holds.
var (
	// Long holds long timestamps (see types.Type.IsLong): picoseconds in 128 bits. No
	// decimal of SQL has a negative scale.
	Long arrow.DataType = &arrow.Decimal128Type{Precision: 38, Scale: -12}
	// Clock holds times of the day of more than nine digits: picoseconds in 64 bits.
	Clock arrow.DataType = arrow.FixedWidthTypes.Duration_ns
)

// Of returns the Arrow type that holds values of t. Types without values
// (lambdas, type variables) are a programming error and panic.
func Of(t *types.Type) arrow.DataType {
	switch t.Kind {
	case types.Unknown:
		return arrow.Null
	case types.Boolean:
		return arrow.FixedWidthTypes.Boolean
	case types.TinyInt:
		return arrow.PrimitiveTypes.Int8
	case types.SmallInt:
		return arrow.PrimitiveTypes.Int16
	case types.Integer, types.IntervalYear, types.Color:
		return arrow.PrimitiveTypes.Int32
	case types.BigInt, types.IntervalDay:
		return arrow.PrimitiveTypes.Int64
	case types.Real:
		return arrow.PrimitiveTypes.Float32
	case types.Double:
		return arrow.PrimitiveTypes.Float64
	case types.Decimal:
		return &arrow.Decimal128Type{Precision: int32(t.Precision), Scale: int32(t.Scale)}
	case types.Varchar, types.Char, types.JSON, types.JSONPath:
		return arrow.BinaryTypes.String
	case types.Varbinary, types.HyperLogLog, types.P4HyperLogLog,
		types.QDigest, types.TDigest, types.SetDigest:
		return arrow.BinaryTypes.Binary
	case types.UUID, types.IPAddress:
		return sixteenBytes
	case types.Date:
		return arrow.FixedWidthTypes.Date32
	case types.Time:
		return timeType(t.Precision)
	case types.Timestamp:
		return timestampType(t, "")
	case types.TimeTZ:
		return zoned(timeType(t.Precision), clockZone)
	case types.TimestampTZ:
		if t.IsLong() {
			return zoned(Long, clockZone)
		}
		return zoned(timestampType(t, ZoneKey), arrow.Metadata{})
	case types.Array:
		return arrow.ListOf(Of(t.Elem))
	case types.Map:
		return arrow.MapOf(Of(t.Key), Of(t.Elem))
	case types.Row:
		fields := make([]arrow.Field, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = arrow.Field{Name: f.Name, Type: Of(f.Type), Nullable: true}
		}
		return arrow.StructOf(fields...)
	}
	panic("arrowtype: no values of type " + t.String())
}

var sixteenBytes = &arrow.FixedSizeBinaryType{ByteWidth: 16}

func timeType(p int) arrow.DataType {
	switch {
	case p <= 6:
		return arrow.FixedWidthTypes.Time64us
	case p <= 9:
		return arrow.FixedWidthTypes.Time64ns
	}
	return Clock
}

func timestampType(t *types.Type, zone string) arrow.DataType {
	unit := arrow.Microsecond
	switch {
	case t.IsLong():
		return Long
	case t.Precision == 0:
		unit = arrow.Second
	case t.Precision <= 3:
		unit = arrow.Millisecond
	}
	return &arrow.TimestampType{Unit: unit, TimeZone: zone}
}

// zoned is the layout of values with time zone: the UTC instant, and the code
// of the zone they are shown in (see Zone).
func zoned(instant arrow.DataType, zone arrow.Metadata) arrow.DataType {
	return arrow.StructOf(
		arrow.Field{Name: "instant", Type: instant, Nullable: true},
		arrow.Field{Name: "zone", Type: arrow.PrimitiveTypes.Int32, Nullable: true, Metadata: zone})
}

// clockZone marks the zone of a time with time zone, and of a long timestamp with one, which by their layout alone
// could be a row(instant time, zone integer); other instants' types have ZoneKey.
var clockZone = arrow.MetadataFrom(map[string]string{"zone": "clock"})

// UnitsPerSecond is how many units of t's array make a second, for the time
// and timestamp types that are not long: asked of these it panics, as their values fit no 64 bits.
// It differs from types.UnitsPerSecond, which counts the units of constants, for time(0)…time(3) only.
func UnitsPerSecond(t *types.Type) int64 {
	if t.IsLong() {
		panic("arrowtype: " + t.String() + " has no unit of 64 bits")
	}
	if (t.Kind == types.Time || t.Kind == types.TimeTZ) && t.Precision <= 6 {
		return 1e6
	}
	return types.UnitsPerSecond(t.Precision)
}

// FromArrow returns the Trino type of a stored column.
func FromArrow(dt arrow.DataType) (*types.Type, error) {
	switch d := dt.(type) {
	case *arrow.NullType:
		return types.UnknownType, nil
	case *arrow.BooleanType:
		return types.BooleanType, nil
	case *arrow.Int8Type:
		return types.TinyIntType, nil
	case *arrow.Int16Type:
		return types.SmallIntType, nil
	case *arrow.Int32Type:
		return types.IntegerType, nil
	case *arrow.Int64Type:
		return types.BigIntType, nil
	case *arrow.Float32Type:
		return types.RealType, nil
	case *arrow.Float64Type:
		return types.DoubleType, nil
	case *arrow.Decimal128Type:
		return types.DecimalOf(int(d.Precision), int(d.Scale)), nil
	case *arrow.StringType:
		return types.VarcharType, nil
	case *arrow.BinaryType:
		return types.VarbinaryType, nil
	case *arrow.Date32Type:
		return types.DateType, nil
	case *arrow.TimestampType:
		return types.TimestampOf(3 * int(d.Unit)), nil
	case *arrow.DictionaryType:
		return FromArrow(d.ValueType)
	}
	return fromNested(dt)
}

func fromNested(dt arrow.DataType) (*types.Type, error) {
	switch d := dt.(type) {
	case *arrow.ListType:
		elem, err := FromArrow(d.Elem())
		if err != nil {
			return nil, err
		}
		return types.ArrayOf(elem), nil
	case *arrow.MapType:
		key, err := FromArrow(d.KeyType())
		if err != nil {
			return nil, err
		}
		value, err := FromArrow(d.ItemType())
		if err != nil {
			return nil, err
		}
		return types.MapOf(key, value), nil
	case *arrow.StructType:
		fields := make([]types.Field, len(d.Fields()))
		for i, f := range d.Fields() {
			t, err := FromArrow(f.Type)
			if err != nil {
				return nil, err
			}
			fields[i] = types.Field{Name: f.Name, Type: t}
		}
		return types.RowOf(fields...), nil
	}
	return nil, fmt.Errorf("arrowtype: no Trino type for Arrow type %s", dt)
}
