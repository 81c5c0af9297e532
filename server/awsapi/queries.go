package awsapi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/server/access"
)

const (
	// doorName is what the list of queries says of those that came through this door.
	doorName = "aws"
	// maxOpenQueries is how many queries of an account may be queued or running.
	maxOpenQueries = 10
	// maxQueryTime is how long a query may take.
	maxQueryTime = time.Hour
)

type startQueryInput struct {
	QueryStatement               string
	DeliveryS3Uri                string
	QueryAlias                   string
	QueryParameters              []string
	EventDataStoreOwnerAccountId string
}

func (d *Door) startQuery(ctx context.Context, c *call, in *startQueryInput) (any, error) {
	switch {
	case (in.QueryStatement == "") == (in.QueryAlias == ""):
		return nil, fail("InvalidParameterException", "Give either QueryStatement or QueryAlias.")
	case in.QueryAlias != "":
		return nil, fail("InvalidParameterException", "No statement has the alias %s.", in.QueryAlias)
	case in.DeliveryS3Uri != "":
		return nil, fail("UnsupportedOperationException", "This server does not deliver results to S3 yet.")
	case d.lake.IsReadOnly():
		return nil, fmt.Errorf("the query cannot be recorded: %w", engine.ErrReadOnly)
	}
	if err := d.checkOwner(in.EventDataStoreOwnerAccountId); err != nil {
		return nil, err
	}
	sql, arguments, err := withParameters(in.QueryStatement, in.QueryParameters)
	if err != nil {
		return nil, err
	}
	statement, err := engine.ParseStatement(sql)
	if err != nil {
		return nil, statementError(err)
	}
	if statement.Verb != "SELECT" {
		return nil, fail("InvalidQueryStatementException", "Only SELECT statements are allowed, not %s.", statement.Verb)
	}
	reads, err := d.checkStatement(ctx, c, sql, arguments)
	if err != nil {
		return nil, err
	}
	id, err := d.run(c, sql, engine.Arguments(arguments...), engine.ReadingStores(reads.StoreIDs...))
	if err != nil {
		return nil, err
	}
	return struct{ QueryId string }{id}, nil
}

// checkStatement plans a statement, and refuses what the caller may not read. A key that is not the root's needs the right
// to query for every store, since mistakes in a statement are answered with names from the lake.
func (d *Door) checkStatement(ctx context.Context, c *call, sql string, arguments []string) (engine.QueryReads, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return engine.QueryReads{}, err
	}
	reads, err := d.lake.Queries().Check(ctx, sql, engine.User(c.caller.User()), engine.Arguments(arguments...))
	if err != nil {
		return reads, d.planError(ctx, sql, err)
	}
	for _, table := range reads.Tables {
		decision := d.decide(c, access.ReadTableAction, access.TableARN(d.lake, table), nil)
		if !decision.Allowed {
			return reads, fail(accessDenied, "User: %s is not authorized to perform: %s on table %s: %s", c.caller.User(), access.ReadTableAction, table, oneLine(decision.Reason))
		}
	}
	return reads, d.allowStores(ctx, c, reads.StoreIDs)
}

// run submits a statement whose result is kept, and reads it to its end in the background.
func (d *Door) run(c *call, sql string, options ...engine.QueryOption) (id string, err error) {
	account := c.caller.Key().AccountID
	if err := d.enter(account); err != nil {
		return "", err
	}
	options = append(options, engine.ThroughDoor(doorName), engine.User(c.caller.User()), engine.FromSource(c.userAgent),
		engine.Timeout(maxQueryTime), engine.Durable(), engine.KeepResult(), access.Caps(d.lake, c.caller.Key()))
	query, err := d.lake.Queries().Submit(d.ctx, sql, options...)
	if err != nil {
		d.leave(account)
		var known *engine.Error
		if errors.As(err, &known) { // too many wait already
			return "", fail("MaxConcurrentQueriesException", "%s", oneLine(known.Message))
		}
		return "", err
	}
	go func() {
		defer d.leave(account)
		defer panics.Catch(d.log, "query "+query.ID(), func(err error) { query.Cancel(err) })
		rows, err := query.Rows()
		if err != nil {
			return // the query's record has it
		}
		for rows.Next() { // what is read is kept
		}
		_ = rows.Close() // the query's record has the error, if there is one
	}()
	return query.ID(), nil
}

