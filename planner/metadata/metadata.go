// Package metadata is the leaf that says what a plan needs to know of the
// world: tables, functions, the session. The engine implements it.
package metadata

import (
	"context"
	"time"

	"github.com/auditlake/auditlake/planner/types"
)

// Catalog finds tables. Names come as written, without quotes.
type Catalog interface {
	// Table returns the table called name (a store's name, id or ARN, without
	// regard to letter case), or a *types.Error TABLE_NOT_FOUND without position.
	Table(ctx context.Context, name string) (*Table, error)
	// Tables lists all tables by name.
	Tables(ctx context.Context) ([]*Table, error)
}

// SystemTables is what a Catalog may have beside its tables: small tables in
// other schemas and catalogs, such as information_schema.columns.
type SystemTables interface {
	// SystemSchemas lists the schemas of a catalog that hold system tables, with
	// the names of these, in order.
	SystemSchemas(catalog string) []SystemSchema
	// SystemCatalogs lists the catalogs that only hold system tables.
	SystemCatalogs() []string
	// SystemTable returns a table of a system schema, or TABLE_NOT_FOUND without
	// position. Names come in lower case.
	SystemTable(ctx context.Context, catalog, schema, name string) (*SystemTable, error)
}

// SystemSchema is a schema of system tables.
type SystemSchema struct {
	Name   string
	Tables []string
}

// SystemTable is a table whose rows are known when a statement is planned.
type SystemTable struct {
	Columns []Column
	Rows    [][]types.Value
}

// Table describes a table. Handle is the engine's own. Who reads it changes no part of it: columns may be shared.
type Table struct {
	Name    string
	Columns []Column
	// Store is set for an event data store: its timestamp columns follow the
	// rules LakeTimestampLiteral and LakeTimestampUTC.
	Store bool
	Rows  int64 // rows of the current snapshot, for join order
	// Times says when a store's rows are from; nil: not known.
	Times  []TimeRows
	Handle any
}

// TimeRows is how many rows have an eventtime from Min to Max, in milliseconds.
type TimeRows struct {
	Min, Max int64
	Rows     int64
}

// Column is a column of a table.
type Column struct {
	Name string // lower case
	Type *types.Type
	// Hidden columns are found by name but left out of *.
	Hidden bool
	// Comment says what the column means, as DESCRIBE shows it; "" for columns without a comment.
	Comment string
}

// Functions resolves and folds function calls.
type Functions interface {
	// Resolve picks the overload for the arguments, with coercions, or returns
	// a *types.Error without position: FUNCTION_NOT_FOUND,
	// AMBIGUOUS_FUNCTION_CALL, INVALID_PARAMETER_USAGE (lambda arity), …
	Resolve(name string, args []types.Arg) (*types.Resolved, error)
	// ResolveCast returns the cast between two types, false when there is none.
	ResolveCast(from, to *types.Type, try bool) (*types.Resolved, bool)
	// Fold runs a scalar function on one row of constants. An error means:
	// leave the call as it is, running it will raise the error if a row gets there.
	Fold(fn *types.Resolved, args []types.Value, session *Session) (types.Value, error)
	// IsAggregate reports whether name is an aggregate function.
	IsAggregate(name string) bool
	// IsWindow reports whether name may only be used with OVER.
	IsWindow(name string) bool
	// Exists reports whether any function has this name.
	Exists(name string) bool
	// List returns every signature a user may call, sorted by name.
	List() []*types.Signature
}

// Session is what a statement's meaning depends on beside its text.
type Session struct {
	Now      time.Time      // the statement's instant: now(), and the retention horizon
	Location *time.Location // the session's time zone
	Zone     string         // its name as Trino prints it, "UTC" by default
	User     string
	Catalog  string // "auditlake"
	Schema   string // "default"
	// Properties are what SHOW SESSION lists, in the order of their names.
	Properties []SessionProperty
	// Prepared are the texts of the prepared statements, by name.
	Prepared map[string]string
}

// SessionProperty is a setting of the session: its value and default are texts,
// "" for none.
type SessionProperty struct {
	Name, Value, Default, Type, Description string
}
