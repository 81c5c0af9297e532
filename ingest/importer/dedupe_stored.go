package importer

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/predicate"
)

// candidates are keys of one day that the store seems to have.
type candidates struct {
	keys     map[eventKey]bool
	min, max int64                  // of the eventtime of their rows
	texts    map[eventKey][]textSum // of the stored events with one of the keys, within that time
}

// lookUp finds the stored events that rows may repeat.
func (d *dedupe) lookUp(ctx context.Context, rec arrow.Record, from int64, keys []eventKey) (map[catalog.Day]*candidates, error) {
	times := rec.Column(d.columns.time).(*array.Timestamp).TimestampValues()
	byDay := map[catalog.Day]*candidates{}
	for i, key := range keys {
		if key.id == "" {
			continue
		}
		day, err := d.day(ctx, key.day)
		if err != nil {
			return nil, err
		}
		if _, ok := day.hashes[d.hash(key)]; !ok {
			continue
		}
		c, millis := byDay[key.day], int64(times[from+int64(i)])
		if c == nil {
			c = &candidates{keys: map[eventKey]bool{}, min: millis, max: millis, texts: map[eventKey][]textSum{}}
			byDay[key.day] = c
		}
		c.keys[key], c.min, c.max = true, min(c.min, millis), max(c.max, millis)
	}
	for day, c := range byDay {
		if err := d.read(ctx, day, c); err != nil {
			return nil, err
		}
	}
	return byDay, nil
}

// read collects the texts of stored events that have one of the keys. Events with the same bytes have the same
// time, so others need not be read.
func (d *dedupe) read(ctx context.Context, day catalog.Day, c *candidates) error {
	return d.scan(ctx, c.min, c.max, func(g *storage.RowGroup) error {
		names, err := g.Read(ctx, []string{"eventid", "recipientaccountid"}, nil)
		if err != nil {
			return err
		}
		var rows []int32
		var keys []eventKey
		for row := range g.Rows() {
			key := eventKey{day, textAt(names[0], row), textAt(names[1], row)}
			if key.id != "" && c.keys[key] {
				rows, keys = append(rows, int32(row)), append(keys, key)
			}
		}
		if len(rows) == 0 {
			return nil
		}
		texts, err := g.Read(ctx, []string{"eventjson"}, rows)
		if err != nil {
			return err
		}
		for i, key := range keys {
			key.id, key.account = strings.Clone(key.id), strings.Clone(key.account)
			c.texts[key] = append(c.texts[key], sha256.Sum256([]byte(textAt(texts[0], i))))
		}
		return nil
	})
}

// day returns the hashed keys of a day's stored events.
func (d *dedupe) day(ctx context.Context, day catalog.Day) (*dayKeys, error) {
	d.clock++
	if known := d.days[day]; known != nil {
		known.used = d.clock
		return known, nil
	}
	loaded := &dayKeys{hashes: map[uint64]struct{}{}, used: d.clock}
	err := d.scan(ctx, day.Start(), day.End()-1, func(g *storage.RowGroup) error {
		names, err := g.Read(ctx, []string{"eventid", "recipientaccountid"}, nil)
		if err != nil {
			return err
		}
		for row := range g.Rows() {
			if id := textAt(names[0], row); id != "" {
				loaded.hashes[d.hash(eventKey{day, id, textAt(names[1], row)})] = struct{}{}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	d.days[day] = loaded
	d.keys += len(loaded.hashes)
	d.evict(day)
	return loaded, nil
}

// evict drops days until the others' keys are few enough; one stays.
func (d *dedupe) evict(stays catalog.Day) {
	for d.keys > d.maxKeys && len(d.days) > 1 {
		oldest, used := stays, d.clock
		for day, k := range d.days {
			if day != stays && k.used < used {
				oldest, used = day, k.used
			}
		}
		if oldest == stays {
			return
		}
		d.keys -= len(d.days[oldest].hashes)
		delete(d.days, oldest)
	}
}

// scan visits the row groups of the store with events in [from, to], both ends included.
func (d *dedupe) scan(ctx context.Context, from, to int64, visit func(*storage.RowGroup) error) error {
	snapshot, err := d.lake.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer snapshot.Close()
	if _, err := snapshot.Store(d.storeID); d.dryRun && errors.Is(err, catalog.ErrNotFound) {
		return nil // the import would create the store
	}
	within := predicate.Range{Low: from, High: to, LowIncl: true, HighIncl: true}
	scan, err := snapshot.Scan(storage.ScanRequest{
		StoreID: d.storeID, Horizon: time.UnixMilli(0), Columns: []string{"eventid", "recipientaccountid", "eventjson"},
		Where: predicate.Predicate{Domains: []predicate.Domain{{Path: "eventtime", Ranges: []predicate.Range{within}}}},
	})
	if err != nil {
		return err
	}
	for {
		g, err := scan.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(g); err != nil {
			return err
		}
	}
}

// committed records that the pending events are in the store, or would be after a dry run.
func (d *dedupe) committed() {
	for key, sums := range d.pending {
		day := d.days[key.day]
		if day == nil {
			continue
		}
		before := len(day.hashes)
		day.hashes[d.hash(key)] = struct{}{}
		d.keys += len(day.hashes) - before
		if !d.dryRun {
			continue
		}
		if day.tried == nil {
			day.tried = map[uint64]struct{}{}
		}
		for _, sum := range sums {
			day.tried[d.hashText(key, sum)] = struct{}{}
		}
	}
	clear(d.pending)
}
