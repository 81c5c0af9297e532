package engine

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// PushResult is what became of one pushed event. Code is empty when it was taken, else the reason
// why not, which Message explains: one of the codes below, or of the failures of imports, such as
// BAD_EVENT_TIME.
type PushResult struct {
	Code, Message string
}

// Why an event without a fault was not taken.
const (
	// NotSelected: the store's event selectors leave it out.
	NotSelected = "NOT_SELECTED"
	// PastRetention: it is older than what the store keeps.
	PastRetention = "PAST_RETENTION"
	// InFuture: its time is more than a day ahead of the lake's clock.
	InFuture = "IN_FUTURE"
)

const (
	// maxPushedEventBytes is what the service allows an event at most.
	maxPushedEventBytes = 1 << 20
	maxAhead            = 24 * time.Hour
)

// Push adds events, each a JSON object, to a store. When it returns without error the events that
// their results call taken are durable and in the answer of every later query; the others are not
// there. After an error none is acknowledged, nor in any answer; only if no later push succeeds before
// the lake is closed, some may be there when it is opened again.
//
// The store's event selectors decide on the source text. Events have at most 1 MiB each, those of a
// call 64 MiB. A store that leaves out repeated events takes none this way.
//
// Many callers may push at once: they share their writes to the disk.
func (l *Lake) Push(ctx context.Context, store string, events [][]byte) ([]PushResult, error) {
	s, err := l.Store(ctx, store)
	if err != nil {
		return nil, err
	}
	if err := checkTakesPushes(s); err != nil {
		return nil, err
	}
	p, err := l.pushers.take(s)
	if err != nil {
		return nil, err
	}
	p.now = l.now()
	results := make([]PushResult, len(events))
	var taken [][]byte
	for i, event := range events {
		if results[i] = p.add(event); results[i].Code == "" {
			taken = append(taken, event)
		}
	}
	rec := p.appender.Flush()
	l.pushers.giveBack(p)
	if len(taken) == 0 {
		return results, ctx.Err()
	}
	return results, l.storage.Push(ctx, s, taken, rec)
}

func checkTakesPushes(s *Store) error {
	switch {
	case s.Status == catalog.StorePendingDeletion:
		return fmt.Errorf("%w: %s", ErrStoreInactive, s.Name)
	case s.Status != catalog.StoreEnabled:
		return fmt.Errorf("%w: %s does not take events: it is %s", ErrStoreStatus, s.Name, s.Status)
	case s.DedupeEventID:
		return fmt.Errorf("%w: %s leaves out repeated events, which only imports can", ErrPushToDedupe, s.Name)
	}
	return nil
}

// Flush moves pushed events into segments, which happens by itself after a minute or 32 MiB. No answer
// changes.
func (l *Lake) Flush(ctx context.Context) error { return l.storage.Flush(ctx) }

// pusher judges and decodes the events of one push. It is used by one goroutine.
type pusher struct {
	store    *Store
	now      time.Time
	matcher  *selector.Matcher
	of       *storePushers
	appender *record.Appender
}

// add decodes an event, or tells why not.
func (p *pusher) add(event []byte) PushResult {
	if len(event) > maxPushedEventBytes {
		return PushResult{string(ingest.RecordTooLarge), fmt.Sprintf("the event has %d bytes, at most %d are taken", len(event), maxPushedEventBytes)}
	}
	if !p.matcher.Selects(event) {
		return PushResult{NotSelected, "the store's event selectors do not select the event"}
	}
	row, failure := p.appender.Scan(event)
	if failure != nil {
		return PushResult{string(failure.Reason), failure.Message}
	}
	at := time.UnixMilli(row.EventTimeMillis).UTC()
	switch {
	case !ofTrails(p.store.Category) && string(row.Category) != p.store.Category:
		return PushResult{string(ingest.WrongCategory), fmt.Sprintf("the event is of the category %.40q, the store takes %s events", row.Category, p.store.Category)}
	case at.Before(horizon(p.store, p.now)):
		return PushResult{PastRetention, fmt.Sprintf("eventTime %s is more than the %d days ago that the store keeps", at.Format(time.RFC3339), p.store.RetentionDays)}
	case at.After(p.now.Add(maxAhead)):
		return PushResult{InFuture, fmt.Sprintf("eventTime %s is more than a day ahead", at.Format(time.RFC3339))}
	}
	p.appender.Append()
	return PushResult{}
}

// ofTrails are the categories whose events trails deliver beside each other; selectors tell them apart.
func ofTrails(category string) bool {
	return category == "Management" || category == "Data" || category == "NetworkActivity"
}

// pushers are those nobody uses, by store: making one costs more than a small push.
type pushers struct {
	mu     sync.Mutex
	stores map[string]*storePushers // mu: by id
}

// storePushers are the pushers for one list of selectors of a store.
type storePushers struct {
	selectors []Selector
	compiled  *selector.Selector
	idle      sync.Pool // of *pusher
}

func (p *pushers) take(s *Store) (*pusher, error) {
	of, err := p.of(s)
	if err != nil {
		return nil, err
	}
	idle, ok := of.idle.Get().(*pusher)
	if !ok {
		appender, err := newAppender(s)
		if err != nil {
			return nil, err
		}
		idle = &pusher{of: of, appender: appender, matcher: of.compiled.NewMatcher()}
	}
	idle.store = s
	return idle, nil
}

func (p *pushers) giveBack(idle *pusher) { idle.of.idle.Put(idle) }

func (p *pushers) of(s *Store) (*storePushers, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if of := p.stores[s.ID]; of != nil && reflect.DeepEqual(of.selectors, s.Selectors) {
		return of, nil
	}
	of := &storePushers{selectors: s.Selectors, compiled: selector.OfCategory(s.Category)}
	if len(s.Selectors) > 0 {
		compiled, err := selector.Compile(s.Selectors)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalidSelectors, err)
		}
		of.compiled = compiled
	}
	if p.stores == nil {
		p.stores = map[string]*storePushers{}
	}
	p.stores[s.ID] = of
	return of, nil
}

func newAppender(s *Store) (*record.Appender, error) {
	table, ok := schema.ForCategory(s.Category)
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnsupportedCategory, s.Category)
	}
	return record.NewAppender(table), nil
}

// decodePushed reads events that were pushed before the lake was opened.
func decodePushed() func(store *catalog.Store, events [][]byte) (arrow.Record, error) {
	var idle sync.Map // category: *sync.Pool of *record.Appender
	return func(store *catalog.Store, events [][]byte) (arrow.Record, error) {
		pool, _ := idle.LoadOrStore(store.Category, &sync.Pool{})
		appender, ok := pool.(*sync.Pool).Get().(*record.Appender)
		if !ok {
			var err error
			if appender, err = newAppender(store); err != nil {
				return nil, err
			}
		}
		defer pool.(*sync.Pool).Put(appender)
		for i, event := range events {
			if _, failure := appender.Scan(event); failure != nil {
				appender.Flush()
				return nil, fmt.Errorf("event %d: %s: %s", i, failure.Reason, failure.Message)
			}
			appender.Append()
		}
		return appender.Flush(), nil
	}
}
