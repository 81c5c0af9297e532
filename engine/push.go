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

// PushResult is what became of one pushed event. Code is empty when it was taken. Otherwise it is the
// reason why not, which Message explains: one of the codes below, or of the failures of imports, such as
// BAD_EVENT_TIME.
type PushResult = channel.Result

// Why an event without a fault was not taken.
const (
	// NotSelected: the store's event selectors leave it out.
	NotSelected = channel.NotSelected
	// PastRetention: it is older than what the store keeps.
	PastRetention = channel.PastRetention
	// InFuture: its time is more than a day ahead of the lake's clock.
	InFuture = channel.InFuture
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

// Flush moves pushed events into segments, which happens by itself after a minute or 32 MiB. No answer
// changes.
func (l *Lake) Flush(ctx context.Context) error { return l.storage.Flush(ctx) }

// pushChannels keeps what pushing into each store needs until a store's record changes.
type pushChannels struct {
	mu      sync.Mutex
	version uint64                      // mu: Catalog.StoresVersion of what follows
	records []*catalog.Store            // mu
	open    map[string]*channel.Channel // mu: by the store's id; nil: nothing is known
}

// channelInto finds the channel into a store, which must take events. It is pushed into until end.
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
		end() // the store may have been told to stop meanwhile
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
