package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/auditlake/auditlake/engine/activity"
	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/channel"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// What the activity of a lake is made of; engine/activity records it.
type (
	// Activity takes in what is done with a lake. A nil one records nothing.
	Activity = activity.Recorder
	// ActivityEvent is something that was done with the lake, or refused.
	ActivityEvent = activity.Event
	// ActivityPoll says which events of the activity are counted together.
	ActivityPoll = activity.PollKey
	// Asker is who asks, and from where.
	Asker = activity.Asker
)

// The types of the activity's events, the eventType of CloudTrail: a call of the AWS API, and whatever else is done.
const (
	ActivityAPICall      = activity.APICall
	ActivityServiceEvent = activity.ServiceEvent
)

// ActivityParameters are the members of a request as an event of the activity has them: without secrets, texts not
// too long.
func ActivityParameters(members map[string]any) json.RawMessage { return activity.Parameters(members) }

// ActivityStoreName is the name of the store that has what was done with the lake (Options.Activity).
const ActivityStoreName = store.ActivityName

// ErrStoreProtected is that of changes of the activity store.
var ErrStoreProtected = store.ErrProtected

// Activity is where the lake's doors note what is done. It is nil, and records nothing, unless Options.Activity was
// set.
func (l *Lake) Activity() *Activity { return l.activity }

// beginActivity opens the activity store, and makes it if there is none.
func (l *Lake) beginActivity(ctx context.Context) error {
	if !l.options.Activity || l.options.ReadOnly {
		return nil
	}
	record, wasInterrupted, err := l.Stores().BeginActivity(ctx)
	if err != nil {
		return fmt.Errorf("activity store: %w", err)
	}
	l.activity = activity.New(activity.Options{
		Region: l.options.Region, AccountID: l.options.AccountID, StoreARN: l.storeARN, Now: l.now, Log: l.options.Log,
		Write: func(ctx context.Context, events [][]byte) error { return l.writeActivity(ctx, record.ID, events) },
	})
	if wasInterrupted {
		l.activity.NoteInterruption()
	}
	return nil
}

// endActivity writes what is left. Unless that succeeds, the next process will say that something may be missing.
func (l *Lake) endActivity() error {
	if l.activity == nil {
		return nil
	}
	err := l.activity.Close()
	switch {
	case errors.Is(err, activity.ErrClosed):
		return nil
	case err != nil:
		return fmt.Errorf("the last of the activity cannot be written: %w", err)
	}
	return l.Stores().EndActivity(context.Background())
}

// writeActivity pushes events into the activity store. It notes nothing itself.
func (l *Lake) writeActivity(ctx context.Context, storeID string, events [][]byte) error {
	record, err := store.Record(ctx, l.storage, storeID)
	if err != nil {
		return err
	}
	c, err := channel.Open(record)
	if err != nil {
		return err
	}
	judged := c.Judge(events, l.now())
	for i, r := range judged.Results {
		if r.Code != "" {
			l.options.Log.Error("an event of the activity is lost", "reason", r.Code, "message", r.Message, "event", string(events[i]))
		}
	}
	if len(judged.Taken) == 0 {
		return nil
	}
	return l.storage.Push(ctx, storage.Part{Store: c.Store(), Events: storage.JoinTexts(judged.Taken), Times: judged.Times})
}

// storeARN is the name of a store in policies, "" of one that is gone.
func (l *Lake) storeARN(id string) (arn string) {
	_ = l.storage.Catalog().View(func(tx *catalog.Tx) error { // a store that cannot be read has no name
		record, err := tx.Store(id)
		if err == nil {
			arn = record.ARN()
		}
		return err
	})
	return arn
}

// queryEnded tells of a query that has ended.
func (l *Lake) queryEnded(q *QueryInfo) {
	if l.options.QueryEnded != nil {
		l.options.QueryEnded(q)
	}
	if l.activity == nil { // what would be noted of each statement is not put together
		return
	}
	at := q.EndedAt
	if at.IsZero() { // nobody knows when it was interrupted
		at = l.now()
	}
	l.activity.Note(&activity.Event{
		At: at, Source: q.Door + ".auditlake", Name: "RunQuery", Type: activity.ServiceEvent, By: askerOf(q), ReadOnly: true,
		Parameters: activity.Parameters(map[string]any{"queryStatement": q.SQL, "queryId": q.ID}),
		ErrorCode:  q.ErrorName, ErrorMessage: q.ErrorMessage, Denied: q.ErrorName == "PERMISSION_DENIED", StoreIDs: q.StoreIDs,
		Data: map[string]any{
			"door": q.Door, "program": q.Source, "state": string(q.State), "submitted": q.CreatedAt.UTC().Format("2006-01-02T15:04:05.000Z"),
			"durationMillis": max(0, at.Sub(q.CreatedAt).Milliseconds()), "bytesScanned": q.BytesScanned, "eventsMatched": q.EventsMatched, "rows": q.Rows,
			"price": q.Price,
		},
	})
}

// askerOf is who asked a query: what its door says, or what the history has of one that another process ran;
// otherwise the lake's owner, who needs no door.
func askerOf(q *QueryInfo) Asker {
	switch {
	case q.Asker != nil:
		return *q.Asker
	case q.ErrorName != query.InterruptedName:
		return Asker{IsOwner: true, UserName: q.User}
	case strings.HasPrefix(q.User, "arn:"):
		return Asker{Principal: q.User}
	}
	return Asker{UserName: q.User}
}
