package trino

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/engine"
)

// userErrors are Trino's codes of errors by the statement's author.
var userErrors = map[string]int{
	"GENERIC_USER_ERROR": 0, "SYNTAX_ERROR": 1, "ABANDONED_QUERY": 2, "USER_CANCELED": 3, "PERMISSION_DENIED": 4, "NOT_FOUND": 5,
	"FUNCTION_NOT_FOUND": 6, "INVALID_FUNCTION_ARGUMENT": 7, "DIVISION_BY_ZERO": 8, "INVALID_CAST_ARGUMENT": 9,
	"OPERATOR_NOT_FOUND": 10, "NOT_SUPPORTED": 13, "INVALID_SESSION_PROPERTY": 14, "INVALID_WINDOW_FRAME": 15,
	"UNKNOWN_TRANSACTION": 20, "NOT_IN_TRANSACTION": 21, "TRANSACTION_ALREADY_ABORTED": 22, "UNSUPPORTED_ISOLATION_LEVEL": 26, "INCOMPATIBLE_CLIENT": 27,
	"NUMERIC_VALUE_OUT_OF_RANGE": 19, "SUBQUERY_MULTIPLE_ROWS": 28, "INVALID_PROCEDURE_ARGUMENT": 30, "AMBIGUOUS_FUNCTION_CALL": 32, "QUERY_TEXT_TOO_LARGE": 35, "ADMINISTRATIVELY_KILLED": 38,
	"TYPE_NOT_FOUND": 43, "CATALOG_NOT_FOUND": 44, "SCHEMA_NOT_FOUND": 45, "TABLE_NOT_FOUND": 46, "COLUMN_NOT_FOUND": 47,
	"DUPLICATE_NAMED_QUERY": 53, "DUPLICATE_COLUMN_NAME": 54, "TYPE_MISMATCH": 58, "INVALID_LITERAL": 59,
	"MISMATCHED_COLUMN_ALIASES": 61, "AMBIGUOUS_NAME": 62, "INVALID_COLUMN_REFERENCE": 63, "MISSING_GROUP_BY": 64,
	"MISSING_ORDER_BY": 65, "MISSING_OVER": 66, "NESTED_AGGREGATION": 67, "NESTED_WINDOW": 68, "EXPRESSION_NOT_IN_DISTINCT": 69,
	"TOO_MANY_GROUPING_SETS": 70, "FUNCTION_NOT_WINDOW": 71, "FUNCTION_NOT_AGGREGATE": 72, "EXPRESSION_NOT_AGGREGATE": 73,
	"EXPRESSION_NOT_SCALAR": 74, "EXPRESSION_NOT_CONSTANT": 75, "INVALID_ARGUMENTS": 76, "TOO_MANY_ARGUMENTS": 77,
	"INVALID_PARAMETER_USAGE": 80, "NULL_TREATMENT_NOT_ALLOWED": 83, "INVALID_RECURSIVE_REFERENCE": 87,
	"MISSING_COLUMN_ALIASES": 88, "NESTED_RECURSIVE": 89, "INVALID_LIMIT_CLAUSE": 90, "INVALID_ORDER_BY": 91,
	"DUPLICATE_WINDOW_NAME": 92, "INVALID_WINDOW_REFERENCE": 93, "INVALID_PARTITION_BY": 94, "INVALID_LABEL": 96,
	"INVALID_PROCESSING_MODE": 97, "INVALID_NAVIGATION_NESTING": 98, "INVALID_ROW_PATTERN": 99, "NESTED_ROW_PATTERN_RECOGNITION": 100,
	"TABLE_HAS_NO_COLUMNS": 101, "INVALID_RANGE": 102, "INVALID_PATTERN_RECOGNITION_FUNCTION": 103,
	"MISSING_VARIABLE_DEFINITIONS": 105, "MISSING_ROW_PATTERN": 106, "INVALID_WINDOW_MEASURE": 107, "DUPLICATE_COLUMN_OR_PATH_NAME": 127,
	"INVALID_PATH": 113, "JSON_INPUT_CONVERSION_ERROR": 114, "JSON_OUTPUT_CONVERSION_ERROR": 115, "PATH_EVALUATION_ERROR": 116,
	"JSON_VALUE_RESULT_ERROR": 118, "MISSING_PATH_NAME": 128, "INVALID_PLAN": 129,
}

