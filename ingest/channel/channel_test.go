package channel

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

var now = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func eventAt(at time.Time, category string) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","eventID":"e","eventTime":%q,"eventCategory":%q}`, at.Format(time.RFC3339), category)
}

func TestJudge(t *testing.T) {
	const week = 7
	management := &catalog.Store{Category: "Management", RetentionDays: week}
	insight := &catalog.Store{Category: "Insight", RetentionDays: week}
	horizon := now.AddDate(0, 0, -week)
	wide := strings.TrimSuffix(eventAt(now, "Management"), "}") + `,"errorMessage":"`
	ofLength := func(length int) string { return wide + strings.Repeat("x", length-len(wide)-2) + `"}` }
	tests := []struct {
		name  string
		store *catalog.Store
		event string
		code  string
	}{
		{"now", management, eventAt(now, "Management"), ""},
		{"at the horizon", management, eventAt(horizon, "Management"), ""},
		{"before the horizon", management, eventAt(horizon.Add(-time.Second), "Management"), PastRetention},
		{"a day ahead", management, eventAt(now.Add(ingest.MaxAhead), "Management"), ""},
		{"more than a day ahead", management, eventAt(now.Add(ingest.MaxAhead+time.Second), "Management"), InFuture},
		{"1 MiB", management, ofLength(maxEventBytes), ""},
		{"more than 1 MiB", management, ofLength(maxEventBytes + 1), string(ingest.RecordTooLarge)},
		{"another category", management, eventAt(now, "Data"), NotSelected},
		{"no time", management, `{"eventCategory":"Management"}`, string(ingest.BadEventTime)},
		{"no object", management, `[]`, string(ingest.InvalidJSON)},
		{"insight", insight, eventAt(now, "Insight"), ""},
		{"management into a store of insights", insight, eventAt(now, "Management"), NotSelected},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := Open(test.store)
			require.NoError(t, err)
			judged := c.Judge([][]byte{[]byte(test.event)}, now)
			require.Len(t, judged.Results, 1)
			require.Equal(t, test.code, judged.Results[0].Code, judged.Results[0].Message)
			if test.code == "" {
				require.Equal(t, [][]byte{[]byte(test.event)}, judged.Taken)
				require.Len(t, judged.Times, 1)
				require.Empty(t, judged.Results[0].Message)
			} else {
				require.Empty(t, judged.Taken)
				require.Empty(t, judged.Times)
				require.NotEmpty(t, judged.Results[0].Message)
			}
		})
	}
}

// TestJudgeKeepsTheOrder: what is taken keeps the order of the push.
func TestJudgeKeepsTheOrder(t *testing.T) {
	c, err := Open(&catalog.Store{Category: "Management", RetentionDays: 7})
	require.NoError(t, err)
	first, last := eventAt(now.Add(-time.Hour), "Management"), eventAt(now, "Management")
	judged := c.Judge([][]byte{[]byte(first), []byte(eventAt(now, "Data")), []byte(last)}, now)
	require.Equal(t, [][]byte{[]byte(first), []byte(last)}, judged.Taken)
	require.Equal(t, []int64{now.Add(-time.Hour).UnixMilli(), now.UnixMilli()}, judged.Times)
	require.Equal(t, []string{"", NotSelected, ""}, []string{judged.Results[0].Code, judged.Results[1].Code, judged.Results[2].Code})
}

func TestChannelServesManyAtOnce(t *testing.T) {
	c, err := Open(&catalog.Store{Category: "Management", RetentionDays: 7})
	require.NoError(t, err)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				judged := c.Judge([][]byte{[]byte(eventAt(now, "Management")), []byte(`{`)}, now)
				if len(judged.Taken) != 1 || judged.Times[0] != now.UnixMilli() {
					t.Errorf("%+v", judged)
				}
			}
		})
	}
	group.Wait()
}

func TestOpenRefuses(t *testing.T) {
	_, err := Open(&catalog.Store{Name: "main", Category: "Unheard"})
	require.ErrorContains(t, err, `"Unheard"`)
	_, err = Open(&catalog.Store{Category: "Management", Selectors: []catalog.AdvancedEventSelector{{}}})
	require.ErrorIs(t, err, selector.ErrInvalid)
	s := &catalog.Store{Category: "Management"}
	c, err := Open(s)
	require.NoError(t, err)
	require.Same(t, s, c.Store())
}

func TestDecoder(t *testing.T) {
	table, _ := schema.ForCategory("Management")
	decoder := &Decoder{}
	for range 2 { // the second time with what the first gave back
		rows, err := decoder.Decode(table, [][]byte{[]byte(eventAt(now, "Management")), []byte(eventAt(now, "Management"))})
		require.NoError(t, err)
		require.EqualValues(t, 2, rows.NumRows())
		_, err = decoder.Decode(table, [][]byte{[]byte(eventAt(now, "Management")), []byte(`{"eventTime":7}`)})
		require.ErrorContains(t, err, "event 1: BAD_EVENT_TIME")
		_, _, err = decoder.DecodeLent(table, [][]byte{[]byte(eventAt(now, "Management")), []byte(`{"eventTime":7}`)})
		require.ErrorContains(t, err, "event 1: BAD_EVENT_TIME")
	}
}

// TestDecodeLent: rows that are lent are those that are kept, and who keeps rows is not touched by what others give back.
func TestDecodeLent(t *testing.T) {
	table, _ := schema.ForCategory("Management")
	decoder := &Decoder{}
	kept, err := decoder.Decode(table, [][]byte{[]byte(eventAt(now, "Management"))})
	require.NoError(t, err)
	before := kept.Column(0).String()
	for i := range 3 {
		events := [][]byte{[]byte(eventAt(now.Add(time.Duration(i)*time.Second), "Management")), []byte(`{"eventTime":"2026-01-01T00:00:00Z","requestParameters":{"a":"b"}}`)}
		lent, giveBack, err := decoder.DecodeLent(table, events)
		require.NoError(t, err)
		same, err := (&Decoder{}).Decode(table, events)
		require.NoError(t, err)
		require.True(t, array.RecordEqual(same, lent))
		giveBack()
		require.Equal(t, before, kept.Column(0).String())
	}
}
