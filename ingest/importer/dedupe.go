package importer

import (
	"context"
	"crypto/sha256"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// maxDayKeys limits the events whose keys are in memory, some 20 bytes each. The least recently used day is dropped
// first, and read again when it is needed.
const maxDayKeys = 8 << 20

// dedupe finds events that the store has already, for stores that drop them: an event of the same day, eventid and
// recipientaccountid whose text has the same bytes. Only the committer uses it.
type dedupe struct {
	lake    *storage.Lake
	storeID string
	columns dedupeColumns
	seed    maphash.Seed
	maxKeys int
	dryRun  bool // nothing becomes durable, and the store may not exist

	days  map[catalog.Day]*dayKeys
	keys  int // in days
	clock int64
	// pending are the accepted events that are not in any snapshot yet.
	pending map[eventKey][]textSum
}

// eventKey is what two deliveries of one event have in common.
type eventKey struct {
	day         catalog.Day
	id, account string
}

// textSum is the SHA-256 of an event's text.
type textSum [sha256.Size]byte

// dayKeys are the hashed keys of a day's events in the store. If a hash is among them, the events themselves must
// be compared.
type dayKeys struct {
	hashes map[uint64]struct{}
	// tried are the hashes of key and text of the events that a dry run would have stored. They cannot be read from
	// the store.
	tried map[uint64]struct{}
	used  int64
}

// dedupeColumns are the positions of the compared columns.
type dedupeColumns struct{ time, id, account, text int }

// repeats counts what dedupe found among the rows of a file.
type repeats struct {
	dropped, droppedBytes int64
	otherBytes            int64 // kept: another event has the same key
	withoutID             int64 // kept
}

func (r repeats) plus(o repeats) repeats {
	return repeats{r.dropped + o.dropped, r.droppedBytes + o.droppedBytes, r.otherBytes + o.otherBytes, r.withoutID + o.withoutID}
}

func newDedupe(lake *storage.Lake, storeID string, s *arrow.Schema, dryRun bool) *dedupe {
	at := func(name string) int { return s.FieldIndices(name)[0] }
	return &dedupe{
		lake: lake, storeID: storeID, seed: maphash.MakeSeed(), maxKeys: maxDayKeys, dryRun: dryRun,
		columns: dedupeColumns{time: at("eventtime"), id: at("eventid"), account: at("recipientaccountid"), text: at("eventjson")},
		days:    map[catalog.Day]*dayKeys{}, pending: map[eventKey][]textSum{},
	}
}

// span is the range [from, to) of rows.
type span struct{ from, to int64 }

// filter returns which of a record's rows [from, to) go into the store.
func (d *dedupe) filter(ctx context.Context, rec arrow.Record, from, to int64) ([]span, repeats, error) {
	keys := d.keysOf(rec, from, to)
	byDay, err := d.lookUp(ctx, rec, from, keys)
	if err != nil {
		return nil, repeats{}, err
	}
	var r repeats
	var kept []span
	for i, key := range keys {
		row := from + int64(i)
		if d.isRepeat(rec, row, key, byDay[key.day], &r) {
			continue
		}
		if last := len(kept) - 1; last >= 0 && kept[last].to == row {
			kept[last].to++
		} else {
			kept = append(kept, span{row, row + 1})
		}
	}
	return kept, r, nil
}

// isRepeat decides on one row and remembers it if it stays.
func (d *dedupe) isRepeat(rec arrow.Record, row int64, key eventKey, stored *candidates, r *repeats) bool {
	if key.id == "" {
		r.withoutID++
		return false
	}
	content := textAt(rec.Column(d.columns.text), int(row))
	sum := textSum(sha256.Sum256([]byte(content)))
	inStore := stored != nil && stored.keys[key]
	if inStore && (slices.Contains(stored.texts[key], sum) || d.wasTried(key, sum)) || slices.Contains(d.pending[key], sum) {
		r.dropped++
		r.droppedBytes += int64(len(content))
		return true
	}
	if inStore || len(d.pending[key]) > 0 {
		r.otherBytes++
	}
	d.pending[key] = append(d.pending[key], sum)
	return false
}

// keysOf returns the keys of rows.
func (d *dedupe) keysOf(rec arrow.Record, from, to int64) []eventKey {
	times := rec.Column(d.columns.time).(*array.Timestamp).TimestampValues()
	ids, accounts := rec.Column(d.columns.id), rec.Column(d.columns.account)
	keys := make([]eventKey, 0, to-from)
	for row := int(from); row < int(to); row++ {
		keys = append(keys, eventKey{catalog.DayOf(int64(times[row])), strings.Clone(textAt(ids, row)), strings.Clone(textAt(accounts, row))})
	}
	return keys
}

func (d *dedupe) hash(key eventKey) uint64 { return maphash.Comparable(d.seed, key) }

// keyedText is an event's key and the hash of its text.
type keyedText struct {
	key eventKey
	sum textSum
}

func (d *dedupe) hashText(key eventKey, sum textSum) uint64 {
	return maphash.Comparable(d.seed, keyedText{key, sum})
}

// wasTried reports whether a dry run would have stored the event in an earlier set.
func (d *dedupe) wasTried(key eventKey, sum textSum) bool {
	day := d.days[key.day]
	if day == nil || day.tried == nil {
		return false
	}
	_, tried := day.tried[d.hashText(key, sum)]
	return tried
}

// textAt returns a row's text, "" for NULL, from a plain or dictionary array.
func textAt(a arrow.Array, row int) string {
	if a.IsNull(row) {
		return ""
	}
	if codes, ok := a.(*array.Dictionary); ok {
		return codes.Dictionary().(*array.String).Value(codes.GetValueIndex(row))
	}
	return a.(*array.String).Value(row)
}
