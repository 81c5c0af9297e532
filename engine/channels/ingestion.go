package channels

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Ingestion says what came through a channel last.
type Ingestion struct {
	SuccessAt      time.Time // zero: nothing was taken
	SuccessEventID string
	// What was sent last, and why the last event that was not taken was not; of this process alone, as far as it did
	// not succeed.
	AttemptAt      time.Time
	AttemptEventID string // also of an event that was not taken and is not stored anywhere
	ErrorCode      string
}

// note remembers the last events of a push.
func (p *pushing) note(done *push) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.last[done.channel.ID]
	for _, result := range done.results {
		last.AttemptAt, last.AttemptEventID = done.now, result.EventID
		if result.Code != "" {
			last.ErrorCode, last.AttemptEventID = result.Code, uuid.NewString()
			continue
		}
		last.SuccessAt, last.SuccessEventID = done.now, result.EventID
	}
	p.last[done.channel.ID] = last
}

// Ingestion returns what last came through the channel with this id.
func (c *Channels) Ingestion(ctx context.Context, id string) (Ingestion, error) {
	c.pushing.mu.Lock()
	last := c.pushing.last[id]
	c.pushing.mu.Unlock()
	if !last.SuccessAt.IsZero() {
		return last, ctx.Err()
	}
	err := c.storage.Catalog().View(func(tx *catalog.Tx) error {
		noted, err := tx.ChannelIngestion(id)
		if errors.Is(err, catalog.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		last.SuccessAt, last.SuccessEventID = noted.At, noted.EventID
		if last.AttemptAt.IsZero() {
			last.AttemptAt, last.AttemptEventID = noted.At, noted.EventID
		}
		return nil
	})
	return last, errors.Join(err, ctx.Err())
}
