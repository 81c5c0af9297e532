package eventhistory_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestLeftOut: a lookup counts the events that it cannot show because they have no id, by the same conditions, and tells what is older than
// its time range.
func TestLeftOut(t *testing.T) {
	f := newFixture(t)
	stop := `"eventName":"StopLogging","eventSource":"s3.amazonaws.com","requestParameters":{"bucketName":"logs"}`
	f.copy("main",
		event(newYear.AddDate(0, 0, -1), "a", stop),
		event(newYear.AddDate(0, 0, -2), "", stop),
		`{"eventVersion":"1.0","eventTime":"2025-12-20T10:00:00Z",`+stop+`}`,
		`{"eventVersion":"1.0","eventTime":"2025-12-20T10:00:00Z","eventName":"GetUser"}`,
		`{"eventVersion":"1.08","eventTime":"2025-12-20T10:00:00Z","eventCategory":"Data",`+stop+`}`,
		event(newYear.AddDate(0, -6, 0), "old"),
	)
	from := newYear.AddDate(0, 0, -90)
	oldest := newYear.AddDate(0, -6, 0)
	for name, c := range map[string]struct {
		lookup engine.EventLookup
		want   engine.EventsLeftOut
		notes  []string
	}{
		"all times":        {engine.EventLookup{}, engine.EventsLeftOut{WithoutID: 3}, []string{"3 events without an id are not shown; a query finds them: WHERE eventid IS NULL"}},
		"an attribute":     {engine.EventLookup{Attributes: by("eventname", "GetUser")}, engine.EventsLeftOut{WithoutID: 1}, []string{"1 event without an id is not shown; a query finds it: WHERE eventid IS NULL"}},
		"a resource":       {engine.EventLookup{Attributes: by("RESOURCENAME", "logs")}, engine.EventsLeftOut{WithoutID: 2}, nil},
		"another resource": {engine.EventLookup{Attributes: by("ResourceName", "log")}, engine.EventsLeftOut{}, nil},
		"an id":            {engine.EventLookup{Attributes: by("EventId", "a")}, engine.EventsLeftOut{}, nil},
		"90 days": {engine.EventLookup{From: from}, engine.EventsLeftOut{WithoutID: 3, Oldest: oldest}, []string{
			"3 events without an id are not shown; a query finds them: WHERE eventid IS NULL", "events before 2025-10-03 00:00 are not shown; the oldest is of 2025-07-01 00:00",
		}},
		"from the oldest on": {engine.EventLookup{From: oldest, To: oldest.Add(time.Hour)}, engine.EventsLeftOut{}, nil},
		"Insights":           {engine.EventLookup{Category: engine.LookupInsight}, engine.EventsLeftOut{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			left, err := f.lake.EventHistory().LeftOut(context.Background(), c.lookup)
			require.NoError(t, err)
			require.Equal(t, c.want, left)
			if c.notes != nil {
				require.Equal(t, c.notes, left.Notes(c.lookup.From))
			}
		})
	}
	_, err := f.lake.EventHistory().LeftOut(context.Background(), engine.EventLookup{Attributes: by("Region", "x")})
	require.ErrorContains(t, err, "unknown attribute Region; the attributes are EventId, EventName, ReadOnly, Username, ResourceType, ResourceName, EventSource, AccessKeyId")
}

// TestEventHistoryFrom: the age of the event history is 90 days, what the lake was told, or endless.
func TestEventHistoryFrom(t *testing.T) {
	for age, want := range map[time.Duration]time.Time{0: newYear.AddDate(0, 0, -90), 24 * time.Hour: newYear.AddDate(0, 0, -1), -1: {}} {
		lake, err := engine.Open(context.Background(), t.TempDir(), engine.Options{Now: func() time.Time { return newYear }, EventHistoryAge: age})
		require.NoError(t, err)
		require.Equal(t, want, lake.EventHistoryFrom())
		require.NoError(t, lake.Close())
	}
}
