package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/processors"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
)

// openHot reads the log of pushed events. They are not visible yet, and no flush begins.
func (l *Lake) openHot(ctx context.Context, opts Options, channelIDs []string) (pushes []*hotlog.Push, err error) {
	log := hotlog.New(hotlog.Options{FS: l.fs, Dir: filepath.Join(l.dir, hotFolder), Publish: l.publishHot, Sign: l.sign, Log: l.log})
	l.hot = hotTier{log: log, decoder: opts.Decoder, maxBytes: opts.HotBytes, maxAge: opts.HotAge, report: opts.OnFlush}
	if l.hot.maxBytes == 0 {
		l.hot.maxBytes = defaultHotBytes
	}
	if l.hot.maxAge == 0 {
		l.hot.maxAge = defaultHotAge
	}
	decoder := &hotDecoder{tier: &l.hot, log: l.log, stores: map[string]*catalog.Store{}, channelIDs: channelIDs}
	tx := l.catalog.Begin()
	defer tx.Discard()
	proof, err := l.logProof(tx)
	if err != nil {
		return nil, err
	}
	list, err := tx.Stores()
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		decoder.stores[s.ID] = s
	}
	decoder.work.SetLimit(processors.Count())
	err = log.Recover(ctx, proof, decoder.addPush)
	if errors.Is(err, hotlog.ErrNoEnd) {
		l.unproven = cmp.Or(l.unproven, l.notProven("the file %s is missing or damaged, which says whether the log of pushed events is whole", log.EndPath()))
		err = nil
	}
	if err := errors.Join(err, decoder.work.Wait()); err != nil {
		return nil, err
	}
	if l.checkChangeable() == nil {
		// If the file cannot be removed now, the next flush removes it.
		_ = log.Remove(proof.Flushed)
	}
	return decoder.pushes, nil
}

// hotDecoder decodes the times of recovered pushes, several in parallel.
type hotDecoder struct {
	tier   *hotTier
	log    *slog.Logger
	stores map[string]*catalog.Store
	// channelIDs are the channels whose receipts are pushed.
	channelIDs []string
	work       errgroup.Group
	pushes     []*hotlog.Push // in order of sequence
}

// addPush adds a push, unless its store or channel was dropped. It waits while others are decoded.
func (d *hotDecoder) addPush(p *hotlog.Push) error {
	if slices.Contains(d.channelIDs, p.StoreID) {
		batch, err := receiptBatch(p)
		if err != nil {
			return err
		}
		p.Value = batch
		d.pushes = append(d.pushes, p)
		return nil
	}
	store, ok := d.stores[p.StoreID]
	if !ok {
		return nil
	}
	table, err := tableOf(store)
	if err != nil {
		return err
	}
	d.pushes = append(d.pushes, p)
	d.work.Go(func() (err error) {
		defer panics.Catch(d.log, "decoding of pushed events", func(caught error) { err = caught })
		events, _ := hotlog.CutTexts(p.Text)
		columns, err := d.tier.lentColumns(table, events)
		if err != nil {
			return fmt.Errorf("push %d: %w", p.Sequence, err)
		}
		defer columns.giveBack()
		times := make([]int64, len(columns.times))
		for i, t := range columns.times {
			times[i] = int64(t)
		}
		p.Value = newHotBatch(p, times)
		return nil
	})
	return nil
}
