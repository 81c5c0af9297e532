package engine

import (
	"context"
	"fmt"
	"sync"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/channel"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// PushResult is the outcome of one pushed event. Code is empty if the event was taken. Otherwise it is the reason,
// which Message explains: one of the codes below, or one of the import failures, such as BAD_EVENT_TIME.
type PushResult = channel.Result

// Why a valid event was not taken.
const (
	// NotSelected: the store's event selectors exclude it.
	NotSelected = channel.NotSelected
	// PastRetention: it is older than the store's retention.
	PastRetention = channel.PastRetention
	// InFuture: its time is more than a day ahead of the lake's clock.
	InFuture = channel.InFuture
)

// Push adds events, each a JSON object, to a store. When it returns without an error, the events whose results say
// taken are durable and visible to every later query; the others are not stored. After an error no event is
// acknowledged or visible to queries. Only if no later push succeeds before the lake is closed, some of them may
// appear when it is opened again.
//
// The store's event selectors apply to the source text. An event has at most 1 MiB, a call at most 64 MiB. A store
// that leaves out repeated events accepts no pushes.
//
// Concurrent callers share their disk writes.
func (l *Lake) Push(ctx context.Context, store string, events [][]byte) ([]PushResult, error) {
	c, end, err := l.channelInto(ctx, store)
	if err != nil {
		return nil, err
	}
	defer end()
	judged := c.Judge(events, l.now())
	err = ctx.Err()
	if len(judged.Taken) > 0 {
		err = l.storage.Push(ctx, storage.Part{Store: c.Store(), Events: storage.JoinTexts(judged.Taken), Times: judged.Times})
	}
	l.ingested.addPush(c.Store().ID, &judged, l.now(), err)
	return judged.Results, err
}

// Flush moves pushed events into segments, which otherwise happens after a minute or 32 MiB. It changes no answer.
func (l *Lake) Flush(ctx context.Context) error { return l.storage.Flush(ctx) }

// pushChannels caches what pushing into each store needs, until a store's record changes.
type pushChannels struct {
	mu      sync.Mutex
	version uint64                      // mu: Catalog.StoresVersion of what follows
	records []*catalog.Store            // mu
	open    map[string]*channel.Channel // mu: by the store's id; nil: nothing is cached
}

// channelInto returns the channel into a store, which must be taking events. The caller calls end after its push.
func (l *Lake) channelInto(ctx context.Context, name string) (c *channel.Channel, end func(), err error) {
	for {
		version := l.storage.Catalog().StoresVersion()
		if c, err = l.findChannel(ctx, name); err != nil {
			return nil, nil, err
		}
		end = l.changing.BeginPush(c.Store().ID)
		if l.storage.Catalog().StoresVersion() == version {
			return c, end, nil
		}
		end() // the store may have stopped ingestion meanwhile
	}
}

func (l *Lake) findChannel(ctx context.Context, name string) (*channel.Channel, error) {
	known := l.pushes
	known.mu.Lock()
	defer known.mu.Unlock()
	if version := l.storage.Catalog().StoresVersion(); known.open == nil || known.version != version {
		records, err := store.Records(ctx, l.storage)
		if err != nil {
			return nil, err
		}
		known.version, known.records, known.open = version, records, map[string]*channel.Channel{}
	}
	record, err := store.Find(known.records, name)
	if err != nil {
		return nil, err
	}
	if c := known.open[record.ID]; c != nil {
		return c, nil
	}
	if err := store.CheckTakesPushes(record); err != nil {
		return nil, err
	}
	c, err := channel.Open(record)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidSelectors, err)
	}
	known.open[record.ID] = c
	return c, nil
}
