// Package types defines Trino's types, constants, coercions and function signatures. It is independent of the data
// layout; engine/arrowtype maps it to Arrow.
package types

import (
	"fmt"
	"strings"
)

// Kind is a Trino type without its parameters.
type Kind uint8

// The kinds. Var stands for a type variable in a signature ("T").
const (
	Unknown Kind = iota
	Boolean
	TinyInt
	SmallInt
	Integer
	BigInt
	Real
	Double
	Decimal
	Varchar
	Char
	Varbinary
	Date
	Time
	TimeTZ
	Timestamp
	TimestampTZ
	IntervalDay  // INTERVAL DAY TO SECOND, milliseconds
	IntervalYear // INTERVAL YEAR TO MONTH, months
	JSON
	UUID
	IPAddress
	HyperLogLog
	P4HyperLogLog
	QDigest
	TDigest
	SetDigest
	JSONPath
	Color
	Array
	Map
	Row
	Func // a lambda's type: Fields are the parameters, Elem the result
	Var  // a type variable, by Name
)

// Unbounded is the Length of varchar without a limit.
const Unbounded = -1

// Type is an immutable Trino type. Compare with Equal, never with ==.
type Type struct {
	Kind      Kind
	Length    int     // Varchar (Unbounded possible) and Char: code points
	Precision int     // Decimal digits; fraction digits of Time…TimestampTZ
	Scale     int     // Decimal
	Key       *Type   // Map
	Elem      *Type   // Array element, Map value, Func result
	Fields    []Field // Row fields, Func parameters
	Name      string  // Var
}

// Field is one field of a row; Name is "" for an anonymous one.
type Field struct {
	Name string
	Type *Type
}

// The types without parameters, and the common parametrised ones.
var (
	UnknownType       = &Type{Kind: Unknown}
	BooleanType       = &Type{Kind: Boolean}
	TinyIntType       = &Type{Kind: TinyInt}
	SmallIntType      = &Type{Kind: SmallInt}
	IntegerType       = &Type{Kind: Integer}
	BigIntType        = &Type{Kind: BigInt}
	RealType          = &Type{Kind: Real}
	DoubleType        = &Type{Kind: Double}
	VarcharType       = &Type{Kind: Varchar, Length: Unbounded}
	VarbinaryType     = &Type{Kind: Varbinary}
	DateType          = &Type{Kind: Date}
	TimestampType     = &Type{Kind: Timestamp, Precision: 3}
	TimestampTZType   = &Type{Kind: TimestampTZ, Precision: 3}
	IntervalDayType   = &Type{Kind: IntervalDay}
	IntervalYearType  = &Type{Kind: IntervalYear}
	JSONType          = &Type{Kind: JSON}
	UUIDType          = &Type{Kind: UUID}
	IPAddressType     = &Type{Kind: IPAddress}
	HyperLogLogType   = &Type{Kind: HyperLogLog}
	P4HyperLogLogType = &Type{Kind: P4HyperLogLog}
	TDigestType       = &Type{Kind: TDigest}
	SetDigestType     = &Type{Kind: SetDigest}
	ColorType         = &Type{Kind: Color}
	JSONPathType      = &Type{Kind: JSONPath}
)

// VarcharOf returns varchar(n).
func VarcharOf(n int) *Type { return &Type{Kind: Varchar, Length: n} }

// CharOf returns char(n).
func CharOf(n int) *Type { return &Type{Kind: Char, Length: n} }

// DecimalOf returns decimal(precision, scale).
func DecimalOf(precision, scale int) *Type {
	return &Type{Kind: Decimal, Precision: precision, Scale: scale}
}

// TimeOf returns time(p).
func TimeOf(p int) *Type { return &Type{Kind: Time, Precision: p} }

// TimeTZOf returns time(p) with time zone.
func TimeTZOf(p int) *Type { return &Type{Kind: TimeTZ, Precision: p} }

// TimestampOf returns timestamp(p).
func TimestampOf(p int) *Type { return &Type{Kind: Timestamp, Precision: p} }

// TimestampTZOf returns timestamp(p) with time zone.
func TimestampTZOf(p int) *Type { return &Type{Kind: TimestampTZ, Precision: p} }

// ArrayOf returns array(elem).
func ArrayOf(elem *Type) *Type { return &Type{Kind: Array, Elem: elem} }

// MapOf returns map(key, value).
func MapOf(key, value *Type) *Type { return &Type{Kind: Map, Key: key, Elem: value} }

// RowOf returns row(fields…).
func RowOf(fields ...Field) *Type { return &Type{Kind: Row, Fields: fields} }

// FuncOf returns the type of a lambda.
func FuncOf(result *Type, params ...*Type) *Type {
	t := &Type{Kind: Func, Elem: result}
	for _, p := range params {
		t.Fields = append(t.Fields, Field{Type: p})
	}
	return t
}

// VarOf returns the type variable called name, for signatures.
func VarOf(name string) *Type { return &Type{Kind: Var, Name: name} }

