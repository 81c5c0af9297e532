package query

import (
	"time"

	"github.com/auditlake/auditlake/engine/activity"
	"github.com/auditlake/auditlake/storage/catalog"
)

// State is the stage that a query has reached.
type State string

// The states of a query. The last four are final.
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

// InterruptedName is the error name of queries whose process ended before them.
const InterruptedName = "INTERRUPTED"

// Info is the state of a query at an instant. Unknown fields are zero.
type Info struct {
	ID    string // a UUID, lower-case with hyphens
	SQL   string // cut after 10,000 characters
	State State
	// User is the caller, if known, Door the way the statement came in, Source the program it came from.
	User, Door, Source string
	StoreIDs           []string // of the stores that it reads
	// Tables are the names of the reference tables that it reads, if KnowsTables. Otherwise it may read any: the
	// query is not planned yet, or an earlier version recorded it without them.
	Tables      []string
	KnowsTables bool
	// Asker is the caller that the statement's door gave, in the process that runs it; nil: none was given.
	Asker *activity.Asker
	// CreatedAt is when it was submitted, StartedAt when its turn came.
	CreatedAt, StartedAt, EndedAt time.Time
	// PlannedLowBytes and PlannedHighBytes are the estimate of BytesScanned. It exists if a query has a limit of
	// bytes, or runs for longer than a moment.
	PlannedLowBytes, PlannedHighBytes int64
	// BytesScanned and the following counters grow while the query runs.
	BytesScanned, BytesRead      int64
	EventsScanned, EventsMatched int64
	Rows                         int64
	PeakMemoryBytes              int64
	SpilledBytes                 int64   // written to disk because memory was short
	Price                        float64 // USD, of BytesScanned without the activity store's
	ErrorName, ErrorMessage      string  // why it has not finished
	Alias                        string  // the name by which the statement was requested; "": it came as text
	RefreshID                    string  // the dashboard refresh that it is part of; "": none
	Prompt                       string  // the prompt that the statement was generated from; "": a person wrote it
	DeliveryURI                  string  // where the result is to be delivered; "": nowhere
	DeliveryStatus               DeliveryStatus
}

// Progress returns the scanned part of the planned bytes, from 0 to 1; false: unknown.
func (i *Info) Progress() (part float64, isKnown bool) {
	if i.State == Finished {
		return 1, true
	}
	if i.PlannedHighBytes == 0 {
		return 0, false
	}
	return min(1, float64(i.BytesScanned)/float64(i.PlannedHighBytes)), true
}

// infoOf converts a record to its public form.
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
