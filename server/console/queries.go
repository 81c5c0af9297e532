package console

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/panics"
)

const (
	// maxOpenQueries limits the queued and running queries of a user.
	maxOpenQueries = 10
	// maxQueryTime limits the duration of a query.
	maxQueryTime = time.Hour
	// maxWaitMillis limits how long a request waits for a query to end.
	maxWaitMillis = 10_000
	// maxListed limits the queries in a list.
	maxListed = 200
)

// statementInput is a statement with the values of its parameters.
type statementInput struct {
	SQL string `json:"sql"`
	// Arguments are the values of the question marks and :names, in the order of parametersOf.
	Arguments []string `json:"arguments"`
}

// startQuery submits a statement and reads its result to the end in the background, which stores it.
func (d *Door) startQuery(c *call) (any, error) {
	var in statementInput
	if err := readJSON(c.w, c.r, &in); err != nil {
		return nil, err
	}
	sql, arguments, err := in.bind()
	if err != nil {
		return nil, err
	}
	statement, err := engine.ParseStatement(sql, arguments...)
	if err != nil {
		return nil, err
	}
	asked := []engine.QueryOption{engine.Arguments(arguments...), engine.Parsed(statement.Parsed), engine.Written(in.SQL)}
	reads, err := d.lake.Queries().Check(c.r.Context(), sql, append(d.statementOptions(c, doorName), asked...)...)
	if err != nil {
		return nil, err
	}
	id, err := d.run(c, doorName, sql, append(asked, engine.Reading(reads)))
	if err != nil {
		return nil, err
	}
	return struct {
		ID string `json:"id"`
	}{id}, nil
}

// statementOptions returns the options of all statements of a caller: the user and its rights to read.
func (d *Door) statementOptions(c *call, door string) []engine.QueryOption {
	return append(c.caller.QueryOptions(), engine.ThroughDoor(door), engine.FromSource(c.r.UserAgent()), engine.AskedBy(c.asker()))
}

// run submits a statement and reads its answer in the background, which stores it.
func (d *Door) run(c *call, door, sql string, asked []engine.QueryOption) (id string, err error) {
	user := c.caller.User()
	if err := d.takePlace(user); err != nil {
		return "", err
	}
	leave := sync.OnceFunc(func() { d.leavePlace(user) })
	options := append(d.statementOptions(c, door), asked...)
	query, err := d.lake.Queries().Submit(d.ctx, sql, append(options, engine.Timeout(maxQueryTime), engine.KeepResult(), engine.BeforeEnd(leave))...)
	if err != nil {
		leave()
		d.work.Done()
		return "", err
	}
	ended := make(chan struct{})
	d.mu.Lock()
	d.running[query.ID()] = ended
	d.mu.Unlock()
	go func() {
		defer d.work.Done()
		defer leave()
		defer d.noteEnded(query.ID(), ended)
		defer panics.Catch(d.log, "query "+query.ID(), func(err error) { query.Cancel(err) })
		rows, err := query.Rows()
		if err != nil {
			return // the query's record has the error
		}
		for rows.Next() { // reading stores the rows
		}
		_ = rows.Close() // the query's record has the error, if any
	}()
	return query.ID(), nil
}

// takePlace counts a query of a user until leavePlace, and makes Close wait until work.Done.
func (d *Door) takePlace(user string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return &problem{status: http.StatusServiceUnavailable, Code: "SERVER_SHUTTING_DOWN", Message: "the server is stopping"}
	}
	if d.open[user] >= maxOpenQueries {
		return &problem{status: http.StatusTooManyRequests, Code: "QUERY_QUEUE_FULL",
			Message: "ten of your queries are already queued or running: wait for one of them, or cancel one"}
	}
	d.open[user]++
	d.work.Add(1)
	return nil
}

func (d *Door) leavePlace(user string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open[user]--; d.open[user] == 0 {
		delete(d.open, user)
	}
}

// noteEnded wakes the requests that wait for the end of a query.
func (d *Door) noteEnded(id string, ended chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.running, id)
	close(ended)
}

// queryView is a query in the page's JSON.
type queryView struct {
	ID               string  `json:"id"`
	SQL              string  `json:"sql"`
	State            string  `json:"state"`
	IsOver           bool    `json:"isOver"`
	User             string  `json:"user"`
	Door             string  `json:"door"`
	Source           string  `json:"source"`
	IsMine           bool    `json:"isMine"`
	IsKept           bool    `json:"isKept"` // its result may be stored
	CreatedAt        string  `json:"createdAt"`
	StartedAt        string  `json:"startedAt"`
	EndedAt          string  `json:"endedAt"`
	ElapsedMillis    int64   `json:"elapsedMillis"`
	PlannedLowBytes  int64   `json:"plannedLowBytes"`
	PlannedHighBytes int64   `json:"plannedHighBytes"`
	BytesScanned     int64   `json:"bytesScanned"`
	BytesRead        int64   `json:"bytesRead"`
	EventsScanned    int64   `json:"eventsScanned"`
	EventsMatched    int64   `json:"eventsMatched"`
	Rows             int64   `json:"rows"`
	PeakMemoryBytes  int64   `json:"peakMemoryBytes"`
	Price            float64 `json:"price"`
	ErrorName        string  `json:"errorName"`
	ErrorMessage     string  `json:"errorMessage"`
}

