package types

import (
	"errors"
	"fmt"
)

// Pos is a position in a statement: 1-based line and column. Columns count code points. The zero Pos means "no
// position", as in run-time errors.
type Pos struct {
	Line   int
	Column int
}

// IsZero reports whether p is no position.
func (p Pos) IsZero() bool { return p.Line == 0 }

func (p Pos) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// Error is a mistake of a statement's author, in Trino's terms. All other failures of a running statement are
// ordinary Go errors.
type Error struct {
	Name    string // Trino's error name, such as COLUMN_NOT_FOUND
	Pos     Pos    // zero for run-time errors
	Message string // one sentence, without name and position
	// MissingKey names the key that a map does not have; nil: another error.
	MissingKey *MissingKey
	// Failed names the function that could not compute a value; nil: unknown.
	Failed *FailedFunction
}

// FailedFunction is a function that could not compute a value. The code that shows the error finds its call in the
// statement.
type FailedFunction struct {
	Name string
	Pos  Pos // of the call; zero if a rewrite made it
}

// MissingKey is a text key that a map does not have. The code that shows the error searches for the key that was
// meant. Kernels must not search, because most errors below TRY are never shown.
type MissingKey struct {
	Text string
	// Occurring returns the keys that the kernel saw in the map.
	Occurring func() []string
}

func (e *Error) Error() string {
	if e.Pos.IsZero() {
		return e.Name + ": " + e.Message
	}
	return fmt.Sprintf("%s at %s: %s", e.Name, e.Pos, e.Message)
}

// Errorf returns an *Error at pos.
func Errorf(name string, pos Pos, format string, args ...any) *Error {
	return &Error{Name: name, Pos: pos, Message: fmt.Sprintf(format, args...)}
}

// ArgumentError is the error of a function that was called with a bad argument. The caller that knows the call's
// position adds it, see ErrorAt.
func ArgumentError(format string, args ...any) error {
	return Errorf(InvalidFunctionArgument, Pos{}, format, args...)
}

// Shortened shortens a text that a message quotes, so that the message stays readable.
func Shortened(text string) string {
	const longest = 100
	if len(text) <= longest {
		return text
	}
	return text[:longest] + "…"
}

// ErrorAt sets the position of an *Error without one to pos. It returns other errors unchanged.
func ErrorAt(err error, pos Pos) error {
	var e *Error
	if !errors.As(err, &e) || !e.Pos.IsZero() {
		return err
	}
	placed := *e
	placed.Pos = pos
	return &placed
}

// ErrorName returns the Trino error name in err's chain, "" if there is none.
func ErrorName(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Name
	}
	return ""
}

