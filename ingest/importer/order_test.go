package importer

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"
)

func TestDeliveryOf(t *testing.T) {
	const name = "111122223333_CloudTrail_eu-west-1_20250304T0820Z_abc.json.gz"
	for key, want := range map[string]string{
		"/logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2025/03/04/" + name:        "2025-03-04T08:20:00Z",
		"s3://b/p/AWSLogs/o-a/111122223333/CloudTrail/eu-west-1/2025/03/04/" + name: "2025-03-04T08:20:00Z",
		"/flat/" + name: "2025-03-04T08:20:00Z",
		name:            "2025-03-04T08:20:00Z",
		"/x/2025/03/04/111122223333_CloudTrail-Insight_eu-west-1_20250304T0005Z_abc.json.gz":       "2025-03-04T00:05:00Z",
		"/x/2025/03/04/111122223333_CloudTrail-Digest_eu-west-1_t_eu-west-1_20250304T002000Z.json": "2025-03-04T00:20:00Z",
		"/x/2025/03/04/events.json":        "2025-03-04T23:59:59.999999999Z",
		"/x/2025/03/05/" + name:            "2025-03-05T23:59:59.999999999Z", // not of that day
		"2025/03/04/events.json":           "",
		"/x/2025/3/4/events.json":          "",
		"/x/2025/13/04/events.json":        "",
		"/x/backup_20250304T0820Z.json.gz": "",
		"/x/1_CloudTrail_2025x304T0820Z":   "",
		"events.json":                      "",
		"":                                 "",
	} {
		at, ok := deliveryOf(key).time()
		require.Equal(t, want != "", ok, key)
		if ok {
			require.Equal(t, want, at.Format(time.RFC3339Nano), key)
		}
	}
}

func TestDaysAreCompleteAnHourAfterMidnight(t *testing.T) {
	day := deliveryOf("/x/2025/03/04/a").day
	name := func(clock string) string { return "1_CloudTrail_r_20250304T" + clock + "Z_a" }
	require.Equal(t, day-1, deliveryOf(name("0000")).complete())
	require.Equal(t, day-1, deliveryOf(name("0059")).complete())
	require.Equal(t, day, deliveryOf(name("0100")).complete())
	require.Equal(t, day, deliveryOf("/x/2025/03/04/a").complete())
	require.Equal(t, undated, deliveryOf("a").complete())
}

// TestListing sorts lists in memory and with a temporary file.
func TestListing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var objects []Object
	for i := range 2000 {
		day := time.Date(2025, 3, 1+r.IntN(5), r.IntN(24), r.IntN(60), 0, 0, time.UTC)
		o := Object{Key: fmt.Sprintf("/l/r%d/%s/1_CloudTrail_r_%sZ_%d", i%3, day.Format("2006/01/02"), day.Format("20060102T1504"), i), Bytes: int64(i), ETag: fmt.Sprint(i)}
		switch i % 4 {
		case 1:
			o = Object{Key: fmt.Sprint("/undated/", i), Modified: now, Named: true}
		case 2:
			o = Object{Key: fmt.Sprint("/l/2025/03/01/", i), Err: errors.New("no")}
		}
		objects = append(objects, o)
	}
	r.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
	want := slices.Clone(objects)
	slices.SortFunc(want, func(a, b Object) int {
		x, y := deliveryOf(a.Key), deliveryOf(b.Key)
		return cmp.Or(cmp.Compare(x.day, y.day), cmp.Compare(x.minute, y.minute), cmp.Compare(a.Key, b.Key))
	})
	for name, most := range map[string]int{"in memory": 10 << 20, "one run": 250_000, "many runs": 10_000} {
		t.Run(name, func(t *testing.T) {
			l := &listing{maxBytes: most}
			defer l.close()
			for _, o := range objects {
				require.NoError(t, l.add(o))
			}
			require.Equal(t, most < 1<<20, len(l.runs) > 0)
			require.EqualValues(t, 2000, l.files)
			var got []Object
			for o, err := range l.all(t.Context()) {
				require.NoError(t, err)
				require.Equal(t, deliveryOf(o.Key), o.delivery)
				got = append(got, o.Object)
			}
			require.Len(t, got, len(want))
			for i := range want {
				require.True(t, want[i].Modified.Equal(got[i].Modified))
				got[i].Modified = want[i].Modified
				require.Equal(t, want[i], got[i])
			}
		})
	}
}

// TestListingThatCannotBeReadBack: a list whose temporary file cannot be read gives its error, at whatever object.
func TestListingThatCannotBeReadBack(t *testing.T) {
	for name, damage := range map[string]func(*os.File) error{
		"at all":     (*os.File).Close,
		"to its end": func(spool *os.File) error { return spool.Truncate(200_001) },
		"any object": func(spool *os.File) error { return spool.Truncate(0) },
	} {
		t.Run(name, func(t *testing.T) {
			l := &listing{maxBytes: 200_000}
			defer l.close()
			for i := range 5000 {
				require.NoError(t, l.add(Object{Key: fmt.Sprintf("/l/%0200d", i)}))
			}
			require.Greater(t, l.written, int64(250_000))
			require.NoError(t, damage(l.spool))
			var last error
			for _, err := range l.all(t.Context()) {
				require.NoError(t, last, "nothing comes after an error")
				last = err
			}
			require.Error(t, last)
		})
	}
}

// TestRowsFromATime: runs of the rows at a time or later, those at the time itself among them.
func TestRowsFromATime(t *testing.T) {
	text := rowText{times: []arrow.Timestamp{5, 4, 5, 6, 3, 5, 2}, ends: []int32{0, 1, 3, 6, 10, 15, 21, 28}}
	runs := text.from(5)
	require.Equal(t, []rowText{
		{times: []arrow.Timestamp{5}, ends: []int32{0, 1}},
		{times: []arrow.Timestamp{5, 6}, ends: []int32{3, 6, 10}},
		{times: []arrow.Timestamp{5}, ends: []int32{15, 21}},
	}, runs)
	require.Empty(t, text.from(7))
	require.Equal(t, []rowText{{times: text.times, ends: text.ends}}, text.from(2))
}
