package policy

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const testStore = "arn:aws:cloudtrail:us-east-1:111111111111:eventdatastore/3f2c0000-0000-4000-8000-000000000001"

// rows reads the rows of a table in testdata/policy, each with its cells; the first is the row's name.
func rows(t testing.TB, name string, cells int) (all [][]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "policy", name))
	require.NoError(t, err)
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(strings.TrimRight(line, "\n"), " | ")
		require.Len(t, row, cells, line)
		require.False(t, seen[row[0]], "two rows are called %q", row[0])
		seen[row[0]] = true
		all = append(all, row)
	}
	return all
}

// requestOf reads a request: alice's, except for what the text says.
func requestOf(t testing.TB, text string) *Request {
	t.Helper()
	r := &Request{
		Action: "cloudtrail:StartQuery", Resource: testStore, ResourceAccount: "111111111111",
		Principal: Principal{ARN: "arn:aws:iam::111111111111:user/alice", Account: "111111111111"},
		SourceIP:  netip.MustParseAddr("203.0.113.7"), Now: time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC), SecureTransport: true,
	}
	for _, word := range strings.Fields(text) {
		name, value, _ := strings.Cut(word, "=")
		if key, isTag := strings.CutPrefix(name, "tag:"); isTag {
			r.ResourceTags = append(r.ResourceTags, Tag{key, value})
			continue
		}
		if key, isTag := strings.CutPrefix(name, "req:"); isTag {
			r.RequestTags = append(r.RequestTags, Tag{key, value})
			continue
		}
		switch name {
		case "-":
		case "action":
			r.Action = value
		case "resource":
			r.Resource = value
		case "owner":
			r.ResourceAccount = value
		case "principal":
			r.Principal.ARN = value
		case "userid":
			r.Principal.UserID = value
		case "root":
			r.Principal.IsRoot = true
		case "service":
			r.Principal = Principal{Service: value}
		case "sourcearn":
			r.SourceARN = value
		case "sourceaccount":
			r.SourceAccount = value
		case "ext":
			r.ExternalID = value
		case "tls":
			r.SecureTransport = value == "true"
		case "ip":
			r.SourceIP, _ = netip.ParseAddr(value)
		default:
			require.Fail(t, "a request has no "+name)
		}
	}
	return r
}

// outcomeOfDecision names a decision as the tables do.
func outcomeOfDecision(d Decision) string {
	switch {
	case d.Allowed:
		return "allow"
	case d.ByDeny:
		return "deny"
	}
	return "none"
}

// TestConditions: each row's condition holds, or does not, in a statement that allows and in one that denies.
func TestConditions(t *testing.T) {
	for _, row := range rows(t, "conditions.txt", 4) {
		t.Run(row[0], func(t *testing.T) {
			r := requestOf(t, row[2])
			allow, deny, both := strings.Cut(row[3], " ")
			if !both {
				deny = allow
			}
			allowing := `{"Effect":"Allow","Action":"*","Resource":"*","Condition":` + row[1] + `}`
			denying := `{"Effect":"Allow","Action":"*","Resource":"*"},` + strings.Replace(allowing, "Allow", "Deny", 1)
			for _, c := range []struct{ statements, holds, if_, ifNot string }{{allowing, allow, "allow", "none"}, {denying, deny, "deny", "allow"}} {
				require.Contains(t, []string{"yes", "no"}, c.holds)
				want := c.ifNot
				if c.holds == "yes" {
					want = c.if_
				}
				require.Equal(t, want, outcomeOfDecision(Evaluate(r, identityOf(t, c.statements), nil)), c.statements)
			}
		})
	}
}

