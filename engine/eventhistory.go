package engine

import (
	"time"

	"github.com/auditlake/auditlake/engine/eventhistory"
)

// The types of event lookups; engine/eventhistory implements them.
type (
	// EventHistory looks up the events of a lake, the newest first.
	EventHistory = eventhistory.History
	// EventLookup says which events to look up.
	EventLookup = eventhistory.Lookup
	// EventAttribute is a condition on the events of a lookup.
	EventAttribute = eventhistory.Attribute
	// EventPlace is the position of an event in the event history.
	EventPlace = eventhistory.Place
	// HistoricEvent is an event in the form of the event history.
	HistoricEvent = eventhistory.Event
	// EventsLeftOut counts what a lookup does not show.
	EventsLeftOut = eventhistory.LeftOut
	// EventRates selects the calls to compute rates for.
	EventRates = eventhistory.Rates
	// EventResource is a resource that an event names.
	EventResource = eventhistory.Resource
)

// The categories of events that can be looked up.
const (
	LookupManagement = eventhistory.Management
	LookupInsight    = eventhistory.Insight
)

// EventHistoryAge is how far back the service's event history reaches; MaxEventHistoryPage limits the events of a
// page.
const (
	EventHistoryAge     = time.Duration(eventhistory.MaxAge)
	MaxEventHistoryPage = eventhistory.MaxPageEvents
)

// The doors of lookup statements, for the list of queries.
const (
	LookupDoorCommand = "command-lookup"
	LookupDoorAWS     = "aws-lookup"
	LookupDoorConsole = "console-lookup"
)

// LookupDoors returns the doors of all lookup statements.
func LookupDoors() []string { return []string{LookupDoorCommand, LookupDoorAWS, LookupDoorConsole} }

// Errors of lookups.
var (
	ErrLookupTimeRange  = eventhistory.ErrTimeRange
	ErrLookupAttributes = eventhistory.ErrAttributes
)

// EventHistoryFrom returns the start of the event history for callers at the server's doors that give no time: 90
// days ago, unless Options.EventHistoryAge says otherwise. It is zero if the event history has no beginning.
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

// EventHistory returns the event history of the lake's stores.
func (l *Lake) EventHistory() *EventHistory { return eventhistory.New(l.queries, l.Stores(), l.now) }
