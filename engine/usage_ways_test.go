package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// ofCategory is an event of a category on pushDay.
func ofCategory(category string) []byte {
	return fmt.Appendf(nil, `{"eventVersion":"1.08","eventID":"%s-1","eventTime":"2026-01-01T10:00:00Z","eventCategory":%q,"awsRegion":"us-east-1","eventName":"Insight"}`, category, category)
}

// wayIn is a way by which events come into stores, and its usage type in the service's price list.
type wayIn struct {
	name, category string
	isLive         bool // CloudTrail's own events, live: the dearer usage type of extendable retention
	take           func(t *testing.T, lake *engine.Lake, store string)
}

func pushing(events ...[]byte) func(*testing.T, *engine.Lake, string) {
	return func(t *testing.T, lake *engine.Lake, store string) {
		results, err := lake.Push(context.Background(), store, events)
		require.NoError(t, err)
		for _, r := range results {
			require.Empty(t, r.Code, r.Message)
		}
	}
}

var waysIn = []wayIn{
	{"live management events", "Management", true, pushing(pushedEvent(1), ofCategory("Management"))},
	{"imported log files", "Management", false, func(t *testing.T, lake *engine.Lake, store string) {
		path := filepath.Join(t.TempDir(), "events.ndjson")
		require.NoError(t, os.WriteFile(path, append(pushedEvent(2), '\n'), 0o600))
		tried, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Store: store, Paths: []string{path}, DryRun: true})
		require.NoError(t, err)
		done, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Store: store, Paths: []string{path}})
		require.NoError(t, err)
		require.Equal(t, tried.Price, done.Price, "the dry run tells the import's price")
		require.InDelta(t, totalOf(t, lake, store).IngestionPrice, done.Price, 1e-12, "the import tells the price of the usage")
	}},
	{"Insights events", "Insight", false, pushing(ofCategory("Insight"))},
	{"configuration items", "ConfigurationItem", false, pushing(ofCategory("ConfigurationItem"))},
	{"evidence", "Evidence", false, pushing(ofCategory("Evidence"))},
	{"events from outside of AWS", "ActivityAuditLog", false, func(t *testing.T, lake *engine.Lake, store string) {
		channel, err := lake.Channels().Create(context.Background(), engine.ChannelOptions{Name: store, Source: "Custom", Destinations: []string{store}})
		require.NoError(t, err)
		results, err := lake.Channels().Put(context.Background(), channel.ID, []engine.AuditEvent{{ID: "a", Data: activityOf(1)}})
		require.NoError(t, err)
		require.Empty(t, results[0].Code, results[0].Message)
	}},
}

func totalOf(t *testing.T, lake *engine.Lake, store string) engine.UsageRow {
	used, err := lake.Usage(context.Background(), "")
	require.NoError(t, err)
	for _, total := range used.Totals {
		if total.Store == store {
			return total
		}
	}
	require.Fail(t, "the usage lacks store "+store)
	return engine.UsageRow{}
}

// TestUsageTypes: what a byte costs depends on the way by which it came and on the store's billing mode, also after a restart.
func TestUsageTypes(t *testing.T) {
	for mode, prices := range map[engine.BillingMode]struct{ live, other float64 }{
		engine.ExtendableRetention: {0.75, 0.50},
		engine.FixedRetention:      {2.50, 2.50}, // the first tier
	} {
		t.Run(string(mode), func(t *testing.T) {
			ctx := context.Background()
			dir := t.TempDir()
			lake := openLake(t, dir, pushDay)
			for i, way := range waysIn {
				_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: fmt.Sprint("way", i), Category: way.category, SingleRegion: true, BillingMode: mode})
				require.NoError(t, err)
				way.take(t, lake, fmt.Sprint("way", i))
			}
			require.NoError(t, lake.Close())
			lake = openLake(t, dir, pushDay) // what was pushed is in the hot log still
			require.NoError(t, lake.Flush(ctx))
			_, err := lake.Compact(ctx)
			require.NoError(t, err)
			for i, way := range waysIn {
				price := prices.other
				if way.isLive {
					price = prices.live
				}
				total := totalOf(t, lake, fmt.Sprint("way", i))
				require.Positive(t, total.IngestedBytes, way.name)
				require.InDelta(t, float64(total.IngestedBytes)/(1<<30)*price, total.IngestionPrice, 1e-12, way.name)
				require.Equal(t, way.isLive, total.LiveBytes > 0, way.name)
			}
		})
	}
}
