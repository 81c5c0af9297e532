package types

// FunctionKind says where a function may stand.
type FunctionKind uint8

// The function kinds.
const (
	Scalar FunctionKind = iota
	Aggregate
	Window
)

// Properties are what the optimizer may assume of a function.
type Properties struct {
	NonDeterministic bool // may answer differently for the same arguments: never folded, moved or doubled
	NullCalled       bool // sees NULL arguments; false: any NULL argument makes a NULL result
	// Monotonic marks f where x <= y implies f(x) <= f(y) in its last argument
	// with the others constant (date_trunc, date, floor): usable for pruning.
	Monotonic bool
}

// Signature is one overload. Operators are functions too, under the names
// listed as Op… below.
type Signature struct {
	Name     string // lower case
	Kind     FunctionKind
	TypeVars []TypeVar
	Args     []*Type // may hold Var, and Func for lambdas; varchar means any length, decimal and timestamp any precision (see AnyParam)
	Variadic bool    // the last argument may repeat, also zero times
	Return   *Type   // may hold Var
	// CharArg is the place, from 1, of a varchar that may be given as char: it is
	// cast with its padding. 0: none.
	CharArg int
	// ReturnOf computes the result type from the bound argument types, for
	// lengths and precisions; nil when Return says it all.
	ReturnOf func(args []*Type) (*Type, error)
	Properties
	Doc string // one line, own words, for SHOW FUNCTIONS
}

// TypeVar is a type variable of a signature and what it must be able to do.
type TypeVar struct {
	Name       string
	Comparable bool // has =
	Orderable  bool // has <
	RowOnly    bool
}

// Arg is an argument as a call writes it: a type, or a lambda whose result
// type is known once its parameter types are.
type Arg struct {
	Type *Type // nil for a lambda
	// Lambda analyses the body with these parameter types and returns the
	// result type; called at most a few times during resolution.
	Lambda func(params []*Type) (*Type, error)
	Params int // number of lambda parameters
}

// Resolved is a function bound to argument types. Arguments must be coerced to
// Args (position by position, variadic ones spelled out) before the call.
type Resolved struct {
	*Signature
	Args   []*Type // bound, no Var left; replaces Signature.Args
	Return *Type   // bound
	Impl   any     // opaque handle of the package that resolved it
}

// Names of operators as functions. Comparison takes two arguments of one type.
const (
	OpAdd       = "$add"
	OpSubtract  = "$subtract"
	OpMultiply  = "$multiply"
	OpDivide    = "$divide"
	OpModulus   = "$modulus"
	OpNegate    = "$negate"
	OpEqual     = "$eq"
	OpNotEqual  = "$ne"
	OpLess      = "$lt"
	OpLessEqual = "$le"
	OpGreater   = "$gt"
	OpGreaterEq = "$ge"
	OpDistinct  = "$is_distinct" // IS DISTINCT FROM; never NULL
	OpBind      = "$bind"        // a value as the parameter of a lambda: computes it once
	OpSubscript = "$subscript"   // a[i], m[k]; errors where element_at gives NULL
	OpLike      = "$like"        // (text, pattern) or (text, pattern, escape)
	OpConcat    = "concat"       // || is the function concat
	OpAtZone    = "$at_timezone" // AT TIME ZONE
	// FnJSONParseForCast is json_parse of a constant below CAST to an array, map or row, whose
	// error it raises.
	FnJSONParseForCast = "$json_parse_for_cast"
	// FnJSONTextForCast stands in its place for other texts. It gives the text itself, which the
	// cast reads: keys that are repeated, their order and all digits of numbers are those of the text.
	FnJSONTextForCast = "$json_text_for_cast"
	OpFail            = "$fail" // (error name, message) → boolean; fails for every row it is evaluated on
	OpCast            = "$cast" // resolved with ResolveCast
	OpTryCast         = "$try_cast"
)
