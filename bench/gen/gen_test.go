package gen

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/schema"
)

var month = Options{Seed: 7, Events: 20_000, End: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)}

func TestSameSeedSameBytes(t *testing.T) {
	first, second, other := t.TempDir(), t.TempDir(), t.TempDir()
	o := Options{Seed: 3, Events: 700, Days: 2}
	_, err := Write(first, o)
	require.NoError(t, err)
	_, err = Write(second, o)
	require.NoError(t, err)
	require.Equal(t, readTree(t, first), readTree(t, second))

	o.Seed = 4
	_, err = Write(other, o)
	require.NoError(t, err)
	require.NotEqual(t, readTree(t, first), readTree(t, other))
}

func TestWriteCountsWhatItWrites(t *testing.T) {
	dir := t.TempDir()
	stats, err := Write(dir, Options{Events: 1_000, Days: 3, EventsPerFile: 40})
	require.NoError(t, err)

	var events, jsonBytes, compressed int64
	files := readTree(t, dir)
	for name, content := range files {
		compressed += int64(len(content))
		zip, err := gzip.NewReader(strings.NewReader(content))
		require.NoError(t, err, name)
		require.Equal(t, "\x00\x00\x00\x00", content[4:8], "a header without a time")
		body, err := io.ReadAll(zip)
		require.NoError(t, err, name)
		var file struct{ Records []json.RawMessage }
		require.NoError(t, json.Unmarshal(body, &file), name)
		events += int64(len(file.Records))
		for _, r := range file.Records {
			jsonBytes += int64(len(r))
		}
	}
	require.EqualValues(t, 1_000, events)
	require.Equal(t, Stats{
		Events: events, Files: int64(len(files)), JSONBytes: jsonBytes, CompressedBytes: compressed,
		First: stats.First, Last: stats.Last,
	}, stats)
}

func TestWriteNDJSONHasTheSameEvents(t *testing.T) {
	o := Options{Events: 300}
	var lines bytes.Buffer
	stats, err := WriteNDJSON(&lines, o)
	require.NoError(t, err)
	require.EqualValues(t, 300, stats.Events)

	var want bytes.Buffer
	for e := range Events(o) {
		want.Write(append(bytes.Clone(e.JSON), '\n'))
	}
	require.Equal(t, want.String(), lines.String())
}

func TestWriteReportsErrors(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "AWSLogs")
	require.NoError(t, os.WriteFile(blocked, nil, 0o600))
	_, err := Write(filepath.Dir(blocked), Options{Events: 2_000})
	require.ErrorContains(t, err, "AWSLogs")

	_, err = WriteNDJSON(failingWriter{}, Options{Events: 2_000})
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// record is the part of an event the tests look at.
type record struct {
	EventID, EventName, EventSource, EventTime, AWSRegion, EventCategory string
	SourceIPAddress, RecipientAccountID, SharedEventID                   string
	ErrorCode, ErrorMessage, EventType                                   string
	ReadOnly, ManagementEvent                                            bool
	UserIdentity                                                         struct {
		Type, ARN, PrincipalID, AccessKeyID string
		SessionContext                      struct {
			SessionIssuer struct{ ARN string }
			Attributes    struct{ CreationDate string }
		}
	}
	ResponseElements struct {
		ConsoleLogin string
		Credentials  struct{ AccessKeyID string }
	}
}

func TestEventsAreWellFormed(t *testing.T) {
	table, _ := schema.ForCategory("Management")
	known := map[string]bool{}
	for _, c := range table.Columns {
		known[c.JSONKey] = true
	}
	start, ids := month.End.AddDate(0, 0, -30), map[string]bool{}
	for e := range Events(month) {
		var members map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(e.JSON, &members), "%s", e.JSON)
		for name := range members {
			require.True(t, known[name], "%s in %s", name, e.JSON)
		}
		var compact bytes.Buffer
		require.NoError(t, json.Compact(&compact, e.JSON))
		require.Equal(t, compact.Len(), len(e.JSON), "%s", e.JSON)

		r := decode(t, e)
		require.Equal(t, e.Time.Format(time.RFC3339), r.EventTime)
		require.False(t, e.Time.Before(start) || !e.Time.Before(month.End), r.EventTime)
		require.Equal(t, r.EventCategory == "Management", r.ManagementEvent)
		require.False(t, ids[r.EventID], "eventID twice")
		ids[r.EventID] = true
	}
	require.Len(t, ids, int(month.Events))
}

func TestFilesFollowTheServicesLayout(t *testing.T) {
	seen, current, sizes, late := map[string]bool{}, "", 0, 0
	for e := range Events(Options{Events: 20_000, Days: 2}) {
		r := decode(t, e)
		if e.File != current {
			require.False(t, seen[e.File], "events of one file come in a row")
			seen[e.File], current = true, e.File
		}
		sizes++
		dir, name := path.Split(e.File)
		start, err := time.Parse("20060102T1504Z", strings.Split(name, "_")[3])
		require.NoError(t, err, name)
		require.Equal(t, "AWSLogs/"+r.RecipientAccountID+"/CloudTrail/"+r.AWSRegion+start.Format("/2006/01/02/"), dir)
		require.Regexp(t, `^\d{12}_CloudTrail_[a-z0-9-]+_\d{8}T\d{4}Z_[0-9A-Za-z]{16}\.json\.gz$`, name)
		require.Zero(t, start.Minute()%5)
		if e.Time.Before(start) {
			late++
		}
	}
	require.InDelta(t, 116, sizes/len(seen), 12)
	require.InDelta(t, sizes/100, late, float64(sizes)/110, "some events are late")
}

