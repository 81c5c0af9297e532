package types

// AnyParam in a signature's Type.Precision means "any": a decimal of any precision and scale, a time or timestamp
// of any precision. A varchar of any length is Unbounded, a char of any length AnyParam. If such a pattern has a
// Name ("x", "p", "p,s"), equal names mean equal parameters, also in the return type.
const AnyParam = -1

// AnyType is the name of the type variable that accepts any argument as it is. Each use has its own type.
const AnyType = "_"

// isPattern reports whether t's own parameters are open.
func (t *Type) isPattern() bool {
	switch t.Kind {
	case Varchar, Char:
		return t.Length == AnyParam
	case Decimal, Time, TimeTZ, Timestamp, TimestampTZ:
		return t.Precision == AnyParam
	}
	return false
}

// binder collects the bindings of one signature's variables.
type binder struct {
	coerce bool             // arguments may need coercion
	vars   map[string]*Type // type variables
	params map[string]*Type // named parameters, as a type that has them
}

func newBinder(coerce bool) *binder {
	return &binder{coerce: coerce, vars: map[string]*Type{}, params: map[string]*Type{}}
}

// bind makes pattern accept actual, and widens earlier bindings if coercion is allowed. bindLambda handles function
// types.
func (b *binder) bind(pattern, actual *Type) bool {
	if pattern.Kind == Var {
		return pattern.Name == AnyType || widen(b.vars, pattern.Name, actual, b.coerce)
	}
	if pattern.isPattern() {
		return b.bindOpen(pattern, actual)
	}
	if actual.Kind == Unknown && b.coerce {
		b.bindUnknown(pattern)
		return true
	}
	if actual.Kind != pattern.Kind {
		return b.coerce && !hasVar(pattern) && CanCoerce(actual, pattern)
	}
	switch pattern.Kind {
	case Array, QDigest:
		return b.bind(pattern.Elem, actual.Elem)
	case Map:
		return b.bind(pattern.Key, actual.Key) && b.bind(pattern.Elem, actual.Elem)
	case Row:
		if len(pattern.Fields) != len(actual.Fields) {
			return false
		}
		for i, f := range pattern.Fields {
			if !b.bind(f.Type, actual.Fields[i].Type) {
				return false
			}
		}
		return true
	case Func:
		return len(pattern.Fields) == len(actual.Fields)
	}
	return pattern.Equal(actual) || b.coerce && CanCoerce(actual, pattern)
}

// bindOpen binds a varchar, decimal or timestamp pattern without fixed parameters to the type that actual becomes
// in that kind.
func (b *binder) bindOpen(pattern, actual *Type) bool {
	t := actual
	if actual.Kind != pattern.Kind {
		if !b.coerce {
			return false
		}
		var ok bool
		if t, ok = coerceToKind(actual, pattern.Kind); !ok {
			return false
		}
	}
	if pattern.Name == "" {
		return true
	}
	return widen(b.params, pattern.Name, t, b.coerce)
}

// coerceToKind returns the type that actual becomes if a value of the kind is wanted.
func coerceToKind(actual *Type, kind Kind) (*Type, bool) {
	if actual.Kind == Unknown {
		return &Type{Kind: kind, Precision: emptyPrecision(kind)}, true
	}
	switch kind {
	case Char:
		if actual.Kind == Varchar {
			return commonText(actual, CharOf(0)), true
		}
	case Decimal:
		return AsDecimal(actual)
	case Timestamp, TimestampTZ:
		if actual.Kind == Date || actual.Kind == Timestamp && kind == TimestampTZ {
			return &Type{Kind: kind, Precision: actual.Precision}, true
		}
	case TimeTZ:
		if actual.Kind == Time {
			return TimeTZOf(actual.Precision), true
		}
	}
	return nil, false
}

// emptyPrecision returns the precision of a NULL where any precision would do.
func emptyPrecision(kind Kind) int {
	switch kind {
	case Decimal:
		return 1
	case Varchar, Char:
		return 0
	}
	return 3
}

// widen binds name to t, or to the common type of t and its earlier binding.
func widen(bound map[string]*Type, name string, t *Type, coerce bool) bool {
	old := bound[name]
	if old == nil {
		bound[name] = t
		return true
	}
	if old.Equal(t) {
		return true
	}
	if !coerce {
		return false
	}
	common, ok := CommonSuperType(old, t)
	if ok {
		bound[name] = common
	}
	return ok
}

// bindUnknown binds the variables inside pattern to the type unknown, unless they have a better type.
func (b *binder) bindUnknown(pattern *Type) {
	walk(pattern, func(t *Type) {
		if t.Kind == Var && b.vars[t.Name] == nil {
			b.vars[t.Name] = UnknownType
		}
	})
}

// result replaces the variables of pattern. actual is the argument's type if pattern is an argument's, otherwise
// nil.
func (b *binder) result(pattern, actual *Type) *Type {
	switch {
	case pattern.Kind == Var && pattern.Name == AnyType && actual != nil:
		return actual
	case pattern.Kind == Var:
		if t := b.vars[pattern.Name]; t != nil {
			return t
		}
		return UnknownType
	case pattern.isPattern():
		return b.closePattern(pattern, actual)
	case pattern.Elem == nil && pattern.Fields == nil:
		return pattern
	}
	t := *pattern
	if pattern.Elem != nil {
		t.Elem = b.result(pattern.Elem, child(actual, pattern, func(a *Type) *Type { return a.Elem }))
	}
	if pattern.Key != nil {
		t.Key = b.result(pattern.Key, child(actual, pattern, func(a *Type) *Type { return a.Key }))
	}
	t.Fields = make([]Field, len(pattern.Fields))
	for i, f := range pattern.Fields {
		t.Fields[i] = Field{Name: f.Name, Type: b.result(f.Type, child(actual, pattern, func(a *Type) *Type { return a.Fields[i].Type }))}
	}
	return &t
}

func child(actual, pattern *Type, get func(*Type) *Type) *Type {
	if actual == nil || actual.Kind != pattern.Kind || len(actual.Fields) != len(pattern.Fields) {
		return nil
	}
	return get(actual)
}

// closePattern fills in open parameters, from the name's binding or else from the argument itself.
func (b *binder) closePattern(pattern, actual *Type) *Type {
	from := b.params[pattern.Name]
	if pattern.Name == "" && actual != nil {
		from = actual
		if actual.Kind != pattern.Kind {
			from, _ = coerceToKind(actual, pattern.Kind)
		}
	}
	if from == nil {
		return &Type{Kind: pattern.Kind, Length: pattern.Length, Precision: pattern.Precision, Scale: pattern.Scale}
	}
	switch pattern.Kind {
	case Varchar, Char:
		return &Type{Kind: pattern.Kind, Length: from.Length}
	}
	return &Type{Kind: pattern.Kind, Precision: from.Precision, Scale: from.Scale}
}

func walk(t *Type, visit func(*Type)) {
	visit(t)
	if t.Key != nil {
		walk(t.Key, visit)
	}
	if t.Elem != nil {
		walk(t.Elem, visit)
	}
	for _, f := range t.Fields {
		walk(f.Type, visit)
	}
}

func hasVar(t *Type) bool {
	found := false
	walk(t, func(t *Type) { found = found || t.Kind == Var || t.isPattern() })
	return found
}
