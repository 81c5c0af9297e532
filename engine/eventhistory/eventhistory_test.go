package eventhistory_test

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/engine/eventhistory"
	"github.com/auditlake/auditlake/internal/material"
)

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// fixture is a lake with a store main.
type fixture struct {
	*testing.T
	clock *clock.Clock
	lake  *engine.Lake
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{T: t, clock: clock.New(newYear)}
	var err error
	f.lake, err = engine.Open(context.Background(), t.TempDir(), engine.Options{Now: f.clock.Now, Elapsed: f.clock.Elapsed})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.lake.Close()) })
	f.create(engine.StoreOptions{Name: "main"})
	return f
}

func (f *fixture) create(o engine.StoreOptions) {
	f.Helper()
	_, err := f.lake.Stores().Create(context.Background(), o)
	require.NoError(f, err)
}

// push adds events to a store.
func (f *fixture) push(store string, events ...string) {
	f.Helper()
	var texts [][]byte
	for _, e := range events {
		texts = append(texts, []byte(e))
	}
	results, err := f.lake.Push(context.Background(), store, texts)
	require.NoError(f, err)
	for i, r := range results {
		require.Empty(f, r.Code, "%s: %s", r.Message, events[i])
	}
}

// copy imports events into a store, whatever its selectors.
func (f *fixture) copy(store string, events ...string) {
	f.Helper()
	path := filepath.Join(f.TempDir(), "events.ndjson")
	require.NoError(f, os.WriteFile(path, []byte(strings.Join(events, "\n")+"\n"), 0o644))
	r, err := f.lake.Imports().Run(context.Background(), engine.ImportOptions{Store: store, Paths: []string{path}})
	require.NoError(f, err)
	require.Empty(f, r.FailureCodes)
}

// event is the text of a management event with some members more.
func event(at time.Time, id string, members ...string) string {
	all := append([]string{fmt.Sprintf(`"eventVersion":"1.08","eventTime":%q,"eventID":%q,"eventCategory":"Management"`, at.Format(time.RFC3339Nano), id)}, members...)
	return "{" + strings.Join(all, ",") + "}"
}

// all returns all events of a lookup, page by page.
func (f *fixture) all(l engine.EventLookup) (out []*engine.HistoricEvent) {
	f.Helper()
	l.MaxEvents = cmp.Or(l.MaxEvents, 50)
	for {
		page, next, err := f.lake.EventHistory().Page(context.Background(), l)
		require.NoError(f, err)
		require.LessOrEqual(f, len(page), l.MaxEvents)
		out = append(out, page...)
		if next == nil {
			return out
		}
		require.NotEmpty(f, page)
		l.After = next
	}
}

func (f *fixture) ids(l engine.EventLookup) []string {
	f.Helper()
	ids := []string{}
	for _, e := range f.all(l) {
		ids = append(ids, e.EventID)
	}
	return ids
}

func by(pairs ...string) (out []engine.EventAttribute) {
	for pair := range slices.Chunk(pairs, 2) {
		out = append(out, engine.EventAttribute{Key: pair[0], Value: pair[1]})
	}
	return out
}

