package policy

import (
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// generator makes policies and requests of few words, so that they often meet.
type generator struct{ *rand.Rand }

func (g generator) pick(from ...string) string { return from[g.IntN(len(from))] }

// one of n times.
func (g generator) oneIn(n int) bool { return g.IntN(n) == 0 }

// some picks one to three, alone or as a list.
func (g generator) some(from ...string) any {
	if g.oneIn(2) {
		return g.pick(from...)
	}
	var list []string
	for range 1 + g.IntN(3) {
		list = append(list, g.pick(from...))
	}
	return list
}

const generatedARN = "arn:aws:cloudtrail:us-east-1:111111111111:"

func (g generator) statement(isResource bool) map[string]any {
	s := map[string]any{"Effect": g.pick("Allow", "Allow", "Allow", "Deny")}
	s[g.pick("Action", "Action", "Action", "NotAction")] = g.some("*", "cloudtrail:*", "cloudtrail:Start*", "cloudtrail:*query", "CloudTrail:startquery",
		"cloudtrail:StartQuer?", "cloudtrail:GetTrail", "cloudtrail-data:*", "cloudtrail-data:PutAuditEvents", "auditlake:ReadTable", "c*:*", "s3:GetObject")
	if !isResource || !g.oneIn(3) {
		s[g.pick("Resource", "Resource", "Resource", "NotResource")] = g.some("*", generatedARN+"eventdatastore/a", generatedARN+"EventDataStore/A*", generatedARN+"eventdatastore/?",
			"arn:aws:cloudtrail:*:*:eventdatastore/*", "arn:*:*:*:*:*", "arn:aws:cloudtrail:us-*:999999999999:*", generatedARN+"trail/${aws:username}",
			generatedARN+"*/${aws:username, 'a'}", generatedARN+"trail/${aws:RequestTag/owner}")
	}
	if isResource {
		s["Principal"] = g.principal()
	}
	if !g.oneIn(3) {
		conditions := map[string]map[string]any{}
		for range 1 + g.IntN(2) {
			operator, key, values := g.condition()
			conditions[operator] = map[string]any{key: values}
		}
		s["Condition"] = conditions
	}
	return s
}

func (g generator) principal() any {
	switch g.IntN(4) {
	case 0:
		return "*"
	case 1:
		return map[string]any{"Service": g.some("cloudtrail.amazonaws.com", "s3.amazonaws.com")}
	}
	return map[string]any{"AWS": g.some("111111111111", "999999999999", "arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:user/alice",
		"arn:aws:iam::999999999999:user/bob", "arn:aws:iam::111111111111:role/ops", "arn:aws:sts::111111111111:assumed-role/ops/monday")}
}

func (g generator) condition() (operator, key string, values any) {
	freeKeys := []string{"aws:ResourceTag/owner", "aws:requesttag/Owner", "cloudtrail:ExternalId", "aws:SourceAccount"}
	switch g.IntN(7) {
	case 0:
		operator, key = g.pick("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"), g.pick(freeKeys...)
		values = g.some("1", "2", "2.0", "-1", "10")
	case 1:
		operator, key = g.pick("DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"), g.pick("aws:CurrentTime", "aws:ResourceTag/owner")
		values = g.some("2026-01-31T10:00:00Z", "2026-01-31T12:00:00+01:00", "2020-01-01T00:00:00Z")
	case 2:
		operator, key, values = "Bool", g.pick("aws:SecureTransport", "aws:ResourceTag/owner"), g.some("true", "false", "True")
	case 3:
		operator, key, values = g.pick("IpAddress", "NotIpAddress"), "aws:SourceIp", g.some("203.0.113.0/24", "10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0")
	case 4:
		operator, key = g.pick("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"), g.pick("aws:PrincipalArn", "aws:SourceArn", "aws:ResourceTag/owner")
		values = g.some("arn:aws:iam::*:user/*", "arn:aws:iam::111111111111:role/ops", "arn:aws:iam::111111111111:user/${aws:username}", generatedARN+"dashboard/d?", "arn:*:*:*:*:*")
	case 5:
		return "Null", g.pick("aws:TagKeys", "aws:SourceIp", "aws:username", "aws:ResourceTag/owner", "cloudtrail:externalid"), g.some("true", "false")
	default:
		operator = g.pick("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike")
		key = g.pick(append(freeKeys, "aws:TagKeys", "aws:TagKeys", "aws:PrincipalAccount", "aws:userid", "AWS:PrincipalArn")...)
		values = g.some("a", "A*", "*", "1", "owner", "${aws:username}", "${aws:RequestTag/owner}", "${aws:username, 'a'}", "a${*}", "?????", "111111111111", "")
	}
	if g.oneIn(3) {
		operator = g.pick("ForAllValues:", "ForAnyValue:") + operator
	}
	if g.oneIn(4) {
		operator += "IfExists"
	}
	return operator, key, values
}

func (g generator) document(t *testing.T, isResource bool) string {
	var statements []any
	for range 1 + g.IntN(3) {
		statements = append(statements, g.statement(isResource))
	}
	text, err := json.Marshal(map[string]any{"Version": Version, "Statement": statements})
	require.NoError(t, err)
	return string(text)
}

func (g generator) request() *Request {
	r := &Request{
		Action:          g.pick("cloudtrail:StartQuery", "cloudtrail:StartQuery", "cloudtrail:GetTrail", "cloudtrail-data:PutAuditEvents", "auditlake:ReadTable"),
		Resource:        g.pick("*", generatedARN+"eventdatastore/a", generatedARN+"eventdatastore/ab", generatedARN+"trail/alice", generatedARN+"trail/a*"),
		ResourceAccount: "111111111111", Now: time.Date(2026, 1, 31, 10, 0, g.IntN(2), 0, time.UTC), SecureTransport: g.oneIn(2),
		SourceARN: g.pick("", generatedARN+"dashboard/d1"), SourceAccount: g.pick("", "1", "111111111111"), ExternalID: g.pick("", "a", "2"),
	}
	switch g.IntN(6) {
	case 0:
		r.Principal = Principal{Service: "cloudtrail.amazonaws.com"}
	case 1:
		r.Principal = Principal{ARN: "arn:aws:iam::999999999999:user/bob", Account: "999999999999", UserID: "a"}
	case 2:
		r.Principal = Principal{ARN: "arn:aws:sts::111111111111:assumed-role/ops/monday", Account: "111111111111"}
	case 3:
		r.Principal = Principal{ARN: "arn:aws:iam::111111111111:root", Account: "111111111111", IsRoot: true}
	default:
		r.Principal = Principal{ARN: "arn:aws:iam::111111111111:user/team/alice", Account: "111111111111"}
	}
	if g.oneIn(2) {
		r.SourceIP = netip.MustParseAddr(g.pick("203.0.113.7", "10.1.2.3", "2001:db8::1"))
	}
	tag := func() Tag {
		return Tag{g.pick("owner", "owner", "Owner", "a"), g.pick("", "a", "alice", "A", "1", "2", "10", "true", "a*", "2026-01-31T10:00:00Z", "arn:aws:iam::111111111111:user/alice")}
	}
	for range g.IntN(3) {
		r.ResourceTags = append(r.ResourceTags, tag())
	}
	for range g.IntN(3) {
		r.RequestTags = append(r.RequestTags, tag())
	}
	return r
}

// TestGenerated: 10,000 sets of generated policies decide about requests as the naive evaluator says.
func TestGenerated(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(11, 2))}
	counts, sets := map[string]int{}, 10_000
	if testing.Short() {
		sets = 1000
	}
	for range sets {
		var texts []string
		var identity []Named
		for range g.IntN(3) {
			text := g.document(t, false)
			d, err := ParseIdentity(text)
			require.NoError(t, err, text)
			texts, identity = append(texts, text), append(identity, Named{"p", d})
		}
		resourceText, resource := "", (*Document)(nil)
		if g.oneIn(2) {
			var err error
			resourceText = g.document(t, true)
			resource, err = ParseResource(resourceText)
			require.NoError(t, err, resourceText)
		}
		for range 3 {
			r := g.request()
			want := naive(r, texts, resourceText)
			got := Evaluate(r, identity, resource)
			counts[want]++
			if outcomeOfDecision(got) != want {
				require.Equal(t, want, outcomeOfDecision(got), "%s\n%+v\n%s\n%s", got.Reason, r, texts, resourceText)
			}
		}
	}
	for _, outcome := range []string{"allow", "deny", "none"} {
		require.Greater(t, counts[outcome], sets/5, "the sets decide in all ways: %v", counts)
	}
}