// Equal reports whether a and b are the same type. Row field names count, as
// in Trino, without regard to letter case.
func (t *Type) Equal(o *Type) bool {
	if t == o {
		return true
	}
	if t == nil || o == nil || t.Kind != o.Kind || t.Length != o.Length ||
		t.Precision != o.Precision || t.Scale != o.Scale || t.Name != o.Name || len(t.Fields) != len(o.Fields) {
		return false
	}
	if (t.Key == nil) != (o.Key == nil) || (t.Elem == nil) != (o.Elem == nil) {
		return false
	}
	if t.Key != nil && !t.Key.Equal(o.Key) || t.Elem != nil && !t.Elem.Equal(o.Elem) {
		return false
	}
	for i, f := range t.Fields {
		if !strings.EqualFold(f.Name, o.Fields[i].Name) || !f.Type.Equal(o.Fields[i].Type) {
			return false
		}
	}
	return true
}

// IsInteger reports whether t is tinyint, smallint, integer or bigint.
func (t *Type) IsInteger() bool { return t.Kind >= TinyInt && t.Kind <= BigInt }

// IsNumeric reports whether t is an integer, real, double or decimal.
func (t *Type) IsNumeric() bool { return t.Kind >= TinyInt && t.Kind <= Decimal }

// IsText reports whether t is varchar or char.
func (t *Type) IsText() bool { return t.Kind == Varchar || t.Kind == Char }

var kindNames = map[Kind]string{
	Unknown: "unknown", Boolean: "boolean", TinyInt: "tinyint", SmallInt: "smallint", Integer: "integer",
	BigInt: "bigint", Real: "real", Double: "double", Varbinary: "varbinary", Date: "date",
	IntervalDay: "interval day to second", IntervalYear: "interval year to month", JSON: "json", UUID: "uuid",
	IPAddress: "ipaddress", HyperLogLog: "HyperLogLog", P4HyperLogLog: "P4HyperLogLog",
	TDigest: "tdigest", SetDigest: "SetDigest", JSONPath: "JsonPath", Color: "color",
}

// String returns the type as error messages print it and ParseType parses it. Parameters are separated by "," for
// decimal and by ", " for map and row. Open parameters of a signature print as their names.
func (t *Type) String() string { return t.text(quoteFieldName) }

// PlainString returns the type as typeof() prints it: like String, but with no name quoted.
func (t *Type) PlainString() string { return t.text(func(name string) string { return name }) }

// text returns the type's text. fieldName writes the names of fields.
func (t *Type) text(fieldName func(string) string) string {
	if t.isPattern() && t.Name != "" {
		return fmt.Sprintf(patternFormats[t.Kind], t.Name)
	}
	if t.isPattern() && t.Kind != Varchar {
		return strings.Replace(patternFormats[t.Kind], "(%s)", "", 1)
	}
	switch t.Kind {
	case Decimal:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	case Varchar:
		if t.Length == Unbounded {
			return "varchar"
		}
		return fmt.Sprintf("varchar(%d)", t.Length)
	case Char:
		return fmt.Sprintf("char(%d)", t.Length)
	case Time:
		return fmt.Sprintf("time(%d)", t.Precision)
	case TimeTZ:
		return fmt.Sprintf("time(%d) with time zone", t.Precision)
	case Timestamp:
		return fmt.Sprintf("timestamp(%d)", t.Precision)
	case TimestampTZ:
		return fmt.Sprintf("timestamp(%d) with time zone", t.Precision)
	case QDigest:
		return "qdigest(" + t.Elem.text(fieldName) + ")"
	case Array:
		return "array(" + t.Elem.text(fieldName) + ")"
	case Map:
		return "map(" + t.Key.text(fieldName) + ", " + t.Elem.text(fieldName) + ")"
	case Row:
		return "row(" + fieldList(t.Fields, fieldName) + ")"
	case Func:
		return "function(" + fieldList(append(append([]Field{}, t.Fields...), Field{Type: t.Elem}), fieldName) + ")"
	case Var:
		return t.Name
	}
	return kindNames[t.Kind]
}

// patternFormats print a type with open parameters; without a name for them, the brackets are left out.
var patternFormats = map[Kind]string{
	Varchar: "varchar(%s)", Char: "char(%s)", Decimal: "decimal(%s)", Time: "time(%s)", TimeTZ: "time(%s) with time zone",
	Timestamp: "timestamp(%s)", TimestampTZ: "timestamp(%s) with time zone",
}

func fieldList(fields []Field, fieldName func(string) string) string {
	var b strings.Builder
	for i, f := range fields {
		if i > 0 {
			b.WriteString(", ")
		}
		if f.Name != "" {
			b.WriteString(fieldName(f.Name) + " ")
		}
		b.WriteString(f.Type.text(fieldName))
	}
	return b.String()
}

// quoteFieldName quotes a name that is not a plain identifier, or is a reserved word.
func quoteFieldName(name string) string {
	if reserved[strings.ToUpper(name)] {
		return `"` + name + `"`
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
	}
	return name
}