// TestUsernames: who made a request is read where identities of its type are named, and events are found by it.
func TestUsernames(t *testing.T) {
	f := newFixture(t)
	rows := []struct{ name, identity, more, want string }{
		{"IAMUser: the user's name", `"type":"IAMUser","userName":"Alice","arn":"arn:aws:iam::123456789012:user/Alice"`, "", "Alice"},
		{"Root without an alias", `"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root"`, "", "root"},
		{"Root with an alias: the alias", `"type":"Root","userName":"my-company"`, "", "my-company"},
		{"AssumedRole: the session", `"type":"AssumedRole","principalId":"AROAIDPPEZS35WEXAMPLE:AssumedRoleSessionName","arn":"arn:aws:sts::111122223333:assumed-role/RoleToBeAssumed/MySessionName","sessionContext":{"sessionIssuer":{"type":"Role","userName":"RoleToBeAssumed"}}`, "", "MySessionName"},
		{"AssumedRole with a path", `"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/team/Deployer/i-0a1b2c3d"`, "", "i-0a1b2c3d"},
		{"AssumedRole without an ARN", `"type":"AssumedRole","principalId":"AROAIDPPEZS35WEXAMPLE:nightly"`, "", "nightly"},
		{"AssumedRole of the identity centre", `"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0a1b/maria@example.com"`, "", "maria@example.com"},
		{"Role: the issuer's name", `"type":"Role","sessionContext":{"sessionIssuer":{"type":"Role","userName":"Batch"}}`, "", "Batch"},
		{"FederatedUser: the name of the session", `"type":"FederatedUser","arn":"arn:aws:sts::123456789012:federated-user/Bob","sessionContext":{"sessionIssuer":{"type":"IAMUser","userName":"Alice"}}`, "", "Bob"},
		{"Directory: can be present", `"type":"Directory","userName":"alias-or-mail@example.com"`, "", "alias-or-mail@example.com"},
		{"AWSService: not present", `"type":"AWSService","invokedBy":"autoscaling.amazonaws.com"`, "", ""},
		{"AWSAccount: not present", `"type":"AWSAccount","principalId":"AIDAQRSTUVWXYZEXAMPLE","accountId":"777788889999"`, "", ""},
		{"IdentityCenterUser: not present", `"type":"IdentityCenterUser","onBehalfOf":{"userId":"544894e8-80c1-707f-60e3-3ba6510dfac1"}`, "", ""},
		{"IdentityCenterUser: added at the sign-in", `"type":"IdentityCenterUser"`, `"additionalEventData":{"UserName":"paulo"}`, "paulo"},
		{"Unknown: can be present", `"type":"Unknown","userName":"user@example.com"`, "", "user@example.com"},
		{"SAMLUser", `"type":"SAMLUser","principalId":"SampleUkh1i4+ExamplexL/jEvs=:SamlExample","userName":"SamlExample"`, "", "SamlExample"},
		{"WebIdentityUser", `"type":"WebIdentityUser","principalId":"accounts.google.com:x","userName":"id-of-the-user"`, "", "id-of-the-user"},
		{"sign-in with a wrong name", `"type":"IAMUser","userName":"HIDDEN_DUE_TO_SECURITY_REASONS"`, "", "HIDDEN_DUE_TO_SECURITY_REASONS"},
		{"an empty name", `"type":"Root","userName":""`, "", "root"},
		{"quotes in a name", `"type":"IAMUser","userName":"O'Neill \"x\""`, "", `O'Neill "x"`},
	}
	for i, row := range rows {
		members := []string{`"userIdentity":{` + row.identity + `}`}
		if row.more != "" {
			members = append(members, row.more)
		}
		f.push("main", event(newYear.Add(-time.Duration(i)*time.Second), fmt.Sprint("e", i), members...))
	}
	got := f.all(engine.EventLookup{})
	require.Len(t, got, len(rows))
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, row.want, got[i].Username)
			if row.want != "" {
				require.Contains(t, f.ids(engine.EventLookup{Attributes: by("Username", row.want)}), got[i].EventID)
			}
		})
	}
	require.Equal(t, []string{"e1", "e18"}, f.ids(engine.EventLookup{Attributes: by("Username", "root")}))
	require.Empty(t, f.ids(engine.EventLookup{Attributes: by("Username", "")}))
}

