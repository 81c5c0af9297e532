package types

import "strings"

const (
	maxDecimalPrecision = 38
	maxCharLength       = 65536
)

// CommonSuperType returns the smallest type to which both a and b coerce without a cast, false if there is none.
// Row fields with different names lose their names.
func CommonSuperType(a, b *Type) (*Type, bool) {
	switch {
	case a.Equal(b):
		return a, true
	case a.Kind == Unknown:
		return b, true
	case b.Kind == Unknown:
		return a, true
	case a.IsNumeric() && b.IsNumeric():
		return commonNumeric(a, b), true
	case a.IsText() && b.IsText():
		return commonText(a, b), true
	case a.Kind == b.Kind:
		return commonSameKind(a, b)
	}
	if a.Kind > b.Kind {
		a, b = b, a
	}
	switch {
	case a.Kind == Date && (b.Kind == Timestamp || b.Kind == TimestampTZ):
		return b, true
	case a.Kind == Timestamp && b.Kind == TimestampTZ:
		return TimestampTZOf(max(a.Precision, b.Precision)), true
	case a.Kind == Time && b.Kind == TimeTZ:
		return TimeTZOf(max(a.Precision, b.Precision)), true
	case a.Kind == HyperLogLog && b.Kind == P4HyperLogLog:
		return a, true
	}
	return nil, false
}

func commonNumeric(a, b *Type) *Type {
	if a.Kind == Decimal || b.Kind == Decimal {
		da, okA := AsDecimal(a)
		db, okB := AsDecimal(b)
		if okA && okB {
			scale := max(da.Scale, db.Scale)
			digits := max(da.Precision-da.Scale, db.Precision-db.Scale)
			return DecimalOf(min(maxDecimalPrecision, digits+scale), scale)
		}
		if a.Kind == Decimal {
			return b
		}
		return a
	}
	if a.Kind > b.Kind {
		return a
	}
	return b
}

// AsDecimal returns the decimal type that holds every value of an integer or decimal type, false for other types.
func AsDecimal(t *Type) (*Type, bool) {
	switch t.Kind {
	case Decimal:
		return t, true
	case TinyInt:
		return DecimalOf(3, 0), true
	case SmallInt:
		return DecimalOf(5, 0), true
	case Integer:
		return DecimalOf(10, 0), true
	case BigInt:
		return DecimalOf(19, 0), true
	}
	return nil, false
}

// commonText returns the common type of two texts. For char with varchar it is char of the longer length.
func commonText(a, b *Type) *Type {
	kind, length := Varchar, max(a.Length, b.Length)
	if a.Length == Unbounded || b.Length == Unbounded {
		length = Unbounded
	}
	if a.Kind == Char || b.Kind == Char {
		kind = Char
		if length == Unbounded || length > maxCharLength {
			length = maxCharLength
		}
	}
	return &Type{Kind: kind, Length: length}
}

func commonSameKind(a, b *Type) (*Type, bool) {
	switch a.Kind {
	case Time, TimeTZ, Timestamp, TimestampTZ:
		return &Type{Kind: a.Kind, Precision: max(a.Precision, b.Precision)}, true
	case Array:
		elem, ok := CommonSuperType(a.Elem, b.Elem)
		if !ok {
			return nil, false
		}
		return ArrayOf(elem), true
	case Map:
		key, ok := CommonSuperType(a.Key, b.Key)
		if !ok {
			return nil, false
		}
		elem, ok := CommonSuperType(a.Elem, b.Elem)
		if !ok {
			return nil, false
		}
		return MapOf(key, elem), true
	case Row:
		return commonRow(a, b)
	}
	return nil, false
}

func commonRow(a, b *Type) (*Type, bool) {
	if len(a.Fields) != len(b.Fields) {
		return nil, false
	}
	fields := make([]Field, len(a.Fields))
	for i, fa := range a.Fields {
		fb := b.Fields[i]
		t, ok := CommonSuperType(fa.Type, fb.Type)
		if !ok {
			return nil, false
		}
		fields[i].Type = t
		if strings.EqualFold(fa.Name, fb.Name) {
			fields[i].Name = fa.Name
		}
	}
	return RowOf(fields...), true
}

// CanCoerce reports whether a value of type from becomes one of type to without a cast. Field names of rows do not
// count.
func CanCoerce(from, to *Type) bool {
	if from.Kind == Unknown {
		return true
	}
	if from.Kind != to.Kind {
		common, ok := CommonSuperType(from, to)
		return ok && common.Equal(to)
	}
	switch from.Kind {
	case Array:
		return CanCoerce(from.Elem, to.Elem)
	case Map:
		return CanCoerce(from.Key, to.Key) && CanCoerce(from.Elem, to.Elem)
	case Row:
		if len(from.Fields) != len(to.Fields) {
			return false
		}
		for i, f := range from.Fields {
			if !CanCoerce(f.Type, to.Fields[i].Type) {
				return false
			}
		}
		return true
	}
	common, ok := CommonSuperType(from, to)
	return ok && common.Equal(to)
}

// IsComparable reports whether values of t have =, which grouping and DISTINCT need.
func (t *Type) IsComparable() bool {
	switch t.Kind {
	case Array:
		return t.Elem.IsComparable()
	case Map:
		return t.Key.IsComparable() && t.Elem.IsComparable()
	case Row:
		for _, f := range t.Fields {
			if !f.Type.IsComparable() {
				return false
			}
		}
		return true
	case HyperLogLog, P4HyperLogLog, QDigest, TDigest, SetDigest, JSONPath, Func:
		return false
	}
	return true
}

// IsOrderable reports whether values of t have <.
func (t *Type) IsOrderable() bool {
	switch t.Kind {
	case Array:
		return t.Elem.IsOrderable()
	case Row:
		for _, f := range t.Fields {
			if !f.Type.IsOrderable() {
				return false
			}
		}
		return true
	case Map, JSON, Color:
		return false
	}
	return t.IsComparable()
}
