package awsapi

import (
	"context"
	"errors"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
)

const (
	// lookupDoorName is the door, in the list of queries, of the statements of lookups.
	lookupDoorName = engine.LookupDoorAWS
	// maxLookupTime is the timeout of each statement of a lookup: clients wait about a minute for an answer.
	maxLookupTime = 50 * time.Second
	// maxLookupPage is the default and the maximum of a page's events.
	maxLookupPage = 50
)

type (
	lookupAttribute   struct{ AttributeKey, AttributeValue string }
	lookupEventsInput struct {
		LookupAttributes []lookupAttribute
		StartTime        *timestamp
		EndTime          *timestamp
		EventCategory    string
		MaxResults       int
		NextToken        string
	}
	eventResource struct {
		ResourceType string `json:",omitempty"`
		ResourceName string
	}
	historicEvent struct {
		EventId         string
		EventName       string `json:",omitempty"`
		ReadOnly        string `json:",omitempty"`
		AccessKeyId     string `json:",omitempty"`
		EventTime       timestamp
		EventSource     string `json:",omitempty"`
		Username        string `json:",omitempty"`
		Resources       []eventResource
		CloudTrailEvent string
	}
	historicEvents struct {
		Events    []historicEvent
		NextToken string `json:",omitempty"`
	}
)

func (d *Door) lookupEvents(ctx context.Context, c *call, in *lookupEventsInput) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	if len(in.LookupAttributes) > 1 {
		return nil, fail("InvalidLookupAttributesException", "Give one lookup attribute, not %d.", len(in.LookupAttributes))
	}
	if err := d.lookups.enter(ctx, c.caller.Key().AccountID); err != nil {
		return nil, err
	}
	lookup := engine.EventLookup{From: in.StartTime.at(), To: in.EndTime.at()}
	if in.EventCategory != "" {
		lookup.Category = engine.LookupInsight
	}
	for _, a := range in.LookupAttributes {
		lookup.Attributes = append(lookup.Attributes, engine.EventAttribute{Key: a.AttributeKey, Value: a.AttributeValue})
	}
	return d.lookUp(ctx, c, lookup, in.MaxResults, in.NextToken)
}

// lookUp returns a page of the event history.
func (d *Door) lookUp(ctx context.Context, c *call, lookup engine.EventLookup, maxResults int, token string) (any, error) {
	if !lookup.From.IsZero() && !lookup.To.IsZero() && lookup.From.After(lookup.To) {
		return nil, engine.ErrLookupTimeRange
	}
	out := &historicEvents{Events: []historicEvent{}}
	oldest := d.lake.EventHistoryFrom()
	if !lookup.To.IsZero() && lookup.To.Before(oldest) {
		return out, nil
	}
	if lookup.From.Before(oldest) {
		lookup.From = oldest
	}
	var err error
	if lookup.After, err = readToken[engine.EventPlace](d, c, token); err != nil {
		return nil, err
	}
	if lookup.MaxEvents = maxResults; maxResults == 0 {
		lookup.MaxEvents = maxLookupPage
	}
	lookup.MayRead = func(s *engine.Store) bool { return !d.deniesReading(c, s) }
	events, next, err := d.lake.EventHistory().Page(ctx, lookup, d.lookupOptions(c)...)
	if err != nil {
		return nil, lookupError(err)
	}
	for _, e := range events {
		out.Events = append(out.Events, describeEvent(e))
	}
	out.NextToken, err = writeToken(d, c, next)
	return out, err
}

// lookupOptions returns the options of a lookup's statements.
func (d *Door) lookupOptions(c *call) []engine.QueryOption {
	return []engine.QueryOption{engine.ThroughDoor(lookupDoorName), engine.User(c.caller.User()), engine.FromSource(c.userAgent), engine.AskedBy(c.asker()),
		engine.Timeout(maxLookupTime), access.Caps(d.lake, c.caller.Key())}
}

// deniesReading reports whether a policy denies the caller the reading of a store. The right to look up events
// covers the whole event history and needs no right for each store, but a denial still applies.
func (d *Door) deniesReading(c *call, s *engine.Store) bool {
	for _, action := range append([]string{"cloudtrail:" + c.operation}, access.ReadingActions...) {
		if d.decide(c, action, s.ARN(), s).ByDeny {
			return true
		}
	}
	return false
}

// lookupError converts a lookup's error for the client. Exceeding a cap of the key is an error of the API.
func lookupError(err error) error {
	var known *engine.Error
	if !errors.As(err, &known) {
		return err
	}
	switch known.Name {
	case "EXCEEDED_SCAN_LIMIT":
		return fail("OperationNotPermittedException", "%s", oneLine(known.Message))
	case "EXCEEDED_TIME_LIMIT", "QUERY_QUEUE_FULL":
		return fail(serviceUnavailable, "%s", oneLine(known.Message))
	}
	return err
}

func describeEvent(e *engine.HistoricEvent) historicEvent {
	out := historicEvent{
		EventId: e.EventID, EventName: e.Name, ReadOnly: e.ReadOnly, AccessKeyId: e.AccessKeyID, EventTime: timestamp(e.Time), EventSource: e.Source,
		Username: e.Username, Resources: []eventResource{}, CloudTrailEvent: e.Text,
	}
	for _, r := range e.Resources {
		out.Resources = append(out.Resources, eventResource{r.Type, r.Name})
	}
	return out
}
