package engine

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Usage is what the stores of a lake did in a month, and the estimate of what
// the managed service would charge for it.
type Usage struct {
	Month  string     // YYYY-MM
	Days   []UsageRow // by day, then store
	Totals []UsageRow // one per store, Day "total"
	// ExtendedStoragePrice is of a month of what is kept past the first 366
	// days by the stores with extendable billing.
	ExtendedStoragePrice float64
}

// UsageRow is one store's day or month.
type UsageRow struct {
	Day, Store     string
	IngestedBytes  int64 // uncompressed bytes of the events kept
	IngestedEvents int64
	IngestionPrice float64
	Queries        int64
	ScannedBytes   int64
	QueryPrice     float64
	StoredBytes    int64 // of its segments at the end of the day, or now
}

// Usage adds up a month, "" for the current one.
func (l *Lake) Usage(ctx context.Context, month string) (*Usage, error) {
	if month == "" {
		month = l.now().Format("2006-01")
	}
	from, err := time.Parse("2006-01", month)
	if err != nil {
		return nil, fmt.Errorf("%w: %q is not a month as YYYY-MM", ErrInvalidParameter, month)
	}
	if err := l.queries.Flush(); err != nil {
		return nil, err
	}
	stores, err := l.Stores(ctx)
	if err != nil {
		return nil, err
	}
	stored, err := l.storage.StoredBytes()
	if err != nil {
		return nil, err
	}
	u := &Usage{Month: month}
	for _, s := range stores {
		if err := l.addUsage(u, s, from, stored[s.ID]); err != nil {
			return nil, err
		}
		price, err := l.extendedStorage(ctx, s)
		if err != nil {
			return nil, err
		}
		u.ExtendedStoragePrice += price
	}
	sort.SliceStable(u.Days, func(i, j int) bool { return u.Days[i].Day < u.Days[j].Day })
	return u, nil
}

func (l *Lake) addUsage(u *Usage, s *Store, month time.Time, stored []storage.DayBytes) error {
	first := catalog.DayOf(month.UnixMilli())
	last := catalog.DayOf(month.AddDate(0, 1, 0).UnixMilli()) - 1
	total := UsageRow{Day: "total", Store: s.Name, StoredBytes: storedAt(stored, last)}
	err := l.catalog().View(func(tx *catalog.Tx) error {
		for day, err := range tx.Usage(s.ID, first, last) {
			if err != nil {
				return err
			}
			row := UsageRow{
				Day: day.Day.String(), Store: s.Name, IngestedBytes: day.IngestedBytes, IngestedEvents: day.IngestedEvents,
				Queries: day.Queries, ScannedBytes: day.ScannedBytes, StoredBytes: storedAt(stored, day.Day),
				IngestionPrice: l.options.Prices.Ingestion(s.BillingMode, isCloudTrail(s), total.IngestedBytes, day.IngestedBytes),
				QueryPrice:     l.options.Prices.Query(day.ScannedBytes),
			}
			total.add(row)
			u.Days = append(u.Days, row)
		}
		return nil
	})
	u.Totals = append(u.Totals, total)
	return err
}

func (r *UsageRow) add(day UsageRow) {
	r.IngestedBytes += day.IngestedBytes
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
func (l *Lake) extendedStorage(ctx context.Context, s *Store) (float64, error) {
	if s.BillingMode != ExtendableRetention || s.Status == catalog.StorePendingDeletion {
		return 0, nil
	}
	snapshot, err := l.storage.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	defer snapshot.Close()
	rows, err := snapshot.Rows(s.ID, horizon(s, l.now()))
	if err != nil {
		return 0, err
	}
	included := catalog.DayOf(l.now().AddDate(0, 0, -DefaultExtendableRetentionDays).UnixMilli())
	var bytes int64
	for _, day := range rows.Days {
		if day.Day < included {
			bytes += day.Bytes
		}
	}
	return l.options.Prices.ExtendedStorage(bytes), nil
}

// isCloudTrail reports whether a store's events are priced as CloudTrail's own.
func isCloudTrail(s *Store) bool {
	switch s.Category {
	case "Management", "Data", "NetworkActivity", "Insight":
		return true
	}
	return false
}
