package engine

import (
	"context"
	"fmt"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// PushResult is what became of one pushed event. Code is empty when it was taken, else the reason
// why not, such as BAD_EVENT_TIME, which Message explains.
type PushResult struct {
	Code, Message string
}

// Push adds events, each a JSON object, to a store. When it returns without error the events that
// their results call taken are durable and in the answer of every later query; the others are not
// there. After an error none is acknowledged, yet some may be there when the lake is opened again.
//
// Many callers may push at once: they share their writes to the disk.
func (l *Lake) Push(ctx context.Context, store string, events [][]byte) ([]PushResult, error) {
	s, err := l.Store(ctx, store)
	if err != nil {
		return nil, err
	}
	switch s.Status {
	case catalog.StoreEnabled:
	case catalog.StorePendingDeletion:
		return nil, fmt.Errorf("%w: %s", ErrStoreInactive, s.Name)
	default:
		return nil, fmt.Errorf("%w: %s does not take events: it is %s", ErrStoreStatus, s.Name, s.Status)
	}
	appender, err := takeAppender(s.Category)
	if err != nil {
		return nil, err
	}
	results := make([]PushResult, len(events))
	var taken [][]byte
	for i, event := range events {
		if _, failure := appender.Scan(event); failure != nil {
			results[i] = PushResult{Code: string(failure.Reason), Message: failure.Message}
			continue
		}
		appender.Append()
		taken = append(taken, event)
	}
	rec := appender.Flush()
	returnAppender(s.Category, appender)
	return results, l.storage.Push(ctx, s, taken, rec)
}

// Flush moves pushed events into segments, which happens by itself after a minute or 32 MiB. No answer
// changes.
func (l *Lake) Flush(ctx context.Context) error { return l.storage.Flush(ctx) }

// decodePushed reads events that were pushed before the lake was opened.
func decodePushed(store *catalog.Store, events [][]byte) (arrow.Record, error) {
	appender, err := takeAppender(store.Category)
	if err != nil {
		return nil, err
	}
	defer returnAppender(store.Category, appender)
	for i, event := range events {
		if _, failure := appender.Scan(event); failure != nil {
			appender.Flush()
			return nil, fmt.Errorf("event %d: %s: %s", i, failure.Reason, failure.Message)
		}
		appender.Append()
	}
	return appender.Flush(), nil
}

// appenders are those nobody uses, a *sync.Pool by category: making one costs more than a small push.
var appenders sync.Map

func takeAppender(category string) (*record.Appender, error) {
	table, ok := schema.ForCategory(category)
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnsupportedCategory, category)
	}
	pool, _ := appenders.LoadOrStore(category, &sync.Pool{New: func() any { return record.NewAppender(table) }})
	return pool.(*sync.Pool).Get().(*record.Appender), nil
}

func returnAppender(category string, a *record.Appender) {
	if pool, ok := appenders.Load(category); ok {
		pool.(*sync.Pool).Put(a)
	}
}