// enter takes a place for a query of an account, until leave.
func (d *Door) enter(account string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return fail(serviceUnavailable, "The server is stopping.")
	}
	if d.open[account] >= maxOpenQueries {
		return fail("MaxConcurrentQueriesException", "%d queries are queued or running already; wait for one of them, or cancel it.", maxOpenQueries)
	}
	d.open[account]++
	d.running.Add(1)
	return nil
}

func (d *Door) leave(account string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open[account]--; d.open[account] == 0 {
		delete(d.open, account)
	}
	d.running.Done()
}

// checkOwner refuses stores of other accounts, of which the lake has none.
func (d *Door) checkOwner(account string) error {
	if account != "" && account != d.lake.AccountID() {
		return fail("EventDataStoreNotFoundException", "The account %s has no event data store here.", account)
	}
	return nil
}

// statementError is a statement's error as the client gets it.
func statementError(err error) error {
	var known *engine.Error
	switch {
	case !errors.As(err, &known):
		return err
	case known.Name == "QUERY_QUEUE_FULL": // too many statements are checked already
		return &apiError{"MaxConcurrentQueriesException", oneLine(known.Message)}
	}
	return &apiError{"InvalidQueryStatementException", oneLine(known.Error())}
}

// planError is statementError, with the errors that the API has of its own for stores that are not there.
func (d *Door) planError(ctx context.Context, sql string, err error) error {
	var known *engine.Error
	if !errors.As(err, &known) || known.Name != "TABLE_NOT_FOUND" || known.Pos.IsZero() {
		return statementError(err)
	}
	name := strings.ToLower(nameAt(sql, known.Pos.Line, known.Pos.Column))
	if !storeID.MatchString(name) {
		return statementError(err)
	}
	store, storeErr := d.findStore(ctx, name)
	if storeErr != nil {
		return storeErr
	}
	if store.Status == engine.StorePendingDeletion {
		return fail("InactiveEventDataStoreException", "The event data store %s is pending deletion.", name)
	}
	return statementError(err)
}