func TestIssuedCredentialsAreUsed(t *testing.T) {
	issued, used := map[string]record{}, map[string]bool{}
	for e := range Events(month) {
		r := decode(t, e)
		if by, ok := issued[r.UserIdentity.AccessKeyID]; ok {
			used[r.UserIdentity.AccessKeyID] = true
			require.Equal(t, by.EventTime, r.UserIdentity.SessionContext.Attributes.CreationDate)
			require.GreaterOrEqual(t, r.EventTime, by.EventTime)
			require.Equal(t, by.RecipientAccountID, r.RecipientAccountID)
		}
		if key := r.ResponseElements.Credentials.AccessKeyID; key != "" {
			require.Contains(t, []string{"AssumeRole", "AssumeRoleWithWebIdentity"}, r.EventName)
			issued[key] = r
		}
	}
	require.Greater(t, len(issued), 500)
	require.Greater(t, len(used)*2, len(issued), "most issued keys are used")
}

func TestTrafficIsSkewedAndVaried(t *testing.T) {
	count := map[string]map[string]int{}
	add := func(what, value string) {
		if count[what] == nil {
			count[what] = map[string]int{}
		}
		count[what][value]++
	}
	for e := range Events(month) {
		r := decode(t, e)
		add("account", r.RecipientAccountID)
		add("region", r.AWSRegion)
		add("name", r.EventName)
		add("category", r.EventCategory)
		add("type", r.EventType)
		add("identity", r.UserIdentity.Type)
		add("principal", r.UserIdentity.ARN)
		add("error", r.ErrorCode)
		if r.EventName == "ConsoleLogin" {
			add("login", r.ResponseElements.ConsoleLogin)
		}
		if r.SharedEventID != "" {
			add("shared", "yes")
		}
	}
	require.Greater(t, len(count["account"]), 12)
	require.Greater(t, count["account"]["111122223333"], int(month.Events)/10)
	require.Len(t, count["region"], len(regions))
	require.Greater(t, len(count["name"]), 80)
	require.Greater(t, len(count["principal"]), 300)
	require.Greater(t, count["category"]["Data"], int(month.Events)/5)
	for _, identity := range []string{"AssumedRole", "IAMUser", "AWSService", "AWSAccount", "WebIdentityUser", "Root"} {
		require.NotZero(t, count["identity"][identity], identity)
	}
	for _, typ := range []string{"AwsApiCall", "AwsServiceEvent", "AwsConsoleSignIn"} {
		require.NotZero(t, count["type"][typ], typ)
	}
	require.Greater(t, count["error"]["AccessDenied"], 50)
	require.NotZero(t, count["error"]["Client.UnauthorizedOperation"])
	require.Greater(t, count["login"]["Success"], count["login"]["Failure"])
	require.NotZero(t, count["login"]["Failure"])
	require.NotZero(t, count["shared"]["yes"])
}

func TestEveryMonthHasABreakIn(t *testing.T) {
	for name, c := range map[string]struct {
		options Options
		breaks  int
	}{
		"small month":  {Options{Events: 400, EventsPerFile: 10}, 1},
		"three months": {Options{Events: 9_000, Days: 90}, 3},
		"one week":     {Options{Events: 5_000, Days: 7}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			stopped, deleted := 0, 0
			for e := range Events(c.options) {
				r := decode(t, e)
				if r.SourceIPAddress != intruderIP {
					continue
				}
				switch r.EventName {
				case "StopLogging":
					stopped++
				case "DeleteObject":
					deleted++
				}
			}
			require.Equal(t, c.breaks, stopped)
			require.Equal(t, 9*c.breaks, deleted)
		})
	}
}

func TestScheduleFollowsTheClock(t *testing.T) {
	o := Options{Events: 1000, Days: 7, End: time.Date(2025, 6, 2, 0, 0, 0, 0, time.UTC)}.withDefaults()
	s := newSchedule(o)
	require.Equal(t, s.start, s.at(0))
	last := s.start
	for k := int64(1); k < o.Events; k++ {
		require.False(t, s.at(k).Before(last))
		last = s.at(k)
	}
	require.True(t, last.Before(s.end))
	require.Equal(t, s.end, s.at(o.Events))
}

func decode(t *testing.T, e Event) record {
	t.Helper()
	var r record
	require.NoError(t, json.Unmarshal(e.JSON, &r), "%s", e.JSON)
	return r
}

func readTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		files[rel] = string(content)
		return err
	}))
	return files
}

func BenchmarkEvents(b *testing.B) {
	var n int64
	for e := range Events(Options{Events: int64(b.N)}) {
		n += int64(len(e.JSON))
	}
	b.SetBytes(n / int64(b.N))
}
