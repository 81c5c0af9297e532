package types

// FunctionKind says where a call of the function may occur.
type FunctionKind uint8

// The function kinds.
const (
	Scalar FunctionKind = iota
	Aggregate
	Window
)

// Properties are what the optimizer may assume about a function.
type Properties struct {
	NonDeterministic bool // may return different values for the same arguments: never folded, moved or doubled
	NullCalled       bool // is called with NULL arguments; false: any NULL argument makes a NULL result
	// Monotonic means that x <= y implies f(x) <= f(y) in the last argument, with the others constant (date_trunc,
	// date, floor). Such functions can be used for pruning.
	Monotonic bool
}

// Signature is one overload. Operators are functions too, under the names Op… below.
type Signature struct {
	Name     string // lower case
	Kind     FunctionKind
	TypeVars []TypeVar
	Args     []*Type // may hold Var, Func for lambdas; varchar: any length; decimal, timestamp: AnyParam
	Variadic bool    // the last argument may occur any number of times, even 0
	Return   *Type   // may hold Var
	// CharArg is the position, from 1, of a varchar argument that may be passed as char: it is cast with its
	// padding. 0: none.
	CharArg int
	// ReturnOf computes the result type from the bound argument types, for lengths and precisions; nil if Return
	// suffices.
	ReturnOf func(args []*Type) (*Type, error)
	Properties
	Doc string // one line, own words, for SHOW FUNCTIONS
}

// TypeVar is a type variable of a signature with its requirements.
type TypeVar struct {
	Name       string
	Comparable bool // has =
	Orderable  bool // has <
	RowOnly    bool
}

// Arg is an argument as written in a call: a type, or a lambda, whose result type depends on its parameter types.
type Arg struct {
	Type *Type // nil for a lambda
	// Lambda analyses the body with these parameter types and returns the result type. Resolution calls it only a
	// few times.
	Lambda func(params []*Type) (*Type, error)
	Params int // number of lambda parameters
}

// Resolved is a function bound to argument types. Before the call, the caller must coerce the arguments to Args,
// one by one, with variadic arguments listed individually.
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
	OpBind      = "$bind"        // binds a value to the parameter of a lambda, so it is computed once
	OpSubscript = "$subscript"   // a[i], m[k]; errors where element_at gives NULL
	OpLike      = "$like"        // (text, pattern) or (text, pattern, escape)
	OpConcat    = "concat"       // || is the function concat
	OpAtZone    = "$at_timezone" // AT TIME ZONE
	// FnJSONParseForCast is json_parse of a constant below CAST to an array, map or row. It raises the error of
	// json_parse.
	FnJSONParseForCast = "$json_parse_for_cast"
	// FnJSONTextForCast replaces it for other texts. It returns the text itself, which the cast reads: repeated
	// keys, their order and all digits of numbers stay as in the text.
	FnJSONTextForCast = "$json_text_for_cast"
	OpFail            = "$fail" // (error name, message) → boolean; fails for every row it is evaluated on
	OpCast            = "$cast" // resolved with ResolveCast
	OpTryCast         = "$try_cast"
)
