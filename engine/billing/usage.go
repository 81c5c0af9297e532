package billing

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// Usage is what the stores of a lake did in a month, and the estimate of what
// the managed service would charge for it.
type Usage struct {
	Month  string     // YYYY-MM
	Days   []UsageRow // by day, then store
	Totals []UsageRow // one per store, Day "total"
	// ExtendedStoragePrice is the price of a month's storage past the first 366 days, in the stores with extendable
	// billing.
	ExtendedStoragePrice float64
}

// UsageRow is one store's day or month.
type UsageRow struct {
	Day, Store     string
	IngestedBytes  int64 // uncompressed bytes of the events kept
	LiveBytes      int64 // of IngestedBytes: CloudTrail events that were ingested live, which cost more than others
	IngestedEvents int64
	IngestionPrice float64
	Queries        int64
	ScannedBytes   int64
	QueryPrice     float64
	StoredBytes    int64 // of its segments at the end of the day, or now
}

// Book adds up what the stores of a lake did, and prices it.
type Book struct {
	Storage *storage.Lake
	Prices  *Prices
	Now     func() time.Time // in UTC
}

// Usage adds up a month, "" for the current one.
func (b Book) Usage(ctx context.Context, month string) (*Usage, error) {
	if month == "" {
		month = b.Now().Format("2006-01")
	}
	from, err := time.Parse("2006-01", month)
	if err != nil {
		return nil, fmt.Errorf("%w: %q is not a month as YYYY-MM", store.ErrInvalidParameter, month)
	}
	records, err := store.Records(ctx, b.Storage)
	if err != nil {
		return nil, err
	}
	stored, err := b.Storage.StoredBytes()
	if err != nil {
		return nil, err
	}
	u := &Usage{Month: month}
	for _, s := range records {
		if s.IsActivity {
			continue // it costs nothing
		}
		total, err := b.addMonth(u, s, from, stored[s.ID])
		if err != nil {
			return nil, err
		}
		u.Totals = append(u.Totals, total)
		price, err := b.extendedStorage(ctx, s)
		if err != nil {
			return nil, err
		}
		u.ExtendedStoragePrice += price
	}
	sort.SliceStable(u.Days, func(i, j int) bool { return u.Days[i].Day < u.Days[j].Day })
	return u, nil
}

// IngestedThisMonth returns the uncompressed bytes of the events that a store took in this month.
func (b Book) IngestedThisMonth(s *catalog.Store) (int64, error) {
	now := b.Now()
	total, err := b.addMonth(&Usage{}, s, time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC), nil)
	return total.IngestedBytes, err
}

// Ingestion returns the price of a further number of bytes of a store's events, in a month in which the store has
// taken monthBytes already. liveBytes is the part of bytes that LiveBytes counts.
func (b Book) Ingestion(s *catalog.Store, monthBytes, bytes, liveBytes int64) float64 {
	return b.Prices.Ingestion(store.BillingMode(s.BillingMode), monthBytes, bytes, liveBytes)
}

// LiveBytes returns how many of the bytes that a store ingested by each way the price list counts as
// live CloudTrail events. Bytes of no way are not among them: when they were counted, import was the
// only way into stores of trails but for Go programs that push.
func LiveBytes(s *catalog.Store, ways catalog.WayBytes) int64 {
	if !schema.Category(s.Category).IsOfTrails() {
		return 0
	}
	return ways.Live
}

// addMonth adds a store's days of a month to u.Days and returns their sum.
func (b Book) addMonth(u *Usage, s *catalog.Store, month time.Time, stored []storage.DayBytes) (UsageRow, error) {
	first := catalog.DayOf(month.UnixMilli())
	last := catalog.DayOf(month.AddDate(0, 1, 0).UnixMilli()) - 1
	total := UsageRow{Day: "total", Store: s.Name, StoredBytes: storedAt(stored, last)}
	err := b.Storage.Catalog().View(func(tx *catalog.Tx) error {
		for day, err := range tx.Usage(s.ID, first, last) {
			if err != nil {
				return err
			}
			live := LiveBytes(s, day.Ways)
			row := UsageRow{
				Day: day.Day.String(), Store: s.Name, IngestedBytes: day.IngestedBytes, LiveBytes: live, IngestedEvents: day.IngestedEvents,
				Queries: day.Queries, ScannedBytes: day.ScannedBytes, StoredBytes: storedAt(stored, day.Day),
				IngestionPrice: b.Ingestion(s, total.IngestedBytes, day.IngestedBytes, live),
				QueryPrice:     b.Prices.Query(day.ScannedBytes),
			}
			total.addDay(row)
			u.Days = append(u.Days, row)
		}
		return nil
	})
	return total, err
}

func (r *UsageRow) addDay(day UsageRow) {
	r.IngestedBytes += day.IngestedBytes
	r.LiveBytes += day.LiveBytes
	r.IngestedEvents += day.IngestedEvents
	r.IngestionPrice += day.IngestionPrice
	r.Queries += day.Queries
	r.ScannedBytes += day.ScannedBytes
	r.QueryPrice += day.QueryPrice
}

// storedAt is the size at the end of a day.
func storedAt(days []storage.DayBytes, at catalog.Day) int64 {
	after := sort.Search(len(days), func(i int) bool { return days[i].Day > at })
	if after == 0 {
		return 0
	}
	return days[after-1].Bytes
}

// extendedStorage prices a month of the days that are older than the first
// 366, which the ingestion price includes.
func (b Book) extendedStorage(ctx context.Context, s *catalog.Store) (float64, error) {
	if s.BillingMode != catalog.ExtendableRetention || s.Status == catalog.StorePendingDeletion {
		return 0, nil
	}
	snapshot, err := b.Storage.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	defer snapshot.Close()
	rows, err := snapshot.Rows(s.ID, s.Horizon(b.Now()))
	if err != nil {
		return 0, err
	}
	return b.Prices.ExtendedStorage(b.ExtendedBytes(s, rows)), nil
}

// ExtendedBytes returns how much of a store's rows is stored past the days that the ingestion price includes, where
// that costs extra.
func (b Book) ExtendedBytes(s *catalog.Store, rows storage.StoreRows) (bytes int64) {
	if s.BillingMode != catalog.ExtendableRetention || s.Status == catalog.StorePendingDeletion {
		return 0
	}
	included := catalog.DayOf(b.Now().AddDate(0, 0, -store.DefaultExtendableRetentionDays).UnixMilli())
	for _, day := range rows.Days {
		if day.Day < included {
			bytes += day.Bytes
		}
	}
	return bytes
}
