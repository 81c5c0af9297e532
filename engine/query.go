package engine

import (
	"context"
	"time"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/planner/ast"
)

// What running questions is made of; engine/query runs them.
type (
	// QueryOption limits a query or sets its session.
	QueryOption = query.Option
	// Rows is the answer to a query: an Arrow record reader with statistics.
	Rows = query.Rows
	// Stats is what a query did and cost.
	Stats = query.Stats
	// Pruned tells what a query could leave out.
	Pruned = query.Pruned
	// Queries knows the queries that wait and run, and those that ran in the last days.
	Queries = query.Queries
	// Query is a statement that was submitted.
	Query = query.Query
	// QueryInfo is what is known of a query at an instant.
	QueryInfo = query.Info
	// QueryState says how far a query has come.
	QueryState = query.State
	// QueryResult is the kept result of a query.
	QueryResult = query.Result
	// QueryReads is what a query reads.
	QueryReads = query.Reads
	// QueryPlace is the place of a query in the list.
	QueryPlace = query.Place
	// QueryFilter chooses queries.
	QueryFilter = query.Filter
	// QuerySource is an event data store or a reference table, for whoever decides which of them a statement may read.
	QuerySource = query.Source
	// NamedStatement is a statement that has a name, its alias.
	NamedStatement = query.NamedStatement
	// ScanCap is how much a statement may scan on somebody's account.
	ScanCap = query.ScanCap
	// Estimate is the interval in which the bytes scanned of a query will lie.
	Estimate = query.Estimate
)

// The states of a query. The last four are ends.
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

// What system.runtime shows of a server.
type (
	Server            = query.Server
	ServerQuery       = query.ServerQuery
	ServerTransaction = query.ServerTransaction
)

// The one catalog of a lake, and the schema its stores are in.
const (
	CatalogName = query.CatalogName
	SchemaName  = query.SchemaName
)

// MaxBytes ends a query with EXCEEDED_SCAN_LIMIT when it would scan more than
// limit bytes: before it starts when that is certain, else when it happens.
func MaxBytes(limit int64) QueryOption { return query.MaxBytes(limit) }

// Timeout ends a query with EXCEEDED_TIME_LIMIT after d.
func Timeout(d time.Duration) QueryOption { return query.Timeout(d) }

// MayRead makes a statement read only what may lets it, and list nothing else: may is called with each store and
// reference table of the lake when the statement is planned, and returns why it may not be read. Naming it is
// PERMISSION_DENIED.
func MayRead(may func(QuerySource) error) QueryOption { return query.MayRead(may) }

// MayRun ends a query with PERMISSION_DENIED if may returns an error when the query's turn has come.
func MayRun(may func() error) QueryOption { return query.MayRun(may) }

// CapScan ends a query with EXCEEDED_SCAN_LIMIT when it would scan more than one of the caps that of returns when its
// turn has come: before it starts if that is certain, otherwise when it happens.
func CapScan(of func(context.Context) ([]ScanCap, error)) QueryOption { return query.CapScan(of) }

// ThroughDoor sets which way a statement came in, such as command or trino, for
// the list of queries. Those of a user at a door take turns with those of others.
func ThroughDoor(name string) QueryOption { return query.ThroughDoor(name) }

// Until cancels a query that has not ended at an instant; reason says why. The zero time is no such end.
func Until(at time.Time, reason string) QueryOption { return query.Until(at, reason) }

// AskedBy sets who asks, for the activity and for Options.QueryEnded.
func AskedBy(asker Asker) QueryOption { return query.AskedBy(asker) }

// BeforeEnd calls f once when a query that Submit has taken in ends, before others can see that it has.
func BeforeEnd(f func()) QueryOption { return query.BeforeEnd(f) }

// FromSource sets which program a statement came from, for the list of queries.
func FromSource(program string) QueryOption { return query.FromSource(program) }

// Reading says what a statement reads, as Queries.Check returned it, so that the query is listed with it before it is
// planned.
func Reading(reads QueryReads) QueryOption { return query.Reading(reads) }

