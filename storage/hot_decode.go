package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
	"github.com/auditlake/auditlake/storage/schema"
)

// Decoder decodes the texts of events into the stored columns of a table, one row per event.
type Decoder interface {
	// Decode returns rows that belong to the caller.
	Decode(table *schema.Table, events [][]byte) (arrow.Record, error)
	// DecodeLent returns rows that the caller may use until it calls giveBack, which reuses their memory. Never
	// giving them back costs no more than Decode.
	DecodeLent(table *schema.Table, events [][]byte) (rows arrow.Record, giveBack func(), err error)
}

const (
	// maxDecodedText limits the texts that are decoded at a time, unless a single one is longer.
	maxDecodedText = 64 << 20
	// maxFlushedRows is how many rows a flush decodes at a time: a megabyte or two, which stays in the processor's
	// cache until it is encoded.
	maxFlushedRows = 1024
)

// hotColumns are decoded events.
type hotColumns struct {
	columns []arrow.Array // the table's stored ones
	times   []arrow.Timestamp
	// giveBack returns the columns, if they are lent.
	giveBack func()
}

var errNoDecoder = errors.New("there are pushed events, and no way to read them")

// keptColumns decodes events into columns of their own memory.
func (h *hotTier) keptColumns(table *schema.Table, events [][]byte) (*hotColumns, error) {
	if h.decoder == nil {
		return nil, errNoDecoder
	}
	rec, err := h.decoder.Decode(table, events)
	if err != nil {
		return nil, err
	}
	return checkedColumns(table, events, rec)
}

// lentColumns decodes events into memory that is given back.
func (h *hotTier) lentColumns(table *schema.Table, events [][]byte) (*hotColumns, error) {
	if h.decoder == nil {
		return nil, errNoDecoder
	}
	rec, giveBack, err := h.decoder.DecodeLent(table, events)
	if err != nil {
		return nil, err
	}
	columns, err := checkedColumns(table, events, rec)
	if err != nil {
		return nil, err
	}
	columns.giveBack = giveBack
	return columns, nil
}

// checkedColumns checks that a record has the columns of a table and, for each event, a row with a time.
func checkedColumns(table *schema.Table, events [][]byte, rec arrow.Record) (*hotColumns, error) {
	if want := table.Arrow(); !rec.Schema().Equal(want) {
		return nil, fmt.Errorf("storage: decoded events have the columns %v instead of %v", rec.Schema(), want)
	}
	times := rec.Column(rec.Schema().FieldIndices(timeColumn)[0]).(*array.Timestamp)
	if times.Len() != len(events) || times.NullN() > 0 {
		return nil, fmt.Errorf("storage: %d rows of %d events, %d without %s", times.Len(), len(events), times.NullN(), timeColumn)
	}
	return &hotColumns{columns: rec.Columns(), times: times.TimestampValues()}, nil
}

// decoded returns the columns of batches of one table. Batches that no query has read before are decoded together,
// and stay decoded until they are flushed. sources gives for each batch the index in columns and its first row
// there.
func (h *hotTier) decoded(table *schema.Table, batches []*hotBatch) (columns [][]arrow.Array, sources []pick, err error) {
	h.decoding.Lock()
	defer h.decoding.Unlock()
	if err := h.decodeLocked(table, batches); err != nil {
		return nil, nil, fmt.Errorf("pushed events: %w", err)
	}
	places := map[*hotColumns]int32{}
	for _, b := range batches {
		place, ok := places[b.decoded]
		if !ok {
			place = int32(len(columns))
			places[b.decoded] = place
			columns = append(columns, b.decoded.columns)
		}
		sources = append(sources, pick{source: place, row: int32(b.first)})
	}
	return columns, sources, nil
}

func (h *hotTier) decodeLocked(table *schema.Table, batches []*hotBatch) error {
	var events [][]byte
	var open []*hotBatch
	bytes := int64(0)
	for i, b := range batches {
		if b.decoded == nil {
			texts, _ := hotlog.CutTexts(b.text)
			events, open, bytes = append(events, texts...), append(open, b), bytes+b.bytes
		}
		if len(open) == 0 || i+1 < len(batches) && bytes+batches[i+1].bytes <= maxDecodedText {
			continue
		}
		decoded, err := h.keptColumns(table, events)
		if err != nil {
			return err
		}
		first := 0
		for _, b := range open {
			b.decoded, b.first = decoded, first
			first += b.rows()
		}
		events, open, bytes = nil, nil, 0
	}
	return nil
}

// hotRows returns the events of a store and a day by eventtime, and decodes them on demand.
type hotRows struct {
	tier   *hotTier
	table  *schema.Table
	events [][][]byte // by batch
	rows   []rowRef   // not returned yet; rec is the index of the batch
	given  []rowRef
	// decoded are the columns of given. The next call of nextRows gives them back; nil before the first call.
	decoded *hotColumns
}

// hotDays divides batches of a store into days.
func (h *hotTier) hotDays(table *schema.Table, batches []*hotBatch) map[catalog.Day]*hotRows {
	days := map[catalog.Day]*hotRows{}
	events := make([][][]byte, len(batches))
	for i, b := range batches {
		events[i], _ = hotlog.CutTexts(b.text)
		for row, t := range b.times {
			day := days[catalog.DayOf(t)]
			if day == nil {
				day = &hotRows{tier: h, table: table, events: events}
				days[catalog.DayOf(t)] = day
			}
			day.rows = append(day.rows, rowRef{time: t, rec: int32(i), row: int32(row)})
		}
	}
	for _, day := range days {
		sortRows(day.rows)
	}
	return days
}

// hasRows implements rowSource.
func (r *hotRows) hasRows() bool { return len(r.rows) > 0 }

// nextRows implements rowSource.
func (r *hotRows) nextRows(_ context.Context, n int) ([][]arrow.Array, []rowRef, error) {
	var events [][]byte
	bytes := 0
	r.given = r.given[:0]
	for i, row := range r.rows[:min(n, maxFlushedRows, len(r.rows))] {
		event := r.events[row.rec][row.row]
		if bytes += len(event); i > 0 && bytes > maxDecodedText {
			break
		}
		events = append(events, event)
		r.given = append(r.given, rowRef{time: row.time, row: int32(i)})
	}
	r.rows = r.rows[len(events):]
	r.giveBack()
	decoded, err := r.tier.lentColumns(r.table, events)
	if err != nil {
		return nil, nil, err
	}
	r.decoded = decoded
	if !slices.EqualFunc(r.given, decoded.times, func(row rowRef, time arrow.Timestamp) bool { return row.time == int64(time) }) {
		return nil, nil, errors.New("storage: pushed events have another eventtime than they were pushed with")
	}
	return [][]arrow.Array{decoded.columns}, r.given, nil
}

// giveBack ends the use of the columns that nextRows returned.
func (r *hotRows) giveBack() {
	if r.decoded != nil {
		r.decoded.giveBack()
		r.decoded = nil
	}
}