// TestResources: events are found by the resources that they list or name in their request, of whatever spelling.
func TestResources(t *testing.T) {
	f := newFixture(t)
	ec2, s3 := `"eventSource":"ec2.amazonaws.com"`, `"eventSource":"s3.amazonaws.com"`
	rows := []struct {
		name    string
		members []string
		want    []engine.EventResource
	}{
		{"listed", []string{`"resources":[{"ARN":"arn:aws:kms:us-east-1:111122223333:key/k1","accountId":"111122223333","type":"AWS::KMS::Key"},{"ARN":"arn:aws:iam::111122223333:role/r"}]`},
			[]engine.EventResource{{Type: "AWS::KMS::Key", Name: "arn:aws:kms:us-east-1:111122223333:key/k1"}, {Name: "arn:aws:iam::111122223333:role/r"}}},
		{"listed by a prefix", []string{`"resources":[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::reports/"},{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::reports"}]`, s3, `"requestParameters":{"bucketName":"reports"}`},
			[]engine.EventResource{{Type: "AWS::S3::Object", Name: "arn:aws:s3:::reports/"}, {Type: "AWS::S3::Bucket", Name: "arn:aws:s3:::reports"}, {Type: "AWS::S3::Bucket", Name: "reports"}}},
		{"named", []string{s3, `"requestParameters":{"bucketName":"logs","key":"a"}`}, []engine.EventResource{{Type: "AWS::S3::Bucket", Name: "logs"}}},
		{"named to another service", []string{`"eventSource":"x.amazonaws.com","requestParameters":{"bucketName":"logs"}`}, nil},
		{"named within lists", []string{ec2, `"requestParameters":{"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"},{"instanceId":"i-1"},{"other":1}]}}`},
			[]engine.EventResource{{Type: "AWS::EC2::Instance", Name: "i-1"}, {Type: "AWS::EC2::Instance", Name: "i-2"}}},
		{"named as a list", []string{`"eventSource":"monitoring.amazonaws.com","requestParameters":{"alarmNames":["a","b"]}`},
			[]engine.EventResource{{Type: "AWS::CloudWatch::Alarm", Name: "a"}, {Type: "AWS::CloudWatch::Alarm", Name: "b"}}},
		{"escaped within members", []string{ec2, `"requestParameters":{"instancesSet":{"items":[{"keyName":"\u006by \"1\""}]}}`}, []engine.EventResource{{Type: "AWS::EC2::KeyPair", Name: `ky "1"`}}},
		{"of another form", []string{ec2, `"requestParameters":{"instancesSet":"i-9","groupId":7}`}, []engine.EventResource{{Type: "AWS::EC2::SecurityGroup", Name: "7"}}},
		{"no parameters", []string{ec2, `"requestParameters":null,"resources":[]`}, nil},
		{"quotes", []string{`"eventSource":"iam.amazonaws.com","requestParameters":{"userName":"O'Neill"}`}, []engine.EventResource{{Type: "AWS::IAM::User", Name: "O'Neill"}}},
	}
	for i, row := range rows {
		f.push("main", event(newYear.Add(-time.Duration(i)*time.Second), fmt.Sprint("e", i), row.members...))
	}
	got := f.all(engine.EventLookup{})
	require.Len(t, got, len(rows))
	find := func(want func(engine.EventResource) bool) []string {
		ids := []string{}
		for i, row := range rows {
			if slices.ContainsFunc(row.want, want) {
				ids = append(ids, fmt.Sprint("e", i))
			}
		}
		return ids
	}
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, row.want, got[i].Resources)
			for _, r := range row.want {
				require.Equal(t, find(func(o engine.EventResource) bool { return o.Name == r.Name }), f.ids(engine.EventLookup{Attributes: by("ResourceName", r.Name), MaxEvents: 1}))
				if r.Type != "" {
					require.Equal(t, find(func(o engine.EventResource) bool { return o.Type == r.Type }), f.ids(engine.EventLookup{Attributes: by("ResourceType", r.Type)}))
				}
			}
		})
	}
	require.Empty(t, f.ids(engine.EventLookup{Attributes: by("ResourceName", "i-9")}))
	require.Empty(t, f.ids(engine.EventLookup{Attributes: by("ResourceType", "AWS::EC2::SecurityGroup", "ResourceName", "logs")}))
}

