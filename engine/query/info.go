package query

import (
	"time"

	"github.com/auditlake/auditlake/engine/activity"
	"github.com/auditlake/auditlake/storage/catalog"
)

// State says how far a query has come.
type State string

// The states of a query. The last four are ends.
const (
	Queued    State = "QUEUED"
	Running   State = "RUNNING"
	Finished  State = "FINISHED"
	Failed    State = "FAILED"
	Cancelled State = "CANCELLED"
	TimedOut  State = "TIMED_OUT"
)

// IsOver reports whether a query of the state has ended.
func (s State) IsOver() bool { return s != Queued && s != Running }

// InterruptedName is the error of queries whose process ended before them.
const InterruptedName = "INTERRUPTED"

// Info is what is known of a query at an instant. What is not known is zero.
type Info struct {
	ID    string // a UUID, lower-case with hyphens
	SQL   string // the beginning, when it has more than 10,000 characters
	State State
	// User is who asked, if somebody said so, Door which way the statement came in, Source the program it came from.
	User, Door, Source string
	StoreIDs           []string // of the stores that it reads
	// Tables are the names of the reference tables that it reads, if KnowsTables. Without that any may be among them:
	// the query is not planned yet, or an earlier version recorded it, which did not note them.
	Tables      []string
	KnowsTables bool
	// Asker is who asked, as the statement's door said, in the process that runs it; nil: nobody said so.
	Asker *activity.Asker
	// CreatedAt is when it was submitted, StartedAt when its turn had come.
	CreatedAt, StartedAt, EndedAt time.Time
	// PlannedLowBytes and PlannedHighBytes are the estimate of BytesScanned. It is made when a query has a limit of
	// bytes, or runs for longer than a moment.
	PlannedLowBytes, PlannedHighBytes int64
	// BytesScanned and what follows grow while the query runs.
	BytesScanned, BytesRead      int64
	EventsScanned, EventsMatched int64
	Rows                         int64
	PeakMemoryBytes              int64
	SpilledBytes                 int64   // what was written to disk for want of memory
	Price                        float64 // USD, of BytesScanned but that of the activity store
	ErrorName, ErrorMessage      string  // why it has not finished
	Alias                        string  // the name of the statement that was asked for; "": it came as text
	RefreshID                    string  // the refresh of a dashboard that it is part of; "": of none
	Prompt                       string  // what the statement was made from; "": somebody wrote it
	DeliveryURI                  string  // where the result is to be delivered; "": nowhere
	DeliveryStatus               DeliveryStatus
}

// Progress is how much of what was planned is scanned, from 0 to 1; false: that is not known.
func (i *Info) Progress() (part float64, isKnown bool) {
	if i.State == Finished {
		return 1, true
	}
	if i.PlannedHighBytes == 0 {
		return 0, false
	}
	return min(1, float64(i.BytesScanned)/float64(i.PlannedHighBytes)), true
}

// infoOf is a record as it is shown.
func (q *Queries) infoOf(r *catalog.Query) *Info {
	return &Info{
		ID: r.ID, SQL: r.SQL, State: State(r.Status), User: r.User, Door: r.Door, Source: r.Source, StoreIDs: r.StoreIDs,
		Tables: r.Tables, KnowsTables: r.TablesNoted,
		CreatedAt: r.CreatedAt, StartedAt: r.StartedAt, EndedAt: r.EndedAt,
		PlannedLowBytes: r.PlannedLowBytes, PlannedHighBytes: r.PlannedHighBytes, BytesScanned: r.BytesScanned, BytesRead: r.BytesRead,
		EventsScanned: r.EventsScanned, EventsMatched: r.EventsMatched, Rows: r.Rows, PeakMemoryBytes: r.PeakMemoryBytes, SpilledBytes: r.SpilledBytes,
		Price: q.options.Price(r.BytesScanned - r.FreeBytes), ErrorName: r.ErrorName, ErrorMessage: r.ErrorMessage,
		Alias: r.Alias, RefreshID: r.RefreshID, Prompt: r.Prompt, DeliveryURI: r.DeliveryURI, DeliveryStatus: r.DeliveryStatus,
	}
}