// Written sets the statement as its author wrote it, for the list of queries, where another runs in its place.
func Written(sql string) QueryOption { return query.Written(sql) }

// OverResultName is the table of statements with OverResult.
const OverResultName = query.OverResultName

// OverResult lets a statement read the kept result of a query as a table, see query.OverResult.
func OverResult(queryID string) QueryOption { return query.OverResult(queryID) }

// ResultColumn is the name of a column of OverResultName, the first being 0.
func ResultColumn(i int) string { return query.ResultColumn(i) }

// ParsedStatement is a statement as the parser read it.
type ParsedStatement = ast.Statement

// Parsed hands on what ParseStatement, or a session that interprets a statement, has parsed: the query does not parse
// its text again. Arguments after it need the text parsed with them.
func Parsed(statement ParsedStatement) QueryOption { return query.Parsed(statement) }

// QueryAlias says by which name of a statement a query was asked for.
func QueryAlias(named NamedStatement) QueryOption { return query.Alias(named) }

// Durable makes Submit wait until the query is in the lake's records on disk.
func Durable() QueryOption { return query.Durable() }

// KeepResult keeps the answer in the lake, once it is read to its end:
// Queries.Results opens it until the query leaves the history.
func KeepResult() QueryOption { return query.Keep() }

// TimeZone sets the time zone of the session: a region such as Europe/Berlin,
// or an offset. now(), current_timestamp and casts between times with and
// without a zone follow it; the default is UTC. A query in a zone that does not
// exist ends with INVALID_FUNCTION_ARGUMENT.
func TimeZone(name string) QueryOption { return query.TimeZone(name) }

// User sets what current_user is; the default is auditlake.
func User(name string) QueryOption { return query.User(name) }

// Arguments gives the values of the statement's parameters (question marks), in
// their order, as SQL: constant expressions such as 'a' or DATE '2026-01-31'.
func Arguments(expressions ...string) QueryOption { return query.Arguments(expressions...) }

// Prepared gives the texts of the prepared statements, by name, that EXECUTE and
// DESCRIBE INPUT and OUTPUT find.
func Prepared(statements map[string]string) QueryOption { return query.Prepared(statements) }

// InServer sets what system.runtime shows; without it the tables there are
// empty. The function is called when a statement that names a system table is planned.
func InServer(state func() *Server) QueryOption { return query.InServer(state) }

// Query runs one SELECT (or SHOW, DESCRIBE, EXPLAIN) statement. An error of
// the statement's author is an *Error. The answer reads one snapshot, within
// retention at the query's instant; the caller closes it.
func (l *Lake) Query(ctx context.Context, sql string, options ...QueryOption) (*Rows, error) {
	return l.queries.Query(ctx, sql, options...)
}

// Queries lists, shows and cancels the queries of the lake, and takes in new ones.
func (l *Lake) Queries() *Queries { return l.queries }

// Estimate plans a query and tells what it would scan, without running it; the
// options that limit a query do nothing here.
func (l *Lake) Estimate(ctx context.Context, sql string, options ...QueryOption) (*Estimate, error) {
	return l.queries.Estimate(ctx, sql, options...)
}

// ExplainAsJSON makes Explain return JSON: the tree that EXPLAIN (TYPE LOGICAL, FORMAT JSON) shows; with analyze an
// object with the statistics of the run and that tree, whose nodes say in "actual" what they did.
func ExplainAsJSON() QueryOption { return query.ExplainAsJSON() }

// Explain shows how a statement would run: the plan as a tree, and for each
// scan what is left out. With analyze it runs the statement and shows rows,
// time, processor time, memory and bytes of every step. It is a query like others, the EXPLAIN of the statement.
func (l *Lake) Explain(ctx context.Context, sql string, analyze bool, options ...QueryOption) (string, error) {
	return l.queries.Explain(ctx, sql, analyze, options...)
}
