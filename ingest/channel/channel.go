// Package channel judges events that programs push into a store: which of them the store takes, and
// why it does not take the others.
package channel

import (
	"fmt"
	"sync"
	"time"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// Result says whether one pushed event was taken. Code is empty if it was. Otherwise Code is the reason, one of the
// codes below or of an import's failures such as BAD_EVENT_TIME, and Message explains it.
type Result struct {
	Code, Message string
}

// The reasons for not taking an event that has no fault.
const (
	// NotSelected: the store's event selectors leave it out.
	NotSelected = "NOT_SELECTED"
	// PastRetention: it is older than what the store keeps.
	PastRetention = "PAST_RETENTION"
	// InFuture: its time is more than a day ahead of the lake's clock.
	InFuture = string(ingest.InFuture)
)

// maxEventBytes is the managed service's limit on the size of an event.
const maxEventBytes = 1 << 20

// Channel judges events for one store, by the store's settings when it was opened. It is safe for concurrent use.
type Channel struct {
	store    *catalog.Store
	table    *schema.Table
	selector *selector.Selector
	idle     sync.Pool // of *judge: making one costs more than a small push
}

// Open compiles what a channel into a store needs. The caller must not change the store's record afterwards. An
// error in the store's selectors is a selector.ErrInvalid.
func Open(store *catalog.Store) (*Channel, error) {
	table, ok := schema.ForCategory(store.Category)
	if !ok {
		return nil, fmt.Errorf("the category %q of store %s is not known", store.Category, store.Name)
	}
	c := &Channel{store: store, table: table, selector: selector.OfCategory(store.Category)}
	if len(store.Selectors) > 0 {
		var err error
		if c.selector, err = selector.Compile(store.Selectors); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Store returns the record that the channel was opened with.
func (c *Channel) Store() *catalog.Store { return c.store }

// Judged is a channel's verdict on some events.
type Judged struct {
	Results []Result // one for each event
	Taken   [][]byte // the events to keep, in their order
	Times   []int64  // the eventtime of each of Taken, in milliseconds since 1970 UTC
}

// Judge decides on events, each a JSON object, at now. The events are not copied.
func (c *Channel) Judge(events [][]byte, now time.Time) Judged {
	j, ok := c.idle.Get().(*judge)
	if !ok {
		j = c.newJudge()
	}
	defer c.idle.Put(j)
	out := Judged{Results: make([]Result, len(events)), Taken: make([][]byte, 0, len(events)), Times: make([]int64, 0, len(events))}
	for i, event := range events {
		var millis int64
		if millis, out.Results[i] = j.judgeEvent(c.store, event, now); out.Results[i].Code == "" {
			out.Taken, out.Times = append(out.Taken, event), append(out.Times, millis)
		}
	}
	return out
}

// judge holds the buffers for reading events. Only one goroutine uses it at a time.
type judge struct {
	matcher  *selector.Matcher
	appender *record.Appender
	columns  []int // the columns of the members that the selectors read; nil: the table lacks one of them
	values   []jsontext.Token
}

func (c *Channel) newJudge() *judge {
	j := &judge{matcher: c.selector.NewMatcher(), appender: record.NewAppender(c.table)}
	for _, member := range c.selector.Members() {
		column, ok := j.appender.ColumnOf(member)
		if !ok {
			j.columns = nil
			return j
		}
		j.columns = append(j.columns, column)
	}
	return j
}

// selects reports whether the selectors select an event that the appender has just scanned. If the scan succeeded
// and every member that they read has a column, their text is not read again.
func (j *judge) selects(event []byte, failure *ingest.Failure) bool {
	if failure != nil || j.columns == nil {
		return j.matcher.Selects(event)
	}
	j.values = j.values[:0]
	for _, column := range j.columns {
		j.values = append(j.values, j.appender.Value(column))
	}
	return j.matcher.SelectsMembers(event, j.values)
}

// judgeEvent returns the time of an event in milliseconds if the store takes it, otherwise the reason why not.
func (j *judge) judgeEvent(store *catalog.Store, event []byte, now time.Time) (int64, Result) {
	if len(event) > maxEventBytes {
		return 0, tooLarge(event)
	}
	row, failure := j.appender.Scan(event)
	if !j.selects(event, failure) {
		return 0, Result{NotSelected, "the store's event selectors do not select the event"}
	}
	if failure == nil {
		failure = ingest.CheckCategory(schema.Category(store.Category), row.Category)
	}
	if failure != nil {
		return 0, Result{string(failure.Reason), failure.Message}
	}
	return row.EventTimeMillis, judgeTime(store, row.EventTimeMillis, now)
}

func tooLarge(event []byte) Result {
	return Result{string(ingest.RecordTooLarge), fmt.Sprintf("the event has %d bytes, at most %d are taken", len(event), maxEventBytes)}
}

// judgeTime returns why a store does not take an event with this time.
func judgeTime(store *catalog.Store, millis int64, now time.Time) Result {
	at := time.UnixMilli(millis).UTC()
	switch {
	case at.Before(store.Horizon(now)):
		return Result{PastRetention, fmt.Sprintf("eventTime %s is more than the %d days ago that the store keeps", at.Format(time.RFC3339), store.RetentionDays)}
	case at.After(now.Add(ingest.MaxAhead)):
		return Result{InFuture, ingest.FutureMessage(millis)}
	}
	return Result{}
}
