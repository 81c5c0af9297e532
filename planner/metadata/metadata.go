// Package metadata declares what planning needs to know from outside: tables, functions, the session. The engine
// implements it. The package imports no other planner package but types.
package metadata

import (
	"context"
	"time"

	"github.com/auditlake/auditlake/planner/types"
)

// Catalog finds tables. Names are as written, without quotes.
type Catalog interface {
	// Table returns the table called name: a store's name, id or ARN in any letter case. If there is none the error
	// is a *types.Error TABLE_NOT_FOUND without position.
	Table(ctx context.Context, name string) (*Table, error)
	// Tables returns all tables, ordered by name.
	Tables(ctx context.Context) ([]*Table, error)
}

// SystemTables may be implemented by a Catalog that has system tables: small tables in other schemas and catalogs,
// such as information_schema.columns.
type SystemTables interface {
	// SystemSchemas lists the schemas of a catalog that hold system tables, with the tables' names, in order.
	SystemSchemas(catalog string) []SystemSchema
	// SystemCatalogs lists the catalogs that hold only system tables.
	SystemCatalogs() []string
	// SystemTable returns a table of a system schema, or TABLE_NOT_FOUND without position. Names are in lower case.
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

// Table describes a table. Handle belongs to the engine. Callers must not change any part: columns may be shared.
type Table struct {
	Name    string
	Columns []Column
	// Store is set for an event data store, whose timestamp columns follow the rules LakeTimestampLiteral and
	// LakeTimestampUTC.
	Store bool
	Rows  int64 // rows of the current snapshot, for join order
	// Times is how a store's rows are distributed over time; nil: unknown.
	Times  []TimeRows
	Handle any
}

// TimeRows is the number of rows whose eventtime lies between Min and Max, in milliseconds.
type TimeRows struct {
	Min, Max int64
	Rows     int64
}

// Column is a column of a table.
type Column struct {
	Name string // lower case
	Type *types.Type
	// Hidden columns can be named, but * leaves them out.
	Hidden bool
	// Comment is the column's meaning, as DESCRIBE shows it; "" if it has none.
	Comment string
}

// Functions resolves and folds function calls.
type Functions interface {
	// Resolve picks the overload for the arguments, with coercions, or returns a *types.Error without position:
	// FUNCTION_NOT_FOUND, AMBIGUOUS_FUNCTION_CALL, INVALID_PARAMETER_USAGE (lambda arity), …
	Resolve(name string, args []types.Arg) (*types.Resolved, error)
	// ResolveCast returns the cast between two types, false if there is none.
	ResolveCast(from, to *types.Type, try bool) (*types.Resolved, bool)
	// Fold runs a scalar function on one row of constants. After an error the caller must leave the call as it is:
	// running it raises the error if a row gets there.
	Fold(fn *types.Resolved, args []types.Value, session *Session) (types.Value, error)
	// IsAggregate reports whether name is an aggregate function.
	IsAggregate(name string) bool
	// IsWindow reports whether name may only be used with OVER.
	IsWindow(name string) bool
	// Exists reports whether any function has this name.
	Exists(name string) bool
	// List returns every signature that a user may call, sorted by name.
	List() []*types.Signature
}

// Session holds what a statement's meaning depends on besides its text.
type Session struct {
	Now      time.Time      // the statement's instant: now(), and the retention horizon
	Location *time.Location // the session's time zone
	Zone     string         // its name as Trino prints it, "UTC" by default
	User     string
	Catalog  string // "auditlake"
	Schema   string // "default"
	// Properties are the settings that SHOW SESSION lists, ordered by name.
	Properties []SessionProperty
	// Prepared maps names to the texts of the prepared statements.
	Prepared map[string]string
}

// SessionProperty is a setting of the session. Its value and default are texts, "" for none.
type SessionProperty struct {
	Name, Value, Default, Type, Description string
}
