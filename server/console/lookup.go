package console

import (
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
)

const (
	// maxLookupTime is the timeout of each statement of a lookup.
	maxLookupTime = 50 * time.Second
	// lookupAction is the API's action for looking up events.
	lookupAction = "cloudtrail:LookupEvents"
	// maxAttributes limits the conditions of a lookup; the API allows one.
	maxAttributes = 20
)

// lookupInput asks for a page of the event history.
type lookupInput struct {
	Attributes []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	} `json:"attributes"`
	From      *time.Time         `json:"from"`
	To        *time.Time         `json:"to"`
	Insight   bool               `json:"insight"`
	After     *engine.EventPlace `json:"after"` // where the previous page ended
	MaxEvents int                `json:"maxEvents"`
}

// historicEvent is an event of the event history.
type historicEvent struct {
	ID          string                 `json:"id"`
	Time        string                 `json:"time"`
	Name        string                 `json:"name"`
	Source      string                 `json:"source"`
	Username    string                 `json:"username"`
	AccessKeyID string                 `json:"accessKeyId"`
	ReadOnly    string                 `json:"readOnly"`
	Resources   []engine.EventResource `json:"resources"`
	Text        string                 `json:"text"` // the event as it arrived
}

// lookUp returns a page of the event history, the newest first.
func (d *Door) lookUp(c *call) (any, error) {
	var in lookupInput
	if err := readJSON(c.w, c.r, &in); err != nil {
		return nil, err
	}
	if err := d.allow(c, lookupAction, "*", nil); err != nil {
		return nil, err
	}
	if in.MaxEvents < 1 || in.MaxEvents > engine.MaxEventHistoryPage {
		return nil, invalid("maxEvents must be a number from 1 to %d", engine.MaxEventHistoryPage)
	}
	if len(in.Attributes) > maxAttributes {
		return nil, invalid("a lookup has up to %d conditions, not %d", maxAttributes, len(in.Attributes))
	}
	lookup := engine.EventLookup{After: in.After, MaxEvents: in.MaxEvents, From: d.lake.EventHistoryFrom()}
	if in.From != nil {
		lookup.From = *in.From
	}
	if in.To != nil {
		lookup.To = *in.To
	}
	if in.Insight {
		lookup.Category = engine.LookupInsight
	}
	for _, a := range in.Attributes {
		lookup.Attributes = append(lookup.Attributes, engine.EventAttribute{Key: a.Key, Value: a.Value})
	}
	lookup.MayRead = func(s *engine.Store) bool { return !d.deniesReading(c, s) }
	options := []engine.QueryOption{engine.ThroughDoor(engine.LookupDoorConsole), engine.User(c.caller.User()), engine.FromSource(c.r.UserAgent()),
		engine.AskedBy(c.asker()), engine.Timeout(maxLookupTime), access.Caps(d.lake, c.caller.Key())}
	events, next, err := d.lake.EventHistory().Page(c.r.Context(), lookup, options...)
	if err != nil {
		return nil, err
	}
	out := struct {
		Events []historicEvent    `json:"events"`
		Next   *engine.EventPlace `json:"next"`
		Notes  []string           `json:"notes"` // what the lookup leaves out; on the first page only
	}{[]historicEvent{}, next, []string{}}
	if in.After == nil {
		left, err := d.lake.EventHistory().LeftOut(c.r.Context(), lookup, options...)
		if err != nil {
			return nil, err
		}
		out.Notes = append(out.Notes, left.Notes(lookup.From)...)
	}
	for _, e := range events {
		out.Events = append(out.Events, historicEvent{
			ID: e.EventID, Time: instant(e.Time), Name: e.Name, Source: e.Source, Username: e.Username, AccessKeyID: e.AccessKeyID,
			ReadOnly: e.ReadOnly, Resources: e.Resources, Text: e.Text,
		})
	}
	return out, nil
}

// deniesReading reports whether a policy denies the caller the reading of a store. As at the API, the right to look
// up events covers the whole event history, but a denial for one store still applies.
func (d *Door) deniesReading(c *call, s *engine.Store) bool {
	for _, action := range append([]string{lookupAction}, access.ReadingActions...) {
		if d.decide(c, action, s.ARN(), s).ByDeny {
			return true
		}
	}
	return false
}