// TestAttributes: each attribute finds its events, and several find those for which all hold.
func TestAttributes(t *testing.T) {
	f := newFixture(t)
	at := func(minutes int) time.Time { return newYear.Add(-time.Duration(minutes) * time.Minute) }
	f.copy("main",
		event(at(1), "a", `"eventName":"ListBuckets","eventSource":"s3.amazonaws.com","readOnly":true,"userIdentity":{"accessKeyId":"AKIA1"}`),
		event(at(2), "b", `"eventName":"CreateBucket","eventSource":"s3.amazonaws.com","readOnly":false,"userIdentity":{"accessKeyId":"AKIA2"}`),
		event(at(3), "c", `"eventName":"CreateUser","eventSource":"iam.amazonaws.com","readOnly":false`),
		event(at(4), "d", `"eventName":"createuser"`),
		strings.Replace(event(at(5), "e"), `"Management"`, `"Data"`, 1),
		strings.Replace(event(at(6), "f"), `,"eventCategory":"Management"`, `,"managementEvent":false`, 1),
		strings.Replace(event(at(7), "g"), `,"eventCategory":"Management"`, ``, 1),
		strings.Replace(event(at(8), "h"), `"eventID":"h",`, ``, 1))
	for _, tt := range []struct {
		attributes []engine.EventAttribute
		want       []string
	}{
		{nil, []string{"a", "b", "c", "d", "g"}},
		{by("EventId", "b"), []string{"b"}},
		{by("EventName", "CreateUser"), []string{"c"}},
		{by("EventSource", "s3.amazonaws.com"), []string{"a", "b"}},
		{by("ReadOnly", "true"), []string{"a"}},
		{by("ReadOnly", "false"), []string{"b", "c"}},
		{by("AccessKeyId", "AKIA2"), []string{"b"}},
		{by("AccessKeyId", ""), []string{}},
		{by("EventSource", "s3.amazonaws.com", "ReadOnly", "false"), []string{"b"}},
		{by("EventId", "b", "EventId", "c"), []string{}},
		{by("EventName", "' OR true --"), []string{}},
	} {
		require.Equal(t, tt.want, f.ids(engine.EventLookup{Attributes: tt.attributes}), "%v", tt.attributes)
	}
	require.Equal(t, []string{"b", "c"}, f.ids(engine.EventLookup{From: at(3), To: at(2)}), "both ends")
	got := f.all(engine.EventLookup{Attributes: by("EventId", "a")})[0]
	require.Equal(t, []string{"ListBuckets", "s3.amazonaws.com", "true", "AKIA1"}, []string{got.Name, got.Source, got.ReadOnly, got.AccessKeyID})
	require.Empty(t, f.all(engine.EventLookup{Attributes: by("EventId", "d")})[0].ReadOnly)

	for _, l := range []engine.EventLookup{
		{Attributes: by("Region", "x")}, {Attributes: by("ReadOnly", "True")}, {Category: engine.LookupInsight, Attributes: by("Username", "x")},
	} {
		_, _, err := f.lake.EventHistory().Page(context.Background(), l)
		require.ErrorIs(t, err, engine.ErrLookupAttributes)
	}
	_, _, err := f.lake.EventHistory().Page(context.Background(), engine.EventLookup{From: at(1), To: at(2)})
	require.ErrorIs(t, err, engine.ErrLookupTimeRange)
}

