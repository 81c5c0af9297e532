package billing_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

var now = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// importTimes imports one event for each of some times.
func importTimes(t *testing.T, lake *engine.Lake, store string, times ...time.Time) *engine.ImportResult {
	var lines strings.Builder
	for i, at := range times {
		fmt.Fprintf(&lines, `{"eventVersion":"1.08","eventID":"%s-%d","eventTime":%q,"eventCategory":"Management","eventName":"GetObject"}`+"\n", store, i, at.Format(time.RFC3339))
	}
	path := filepath.Join(t.TempDir(), store+".ndjson")
	require.NoError(t, os.WriteFile(path, []byte(lines.String()), 0o600))
	result, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Store: store, Paths: []string{path}})
	require.NoError(t, err)
	require.EqualValues(t, len(times), result.Events)
	return result
}

// TestUsage: what is ingested is priced by the month's tiers and mode; only extendable stores pay for what is kept past a year.
func TestUsage(t *testing.T) {
	ctx := context.Background()
	prices, err := engine.ParsePrices([]byte(`
query_per_gb = 1024.0
extended_storage_per_gb_month = 1073741824.0
[extendable]
cloudtrail_per_gb = 2048.0
other_per_gb = 4096.0
[[fixed]]
per_gb = 8192.0
`))
	require.NoError(t, err)
	lake, err := engine.Open(ctx, t.TempDir(), engine.Options{Now: func() time.Time { return now }, Prices: prices})
	require.NoError(t, err)
	defer lake.Close()
	for name, options := range map[string]engine.StoreOptions{
		"extendable": {RetentionDays: engine.MaxRetentionDays},
		"fixed":      {BillingMode: engine.FixedRetention},
		"deleted":    {RetentionDays: engine.MaxRetentionDays, TerminationProtected: new(bool)},
	} {
		options.Name = name
		_, err := lake.Stores().Create(ctx, options)
		require.NoError(t, err)
	}
	included, kept := now.AddDate(0, 0, -366), now.AddDate(0, 0, -367)
	ingested := map[string]*engine.ImportResult{}
	for _, name := range []string{"extendable", "fixed", "deleted"} {
		ingested[name] = importTimes(t, lake, name, now.AddDate(0, 0, -2), included, kept)
	}
	require.NoError(t, lake.Stores().Delete(ctx, "deleted"))

	u, err := lake.Usage(ctx, "")
	require.NoError(t, err)
	require.Equal(t, "2026-01", u.Month)
	require.Len(t, u.Totals, 3)
	perGB := map[string]float64{"extendable": 4096, "fixed": 8192, "deleted": 4096} // copied log files are no live events
	for _, total := range u.Totals {
		require.Equal(t, "total", total.Day)
		require.Equal(t, ingested[total.Store].EventBytes, total.IngestedBytes, total.Store)
		require.EqualValues(t, 3, total.IngestedEvents)
		want := float64(total.IngestedBytes) / (1 << 30) * perGB[total.Store]
		require.InDelta(t, want, total.IngestionPrice, 1e-9, total.Store)
		require.InDelta(t, want, ingested[total.Store].Price, 1e-9, "what the import itself said")
	}
	require.Len(t, u.Days, 3)
	for _, day := range u.Days {
		require.Equal(t, "2026-01-31", day.Day)
		require.EqualValues(t, 3, day.IngestedEvents)
	}

	// A dollar a byte: the one day past the first 366 of the one store that pays for it.
	require.InDelta(t, float64(bytesOfDay(t, lake, "extendable", kept)), u.ExtendedStoragePrice, 1e-6)

	another, err := lake.Usage(ctx, "2026-02")
	require.NoError(t, err)
	require.Empty(t, another.Days)
	require.Zero(t, another.Totals[0].IngestedBytes)
	for _, month := range []string{"January", "2026-13", "2026"} {
		_, err = lake.Usage(ctx, month)
		require.ErrorIs(t, err, engine.ErrInvalidParameter, month)
	}
}

// TestImportPriceCountsTheMonth: what the store took in before in the month decides the tier.
func TestImportPriceCountsTheMonth(t *testing.T) {
	prices, err := engine.ParsePrices([]byte("[[fixed]]\nup_to_gb = 0.0000003\nper_gb = 1024.0\n[[fixed]]\nper_gb = 2048.0\n"))
	require.NoError(t, err)
	at := clock.New(now)
	lake, err := engine.Open(context.Background(), t.TempDir(), engine.Options{Now: at.Now, Prices: prices})
	require.NoError(t, err)
	defer lake.Close()
	_, err = lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "fixed", BillingMode: engine.FixedRetention})
	require.NoError(t, err)
	times := make([]time.Time, 4) // more than the first tier's 322 bytes
	for i := range times {
		times[i] = now.Add(-time.Duration(i+1) * time.Hour)
	}
	importTimes(t, lake, "fixed", times...)
	second := importTimes(t, lake, "fixed", now.Add(-9*time.Hour))
	require.InDelta(t, float64(second.EventBytes)/(1<<30)*2048, second.Price, 1e-12, "all of it in the second tier")
	at.Set(now.AddDate(0, 1, 0))
	third := importTimes(t, lake, "fixed", now.Add(-10*time.Hour))
	require.InDelta(t, float64(third.EventBytes)/(1<<30)*1024, third.Price, 1e-12, "a new month begins with the first tier")
}

// bytesOfDay is what a store's segments of one day have.
func bytesOfDay(t *testing.T, lake *engine.Lake, store string, day time.Time) int64 {
	files, err := lake.Stores().SegmentFiles(context.Background(), store)
	require.NoError(t, err)
	var total int64
	for _, file := range files {
		if strings.Contains(file, day.Format("2006-01-02")) {
			info, err := os.Stat(filepath.Join(lake.Dir(), filepath.FromSlash(file)))
			require.NoError(t, err)
			total += info.Size()
		}
	}
	require.Positive(t, total)
	return total
}