// documentOf is the text of a policy of statements, or of a managed one.
func documentOf(t testing.TB, statements string) string {
	t.Helper()
	if name, isManaged := strings.CutPrefix(statements, "managed:"); isManaged {
		text, ok := Managed(name)
		require.True(t, ok)
		return text
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.ReplaceAll(statements, "STORE", testStore) + `]}`
}

func identityOf(t testing.TB, statements string) []Named {
	t.Helper()
	if statements == "-" {
		return nil
	}
	d, err := ParseIdentity(documentOf(t, statements))
	require.NoError(t, err)
	return []Named{{"p", d}}
}

func resourceOf(t testing.TB, statements string) *Document {
	t.Helper()
	if statements == "-" {
		return nil
	}
	d, err := ParseResource(documentOf(t, statements))
	require.NoError(t, err)
	return d
}

func TestStatements(t *testing.T) {
	for _, row := range rows(t, "statements.txt", 5) {
		t.Run(row[0], func(t *testing.T) {
			got := Evaluate(requestOf(t, row[3]), identityOf(t, row[1]), resourceOf(t, row[2]))
			require.Equal(t, row[4], outcomeOfDecision(got), got.Reason)
			require.NotEmpty(t, got.Reason)
		})
	}
}

func TestRefused(t *testing.T) {
	for _, row := range rows(t, "refused.txt", 4) {
		t.Run(row[0], func(t *testing.T) {
			parse := map[string]func(string) (*Document, error){"identity": ParseIdentity, "resource": ParseResource}[row[1]]
			_, err := parse(row[2])
			require.ErrorContains(t, err, row[3])
			require.ErrorAs(t, err, new(*InvalidError))
		})
	}
}

func TestLimits(t *testing.T) {
	statement := `{"Effect":"Allow","Action":"*","Resource":"*"}`
	for name, c := range map[string]struct{ text, want string }{
		"bytes":      {`{"Id":"` + strings.Repeat("a", MaxBytes) + `"}`, "bytes, more than 20480"},
		"statements": {`{"Statement":[` + strings.Repeat(statement+",", maxStatements) + statement + `]}`, "101 statements, more than 100"},
		"values":     {`{"Statement":[` + strings.Repeat("1,", maxListValues) + `1]}`, "more than 1000 values"},
		"UTF-8":      {"{\"Id\":\"\xff\"}", "not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseIdentity(c.text)
			require.ErrorContains(t, err, c.want)
		})
	}
}

// TestOldVersion: before variables came, ${…} was text.
func TestOldVersion(t *testing.T) {
	for version, want := range map[string]string{`"Version":"2012-10-17",`: "allow", `"Version":"2008-10-17",`: "none", "": "none"} {
		d, err := ParseIdentity(`{` + version + `"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:cloudtrail:us-east-1:111111111111:trail/${aws:username}"}}`)
		require.NoError(t, err)
		r := requestOf(t, "resource=arn:aws:cloudtrail:us-east-1:111111111111:trail/alice")
		require.Equal(t, want, outcomeOfDecision(Evaluate(r, []Named{{"p", d}}, nil)), version)
	}
}

// TestReason: the decision says which statement made it.
func TestReason(t *testing.T) {
	d, err := ParseIdentity(`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"NoQueries","Effect":"Deny","Action":"cloudtrail:StartQuery","Resource":"*"}]}`)
	require.NoError(t, err)
	denied := Evaluate(requestOf(t, "-"), []Named{{"alice.json", d}}, nil)
	require.Equal(t, `statement "NoQueries" of the key's policy alice.json denies it`, denied.Reason)
	allowed := Evaluate(requestOf(t, "action=cloudtrail:CancelQuery"), []Named{{"alice.json", d}}, nil)
	require.Equal(t, `statement 1 of the key's policy alice.json allows it`, allowed.Reason)
}

// TestManaged: the policies inside the program are valid, and each has a name in the list.
func TestManaged(t *testing.T) {
	files, err := managedFiles.ReadDir("managed")
	require.NoError(t, err)
	require.Len(t, ManagedNames(), len(files))
	for _, name := range ManagedNames() {
		text, ok := Managed(name)
		require.True(t, ok)
		_, err := ParseIdentity(text)
		require.NoError(t, err)
	}
	_, ok := Managed("../managed")
	require.False(t, ok)
}