// ownDoors are the doors of statements that the page starts itself and does not list.
var ownDoors = []string{completionDoorName, sortDoorName, usageDoorName}

// keepingDoors are the doors whose queries have a stored result.
var keepingDoors = []string{doorName, sortDoorName, "aws"}

func (d *Door) view(c *call, info *engine.QueryInfo) queryView {
	v := d.describeQuery(info)
	v.IsMine = info.User == c.caller.User()
	return v
}

// describeQuery describes a query without regard to the caller.
func (d *Door) describeQuery(info *engine.QueryInfo) queryView {
	v := queryView{
		ID: info.ID, SQL: info.SQL, State: string(info.State), IsOver: info.State.IsOver(), User: info.User, Door: info.Door, Source: info.Source,
		IsKept:    slices.Contains(keepingDoors, info.Door) && info.State == engine.QueryFinished,
		CreatedAt: instant(info.CreatedAt), StartedAt: instant(info.StartedAt), EndedAt: instant(info.EndedAt),
		PlannedLowBytes: info.PlannedLowBytes, PlannedHighBytes: info.PlannedHighBytes, BytesScanned: info.BytesScanned, BytesRead: info.BytesRead,
		EventsScanned: info.EventsScanned, EventsMatched: info.EventsMatched, Rows: info.Rows, PeakMemoryBytes: info.PeakMemoryBytes,
		Price: info.Price, ErrorName: info.ErrorName, ErrorMessage: info.ErrorMessage,
	}
	if !info.StartedAt.IsZero() {
		end := info.EndedAt
		if end.IsZero() {
			end = d.lake.Now()
		}
		v.ElapsedMillis = max(0, end.Sub(info.StartedAt).Milliseconds())
	}
	return v
}

// query finds a query on which the caller may do an action: the caller's own, or one for whose stores it has the
// right.
func (d *Door) query(c *call, action string) (*engine.QueryInfo, error) {
	info, err := d.lake.Queries().Get(c.r.PathValue("id"))
	if err != nil || info.User == c.caller.User() {
		return info, err
	}
	return info, d.allowQuery(c.r.Context(), c, info, action)
}

// showQuery returns the state of a query. With waitMillis it first waits that long for the query to end.
func (d *Door) showQuery(c *call) (any, error) {
	wait, err := c.number("waitMillis", 0, maxWaitMillis, 0)
	if err != nil {
		return nil, err
	}
	info, err := d.query(c, "cloudtrail:DescribeQuery")
	if err != nil {
		return nil, err
	}
	if wait > 0 && !info.State.IsOver() {
		d.waitForEnd(c.r.Context(), info.ID, time.Duration(wait)*time.Millisecond)
		if info, err = d.lake.Queries().Get(info.ID); err != nil {
			return nil, err
		}
	}
	return d.view(c, info), nil
}

func (d *Door) waitForEnd(ctx context.Context, id string, most time.Duration) {
	d.mu.Lock()
	ended := d.running[id]
	d.mu.Unlock()
	if ended == nil { // the query has ended, or came through another door
		return
	}
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (d *Door) cancelQuery(c *call) (any, error) {
	info, err := d.query(c, "cloudtrail:CancelQuery")
	if err != nil {
		return nil, err
	}
	if err := d.lake.Queries().Cancel(info.ID); err != nil {
		return nil, err
	}
	d.note(c, "CancelQuery", false, map[string]any{"queryId": info.ID})
	if info, err = d.lake.Queries().Get(info.ID); err != nil {
		return nil, err
	}
	return d.view(c, info), nil
}

// listQueries lists the latest queries that the caller may see: its own, and those over stores whose queries it may
// list.
func (d *Door) listQueries(c *call) (any, error) {
	rights, err := c.caller.QueryRights(c.r.Context())
	if err != nil {
		return nil, err
	}
	filter := engine.QueryFilter{Limit: maxListed, Keep: func(info *engine.QueryInfo) bool {
		return !slices.Contains(ownDoors, info.Door) && (info.User == c.caller.User() || mayDo(rights, c, info, []string{"cloudtrail:ListQueries"}) == nil)
	}}
	parameters := c.r.URL.Query()
	if parameters.Get("mine") == "true" {
		filter.User = c.caller.User()
	}
	if parameters.Get("running") == "true" {
		filter.States = []engine.QueryState{engine.QueryQueued, engine.QueryRunning}
	}
	found, err := d.lake.Queries().List(c.r.Context(), filter)
	if err != nil {
		return nil, err
	}
	out := []queryView{}
	for _, info := range found {
		out = append(out, d.view(c, info))
	}
	return out, nil
}
