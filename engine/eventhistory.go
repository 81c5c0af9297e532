package engine

import (
	"time"

	"github.com/auditlake/auditlake/engine/eventhistory"
)

// What looking up events is made of; engine/eventhistory does it.
type (
	// EventHistory looks up the events of a lake, the newest first.
	EventHistory = eventhistory.History
	// EventLookup says which events to look up.
	EventLookup = eventhistory.Lookup
	// EventAttribute is a condition on the events of a lookup.
	EventAttribute = eventhistory.Attribute
	// EventPlace is the place of an event in the event history.
	EventPlace = eventhistory.Place
	// HistoricEvent is an event as the event history shows it.
	HistoricEvent = eventhistory.Event
	// EventsLeftOut is what a lookup does not show.
	EventsLeftOut = eventhistory.LeftOut
	// EventRates says of which calls to compute rates.
	EventRates = eventhistory.Rates
	// EventResource is a resource that an event names.
	EventResource = eventhistory.Resource
)

// The categories of events that can be looked up.
const (
	LookupManagement = eventhistory.Management
	LookupInsight    = eventhistory.Insight
)

// The age of what the service's event history shows, and how many events a page has at most.
const (
	EventHistoryAge     = time.Duration(eventhistory.MaxAge)
	MaxEventHistoryPage = eventhistory.MaxPageEvents
)

// The doors of the statements by which events are looked up, for the list of queries.
const (
	LookupDoorCommand = "command-lookup"
	LookupDoorAWS     = "aws-lookup"
	LookupDoorConsole = "console-lookup"
)

// LookupDoors are the doors of all statements of lookups.
func LookupDoors() []string { return []string{LookupDoorCommand, LookupDoorAWS, LookupDoorConsole} }

// Errors of lookups.
var (
	ErrLookupTimeRange  = eventhistory.ErrTimeRange
	ErrLookupAttributes = eventhistory.ErrAttributes
)

// EventHistoryFrom is the instant at which the event history begins for callers at the server's doors who name no
// time: 90 days ago, unless Options.EventHistoryAge says otherwise. It is zero if the event history has no beginning.
func (l *Lake) EventHistoryFrom() time.Time {
	switch age := l.options.EventHistoryAge; {
	case age < 0:
		return time.Time{}
	case age == 0:
		return l.now().Add(-EventHistoryAge)
	default:
		return l.now().Add(-age)
	}
}

// EventHistory looks up events in the lake's stores.
func (l *Lake) EventHistory() *EventHistory { return eventhistory.New(l.queries, l.Stores(), l.now) }
