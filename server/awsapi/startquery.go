package awsapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/server/access"
)

const (
	// doorName is this door in the list of queries.
	doorName = "aws"
	// maxOpenQueries limits the queued and running queries of a user. AWS has the same limit for an account, where
	// one user can keep out all others.
	maxOpenQueries = 10
	// maxQueryTime limits the duration of a query.
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
	if (in.QueryStatement == "") == (in.QueryAlias == "") {
		return nil, fail("InvalidParameterException", "Give either QueryStatement or QueryAlias.")
	}
	if d.lake.IsReadOnly() {
		return nil, fmt.Errorf("the query cannot be recorded: %w", engine.ErrReadOnly)
	}
	if err := d.checkOwner(in.EventDataStoreOwnerAccountId); err != nil {
		return nil, err
	}
	named, err := d.statementOf(in)
	if err != nil {
		return nil, err
	}
	sql, arguments, err := withParameters(named.SQL, in.QueryParameters)
	if err != nil {
		return nil, err
	}
	statement, err := engine.ParseStatement(sql, arguments...)
	if err != nil {
		return nil, statementError(err)
	}
	if statement.Verb != "SELECT" {
		return nil, fail("InvalidQueryStatementException", "Only SELECT statements are allowed, not %s.", statement.Verb)
	}
	asked := []engine.QueryOption{engine.Arguments(arguments...), engine.Parsed(statement.Parsed)}
	reads, err := d.checkStatement(ctx, c, sql, asked)
	if err != nil {
		return nil, err
	}
	if err := d.checkDelivery(ctx, in.DeliveryS3Uri); err != nil {
		return nil, err
	}
	id, err := d.run(c, sql, append(asked, engine.Reading(reads), engine.QueryAlias(*named), engine.DeliverTo(in.DeliveryS3Uri))...)
	if err != nil {
		return nil, err
	}
	return struct {
		QueryId                      string
		EventDataStoreOwnerAccountId string `json:",omitempty"`
	}{id, d.ownerFor(c)}, nil
}

// statementOf returns the statement that a request contains or names.
func (d *Door) statementOf(in *startQueryInput) (*engine.NamedStatement, error) {
	if in.QueryAlias == "" {
		return &engine.NamedStatement{SQL: in.QueryStatement}, nil
	}
	named, err := d.lake.Queries().Aliased(in.QueryAlias)
	if errors.Is(err, engine.ErrAliasNotFound) {
		return nil, fail("InvalidParameterException", "No statement has the alias %s.", in.QueryAlias)
	}
	return named, err
}

// checkStatement plans a statement over what the caller may query, and returns what it reads. Its errors reveal
// nothing else.
func (d *Door) checkStatement(ctx context.Context, c *call, sql string, asked []engine.QueryOption) (reads engine.QueryReads, err error) {
	reads, err = d.lake.Queries().Check(ctx, sql, append(c.caller.StartOptions(), asked...)...)
	if err != nil {
		return reads, d.planError(ctx, c, sql, err)
	}
	return reads, d.allowStores(ctx, c, reads.StoreIDs)
}

// checkDelivery refuses a URI to which a result cannot be delivered; "" is none.
func (d *Door) checkDelivery(ctx context.Context, uri string) error {
	if uri == "" {
		return nil
	}
	err := d.courier.Check(ctx, uri)
	for _, e := range deliveryErrors {
		if errors.Is(err, e.err) {
			return &apiError{e.code, oneLine(err.Error())}
		}
	}
	return err
}

