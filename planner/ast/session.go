package ast

// The statements of this file change the session of a client, or run what the session stores. They read no table
// themselves.

// Prepare is PREPARE name FROM statement.
type Prepare struct {
	At
	Name      Ident
	Statement Statement
	Text      Source
}

// Source is a part of a statement as written, from its first token to its last.
type Source string

// Execute is EXECUTE name [USING value, …].
type Execute struct {
	At
	Name  Ident
	Using []Expr
}

// ExecuteImmediate is EXECUTE IMMEDIATE 'statement' [USING value, …].
type ExecuteImmediate struct {
	At
	Text  *StringLiteral
	Using []Expr
}

// Deallocate is DEALLOCATE PREPARE name.
type Deallocate struct {
	At
	Name Ident
}

// DescribeInput is DESCRIBE INPUT name, which lists the parameters of a prepared
// statement.
type DescribeInput struct {
	At
	Name Ident
}

// DescribeOutput is DESCRIBE OUTPUT name, which lists the columns that a prepared
// statement answers with.
type DescribeOutput struct {
	At
	Name Ident
}

// Use is USE [catalog.]schema.
type Use struct {
	At
	Catalog *Ident // nil when absent
	Schema  Ident
}

// SetSession is SET SESSION name = value.
type SetSession struct {
	At
	Name  QualifiedName
	Value Expr
}

// ResetSession is RESET SESSION name.
type ResetSession struct {
	At
	Name QualifiedName
}

// SetTimeZone is SET TIME ZONE LOCAL, or SET TIME ZONE zone.
type SetTimeZone struct {
	At
	Zone Expr // nil for LOCAL
}

// IsolationLevel is what START TRANSACTION asks for; "" when it asks for none.
type IsolationLevel string

// The isolation levels of the language.
const (
	ReadUncommitted IsolationLevel = "READ UNCOMMITTED"
	ReadCommitted   IsolationLevel = "READ COMMITTED"
	RepeatableRead  IsolationLevel = "REPEATABLE READ"
	Serializable    IsolationLevel = "SERIALIZABLE"
)

// AccessMode is what a transaction may do; "" when START TRANSACTION does not say.
type AccessMode string

// The access modes of the language.
const (
	ReadOnly  AccessMode = "READ ONLY"
	ReadWrite AccessMode = "READ WRITE"
)

// StartTransaction is START TRANSACTION [ISOLATION LEVEL level] [, READ ONLY | READ WRITE].
type StartTransaction struct {
	At
	Isolation IsolationLevel
	Access    AccessMode
}

// Commit is COMMIT [WORK].
type Commit struct{ At }

// Rollback is ROLLBACK [WORK].
type Rollback struct{ At }

// Verb implements Statement.
func (*Prepare) Verb() string { return "PREPARE" }

// Verb implements Statement.
func (*Execute) Verb() string { return "EXECUTE" }

// Verb implements Statement.
func (*ExecuteImmediate) Verb() string { return "EXECUTE IMMEDIATE" }

// Verb implements Statement.
func (*Deallocate) Verb() string { return "DEALLOCATE" }

// Verb implements Statement.
func (*DescribeInput) Verb() string { return "DESCRIBE INPUT" }

// Verb implements Statement.
func (*DescribeOutput) Verb() string { return "DESCRIBE OUTPUT" }

// Verb implements Statement.
func (*Use) Verb() string { return "USE" }

// Verb implements Statement.
func (*SetSession) Verb() string { return "SET SESSION" }

// Verb implements Statement.
func (*ResetSession) Verb() string { return "RESET SESSION" }

// Verb implements Statement.
func (*SetTimeZone) Verb() string { return "SET TIME ZONE" }

// Verb implements Statement.
func (*StartTransaction) Verb() string { return "START TRANSACTION" }

// Verb implements Statement.
func (*Commit) Verb() string { return "COMMIT" }

// Verb implements Statement.
func (*Rollback) Verb() string { return "ROLLBACK" }

// Call is CALL procedure(argument, …).
type Call struct {
	At
	Procedure QualifiedName
	Arguments []CallArgument
}

// CallArgument is [name =>] value.
type CallArgument struct {
	Name  *Ident // nil when absent
	Value Expr
}

// Verb implements Statement.
func (*Call) Verb() string { return "CALL" }
