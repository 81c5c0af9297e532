package storage

import (
	"github.com/auditlake/auditlake/storage/catalog"
)

// DayBytes is the size of a store's segments at the end of a UTC day on which they changed.
type DayBytes struct {
	Day   catalog.Day
	Bytes int64
}

// StoredBytes returns, for each store by id, the history of the size of its segments, the oldest day first. It adds
// up the chain's entries, which include every change of the manifest.
func (l *Lake) StoredBytes() (map[string][]DayBytes, error) {
	stores := map[string][]DayBytes{}
	err := l.catalog.View(func(tx *catalog.Tx) error {
		for stored, err := range tx.Chain() {
			if err != nil {
				return err
			}
			entry, err := stored.Entry()
			if err != nil {
				return err
			}
			stores[entry.StoreID] = changed(stores[entry.StoreID], entry)
		}
		return nil
	})
	return stores, err
}

// changed adds an entry to the days before it. If the clock was set back, the entry counts for the latest day.
func changed(days []DayBytes, entry *catalog.ChainEntry) []DayBytes {
	day := catalog.DayOf(entry.At.UnixMilli())
	switch {
	case len(days) == 0:
		days = append(days, DayBytes{Day: day})
	case days[len(days)-1].Day < day:
		days = append(days, DayBytes{Day: day, Bytes: days[len(days)-1].Bytes})
	}
	last := &days[len(days)-1]
	for _, s := range entry.Added {
		last.Bytes += s.Bytes
	}
	for _, s := range entry.Removed {
		last.Bytes -= s.Bytes
	}
	return days
}