// run submits a statement and reads its result to the end in the background, which stores it.
func (d *Door) run(c *call, sql string, options ...engine.QueryOption) (id string, err error) {
	user := c.caller.User()
	if err := d.enter(user); err != nil {
		return "", err
	}
	leave := sync.OnceFunc(func() { d.leave(user) })
	options = append(append(options, c.caller.StartOptions()...), engine.ThroughDoor(doorName), engine.FromSource(c.userAgent), engine.AskedBy(c.asker()),
		engine.Timeout(maxQueryTime), engine.Durable(), engine.KeepResult(), engine.BeforeEnd(leave))
	query, err := d.lake.Queries().Submit(d.ctx, sql, options...)
	if err != nil {
		leave()
		d.running.Done()
		var known *engine.Error
		if errors.As(err, &known) { // too many statements wait
			return "", fail("MaxConcurrentQueriesException", "%s", oneLine(known.Message))
		}
		return "", err
	}
	go func() {
		defer d.running.Done()
		defer leave()
		defer panics.Catch(d.log, "query "+query.ID(), func(err error) { query.Cancel(err) })
		rows, err := query.Rows()
		if err != nil {
			return // the query's record has the error
		}
		for rows.Next() { // reading stores the rows
		}
		_ = rows.Close() // the query's record has the error, if any
		d.courier.Deliver(query.ID())
	}()
	return query.ID(), nil
}

// enter counts a query of a user until leave, and makes Close wait until running.Done.
func (d *Door) enter(user string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return fail(serviceUnavailable, "The server is stopping.")
	}
	if d.open[user] >= maxOpenQueries {
		return fail("MaxConcurrentQueriesException", "%d queries of %s are queued or running already; wait for one of them, or cancel it.", maxOpenQueries, user)
	}
	d.open[user]++
	d.running.Add(1)
	return nil
}

func (d *Door) leave(user string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open[user]--; d.open[user] == 0 {
		delete(d.open, user)
	}
}

// checkOwner refuses stores of other accounts: the lake has none.
func (d *Door) checkOwner(account string) error {
	if account != "" && account != d.lake.AccountID() {
		return fail("EventDataStoreNotFoundException", "The account %s has no event data store here.", account)
	}
	return nil
}

// ownerFor returns the account that owns the stores, for callers of another account; otherwise "".
func (d *Door) ownerFor(c *call) string {
	if account := c.caller.Key().AccountID; c.caller.Key().IsRoot || account == d.lake.AccountID() {
		return ""
	}
	return d.lake.AccountID()
}

// statementError converts a statement's error for the client.
func statementError(err error) error {
	var known *engine.Error
	switch {
	case !errors.As(err, &known):
		return err
	case known.Name == "QUERY_QUEUE_FULL": // too many statements are being checked
		return &apiError{"MaxConcurrentQueriesException", oneLine(known.Message)}
	}
	return &apiError{"InvalidQueryStatementException", oneLine(known.Error())}
}

// planError is statementError with the API's own errors for stores that do not exist or may not be queried. A
// caller without a right for a name does not learn whether it exists.
func (d *Door) planError(ctx context.Context, c *call, sql string, err error) error {
	var known *engine.Error
	if !errors.As(err, &known) || known.Name != "TABLE_NOT_FOUND" && known.Name != "PERMISSION_DENIED" || known.Pos.IsZero() {
		return statementError(err)
	}
	name := strings.ToLower(nameAt(sql, known.Pos.Line, known.Pos.Column))
	if !storeID().MatchString(name) {
		if !d.decide(c, access.StartQueryAction, "*", nil).Allowed {
			return fail(accessDenied, "User: %s is not authorized to perform: %s on resource: %s", c.caller.User(), access.StartQueryAction, name)
		}
		if known.Name == "PERMISSION_DENIED" {
			return d.deniedName(ctx, c, name)
		}
		return statementError(err)
	}
	store, storeErr := d.findStore(ctx, name)
	if err := d.allow(c, d.arnOf(name), store); err != nil {
		return err
	}
	if storeErr != nil {
		return storeErr
	}
	if store.Status == engine.StorePendingDeletion {
		return fail("InactiveEventDataStoreException", "The event data store %s is pending deletion.", name)
	}
	return statementError(err)
}

// deniedName returns the error of a statement that names a reference table, or an event data store by its name,
// that the caller may not read.
func (d *Door) deniedName(ctx context.Context, c *call, name string) error {
	tables, err := d.lake.Tables().List(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(tables, func(t *engine.Table) bool { return t.Name == name }) {
		if err := c.caller.RequireTable(name); err != nil {
			return err
		}
	}
	return fail(accessDenied, "User: %s is not authorized to perform: %s on resource: %s", c.caller.User(), access.StartQueryAction, name)
}

// nameAt returns the name at a position of a statement. Of a name with periods it is the last part.
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