// TestDeliveredTwice: an event is shown once, whatever stores it is in and how often, and its text is one that arrived;
// also where the store makes texts anew.
func TestDeliveredTwice(t *testing.T) {
	f := newFixture(t)
	f.create(engine.StoreOptions{Name: "other"})
	f.create(engine.StoreOptions{Name: "anew", EventJSON: engine.EventJSONRebuilt})
	odd := `{ "eventID":"a", "eventVersion" : "1.08","eventTime":"2025-12-31T10:00:00Z","eventCategory":"Management","requestParameters":{"x":1e3,"y":"\u00e9\/"}}`
	for range 3 {
		f.push("main", odd, event(newYear, "b"))
		f.push("other", odd)
	}
	f.push("anew", event(newYear.Add(-time.Hour), "c", `"requestParameters":{"n":12345678901234567890.10}`), odd)
	for size := 1; size < 5; size++ {
		got := f.all(engine.EventLookup{MaxEvents: size})
		require.Len(t, got, 3)
		require.Equal(t, event(newYear, "b"), got[0].Text)
		require.Equal(t, event(newYear.Add(-time.Hour), "c", `"requestParameters":{"n":12345678901234567890.10}`), got[1].Text)
		require.Equal(t, odd, got[2].Text)
	}
}

// TestPagesSurviveInserts: an event that was there all the time is on one page, whatever comes between two pages.
func TestPagesSurviveInserts(t *testing.T) {
	f := newFixture(t)
	f.create(engine.StoreOptions{Name: "other"})
	random := rand.New(rand.NewSource(7))
	made := 0
	insert := func(count int) (ids []string) {
		events := map[string][]string{}
		for range count {
			made++
			age := []time.Duration{time.Minute, 2 * time.Hour, 5 * 24 * time.Hour, 80 * 24 * time.Hour}[random.Intn(4)]
			id, store := fmt.Sprintf("e%04d", random.Intn(1000)*1000+made), []string{"main", "other"}[random.Intn(2)]
			e := event(newYear.Add(-age+time.Duration(random.Intn(5))*time.Second), id)
			for range 1 + random.Intn(2) {
				events[store] = append(events[store], e)
			}
			if random.Intn(3) == 0 {
				events["main"], events["other"] = append(events["main"], e), append(events["other"], e)
			}
			ids = append(ids, id)
		}
		for _, store := range slices.Sorted(maps.Keys(events)) {
			f.push(store, events[store]...)
		}
		return ids
	}
	for range 2 {
		before := f.ids(engine.EventLookup{})
		before = append(before, insert(20)...)
		var got []*engine.HistoricEvent
		for l := (engine.EventLookup{}); ; {
			l.MaxEvents = 1 + random.Intn(6)
			page, next, err := f.lake.EventHistory().Page(context.Background(), l)
			require.NoError(t, err)
			got = append(got, page...)
			if next == nil {
				break
			}
			l.After = next
			insert(random.Intn(3))
		}
		count := map[string]int{}
		for i, e := range got {
			count[e.EventID]++
			require.Equal(t, 1, count[e.EventID])
			if i > 0 {
				last := got[i-1]
				require.Negative(t, cmp.Or(e.Time.Compare(last.Time), strings.Compare(last.EventID, e.EventID)))
			}
		}
		for _, id := range before {
			require.Equal(t, 1, count[id], id)
		}
	}
}

// TestLongTexts: a page ends where its texts are long; an event that is longer than a page comes alone.
func TestLongTexts(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	f := newFixture(t)
	for i := range 20 {
		f.push("main", event(newYear.Add(-time.Duration(i)*time.Minute), fmt.Sprint(i), fmt.Sprintf(`"requestParameters":{"x":%q}`, strings.Repeat("x", 900<<10))))
	}
	page, next, err := f.lake.EventHistory().Page(context.Background(), engine.EventLookup{MaxEvents: 50})
	require.NoError(t, err)
	require.Len(t, page, 9)
	require.Equal(t, page[8].Place, *next)
	require.Len(t, f.ids(engine.EventLookup{}), 20)
}

