package samples_test

import (
	"bufio"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/dashboards"
	"github.com/auditlake/auditlake/engine/samples"
)

// TestLibrary: there are enough questions, each is planned over a store of its category, and no two are the same question: their plans differ.
func TestLibrary(t *testing.T) {
	ctx := context.Background()
	lake, err := engine.Open(ctx, t.TempDir(), engine.Options{})
	require.NoError(t, err)
	defer lake.Close()
	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "events"})
	require.NoError(t, err)
	stores := map[string]string{"Management": "events", "Data": "events"}
	for _, category := range []string{"Insight", "ConfigurationItem", "Evidence", "ActivityAuditLog"} {
		stores[category] = strings.ToLower(category)
		_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: stores[category], Category: category})
		require.NoError(t, err)
	}
	ofDashboards := 0
	for _, m := range dashboards.ManagedDashboards() {
		ofDashboards += len(m.Widgets)
	}
	require.GreaterOrEqual(t, len(samples.All())-ofDashboards, 120, "questions that no managed dashboard asks")
	names, plans, themes := map[string]bool{}, map[string]string{}, map[string]int{}
	for _, s := range samples.All() {
		require.False(t, names[s.Name], s.Name)
		names[s.Name] = true
		themes[s.Theme]++
		require.Regexp(t, `^[A-Z].*\.$`, s.Description, s.Name)
		requireTags(t, s)
		require.Contains(t, stores, s.Category, s.Name)
		sql := s.SQL(stores[s.Category])
		require.NotRegexp(t, `\$[A-Za-z]`, sql, s.Name)
		plan, err := lake.Explain(ctx, sql, false)
		require.NoError(t, err, "%s: %s", s.Name, sql)
		plan = numbers.ReplaceAllString(plan, "")
		require.Empty(t, plans[plan], "%s has the plan of another question", s.Name)
		plans[plan] = s.Name
	}
	require.GreaterOrEqual(t, len(themes), 15)
}

// requireTags wants two terms of the trade among the tags of a sample; the others are ids of techniques.
func requireTags(t *testing.T, s *samples.Sample) {
	t.Helper()
	terms := 0
	for _, tag := range s.Tags {
		require.Regexp(t, `^(T\d{4}(\.\d{3})?|[a-z0-9][a-z0-9 -]*)$`, tag, s.Name)
		if !strings.HasPrefix(tag, "T") {
			terms++
		}
	}
	require.GreaterOrEqual(t, terms, 2, s.Name)
}

// numbers are those of a plan that say when it was made.
var numbers = regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+`)

// TestSearch: the three samples that each phrase of testdata/phrases.txt finds first.
func TestSearch(t *testing.T) {
	in, err := os.Open("testdata/phrases.txt")
	require.NoError(t, err)
	defer in.Close()
	count := 0
	for lines := bufio.NewScanner(in); lines.Scan(); count++ {
		phrase, want, found := strings.Cut(lines.Text(), " | ")
		require.True(t, found, lines.Text())
		var got []string
		hits := samples.Search(phrase)
		for i, hit := range hits {
			require.True(t, hit.Relevance > 0 && hit.Relevance <= 1, "%s: %v", phrase, hit.Relevance)
			if i < 3 {
				got = append(got, hit.Name)
			}
		}
		require.Equal(t, want, strings.Join(got, " | "), phrase)
	}
	require.GreaterOrEqual(t, count, 40)
	require.Empty(t, samples.Search("zebra stripes"))
	require.Empty(t, samples.Search("the of and"))
	require.Empty(t, samples.Search(""))
}

// TestTags: the words of the trade and the ids of MITRE ATT&CK find the questions that are tagged with them.
func TestTags(t *testing.T) {
	for _, test := range []struct {
		phrase string
		want   []string
	}{
		{"exfiltration", []string{"Snapshot exfiltration", "Snapshot sharing changes", "AMI sharing changes", "S3 downloads by bucket", "S3 replication rules", "Resources shared through RAM"}},
		{"persistence", []string{"New access keys", "New IAM users", "New IAM roles", "Trust policy changes", "Public Lambda functions", "Key created, then logging stopped"}},
		{"lateral movement", []string{"Role chaining", "Roles assumed from other accounts", "Remote commands on instances", "Top cross-account access"}},
		{"brute force", []string{"Successful brute-force sign-ins", "Failed ConsoleLogin attempts", "Failed ConsoleLogin attempts by IP address"}},
		{"password guessing", []string{"Successful brute-force sign-ins"}},
		{"T1078", []string{"Console sign-ins without MFA", "Impossible travel", "Dormant access keys", "Root user activity", "New source addresses of IAM users"}},
		{"t1098.001", []string{"New access keys", "Console passwords set", "Key created, then logging stopped"}},
		{"T1562.008", []string{"Logging disabled", "VPC flow logs deleted", "Potential CloudTrail disabling actions"}},
		{"privilege escalation", []string{"New administrators", "Managed policy versions", "Roles passed to compute services"}},
		{"defense evasion", []string{"Detection disabled", "Logging disabled", "Rarely used Regions"}},
		{"ransomware", []string{"Backups and snapshots deleted", "S3 versioning suspended"}},
		{"cryptomining", []string{"EC2 instances launched"}},
		{"enumeration", []string{"Reconnaissance"}},
		{"threat hunting", []string{"Calls from an address range"}},
	} {
		t.Run(test.phrase, func(t *testing.T) {
			var found []string
			for _, hit := range samples.Search(test.phrase) {
				if hit.Relevance > 0.6 {
					found = append(found, hit.Name)
				}
			}
			require.Subset(t, found, test.want)
		})
	}
}

// FuzzSearch: whatever somebody types, a search ends, and finds the most relevant first.
func FuzzSearch(f *testing.F) {
	f.Add("console login")
	f.Add("who deleted S3 buckets?")
	f.Add("İ\xff'\"")
	f.Fuzz(func(t *testing.T, phrase string) {
		before := 1.0
		for _, hit := range samples.Search(phrase) {
			require.LessOrEqual(t, hit.Relevance, before)
			before = hit.Relevance
		}
	})
}
