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

// The types of a lake's activity record; engine/activity implements it.
type (
	// Activity records the requests made to a lake. A nil Activity records nothing.
	Activity = activity.Recorder
	// ActivityEvent is an action on the lake, carried out or refused.
	ActivityEvent = activity.Event
	// ActivityPoll identifies requests that are counted together.
	ActivityPoll = activity.PollKey
	// Asker identifies a caller and the address it calls from.
	Asker = activity.Asker
)

// The types of the activity's events (CloudTrail's eventType): a call of the AWS API, or any other action.
const (
	ActivityAPICall      = activity.APICall
	ActivityServiceEvent = activity.ServiceEvent
)

// ActivityParameters returns a request's members as an activity event stores them: without secrets, long texts cut.
func ActivityParameters(members map[string]any) json.RawMessage { return activity.Parameters(members) }

// ActivityStoreName is the name of the store that holds the lake's activity (Options.Activity).
const ActivityStoreName = store.ActivityName

// ErrStoreProtected is the error of an attempt to change the activity store.
var ErrStoreProtected = store.ErrProtected

// Activity returns the lake's activity record. It is nil, and records nothing, unless Options.Activity was set.
func (l *Lake) Activity() *Activity { return l.activity }

// beginActivity opens the activity store, and creates it if there is none.
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

// endActivity writes the remaining events. If that fails, the next process reports that some may be missing.
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

// writeActivity pushes events into the activity store. The push itself is not recorded.
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

// storeARN returns the ARN of a store, or "" if the store is gone.
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

// queryEnded calls Options.QueryEnded for a query that has ended, and records it in the activity.
func (l *Lake) queryEnded(q *QueryInfo) {
	if l.options.QueryEnded != nil {
		l.options.QueryEnded(q)
	}
	if l.activity == nil { // the event of a statement is not built
		return
	}
	at := q.EndedAt
	if at.IsZero() { // the time of the interruption is unknown
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

// askerOf returns the caller of a query: from its door, or from the history if another process ran it. Any other
// query is the lake owner's, who needs no door.
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
