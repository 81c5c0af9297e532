package engine_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// activityOf is an activity of some 1.4 kB.
func activityOf(id int) []byte {
	return fmt.Appendf(nil, `{"version":"1.0","userIdentity":{"type":"CustomUser","principalId":"user-%d","details":{"team":"t%d"}},"userAgent":"shop/7.1","eventSource":"shop.example.com",`+
		`"eventName":"Refund","eventTime":"2026-01-01T%02d:%02d:00Z","UID":"order-%d","requestParameters":{"order":"%d","x":"%0900d"},"responseElements":{"state":"done"},`+
		`"sourceIPAddress":"192.0.2.%d","recipientAccountId":"000000000000","additionalEventData":{"shop":"berlin"}}`, id%97, id%7, id%24, id%60, id, id, id, id%250)
}

// createChannel makes a channel into new stores of some names.
func createChannel(t testing.TB, lake *engine.Lake, stores ...string) *engine.Channel {
	t.Helper()
	for _, name := range stores {
		_, err := lake.Stores().Create(context.Background(), engine.StoreOptions{Name: name, Category: "ActivityAuditLog", SingleRegion: true, RetentionDays: 366})
		require.NoError(t, err)
	}
	channel, err := lake.Channels().Create(context.Background(), engine.ChannelOptions{Name: "app", Source: "Custom", Destinations: stores})
	require.NoError(t, err)
	return channel
}

// TestChannelPushesOnce: whoever pushes the same events at the same time, while flushes happen, each is in each destination once, and all are told the
// same id.
func TestChannelPushesOnce(t *testing.T) {
	lake := openLake(t, t.TempDir(), pushDay)
	channel := createChannel(t, lake, "first", "second")
	const callers, batches, events = 4, 12, 10
	var ids sync.Map // of events
	var work sync.WaitGroup
	var failed atomic.Value
	for range callers {
		work.Go(func() {
			for batch := range batches {
				var list []engine.AuditEvent
				for n := range events {
					id := batch*events/2 + n // half of them are in the batch before, too
					list = append(list, engine.AuditEvent{ID: fmt.Sprint("e", id), Data: activityOf(id)})
				}
				results, err := lake.Channels().Put(context.Background(), channel.ID, list)
				if err == nil && batch%4 == 0 {
					err = lake.Flush(context.Background())
				}
				if err != nil {
					failed.Store(err)
					return
				}
				for n, result := range results {
					if first, isThere := ids.LoadOrStore(list[n].ID, result.EventID); isThere && first != result.EventID || result.EventID == "" {
						failed.Store(fmt.Errorf("%s is %v and %s", list[n].ID, first, result.EventID))
					}
				}
			}
		})
	}
	work.Wait()
	require.Nil(t, failed.Load())
	want := []string{fmt.Sprint(batches*events/2+events/2, "|", batches*events/2+events/2)}
	for _, store := range []string{"first", "second"} {
		require.Equal(t, want, answerOf(t, lake, "SELECT concat(cast(count(*) AS varchar), '|', cast(count(DISTINCT eventid) AS varchar)) FROM "+store))
	}
	require.NoError(t, lake.Close())
}

// TestChannelWithALostDestination: a destination that takes no events fails the push, and nothing is anywhere.
func TestChannelWithALostDestination(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), pushDay)
	channel := createChannel(t, lake, "first", "second")
	require.ErrorIs(t, lake.Stores().Delete(ctx, "first"), engine.ErrTerminationProtect)
	_, err := lake.Channels().Put(ctx, "11111111-2222-4333-8444-555555555555", []engine.AuditEvent{{ID: "a", Data: activityOf(1)}})
	require.ErrorIs(t, err, engine.ErrChannelNotFound)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = lake.Channels().Put(cancelled, channel.ID, []engine.AuditEvent{{ID: "a", Data: activityOf(1)}})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"0"}, answerOf(t, lake, "SELECT count(*) FROM first"))
	results, err := lake.Channels().Put(ctx, channel.ID, []engine.AuditEvent{{ID: "a", Data: activityOf(1)}})
	require.NoError(t, err)
	require.NotEmpty(t, results[0].EventID, "what was cancelled left no claim")
	require.NoError(t, lake.Channels().Delete(ctx, "app"))
	_, err = lake.Channels().Put(ctx, channel.ID, []engine.AuditEvent{{ID: "b", Data: activityOf(2)}})
	require.ErrorIs(t, err, engine.ErrChannelNotFound)
	require.NoError(t, lake.Flush(ctx))
	require.Equal(t, []string{"1"}, answerOf(t, lake, "SELECT count(*) FROM second"))
}