// TestInsights: Insights events are found where trails put them, and in stores of their own, whose texts are made of columns.
func TestInsights(t *testing.T) {
	f := newFixture(t)
	f.create(engine.StoreOptions{Name: "insights", Category: "Insight"})
	text := `{"eventVersion":"1.09","eventTime":"2025-12-31T16:52:00Z","awsRegion":"us-east-1","eventID":"i1","eventType":"AwsCloudTrailInsight","recipientAccountId":"888888888888",` +
		`"sharedEventID":"s1","insightDetails":{"state":"Start","eventSource":"cloudtrail.amazonaws.com","eventName":"DescribeQuery","insightType":"ApiErrorRateInsight",` +
		`"errorCode":"QueryIdNotFoundException","insightContext":{"statistics":{"baseline":{"average":0},"insight":{"average":1.2},"insightDuration":5,"baselineDuration":11092},` +
		`"attributions":[{"attribute":"userIdentityArn","insight":[{"value":"arn:aws:sts::888888888888:assumed-role/Admin","average":1.2}],"baseline":[]}]}},"eventCategory":"Insight"}`
	other := strings.NewReplacer(`"i1"`, `"i2"`, "16:52", "16:53", "DescribeQuery", "PutRule", "cloudtrail.amazonaws", "events.amazonaws").Replace(text)
	f.copy("insights", text)
	f.copy("main", other, event(newYear, "m"))
	got := f.all(engine.EventLookup{Category: engine.LookupInsight})
	require.Len(t, got, 2)
	require.Equal(t, other, got[0].Text)
	require.JSONEq(t, text, got[1].Text)
	require.Equal(t, []string{"i1", "DescribeQuery", "cloudtrail.amazonaws.com", ""}, []string{got[1].EventID, got[1].Name, got[1].Source, got[1].Username})
	for key, values := range map[string][2]string{"EventId": {"i1", "i2"}, "EventName": {"DescribeQuery", "PutRule"}, "EventSource": {"cloudtrail.amazonaws.com", "events.amazonaws.com"}} {
		require.Equal(t, []string{"i1"}, f.ids(engine.EventLookup{Category: engine.LookupInsight, Attributes: by(key, values[0])}))
		require.Equal(t, []string{"i2"}, f.ids(engine.EventLookup{Category: engine.LookupInsight, Attributes: by(key, values[1])}))
	}
	require.Equal(t, []string{"m"}, f.ids(engine.EventLookup{}))
}

// TestStatements: a lookup is made of statements of whoever asks, which read the newest events first and no more.
func TestStatements(t *testing.T) {
	f := newFixture(t)
	var events []string
	for i := range 60 * 24 {
		events = append(events, event(newYear.Add(-time.Duration(i)*time.Hour), fmt.Sprintf("e%05d", i)))
	}
	f.copy("main", events...)
	page, next, err := f.lake.EventHistory().Page(context.Background(), engine.EventLookup{MaxEvents: 5}, engine.User("maria"), engine.ThroughDoor("lookup"))
	require.NoError(t, err)
	require.Len(t, page, 5)
	require.NotNil(t, next)
	found, err := f.lake.Queries().List(context.Background(), engine.QueryFilter{User: "maria"})
	require.NoError(t, err)
	require.Len(t, found, 2, "one hour, eight hours more")
	for _, q := range found {
		require.Equal(t, "lookup", q.Door)
		require.Equal(t, engine.QueryFinished, q.State)
		require.Positive(t, q.BytesScanned)
		require.LessOrEqual(t, q.EventsScanned, int64(48), "two days")
	}
	_, _, err = f.lake.EventHistory().Page(context.Background(), engine.EventLookup{MaxEvents: 5}, engine.MaxBytes(1))
	var failure *engine.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, "EXCEEDED_SCAN_LIMIT", failure.Name)
}