// Trino's error names (source: the error table of the Trino 476 server).
const (
	GenericUserError          = "GENERIC_USER_ERROR"
	SyntaxError               = "SYNTAX_ERROR"
	FunctionNotFound          = "FUNCTION_NOT_FOUND"
	InvalidFunctionArgument   = "INVALID_FUNCTION_ARGUMENT"
	DivisionByZero            = "DIVISION_BY_ZERO"
	InvalidCastArgument       = "INVALID_CAST_ARGUMENT"
	OperatorNotFound          = "OPERATOR_NOT_FOUND"
	NotSupported              = "NOT_SUPPORTED"
	NotFound                  = "NOT_FOUND"
	InvalidProcedureArgument  = "INVALID_PROCEDURE_ARGUMENT"
	InvalidSessionProperty    = "INVALID_SESSION_PROPERTY"
	InvalidWindowFrame        = "INVALID_WINDOW_FRAME"
	NumericValueOutOfRange    = "NUMERIC_VALUE_OUT_OF_RANGE"
	SubqueryMultipleRows      = "SUBQUERY_MULTIPLE_ROWS"
	AmbiguousFunctionCall     = "AMBIGUOUS_FUNCTION_CALL"
	TypeNotFound              = "TYPE_NOT_FOUND"
	CatalogNotFound           = "CATALOG_NOT_FOUND"
	SchemaNotFound            = "SCHEMA_NOT_FOUND"
	TableNotFound             = "TABLE_NOT_FOUND"
	ColumnNotFound            = "COLUMN_NOT_FOUND"
	DuplicateNamedQuery       = "DUPLICATE_NAMED_QUERY"
	TypeMismatch              = "TYPE_MISMATCH"
	InvalidLiteral            = "INVALID_LITERAL"
	MismatchedColumnAliases   = "MISMATCHED_COLUMN_ALIASES"
	MissingColumnAliases      = "MISSING_COLUMN_ALIASES"
	MissingColumnName         = "MISSING_COLUMN_NAME"
	AmbiguousName             = "AMBIGUOUS_NAME"
	InvalidColumnReference    = "INVALID_COLUMN_REFERENCE"
	MissingGroupBy            = "MISSING_GROUP_BY"
	MissingOrderBy            = "MISSING_ORDER_BY"
	MissingOver               = "MISSING_OVER"
	NestedAggregation         = "NESTED_AGGREGATION"
	NestedWindow              = "NESTED_WINDOW"
	ExpressionNotInDistinct   = "EXPRESSION_NOT_IN_DISTINCT"
	FunctionNotWindow         = "FUNCTION_NOT_WINDOW"
	FunctionNotAggregate      = "FUNCTION_NOT_AGGREGATE"
	ExpressionNotAggregate    = "EXPRESSION_NOT_AGGREGATE"
	ExpressionNotScalar       = "EXPRESSION_NOT_SCALAR"
	ExpressionNotConstant     = "EXPRESSION_NOT_CONSTANT"
	InvalidArguments          = "INVALID_ARGUMENTS"
	TooManyArguments          = "TOO_MANY_ARGUMENTS"
	TooManyGroupingSets       = "TOO_MANY_GROUPING_SETS"
	DuplicateColumnName       = "DUPLICATE_COLUMN_NAME"
	DuplicateColumnOrPathName = "DUPLICATE_COLUMN_OR_PATH_NAME"
	NullTreatmentNotAllowed   = "NULL_TREATMENT_NOT_ALLOWED"
	InvalidParameterUsage     = "INVALID_PARAMETER_USAGE"
	InvalidOrderBy            = "INVALID_ORDER_BY"
	DuplicateWindowName       = "DUPLICATE_WINDOW_NAME"
	InvalidWindowReference    = "INVALID_WINDOW_REFERENCE"
	InvalidPartitionBy        = "INVALID_PARTITION_BY"
	InvalidPath               = "INVALID_PATH"
	MissingPathName           = "MISSING_PATH_NAME"
	InvalidPlan               = "INVALID_PLAN"
	DuplicateParameterName    = "DUPLICATE_PARAMETER_NAME"
	JSONInputConversion       = "JSON_INPUT_CONVERSION_ERROR"
	JSONOutputConversion      = "JSON_OUTPUT_CONVERSION_ERROR"
	InvalidRecursiveReference = "INVALID_RECURSIVE_REFERENCE"
	NestedRecursive           = "NESTED_RECURSIVE"
	InvalidLimitClause        = "INVALID_LIMIT_CLAUSE"
	TableHasNoColumns         = "TABLE_HAS_NO_COLUMNS"
	InvalidRowPattern         = "INVALID_ROW_PATTERN"
	InvalidRange              = "INVALID_RANGE"
	InvalidLabel              = "INVALID_LABEL"
	InvalidProcessingMode     = "INVALID_PROCESSING_MODE"
	InvalidNavigationNesting  = "INVALID_NAVIGATION_NESTING"
	InvalidWindowMeasure      = "INVALID_WINDOW_MEASURE"
	MissingRowPattern         = "MISSING_ROW_PATTERN"
	MissingVariables          = "MISSING_VARIABLE_DEFINITIONS"

	AbandonedQuery     = "ABANDONED_QUERY"
	ServerShuttingDown = "SERVER_SHUTTING_DOWN"

	InvalidPatternRecognitionFunction = "INVALID_PATTERN_RECOGNITION_FUNCTION"
	NestedRowPatternRecognition       = "NESTED_ROW_PATTERN_RECOGNITION"

	MissingArgument        = "MISSING_ARGUMENT"
	PathEvaluationError    = "PATH_EVALUATION_ERROR"
	JSONValueResult        = "JSON_VALUE_RESULT_ERROR"
	ExceededMemoryLimit    = "EXCEEDED_LOCAL_MEMORY_LIMIT"
	ExceededFunctionMemory = "EXCEEDED_FUNCTION_MEMORY_LIMIT"
	ExceededScanLimit      = "EXCEEDED_SCAN_LIMIT"
	ExceededTimeLimit      = "EXCEEDED_TIME_LIMIT"
	ClusterOutOfMemory     = "CLUSTER_OUT_OF_MEMORY"
	ExceededSpillLimit     = "EXCEEDED_SPILL_LIMIT"
	QueryQueueFull         = "QUERY_QUEUE_FULL"
	InsufficientResources  = "GENERIC_INSUFFICIENT_RESOURCES"
	UserCanceled           = "USER_CANCELED"
	PermissionDenied       = "PERMISSION_DENIED"
	GenericInternalError   = "GENERIC_INTERNAL_ERROR"
)

// IsLimit reports whether a limit stopped the statement or kept it from starting: memory, time, bytes scanned,
// spilled rows, waiting statements or kept results.
func (e *Error) IsLimit() bool {
	switch e.Name {
	case ExceededMemoryLimit, ExceededFunctionMemory, ExceededScanLimit, ExceededTimeLimit,
		ClusterOutOfMemory, ExceededSpillLimit, QueryQueueFull, InsufficientResources:
		return true
	}
	return false
}