// BenchmarkChannelPush pushes batches of 100 new events by 8 callers through a channel, and in turns with it the same events, as they are stored, each with an
// eventID of its own, as Push takes them. Each turn ends with a flush, so that it pays for what it pushed, and the turns change order. ratio is the speed of
// the first against that of the second, cpu-ratio that of the processor's time.
func BenchmarkChannelPush(b *testing.B) {
	ctx := context.Background()
	lake, err := engine.Open(ctx, b.TempDir(), engine.Options{Now: func() time.Time { return pushDay }})
	require.NoError(b, err)
	defer lake.Close()
	channel := createChannel(b, lake, "through")
	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "plain", Category: "ActivityAuditLog", SingleRegion: true})
	require.NoError(b, err)
	activities := make([][]byte, pushBatch)
	for i := range activities {
		activities[i] = activityOf(i)
	}
	var throughTurns, plainTurns pushTurns
	pushed := 0
	turns := []func(batches int){
		func(batches int) {
			lists := make(chan []engine.AuditEvent, batches)
			for range batches {
				lists <- auditEvents(pushed, activities)
				pushed += pushBatch
			}
			throughTurns.run(b, lake, batches, func() error {
				results, err := lake.Channels().Put(ctx, channel.ID, <-lists)
				if err == nil && results[0].EventID == "" {
					return fmt.Errorf("%v", results[0])
				}
				return err
			})
		},
		func(batches int) {
			lists := make(chan [][]byte, batches)
			for range batches {
				lists <- storedEvents(channel.ARN, activities)
			}
			plainTurns.run(b, lake, batches, func() error {
				_, err := lake.Push(ctx, "plain", <-lists)
				return err
			})
		},
	}
	b.ResetTimer()
	for left := b.N; left > 0; left -= pushRound {
		for _, turn := range turns {
			turn(min(left, pushRound))
		}
		slices.Reverse(turns)
	}
	total := float64(b.N * pushBatch)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(total/throughTurns.wall.Seconds(), "events/s")
	b.ReportMetric(total/plainTurns.wall.Seconds(), "plain/s")
	b.ReportMetric(plainTurns.wall.Seconds()/throughTurns.wall.Seconds(), "ratio")
	b.ReportMetric(plainTurns.cpu.Seconds()/throughTurns.cpu.Seconds(), "cpu-ratio")
	b.ReportMetric(float64(throughTurns.cpu.Microseconds())/total, "CPU-µs/event")
}

// pushTurns is what the turns of one way to push took.
type pushTurns struct{ wall, cpu time.Duration }

func (t *pushTurns) run(b *testing.B, lake *engine.Lake, batches int, push func() error) {
	runtime.GC() // the lists were made for nothing that is measured
	before := cpuTime(b)
	start := time.Now()
	eachCaller(b, batches, push)
	require.NoError(b, lake.Flush(context.Background()))
	t.wall += time.Since(start)
	t.cpu += cpuTime(b) - before
}

// auditEvents have ids from first on.
func auditEvents(first int, activities [][]byte) []engine.AuditEvent {
	list := make([]engine.AuditEvent, len(activities))
	for i := range list {
		list[i] = engine.AuditEvent{ID: fmt.Sprint("evt-", first+i), Data: activities[i]}
	}
	return list
}

// storedEvents are activities as a channel stores them.
func storedEvents(channelARN string, activities [][]byte) [][]byte {
	events := make([][]byte, len(activities))
	for i := range events {
		events[i] = fmt.Appendf(nil, `{"eventVersion":"1.0","eventCategory":"ActivityAuditLog","eventType":"ActivityLog","eventID":%q,`+
			`"eventTime":"2026-01-01T%02d:%02d:00Z","awsRegion":"us-east-1","recipientAccountId":"000000000000","metadata":{"ingestionTime":"2026-01-02T00:00:00Z","channelARN":%q},"eventData":%s}`,
			uuid.NewString(), i%24, i%60, channelARN, activities[i])
	}
	return events
}