// nameAt is the name that stands at a place of a statement, the last part of one with periods.
func nameAt(sql string, line, column int) string {
	lines := strings.Split(sql, "\n")
	if line > len(lines) {
		return ""
	}
	rest := []rune(lines[line-1])
	if column > len(rest) {
		return ""
	}
	name := string(rest[column-1:])
	end := strings.IndexFunc(name, func(r rune) bool {
		return r != '-' && r != '_' && r != '.' && r != '"' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if end >= 0 {
		name = name[:end]
	}
	return strings.Trim(name[strings.LastIndexByte(name, '.')+1:], `"`)
}

type queryReference struct {
	EventDataStore               string
	QueryId                      string
	QueryAlias                   string
	RefreshId                    string
	EventDataStoreOwnerAccountId string
}

// query finds a query that came through this door, and checks that what it read is there and may be read.
func (d *Door) query(ctx context.Context, c *call, in *queryReference) (*engine.QueryInfo, error) {
	if err := d.checkOwner(in.EventDataStoreOwnerAccountId); err != nil {
		return nil, err
	}
	var named *engine.Store
	if in.EventDataStore != "" {
		var err error
		if named, err = d.findStore(ctx, in.EventDataStore); err != nil {
			return nil, err
		}
	}
	info, err := d.lake.Queries().Get(in.QueryId)
	if err != nil {
		return nil, err
	}
	if info.Door != doorName || named != nil && !slices.Contains(info.StoreIDs, named.ID) {
		return nil, fail("QueryIdNotFoundException", "There is no query %s.", in.QueryId)
	}
	if err := d.allowStores(ctx, c, info.StoreIDs); err != nil {
		return nil, err
	}
	stores, err := d.stores(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range stores {
		if s.Status == engine.StorePendingDeletion && slices.Contains(info.StoreIDs, s.ID) {
			return nil, fail("InactiveEventDataStoreException", "The event data store %s of the query is pending deletion.", s.ARN())
		}
	}
	return info, nil
}

func (d *Door) describeQuery(ctx context.Context, c *call, in *queryReference) (any, error) {
	switch {
	case (in.QueryId == "") == (in.QueryAlias == ""):
		return nil, fail("InvalidParameterException", "Give either QueryId or QueryAlias.")
	case in.QueryAlias != "":
		return nil, fail("QueryIdNotFoundException", "No query has the alias %s.", in.QueryAlias)
	}
	info, err := d.query(ctx, c, in)
	if err != nil {
		return nil, err
	}
	type statistics struct {
		EventsMatched         int64
		EventsScanned         int64
		BytesScanned          int64
		ExecutionTimeInMillis int32
		CreationTime          timestamp
	}
	return struct {
		QueryId         string
		QueryString     string
		QueryStatus     string
		QueryStatistics statistics
		ErrorMessage    string `json:",omitempty"`
	}{
		info.ID, info.SQL, string(info.State),
		statistics{info.EventsMatched, info.EventsScanned, info.BytesScanned, d.executionMillis(info), timestamp(info.CreatedAt)},
		errorMessage(info),
	}, nil
}

// executionMillis is how long a query has been at work.
func (d *Door) executionMillis(info *engine.QueryInfo) int32 {
	end := info.EndedAt
	if end.IsZero() {
		end = d.now()
	}
	if info.StartedAt.IsZero() {
		return 0
	}
	return int32(min(max(0, end.Sub(info.StartedAt).Milliseconds()), math.MaxInt32))
}

// errorMessage is why a query has not finished, as its shape allows it; "": it has, or may yet.
func errorMessage(info *engine.QueryInfo) string { return oneLine(info.ErrorMessage) }

func (d *Door) cancelQuery(ctx context.Context, c *call, in *queryReference) (any, error) {
	info, err := d.query(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if err := d.lake.Queries().Cancel(info.ID); err != nil {
		return nil, err
	}
	if info, err = d.lake.Queries().Get(info.ID); err != nil {
		return nil, err
	}
	return struct{ QueryId, QueryStatus string }{info.ID, string(info.State)}, nil
}

type listQueriesInput struct {
	EventDataStore string
	NextToken      string
	MaxResults     int
	StartTime      *timestamp
	EndTime        *timestamp
	QueryStatus    string
}

func (d *Door) listQueries(ctx context.Context, c *call, in *listQueriesInput) (any, error) {
	store, err := d.store(ctx, c, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	if store.Status == engine.StorePendingDeletion {
		return nil, fail("InactiveEventDataStoreException", "The event data store %s is pending deletion.", store.ARN())
	}
	if in.StartTime != nil && in.EndTime != nil && in.StartTime.at().After(in.EndTime.at()) {
		return nil, fail("InvalidDateRangeException", "StartTime is after EndTime.")
	}
	after, err := readToken[engine.QueryPlace](d, c, in.NextToken)
	if err != nil {
		return nil, err
	}
	size := pageSize(in.MaxResults)
	filter := engine.QueryFilter{
		StoreID: store.ID, Door: doorName, Since: in.StartTime.at(), Until: in.EndTime.at(), After: after, Limit: size + 1,
	}
	if in.QueryStatus != "" {
		filter.States = []engine.QueryState{engine.QueryState(in.QueryStatus)}
	}
	found, err := d.lake.Queries().List(ctx, filter)
	if err != nil {
		return nil, err
	}
	var next *engine.QueryPlace
	if len(found) > size {
		found = found[:size]
		place := found[size-1].Place()
		next = &place
	}
	type item struct {
		QueryId      string
		QueryStatus  string
		CreationTime timestamp
	}
	var out struct {
		Queries   []item
		NextToken string `json:",omitempty"`
	}
	out.Queries = []item{}
	for _, info := range found {
		out.Queries = append(out.Queries, item{info.ID, string(info.State), timestamp(info.CreatedAt)})
	}
	out.NextToken, err = writeToken(d, c, next)
	return out, err
}