// TestHostileLookups: no text is more than a text, and no time is more than a time.
func TestHostileLookups(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	f := newFixture(t)
	f.create(engine.StoreOptions{Name: "other"})
	f.push("main", event(newYear, "a", `"eventSource":"ec2.amazonaws.com","requestParameters":{"instancesSet":{"items":[{"instanceId":"i-1"}]},"x":"["}`))
	for _, key := range []string{"EventId", "EventName", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId"} {
		for _, value := range []string{"'", "' OR true --", "\\", "a\x00b", "\n", "?", ":x", "%", "_", "/*", "é\U0001f600", "{", "[", `"`, strings.Repeat("'", 2000), strings.Repeat("é", 2000)} {
			require.Empty(t, f.ids(engine.EventLookup{Attributes: by(key, value)}), "%s %q", key, value)
		}
	}
	require.Equal(t, []string{"a"}, f.ids(engine.EventLookup{From: time.Unix(-1<<40, 0), To: time.Unix(1<<40, 0)}))
	require.Equal(t, []string{"a"}, f.ids(engine.EventLookup{To: time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)}))
	require.Empty(t, f.ids(engine.EventLookup{From: time.Unix(1<<40, 0)}))
	require.Empty(t, f.ids(engine.EventLookup{To: time.Unix(-1<<40, 0)}))
}

// TestStoreIsDeletedMeanwhile: a lookup does without a store that goes while it is begun.
func TestStoreIsDeletedMeanwhile(t *testing.T) {
	f := newFixture(t)
	f.push("main", event(newYear, "a"))
	f.create(engine.StoreOptions{Name: "going", TerminationProtected: new(bool)})
	f.push("going", event(newYear, "b"))
	deletes := func(s *engine.Store) bool {
		if s.Name == "going" {
			require.NoError(t, f.lake.Stores().Delete(context.Background(), "going"))
		}
		return true
	}
	page, _, err := f.lake.EventHistory().Page(context.Background(), engine.EventLookup{MaxEvents: 5, MayRead: deletes})
	require.NoError(t, err)
	require.Len(t, page, 1)
}

// TestRecordedEvents: of real log files of two trails, which deliver most events twice, the event history shows each
// management event once, in its order, and with its text.
func TestRecordedEvents(t *testing.T) {
	path := filepath.Join(material.Outside(t, "events"), "sans-504-s3-ransomware-a.ndjson.gz")
	f := newFixture(t)
	texts := map[eventhistory.Place][]string{}
	for line := range gunzipLines(t, path) {
		var e struct {
			EventID, EventCategory string
			EventTime              time.Time
			ManagementEvent        *bool
		}
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		if e.EventCategory == "Management" || e.EventCategory == "" && (e.ManagementEvent == nil || *e.ManagementEvent) {
			place := eventhistory.Place{Time: e.EventTime.UTC(), EventID: e.EventID}
			texts[place] = append(texts[place], line)
		}
	}
	want := slices.SortedFunc(maps.Keys(texts), func(a, b eventhistory.Place) int {
		return cmp.Or(b.Time.Compare(a.Time), strings.Compare(a.EventID, b.EventID))
	})
	f.create(engine.StoreOptions{Name: "kept", RetentionDays: 3653})
	f.create(engine.StoreOptions{Name: "anew", RetentionDays: 3653, EventJSON: engine.EventJSONRebuilt})
	for _, store := range []string{"kept", "anew"} {
		_, err := f.lake.Imports().Run(context.Background(), engine.ImportOptions{Store: store, Paths: []string{path}})
		require.NoError(t, err)
	}
	got := f.all(engine.EventLookup{MaxEvents: 1000})
	require.Len(t, got, len(want))
	for i, e := range got {
		require.Equal(t, want[i], e.Place)
		require.Contains(t, texts[e.Place], e.Text)
	}
}

func gunzipLines(t *testing.T, path string) func(func(string) bool) {
	return func(yield func(string) bool) {
		file, err := os.Open(path)
		require.NoError(t, err)
		defer file.Close()
		plain, err := gzip.NewReader(file)
		require.NoError(t, err)
		lines := bufio.NewScanner(plain)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			if !yield(lines.Text()) {
				return
			}
		}
		require.NoError(t, lines.Err())
	}
}

