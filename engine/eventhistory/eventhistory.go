// Package eventhistory looks up events of a lake's stores, the newest first, as the service's event history shows
// them. It reads from the event who made the request and which resources it named. Every lookup submits ordinary
// statements.
package eventhistory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/planner/types"
)

// Category is the kind of events that a lookup is about.
type Category string

// The categories of events that can be looked up.
const (
	Management Category = "Management"
	Insight    Category = "Insight"
)

// The attributes for looking up events, under their names in the API.
const (
	EventID      = "EventId"
	EventName    = "EventName"
	ReadOnly     = "ReadOnly"
	Username     = "Username"
	ResourceType = "ResourceType"
	ResourceName = "ResourceName"
	EventSource  = "EventSource"
	AccessKeyID  = "AccessKeyId"
)

// Limits of lookups.
const (
	MaxPageEvents = 5000
	// maxPageBytes is how long the texts of a page's events may be together, if a single one is not longer.
	maxPageBytes = 8 << 20
	// MaxAge is how far back the service's event history reaches.
	MaxAge = 90 * 24 * time.Hour
)

// Errors of lookups.
var (
	ErrTimeRange  = errors.New("the start of the time range is after its end")
	ErrAttributes = errors.New("invalid lookup attributes")
)

// Attribute is a condition on an event: it has this value, in these letter cases.
type Attribute struct{ Key, Value string }

// Lookup says which events to look up.
type Lookup struct {
	Category   Category    // "" is Management
	Attributes []Attribute // all of them hold
	From, To   time.Time   // both are part of the range; zero: no end
	After      *Place      // of the last event of the page before; nil for the first page
	MaxEvents  int         // on the page, 1 to MaxPageEvents
	// MayRead reports whether the events of a store may be shown; nil: all may.
	MayRead func(*store.Store) bool
}

// Place is the place of an event in the event history. No two events share one: events of the same time and id are
// deliveries of one event.
type Place struct {
	Time    time.Time
	EventID string
}

// compare orders places as the event history does: the newest first, events of the same time by id.
func (p Place) compare(other Place) int {
	return cmp.Or(other.Time.Compare(p.Time), strings.Compare(p.EventID, other.EventID))
}

// Event is an event as the event history shows it. Texts are empty where the event says nothing.
type Event struct {
	Place
	Name, Source, Username, AccessKeyID string
	ReadOnly                            string // true, false or empty
	Resources                           []Resource
	Text                                string // JSON, as the event arrived
}

// Resource is a resource that an event names.
type Resource struct{ Type, Name string }

// History looks up the events of a lake. It is safe for concurrent use.
type History struct {
	queries *query.Queries
	stores  *store.Stores
	now     func() time.Time
}

// New returns the event history of a lake.
func New(queries *query.Queries, stores *store.Stores, now func() time.Time) *History {
	return &History{queries, stores, now}
}

// Page returns a page of events, and the place after which the next page begins, nil if no more follow. A page with
// long texts has fewer events. The options apply to the page's statements.
func (h *History) Page(ctx context.Context, l Lookup, options ...query.Option) (events []*Event, next *Place, err error) {
	if err := l.check(); err != nil {
		return nil, nil, err
	}
	err = h.whileStoresChange(func() error {
		events, next, err = h.page(ctx, l, options)
		return err
	})
	return events, next, err
}

// maxStoreChanges is how many stores may be deleted while a lookup is begun.
const maxStoreChanges = 3

// whileStoresChange asks, and asks again where a store was deleted before the statement was planned that names it.
func (h *History) whileStoresChange(ask func() error) error {
	for tries := 1; ; tries++ {
		err := ask()
		var known *types.Error
		if tries > maxStoreChanges || !errors.As(err, &known) || known.Name != types.TableNotFound {
			return err
		}
	}
}

func (h *History) page(ctx context.Context, l Lookup, options []query.Option) (events []*Event, next *Place, err error) {
	sources, err := h.sources(ctx, &l)
	if err != nil || len(sources) == 0 {
		return nil, nil, err
	}
	page := &page{maxEvents: l.MaxEvents, maxBytes: maxPageBytes}
	for _, window := range l.windows(h.now()) {
		for after, rows := l.After, l.MaxEvents+1; ; {
			part, err := h.read(ctx, page, statement{sources: sources, lookup: &l, window: window, after: after, rows: rows}, options)
			if err != nil {
				return nil, nil, fmt.Errorf("look up events: %w", err)
			}
			reread := part != nil && page.dropAfter(*part)
			if page.isFull && !reread {
				last := page.events[len(page.events)-1].Place
				return page.events, &last, nil
			}
			if part == nil {
				break
			}
			// Repeated deliveries, or rows whose resources are others, have filled the answer.
			page.isFull, after, rows = false, part, min(2*rows, maxStatementRows)
		}
	}
	return page.events, nil, nil
}

func (l *Lookup) check() error {
	if l.Category == "" {
		l.Category = Management
	}
	if !l.From.IsZero() && !l.To.IsZero() && l.From.After(l.To) {
		return ErrTimeRange
	}
	l.MaxEvents = min(max(l.MaxEvents, 1), MaxPageEvents)
	l.Attributes = slices.Clone(l.Attributes)
	for i := range l.Attributes {
		if err := l.Attributes[i].check(l.Category); err != nil {
			return err
		}
	}
	return nil
}

// attributeKeys are the attributes of management events.
var attributeKeys = []string{EventID, EventName, ReadOnly, Username, ResourceType, ResourceName, EventSource, AccessKeyID}

// check refuses an attribute by which events of a category cannot be looked up. It corrects the letter case of a
// key to the API's.
func (a *Attribute) check(c Category) error {
	for _, key := range attributeKeys {
		if strings.EqualFold(key, a.Key) {
			a.Key = key
		}
	}
	switch a.Key {
	case EventID, EventName, EventSource:
		return nil
	case ReadOnly, Username, ResourceType, ResourceName, AccessKeyID:
		if c == Insight {
			return fmt.Errorf("%w: Insights events are looked up by %s, %s or %s, not by %s", ErrAttributes, EventID, EventName, EventSource, a.Key)
		}
		if a.Key == ReadOnly && a.Value != "true" && a.Value != "false" {
			return fmt.Errorf("%w: %s is true or false, not '%s'", ErrAttributes, ReadOnly, a.Value)
		}
		return nil
	}
	return fmt.Errorf("%w: unknown attribute %s; the attributes are %s", ErrAttributes, a.Key, strings.Join(attributeKeys, ", "))
}
