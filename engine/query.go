package engine

import (
	"context"
	"time"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/planner/ast"
)

// The types of queries; engine/query runs them.
type (
	// QueryOption limits a query or sets its session.
	QueryOption = query.Option
	// Rows is the answer to a query: an Arrow record reader with statistics.
	Rows = query.Rows
	// Stats are the work and cost of a query.
	Stats = query.Stats
	// Pruned says what a query could skip.
	Pruned = query.Pruned
	// Queries are the waiting and running queries, and those of the last days.
	Queries = query.Queries
	// Query is a statement that was submitted.
	Query = query.Query
	// QueryInfo is the state of a query at an instant.
	QueryInfo = query.Info
	// QueryState is the stage that a query has reached.
	QueryState = query.State
	// QueryResult is the kept result of a query.
	QueryResult = query.Result
	// QueryReads are the sources that a query reads.
	QueryReads = query.Reads
	// QueryPlace is the position of a query in the list.
	QueryPlace = query.Place
	// QueryFilter selects queries.
	QueryFilter = query.Filter
	// QuerySource is an event data store or a reference table, as passed to the check of what a statement may read.
	QuerySource = query.Source
	// NamedStatement is a statement with a name, its alias.
	NamedStatement = query.NamedStatement
	// ScanCap limits how much a statement may scan on one principal's account.
	ScanCap = query.ScanCap
	// Estimate is the interval in which a query's bytes scanned will lie.
	Estimate = query.Estimate
)

// The states of a query. The last four are final.
const (
	QueryQueued    = query.Queued
	QueryRunning   = query.Running
	QueryFinished  = query.Finished
	QueryFailed    = query.Failed
	QueryCancelled = query.Cancelled
	QueryTimedOut  = query.TimedOut
)

// Errors of queries.
var (
	ErrQueryNotFound  = query.ErrNotFound
	ErrQueryOver      = query.ErrOver
	ErrQueryCancelled = query.ErrCancelled
	ErrResultNotKept  = query.ErrNotKept
	ErrAliasNotFound  = query.ErrAliasNotFound
	ErrAliasName      = query.ErrAliasName
)

// The types of what system.runtime shows of a server.
type (
	Server            = query.Server
	ServerQuery       = query.ServerQuery
	ServerTransaction = query.ServerTransaction
)

// The one catalog of a lake, and the schema of its stores.
const (
	CatalogName = query.CatalogName
	SchemaName  = query.SchemaName
)

// MaxBytes ends a query with EXCEEDED_SCAN_LIMIT if it would scan more than limit bytes: before it starts when that
// is certain, otherwise when it happens.
func MaxBytes(limit int64) QueryOption { return query.MaxBytes(limit) }

// Timeout ends a query with EXCEEDED_TIME_LIMIT after d.
func Timeout(d time.Duration) QueryOption { return query.Timeout(d) }

// MayRead limits which stores and reference tables a statement may read or list. may is called for each of them
// when the statement is planned; its error says why the source may not be read. Naming such a source fails with
// PERMISSION_DENIED.
func MayRead(may func(QuerySource) error) QueryOption { return query.MayRead(may) }

// MayRun ends a query with PERMISSION_DENIED if may returns an error when the query's turn comes.
func MayRun(may func() error) QueryOption { return query.MayRun(may) }

// CapScan ends a query with EXCEEDED_SCAN_LIMIT if it would scan more than one of the caps allows: before it starts
// when that is certain, otherwise when it happens. of returns the caps when the query's turn comes.
func CapScan(of func(context.Context) ([]ScanCap, error)) QueryOption { return query.CapScan(of) }

// ThroughDoor sets the door through which a statement came in, such as command or trino, for the list of queries.
// The queries of a user at a door take turns with those of others.
func ThroughDoor(name string) QueryOption { return query.ThroughDoor(name) }

// Until cancels a query that has not ended at the given instant; reason says why. The zero time sets no such end.
func Until(at time.Time, reason string) QueryOption { return query.Until(at, reason) }

// AskedBy sets the caller, for the activity and for Options.QueryEnded.
func AskedBy(asker Asker) QueryOption { return query.AskedBy(asker) }

// BeforeEnd calls f once when a query accepted by Submit ends, before others can see that it has.
func BeforeEnd(f func()) QueryOption { return query.BeforeEnd(f) }

