package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage"
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
	InFuture = string(ingest.InFuture)
)

const (
	// maxPushedEventBytes is what the service allows an event at most.
	maxPushedEventBytes = 1 << 20
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
	p, err := l.takePusher(ctx, store)
	if err != nil {
		return nil, err
	}
	p.now = l.now()
	results := make([]PushResult, len(events))
	taken, times := make([][]byte, 0, len(events)), make([]int64, 0, len(events))
	for i, event := range events {
		var at int64
		if at, results[i] = p.judge(event); results[i].Code == "" {
			taken, times = append(taken, event), append(times, at)
		}
	}
	p.of.idle.Put(p)
	if len(taken) == 0 {
		return results, ctx.Err()
	}
	return results, l.storage.Push(ctx, p.of.store, taken, times)
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

// pusher judges the events of one push. They are decoded when a query asks for them, or a flush. It is
// used by one goroutine.
type pusher struct {
	of       *storePushers
	now      time.Time
	matcher  *selector.Matcher
	appender *record.Appender
}

// judge gives the time of an event, in milliseconds, or tells why it is not taken.
func (p *pusher) judge(event []byte) (int64, PushResult) {
	if len(event) > maxPushedEventBytes {
		return 0, PushResult{string(ingest.RecordTooLarge), fmt.Sprintf("the event has %d bytes, at most %d are taken", len(event), maxPushedEventBytes)}
	}
	if !p.matcher.Selects(event) {
		return 0, PushResult{NotSelected, "the store's event selectors do not select the event"}
	}
	row, failure := p.appender.Scan(event)
	if failure != nil {
		return 0, PushResult{string(failure.Reason), failure.Message}
	}
	at := time.UnixMilli(row.EventTimeMillis).UTC()
	switch {
	case !ofTrails(p.of.store.Category) && string(row.Category) != p.of.store.Category:
		return 0, PushResult{string(ingest.WrongCategory), fmt.Sprintf("the event is of the category %.40q, the store takes %s events", row.Category, p.of.store.Category)}
	case at.Before(horizon(p.of.store, p.now)):
		return 0, PushResult{PastRetention, fmt.Sprintf("eventTime %s is more than the %d days ago that the store keeps", at.Format(time.RFC3339), p.of.store.RetentionDays)}
	case at.After(p.now.Add(ingest.MaxAhead)):
		return 0, PushResult{InFuture, ingest.FutureMessage(row.EventTimeMillis)}
	}
	return row.EventTimeMillis, PushResult{}
}

// ofTrails are the categories whose events trails deliver beside each other; selectors tell them apart.
func ofTrails(category string) bool {
	return category == "Management" || category == "Data" || category == "NetworkActivity"
}

// pushers are those nobody uses, by store: finding the store and making one costs more than a small push.
type pushers struct {
	mu      sync.Mutex
	version uint64                   // mu: Catalog.StoresVersion of what follows
	list    []*Store                 // mu
	stores  map[string]*storePushers // mu: by id; nil: nothing is known
}

// storePushers are the pushers for a store as it is.
type storePushers struct {
	store    *Store
	compiled *selector.Selector
	idle     sync.Pool // of *pusher
}

// takePusher finds the pusher for a store, which must take events.
func (l *Lake) takePusher(ctx context.Context, name string) (*pusher, error) {
	of, err := l.pushersOf(ctx, name)
	if err != nil {
		return nil, err
	}
	if idle, ok := of.idle.Get().(*pusher); ok {
		return idle, nil
	}
	table, ok := schema.ForCategory(of.store.Category)
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnsupportedCategory, of.store.Category)
	}
	return &pusher{of: of, matcher: of.compiled.NewMatcher(), appender: record.NewAppender(table)}, nil
}

func (l *Lake) pushersOf(ctx context.Context, name string) (*storePushers, error) {
	known := l.pushers
	known.mu.Lock()
	defer known.mu.Unlock()
	if version := l.catalog().StoresVersion(); known.stores == nil || known.version != version {
		list, err := l.Stores(ctx)
		if err != nil {
			return nil, err
		}
		known.version, known.list, known.stores = version, list, map[string]*storePushers{}
	}
	s, err := findStore(known.list, name)
	if err != nil {
		return nil, err
	}
	if of := known.stores[s.ID]; of != nil {
		return of, nil
	}
	if err := checkTakesPushes(s); err != nil {
		return nil, err
	}
	of := &storePushers{store: s, compiled: selector.OfCategory(s.Category)}
	if len(s.Selectors) > 0 {
		if of.compiled, err = selector.Compile(s.Selectors); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalidSelectors, err)
		}
	}
	known.stores[s.ID] = of
	return of, nil
}

// decodePushed reads pushed events into columns.
func decodePushed() storage.Decode {
	var idle sync.Map // category: *sync.Pool of *record.Appender
	return func(table *schema.Table, events [][]byte) (arrow.Record, error) {
		pool, _ := idle.LoadOrStore(table.Category, &sync.Pool{})
		appender, ok := pool.(*sync.Pool).Get().(*record.Appender)
		if !ok {
			appender = record.NewAppender(table)
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