// TestResourcesOfResponses: an event that makes something is found by the id that the answer gave it, and one that tags
// something by what it tags.
func TestResourcesOfResponses(t *testing.T) {
	f := newFixture(t)
	call := func(id, service, name, request, response string) string {
		return event(newYear, id, `"eventSource":"`+service+`.amazonaws.com"`, `"eventName":"`+name+`"`, `"requestParameters":`+request, `"responseElements":`+response)
	}
	f.push("main",
		call("launch", "ec2", "RunInstances", `{"instancesSet":{"items":[{"imageId":"ami-1"}]}}`,
			`{"reservationId":"r-1","instancesSet":{"items":[{"instanceId":"i-0aaa","imageId":"ami-1","subnetId":"subnet-1"},{"instanceId":"i-0bbb","imageId":"ami-1"}]}}`),
		call("stop", "ec2", "TerminateInstances", `{"instancesSet":{"items":[{"instanceId":"i-0aaa"}]}}`, `null`),
		call("volume", "ec2", "CreateVolume", `{"size":"8"}`, `{"volumeId":"vol-0bbb"}`),
		call("nat", "ec2", "CreateNatGateway", `{"CreateNatGatewayRequest":{"SubnetId":"subnet-1"}}`, `{"CreateNatGatewayResponse":{"natGateway":{"natGatewayId":"nat-1"}}}`),
		call("key", "iam", "CreateAccessKey", `{"userName":"maria"}`, `{"accessKey":{"userName":"maria","accessKeyId":"AKIAEXAMPLE","status":"Active"}}`),
		call("database", "rds", "CreateDBInstance", `{"dBInstanceIdentifier":"orders"}`, `{"dBInstanceArn":"arn:aws:rds:eu-west-1:111122223333:db:orders"}`),
		call("api", "apigateway", "CreateRestApi", `{}`, `{"id":"abcdef74gh"}`),
		call("deployment", "apigateway", "CreateDeployment", `{}`, `{"id":"abcdef74gh"}`),
		call("tags", "ec2", "CreateTags", `{"resourcesSet":{"items":[{"resourceId":"i-0aaa"},{"resourceId":"vol-0bbb"}]},"tagSet":{"items":[{"key":"k"}]}}`, `{"_return":true}`),
		call("tag", "lambda", "TagResource20170331v2", `{"resource":"arn:aws:lambda:eu-west-1:111122223333:function:f"}`, `null`),
	)
	found := func(key, value string) (ids []string) {
		events, _, err := f.lake.EventHistory().Page(context.Background(), engine.EventLookup{MaxEvents: 50, Attributes: []engine.EventAttribute{{Key: key, Value: value}}})
		require.NoError(t, err)
		for _, e := range events {
			require.True(t, slices.ContainsFunc(e.Resources, func(r engine.EventResource) bool { return r.Name == value || r.Type == value }), e.EventID)
			ids = append(ids, e.EventID)
		}
		return ids
	}
	require.Equal(t, []string{"launch", "stop", "tags"}, found("ResourceName", "i-0aaa"))
	require.Equal(t, []string{"launch"}, found("ResourceName", "i-0bbb"))
	require.Equal(t, []string{"tags", "volume"}, found("ResourceName", "vol-0bbb"))
	require.Equal(t, []string{"nat"}, found("ResourceName", "nat-1"))
	require.Equal(t, []string{"key"}, found("ResourceName", "AKIAEXAMPLE"))
	require.Equal(t, []string{"database"}, found("ResourceName", "arn:aws:rds:eu-west-1:111122223333:db:orders"))
	require.Equal(t, []string{"api"}, found("ResourceName", "abcdef74gh"))
	require.Equal(t, []string{"tag"}, found("ResourceName", "arn:aws:lambda:eu-west-1:111122223333:function:f"))
	require.Equal(t, []string{"launch", "stop", "tags"}, found("ResourceType", "AWS::EC2::Instance"))
	require.Equal(t, []string{"tag"}, found("ResourceType", "AWS::Lambda::Function"))
	require.Equal(t, []string{"api"}, found("ResourceType", "AWS::ApiGateway::RestApi"))
}
