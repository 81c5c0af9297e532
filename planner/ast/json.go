package ast

// JSONFormat is the FORMAT JSON [ENCODING …] after a value.
type JSONFormat string

// The JSON formats.
const (
	JSONFormatNone  JSONFormat = ""
	JSONFormatPlain JSONFormat = "JSON"
	JSONFormatUTF8  JSONFormat = "JSON ENCODING UTF8"
	JSONFormatUTF16 JSONFormat = "JSON ENCODING UTF16"
	JSONFormatUTF32 JSONFormat = "JSON ENCODING UTF32"
)

// JSONInput is a value with its format.
type JSONInput struct {
	At
	X      Expr
	Format JSONFormat
}

// JSONPath is input, 'path' [AS name] [PASSING …]: what the JSON functions share.
type JSONPath struct {
	At
	Input   *JSONInput
	Path    *StringLiteral
	Name    *Ident // nil when absent
	Passing []*JSONArgument
}

// JSONArgument is value AS name.
type JSONArgument struct {
	At
	Input *JSONInput
	Name  Ident
}

// JSONBehavior is what happens ON EMPTY or ON ERROR.
type JSONBehavior string

// The behaviors. Not every function takes every one.
const (
	JSONBehaviorNone  JSONBehavior = "" // not written
	JSONOnTrue        JSONBehavior = "TRUE"
	JSONOnFalse       JSONBehavior = "FALSE"
	JSONOnUnknown     JSONBehavior = "UNKNOWN"
	JSONOnError       JSONBehavior = "ERROR"
	JSONOnNull        JSONBehavior = "NULL"
	JSONOnEmpty       JSONBehavior = "EMPTY" // of JSON_TABLE
	JSONOnEmptyArray  JSONBehavior = "EMPTY ARRAY"
	JSONOnEmptyObject JSONBehavior = "EMPTY OBJECT"
	JSONOnDefault     JSONBehavior = "DEFAULT"
)

// JSONValueBehavior is a behavior with the expression of DEFAULT.
type JSONValueBehavior struct {
	Kind    JSONBehavior
	Default Expr // of JSONOnDefault, nil otherwise
}

// JSONExists is JSON_EXISTS(path [behavior ON ERROR]).
type JSONExists struct {
	At
	Path    *JSONPath
	OnError JSONBehavior
}

// JSONValue is JSON_VALUE(path [RETURNING type] [… ON EMPTY] [… ON ERROR]).
type JSONValue struct {
	At
	Path      *JSONPath
	Returning *Type // nil when absent
	OnEmpty   JSONValueBehavior
	OnError   JSONValueBehavior
}

// JSONWrapper is the wrapper of JSON_QUERY.
type JSONWrapper string

// The wrappers.
const (
	JSONWrapperNone          JSONWrapper = "" // not written
	JSONWrapperWithout       JSONWrapper = "WITHOUT"
	JSONWrapperConditional   JSONWrapper = "WITH CONDITIONAL"
	JSONWrapperUnconditional JSONWrapper = "WITH UNCONDITIONAL"
)

// JSONQuotes is the quotes behavior of JSON_QUERY.
type JSONQuotes string

// The quotes behaviors.
const (
	JSONQuotesNone JSONQuotes = "" // not written
	JSONQuotesKeep JSONQuotes = "KEEP"
	JSONQuotesOmit JSONQuotes = "OMIT"
)

// JSONQuery is JSON_QUERY(path [RETURNING …] [wrapper] [quotes] [behaviors]).
type JSONQuery struct {
	At
	Path      *JSONPath
	Returning *Type // nil when absent
	Format    JSONFormat
	Wrapper   JSONWrapper
	Quotes    JSONQuotes
	OnEmpty   JSONBehavior
	OnError   JSONBehavior
}

// JSONObject is JSON_OBJECT(members …).
type JSONObject struct {
	At
	Members    []*JSONMember
	AbsentNull bool // ABSENT ON NULL, else NULL ON NULL
	UniqueKeys bool // WITH UNIQUE KEYS
	Returning  *Type
	Format     JSONFormat
}

// JSONMember is key : value.
type JSONMember struct {
	At
	Key   Expr
	Value *JSONInput
}

// JSONArray is JSON_ARRAY(items …).
type JSONArray struct {
	At
	Items     []*JSONInput
	NullNull  bool // NULL ON NULL, else ABSENT ON NULL
	Returning *Type
	Format    JSONFormat
}

// JSONTable is JSON_TABLE(path COLUMNS (…) …).
type JSONTable struct {
	At
	Path    *JSONPath
	Columns []*JSONColumn
	Plan    *JSONPlan    // nil when absent
	OnError JSONBehavior // JSONOnError, JSONOnEmpty or not written
}

// JSONColumnKind is the kind of a JSON_TABLE column.
type JSONColumnKind uint8

// The kinds of JSON_TABLE columns.
const (
	JSONOrdinalityColumn JSONColumnKind = iota // name FOR ORDINALITY
	JSONValueColumn                            // name type …
	JSONQueryColumn                            // name type FORMAT JSON …
	JSONNestedColumns                          // NESTED PATH … COLUMNS (…)
)

// JSONColumn is a column of JSON_TABLE, or a group of nested ones.
type JSONColumn struct {
	At
	Kind JSONColumnKind
	Name *Ident // of a nested group: its path's name, nil when absent
	Type *Type
	Path *StringLiteral // nil when absent: the column's name is the path
	// Value columns.
	OnEmpty, OnError JSONValueBehavior
	// Query columns use the kinds of OnEmpty and OnError, and these.
	Format  JSONFormat
	Wrapper JSONWrapper
	Quotes  JSONQuotes
	// Nested groups.
	Columns []*JSONColumn
}

// JSONPlanOp is how a plan of JSON_TABLE joins paths.
type JSONPlanOp string

// The plan operators.
const (
	JSONPlanLeaf  JSONPlanOp = ""
	JSONPlanOuter JSONPlanOp = "OUTER"
	JSONPlanInner JSONPlanOp = "INNER"
	JSONPlanUnion JSONPlanOp = "UNION"
	JSONPlanCross JSONPlanOp = "CROSS"
)

// JSONPlan is PLAN (…) or PLAN DEFAULT (…).
type JSONPlan struct {
	At
	// PLAN DEFAULT: the two operators, each "" when not written.
	Default     bool
	ParentChild JSONPlanOp
	Siblings    JSONPlanOp
	// PLAN: the root.
	Root *JSONPlanNode
}

// JSONPlanNode is a path's name, or paths joined by Op.
type JSONPlanNode struct {
	At
	Op       JSONPlanOp
	Name     *Ident // of a leaf
	Children []*JSONPlanNode
}

func (*JSONExists) expr() {}
func (*JSONValue) expr()  {}
func (*JSONQuery) expr()  {}
func (*JSONObject) expr() {}
func (*JSONArray) expr()  {}
