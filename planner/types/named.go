package types

import (
	"strings"
)

// Limits on type parameters, and on nesting in a type's text.
const (
	maxVarcharLength = 2147483646
	maxFraction      = 12
	maxTypeDepth     = 64
)

// Param is a parameter of a type: a number or a type.
type Param struct {
	Type   *Type // nil for a number
	Number int64
}

// plainTypes maps every name of the types without parameters to the type.
var plainTypes = map[string]*Type{
	"unknown": UnknownType, "boolean": BooleanType, "tinyint": TinyIntType, "smallint": SmallIntType,
	"integer": IntegerType, "int": IntegerType, "bigint": BigIntType, "real": RealType, "double": DoubleType,
	"double precision": DoubleType, "varbinary": VarbinaryType, "date": DateType,
	"interval day to second": IntervalDayType, "interval year to month": IntervalYearType, "json": JSONType,
	"uuid": UUIDType, "ipaddress": IPAddressType, "hyperloglog": HyperLogLogType,
	"p4hyperloglog": P4HyperLogLogType, "tdigest": TDigestType, "setdigest": SetDigestType, "jsonpath": JSONPathType,
	"color": ColorType,
}

// Named returns the type with this name and parameters. Names are those of ParseType without parameters ("timestamp
// with time zone", "array", "int"). The error is a *Error without position: TYPE_NOT_FOUND, or another one for
// parameters out of range. RowOf makes rows.
func Named(name string, params ...Param) (*Type, error) {
	name = strings.ToLower(name)
	if t, ok := plainTypes[name]; ok && len(params) == 0 {
		return t, nil
	}
	switch name {
	case "varchar":
		return varcharNamed(params)
	case "char":
		n, err := number(name, params, 1, 0, maxCharLength, "CHAR length", TypeNotFound)
		return CharOf(n), err
	case "decimal":
		return decimalNamed(params)
	case "time", "time with time zone", "timestamp", "timestamp with time zone":
		return temporalNamed(name, params)
	case "array", "qdigest":
		if len(params) == 1 && params[0].Type != nil {
			kind := Array
			if name == "qdigest" {
				kind = QDigest
			}
			return &Type{Kind: kind, Elem: params[0].Type}, nil
		}
	case "map":
		if len(params) == 2 && params[0].Type != nil && params[1].Type != nil {
			return MapOf(params[0].Type, params[1].Type), nil
		}
	}
	if here := typesElsewhere[name]; here != "" {
		return nil, Errorf(TypeNotFound, Pos{}, "Unknown type: %s; it is called %s", name, here)
	}
	return nil, Errorf(TypeNotFound, Pos{}, "Unknown type: %s", name)
}

// typesElsewhere maps type names of other databases to Trino's.
var typesElsewhere = map[string]string{
	"int64": "bigint", "int32": "integer", "int8": "tinyint", "long": "bigint", "float64": "double", "float": "double", "number": "double",
	"string": "varchar", "text": "varchar", "nvarchar": "varchar", "bool": "boolean", "datetime": "timestamp", "timestamptz": "timestamp with time zone",
	"inet": "ipaddress", "jsonb": "json", "variant": "json", "bytes": "varbinary", "blob": "varbinary",
}

func varcharNamed(params []Param) (*Type, error) {
	if len(params) == 0 {
		return VarcharType, nil
	}
	n, err := number("varchar", params, 0, 0, maxVarcharLength+1, "VARCHAR length", TypeNotFound)
	if n > maxVarcharLength {
		return VarcharType, err
	}
	return VarcharOf(n), err
}

func decimalNamed(params []Param) (*Type, error) {
	if len(params) > 2 {
		return nil, Errorf(TypeNotFound, Pos{}, "Unknown type: decimal with %d parameters", len(params))
	}
	scale := 0
	if len(params) == 2 {
		var err error
		if scale, err = number("decimal", params[1:], 0, 0, maxDecimalPrecision, "DECIMAL scale", InvalidFunctionArgument); err != nil {
			return nil, err
		}
		params = params[:1]
	}
	precision, err := number("decimal", params, maxDecimalPrecision, 1, maxDecimalPrecision, "DECIMAL precision", InvalidFunctionArgument)
	if err != nil {
		return nil, err
	}
	if scale > precision {
		return nil, Errorf(InvalidFunctionArgument, Pos{}, "DECIMAL scale must be in range [0, precision (%d)]: %d", precision, scale)
	}
	return DecimalOf(precision, scale), nil
}

func temporalNamed(name string, params []Param) (*Type, error) {
	kind := map[string]Kind{"time": Time, "time with time zone": TimeTZ, "timestamp": Timestamp, "timestamp with time zone": TimestampTZ}[name]
	p, err := number(name, params, 3, 0, maxFraction, strings.ToUpper(name)+" precision", TypeNotFound)
	if err != nil {
		return nil, err
	}
	return &Type{Kind: kind, Precision: p}, nil
}

// number returns the only numeric parameter of a type, or its default.
func number(name string, params []Param, absent, low, high int, what, errorName string) (int, error) {
	if len(params) == 0 {
		return absent, nil
	}
	if len(params) > 1 || params[0].Type != nil {
		return 0, Errorf(TypeNotFound, Pos{}, "Unknown type: %s with these parameters", name)
	}
	n := params[0].Number
	if n < int64(low) || n > int64(high) {
		return 0, Errorf(errorName, Pos{}, "%s must be in range [%d, %d]: %d", what, low, high, n)
	}
	return int(n), nil
}