// FromSource sets the program that a statement came from, for the list of queries.
func FromSource(program string) QueryOption { return query.FromSource(program) }

// Reading sets what a statement reads, as returned by Queries.Check, so that the list of queries shows it before
// the statement is planned.
func Reading(reads QueryReads) QueryOption { return query.Reading(reads) }

// Written sets the statement as its author wrote it, for the list of queries, if another runs in its place.
func Written(sql string) QueryOption { return query.Written(sql) }

// OverResultName is the table name in statements with OverResult.
const OverResultName = query.OverResultName

// OverResult lets a statement read the kept result of a query as a table, see query.OverResult.
func OverResult(queryID string) QueryOption { return query.OverResult(queryID) }

// ResultColumn is the name of column i of OverResultName, counted from 0.
func ResultColumn(i int) string { return query.ResultColumn(i) }

// ParsedStatement is a statement's parse tree.
type ParsedStatement = ast.Statement

// Parsed passes a statement that ParseStatement, or a session that interprets statements, has parsed, so that the
// query does not parse its text again. If Arguments follow it, the text is parsed again with them.
func Parsed(statement ParsedStatement) QueryOption { return query.Parsed(statement) }

// QueryAlias sets the statement name by which the query was requested.
func QueryAlias(named NamedStatement) QueryOption { return query.Alias(named) }

// Durable makes Submit wait until the query is in the lake's records on disk.
func Durable() QueryOption { return query.Durable() }

// KeepResult keeps the answer in the lake once it has been read to its end. Queries.Results opens it until the
// query leaves the history.
func KeepResult() QueryOption { return query.Keep() }

// TimeZone sets the session's time zone: a region such as Europe/Berlin, or an offset. now(), current_timestamp and
// casts between times with and without a zone follow it. The default is UTC. With an unknown zone the query fails
// with INVALID_FUNCTION_ARGUMENT.
func TimeZone(name string) QueryOption { return query.TimeZone(name) }

// User sets current_user; the default is auditlake.
func User(name string) QueryOption { return query.User(name) }

// Arguments sets the values of the statement's parameters (question marks), in their order, as SQL: constant
// expressions such as 'a' or DATE '2026-01-31'.
func Arguments(expressions ...string) QueryOption { return query.Arguments(expressions...) }

// Prepared sets the texts of the prepared statements, by name, for EXECUTE, DESCRIBE INPUT and DESCRIBE OUTPUT.
func Prepared(statements map[string]string) QueryOption { return query.Prepared(statements) }

// InServer sets what system.runtime shows; without it the tables there are empty. state is called when a statement
// that names a system table is planned.
func InServer(state func() *Server) QueryOption { return query.InServer(state) }

// Query runs one SELECT (or SHOW, DESCRIBE, EXPLAIN) statement. A mistake in the statement is an *Error. The answer
// reads one snapshot, within retention at the query's instant. The caller closes it.
func (l *Lake) Query(ctx context.Context, sql string, options ...QueryOption) (*Rows, error) {
	return l.queries.Query(ctx, sql, options...)
}

// Queries returns the queries of the lake, which lists, shows, cancels and submits them.
func (l *Lake) Queries() *Queries { return l.queries }

// Estimate plans a query and returns what it would scan, without running it. Options that limit a query have no
// effect here.
func (l *Lake) Estimate(ctx context.Context, sql string, options ...QueryOption) (*Estimate, error) {
	return l.queries.Estimate(ctx, sql, options...)
}

// ExplainAsJSON makes Explain return JSON: the tree that EXPLAIN (TYPE LOGICAL, FORMAT JSON) shows. With analyze it
// is an object with the statistics of the run and that tree, whose nodes have what they did in "actual".
func ExplainAsJSON() QueryOption { return query.ExplainAsJSON() }

// Explain shows how a statement would run: the plan as a tree, and for each scan what it skips. With analyze it
// runs the statement and shows rows, time, processor time, memory and bytes of every step. It is recorded as a
// query, the EXPLAIN of the statement.
func (l *Lake) Explain(ctx context.Context, sql string, analyze bool, options ...QueryOption) (string, error) {
	return l.queries.Explain(ctx, sql, analyze, options...)
}