// otherErrors are Trino's codes of errors that are not the statement's fault.
var otherErrors = map[string]struct {
	code int
	kind string
}{
	"GENERIC_INTERNAL_ERROR":         {65536, "INTERNAL_ERROR"},
	"SERVER_SHUTTING_DOWN":           {65545, "INTERNAL_ERROR"},
	"GENERIC_INSUFFICIENT_RESOURCES": {131072, "INSUFFICIENT_RESOURCES"},
	"QUERY_QUEUE_FULL":               {131074, "INSUFFICIENT_RESOURCES"},
	"EXCEEDED_TIME_LIMIT":            {131075, "INSUFFICIENT_RESOURCES"},
	"CLUSTER_OUT_OF_MEMORY":          {131076, "INSUFFICIENT_RESOURCES"},
	"EXCEEDED_SPILL_LIMIT":           {131078, "INSUFFICIENT_RESOURCES"},
	"EXCEEDED_LOCAL_MEMORY_LIMIT":    {131079, "INSUFFICIENT_RESOURCES"},
	"EXCEEDED_SCAN_LIMIT":            {131081, "INSUFFICIENT_RESOURCES"},
}

// queryError is a failed query in the protocol's JSON.
type queryError struct {
	Message       string         `json:"message"`
	ErrorCode     int            `json:"errorCode"`
	ErrorName     string         `json:"errorName"`
	ErrorType     string         `json:"errorType"`
	ErrorLocation *errorLocation `json:"errorLocation,omitempty"`
	FailureInfo   failureInfo    `json:"failureInfo"`
}

type errorLocation struct {
	LineNumber   int `json:"lineNumber"`
	ColumnNumber int `json:"columnNumber"`
}

// failureInfo is the data for an exception in Java clients.
type failureInfo struct {
	Type          string         `json:"type"`
	Message       string         `json:"message"`
	Suppressed    []failureInfo  `json:"suppressed"`
	Stack         []string       `json:"stack"`
	ErrorLocation *errorLocation `json:"errorLocation,omitempty"`
}

// describe converts the error of a query for the protocol. As in Trino, the message begins with the position.
func describe(err error) *queryError {
	q := &queryError{Message: err.Error(), ErrorName: "GENERIC_INTERNAL_ERROR"}
	var e *engine.Error
	switch {
	case errors.As(err, &e):
		q.ErrorName, q.Message = e.Name, e.Message
		if !e.Pos.IsZero() {
			q.ErrorLocation = &errorLocation{e.Pos.Line, e.Pos.Column}
			q.Message = "line " + e.Pos.String() + ": " + e.Message
		}
	case errors.Is(err, engine.ErrClosed):
		q.ErrorName, q.Message = "SERVER_SHUTTING_DOWN", "The server is shutting down"
	case errors.Is(err, context.Canceled):
		q.ErrorName, q.Message = "USER_CANCELED", "Query was canceled"
	}
	other, ok := otherErrors[q.ErrorName]
	if ok {
		q.ErrorCode, q.ErrorType = other.code, other.kind
	} else {
		q.ErrorCode, q.ErrorType = userErrors[q.ErrorName], "USER_ERROR" // code 0 if Trino lacks the name
	}
	q.FailureInfo = failureInfo{
		Type: "io.trino.spi.TrinoException", Message: q.Message, Suppressed: []failureInfo{}, Stack: []string{}, ErrorLocation: q.ErrorLocation,
	}
	return q
}

// failed returns an error of a statement.
func failed(name, message string) error { return &engine.Error{Name: name, Message: message} }
