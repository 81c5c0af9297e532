package storage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
	"github.com/auditlake/auditlake/storage/receipt"
)

// maxHotReceipts is how many receipts are outside of files when a flush begins. At twice that, a push waits for the
// flush.
const maxHotReceipts = 64 << 10

// openReceipts opens the memory of the lake's channels, and returns their ids. A read-only lake has no use for it.
func (l *Lake) openReceipts() (channelIDs []string, err error) {
	err = l.catalog.View(func(tx *catalog.Tx) error {
		channels, err := tx.Channels()
		for _, c := range channels {
			channelIDs = append(channelIDs, c.ID)
		}
		return err
	})
	l.receipts = receipt.New(receipt.Options{FS: l.fs, Dir: filepath.Join(l.dir, channelsFolder), Log: l.log})
	if err != nil || l.checkChangeable() != nil {
		return channelIDs, err
	}
	if err := l.receipts.Open(channelIDs); err != nil {
		return nil, err
	}
	return channelIDs, l.receipts.Forget(l.now())
}

// ClaimReceipts looks up which of the events with the given keys a channel took before, see receipt.Memory.Claim.
func (l *Lake) ClaimReceipts(ctx context.Context, channelID string, keys []receipt.Key, now time.Time) (*receipt.Claim, error) {
	if err := l.checkChangeable(); err != nil {
		return nil, err
	}
	return l.receipts.Claim(ctx, channelID, keys, now)
}

// PushClaimed pushes events whose keys are claimed. The receipts are as durable as the events.
func (l *Lake) PushClaimed(ctx context.Context, claim *receipt.Claim, receipts []receipt.Receipt, parts ...Part) error {
	return l.push(ctx, parts, claim.ChannelID(), receipts)
}

// DropChannel forgets which events a channel took. The channel's record must be gone already.
func (l *Lake) DropChannel(channelID string) error {
	l.hot.flushing.Lock() // a flush might write them
	defer l.hot.flushing.Unlock()
	return l.receipts.Drop(channelID)
}

// receiptPush returns a push with one text, the receipts, under the channel's id instead of a store's.
func receiptPush(channelID string, receipts []receipt.Receipt) *hotlog.Push {
	texts := hotlog.NewTexts(1, len(receipts)*receipt.Bytes)
	texts.AppendText(func(to []byte) []byte { return receipt.AppendText(to, receipts) })
	p := hotlog.NewPush(channelID, texts)
	p.Value = &hotBatch{storeID: channelID, text: p.Text, bytes: p.Bytes(), receipts: receipts}
	return p
}

// receiptBatch parses a recovered push of receipts.
func receiptBatch(p *hotlog.Push) (*hotBatch, error) {
	texts, _ := hotlog.CutTexts(p.Text)
	if len(texts) == 1 {
		if receipts, ok := receipt.ParseText(texts[0]); ok && len(receipts) > 0 {
			return &hotBatch{storeID: p.StoreID, text: p.Text, bytes: p.Bytes(), receipts: receipts}, nil
		}
	}
	return nil, fmt.Errorf("push %d of channel %s has no receipts", p.Sequence, p.StoreID)
}

// settleReceipts writes the receipts of a flush into files. If the flush fails afterwards, the next one writes them
// again, which changes nothing.
func (f *flush) settleReceipts() error {
	byChannel := map[string][]receipt.Receipt{}
	for _, b := range f.batches {
		byChannel[b.storeID] = append(byChannel[b.storeID], b.receipts...)
	}
	l := f.lake
	for id, receipts := range byChannel {
		if len(receipts) == 0 {
			continue
		}
		isThere, err := l.hasChannel(id)
		switch {
		case err != nil:
		case isThere:
			f.ingestion = append(f.ingestion, lastOf(id, receipts))
			err = l.receipts.Settle(id, receipts)
		default:
			err = l.receipts.Drop(id)
		}
		if err != nil {
			return err
		}
	}
	if len(f.ingestion) == 0 {
		return nil
	}
	return l.receipts.Forget(l.now())
}

func (l *Lake) hasChannel(id string) (isThere bool, err error) {
	err = l.catalog.View(func(tx *catalog.Tx) error {
		_, err := tx.Channel(id)
		isThere = err == nil
		if errors.Is(err, catalog.ErrNotFound) {
			return nil
		}
		return err
	})
	return isThere, err
}

// channelIngestion is the last event of a channel in a flush.
type channelIngestion struct {
	channelID string
	last      catalog.ChannelIngestion
}

func lastOf(channelID string, receipts []receipt.Receipt) channelIngestion {
	last := slices.MaxFunc(receipts, func(a, b receipt.Receipt) int { return int(max(-1, min(1, a.Millis-b.Millis))) })
	return channelIngestion{channelID, catalog.ChannelIngestion{EventID: uuid.UUID(last.EventID).String(), At: time.UnixMilli(last.Millis).UTC()}}
}

// noteIngestion records the last events of channels with the flush.
func (f *flush) noteIngestion(tx *catalog.Tx) error {
	for _, i := range f.ingestion {
		if _, err := tx.Channel(i.channelID); err != nil {
			if errors.Is(err, catalog.ErrNotFound) { // it was deleted meanwhile
				continue
			}
			return err
		}
		if err := tx.PutChannelIngestion(i.channelID, &i.last); err != nil {
			return err
		}
	}
	return nil
}
