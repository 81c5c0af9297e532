package storage

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/predicate"
	"github.com/auditlake/auditlake/storage/schema"
)

// repeatColumns: rows that agree in these may be deliveries of one event.
var repeatColumns = []string{timeColumn, "eventid", "recipientaccountid"}

// holdsRepeats reports whether a store was set to leave repeated events out after it had taken some in.
func (l *Lake) holdsRepeats(storeID string) (holds bool, err error) {
	err = l.catalog.View(func(tx *catalog.Tx) error {
		store, err := tx.Store(storeID)
		holds = err == nil && store.HoldsRepeats
		return err
	})
	return holds, err
}

// dropRepeats rewrites the segments of the day that repeat an event: an earlier row of the day, in scan order, has
// the same eventid, recipientaccountid and bytes.
func (c *dayCompaction) dropRepeats(ctx context.Context) error {
	if err := c.findRepeats(ctx); err != nil {
		return err
	}
	return c.mergeAll(ctx, c.pickRepeating)
}

// pickRepeating is a segmentChoice of the first segment with repeated events.
func (c *dayCompaction) pickRepeating(s *Snapshot) ([]*catalog.Segment, error) {
	segments, err := c.readable(s)
	for i, segment := range segments {
		if c.repeats[segment.Name] != nil {
			return segments[i : i+1], err
		}
	}
	return nil, err
}

// findRepeats sets c.repeats. Only rows of undamaged segments count as earlier ones.
func (c *dayCompaction) findRepeats(ctx context.Context) error {
	s, err := c.lake.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	segments, err := c.readable(s)
	if err != nil {
		return err
	}
	for _, segment := range segments {
		if err := s.Verify(ctx, segment); err != nil {
			if _, err := c.skip(segments, err); err != nil {
				return err
			}
		}
	}
	if segments, err = c.readable(s); err != nil {
		return err
	}
	store, err := s.Store(c.storeID)
	if err != nil {
		return err
	}
	table, err := tableOf(store)
	if err != nil {
		return err
	}
	return c.lake.compareDay(ctx, s, daySegments{c.storeID, c.day, table, segments}, c.noteRepeat)
}

// daySegments are segments of one day of a store.
type daySegments struct {
	storeID  string
	day      catalog.Day
	table    *schema.Table
	segments []*catalog.Segment
}

// compareDay calls found with each row of the segments that repeats an earlier one. It processes time ranges of
// about repeatWindowRows rows, because rows with the same bytes have the same eventtime.
func (l *Lake) compareDay(ctx context.Context, s *Snapshot, d daySegments, found func(segment *catalog.Segment, row int64)) error {
	rows := int64(0)
	for _, segment := range d.segments {
		rows += segment.Rows
	}
	length := d.day.End() - d.day.Start()
	stretches := min(1+rows/l.repeatWindowRows, length)
	for i := range stretches {
		w := &repeatWindow{
			from: d.day.Start() + length*i/stretches, to: d.day.Start() + length*(i+1)/stretches,
			seed: maphash.MakeSeed(), counts: map[uint64]int32{}, seen: map[[sha256.Size]byte]struct{}{},
		}
		if err := w.readKeys(ctx, s, d.storeID, d.table, d.segments); err != nil {
			return err
		}
		if err := w.compareTexts(ctx, found); err != nil {
			return err
		}
	}
	return nil
}

// noteRepeat marks a row of a segment to be dropped.
func (c *dayCompaction) noteRepeat(segment *catalog.Segment, row int64) {
	if c.repeats[segment.Name] == nil {
		c.repeats[segment.Name] = arrowdata.NewBitmap(int(segment.Rows))
	}
	arrowdata.SetBit(c.repeats[segment.Name], int(row))
}

// repeatWindow compares the rows of a day with times in [from, to).
type repeatWindow struct {
	from, to int64
	seed     maphash.Seed
	groups   []keyedGroup
	counts   map[uint64]int32 // rows, by hashed key
	seen     map[[sha256.Size]byte]struct{}
}

// keyedGroup is a row group with the hashed key of each row, 0 for rows that are not compared.
type keyedGroup struct {
	*RowGroup
	keys []uint64
}

func (w *repeatWindow) readKeys(ctx context.Context, s *Snapshot, storeID string, table *schema.Table, segments []*catalog.Segment) error {
	within := predicate.Range{Low: w.from, High: w.to, LowIncl: true}
	scan, err := s.scanParts(ScanRequest{
		StoreID: storeID, Where: predicate.Predicate{Domains: []predicate.Domain{{Path: timeColumn, Ranges: []predicate.Range{within}}}},
	}, table, segments, nil)
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
		columns, err := g.Read(ctx, repeatColumns, nil)
		if err != nil {
			return err
		}
		w.addKeys(g, columns)
	}
}

func (w *repeatWindow) addKeys(g *RowGroup, columns []arrow.Array) {
	type key struct {
		time        int64
		id, account string
	}
	times := columns[0].(*array.Timestamp).TimestampValues()
	keyed := keyedGroup{RowGroup: g, keys: make([]uint64, len(times))}
	for row, at := range times {
		id, _ := textAt(columns[1], row)
		if id == "" || int64(at) < w.from || int64(at) >= w.to {
			continue
		}
		account, _ := textAt(columns[2], row)
		h := max(maphash.Comparable(w.seed, key{int64(at), id, account}), 1)
		keyed.keys[row] = h
		w.counts[h]++
	}
	w.groups = append(w.groups, keyed)
}

// compareTexts calls found with each row that repeats an earlier one. It reads only rows whose keys occur twice.
func (w *repeatWindow) compareTexts(ctx context.Context, found func(segment *catalog.Segment, row int64)) error {
	for _, g := range w.groups {
		var rows []int32
		for row, h := range g.keys {
			if h != 0 && w.counts[h] > 1 {
				rows = append(rows, int32(row))
			}
		}
		if len(rows) == 0 {
			continue
		}
		columns, err := g.Read(ctx, []string{"eventid", "recipientaccountid", jsonColumn}, rows)
		if err != nil {
			return err
		}
		for i, row := range rows {
			content, has := contentOf(columns, i)
			if !has {
				continue
			}
			if _, repeats := w.seen[content]; repeats {
				found(g.scan.segments[g.segment], g.position&(1<<positionRowBits-1)+int64(row))
			}
			w.seen[content] = struct{}{}
		}
	}
	return nil
}

// contentOf hashes what must be equal, byte for byte, in deliveries of one event. has is false for an event without
// text.
func contentOf(columns []arrow.Array, row int) (sum [sha256.Size]byte, has bool) {
	h := sha256.New()
	for _, column := range columns {
		var text string
		text, has = textAt(column, row)
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(text)))
		h.Write(size[:])
		_, _ = io.WriteString(h, text) // a hash does not fail
	}
	h.Sum(sum[:0])
	return sum, has
}
