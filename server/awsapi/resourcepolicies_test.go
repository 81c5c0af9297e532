package awsapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestResourcePolicies: the policy of a store lets others in, within the account and, with their own, from outside, and
// denies whatever else allows.
func TestResourcePolicies(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main")
	statement := func(effect, principal, action string) string {
		return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"S","Effect":%q,"Principal":{"AWS":%q},"Action":%q,"Resource":%q}]}`, effect, principal, action, arn)
	}
	put := func(text string) { f.get("PutResourcePolicy", of("ResourceArn", arn, "ResourcePolicy", text)) }
	const partner = "999999999999"
	partnerKey := engine.KeyOptions{AccountID: partner, Policies: []engine.KeyPolicy{{Name: "all",
		Document: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cloudtrail:*","Resource":"*"}]}`}}}
	code := func(options engine.KeyOptions) string {
		return f.askAs(options, "GetEventDataStore", of("EventDataStore", arn)).Header().Get("x-amzn-ErrorType")
	}
	f.refused("ResourcePolicyNotFoundException", "GetResourcePolicy", of("ResourceArn", arn))
	f.refused("ResourcePolicyNotFoundException", "DeleteResourcePolicy", of("ResourceArn", arn))
	require.Equal(t, "AccessDeniedException", code(partnerKey))

	shared := statement("Allow", "arn:aws:iam::"+partner+":root", "cloudtrail:GetEventDataStore")
	require.Equal(t, of("ResourceArn", arn, "ResourcePolicy", shared), f.get("PutResourcePolicy", of("ResourceArn", arn, "ResourcePolicy", shared)))
	require.Equal(t, shared, f.get("GetResourcePolicy", of("ResourceArn", arn))["ResourcePolicy"])
	require.Empty(t, code(partnerKey))
	require.Equal(t, "AccessDeniedException", code(engine.KeyOptions{AccountID: partner}), "across accounts both must allow")
	require.Equal(t, "AccessDeniedException", code(engine.KeyOptions{}), "the policy does not name the account")

	put(statement("Allow", "arn:aws:iam::"+account+":root", "cloudtrail:GetEventDataStore"))
	require.Empty(t, code(engine.KeyOptions{}), "within the account either allows")
	put(statement("Deny", "*", "cloudtrail:geteventdatastore"))
	f.refusedAccess("GetEventDataStore", of("EventDataStore", arn))
	require.Empty(t, f.get("DeleteResourcePolicy", of("ResourceArn", arn)))
	f.get("GetEventDataStore", of("EventDataStore", arn))

	for _, tt := range []struct{ name, arn, policy, code string }{
		{"no JSON", arn, "{", "ResourcePolicyNotValidException"},
		{"no principal", arn, strings.Replace(shared, "Principal", "NotPrincipal", 1), "ResourcePolicyNotValidException"},
		{"an action that is not shared", arn, statement("Allow", "*", "cloudtrail:DeleteEventDataStore"), "ResourcePolicyNotValidException"},
		{"all actions", arn, statement("Allow", "*", "cloudtrail:*"), "ResourcePolicyNotValidException"},
		{"all but some actions", arn, strings.Replace(shared, `"Action"`, `"NotAction"`, 1), "ResourcePolicyNotValidException"},
		{"another store", arn, strings.Replace(shared, idOf(arn), absentStore, 1), "ResourcePolicyNotValidException"},
		{"too long", arn, strings.Repeat(" ", 8193), "ResourcePolicyNotValidException"},
		{"no ARN", idOf(arn), shared, "ResourceARNNotValidException"},
		{"a store that there is not", strings.Replace(arn, idOf(arn), absentStore, 1), shared, "ResourceNotFoundException"},
		{"a channel that there is not", strings.Replace(arn, "eventdatastore", "channel", 1), shared, "ResourceNotFoundException"},
		{"a trail", "arn:aws:cloudtrail:us-east-1:123456789012:trail/main", shared, "ResourceTypeNotSupportedException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := *f
			g.T = t
			g.refused(tt.code, "PutResourcePolicy", of("ResourceArn", tt.arn, "ResourcePolicy", tt.policy))
		})
	}
}

// refusedAccess asks as the root for what a policy denies even it.
func (f *fixture) refusedAccess(operation string, members map[string]any) {
	f.Helper()
	w := f.serve(f.sign(request(operation, text(f.T, members)), "cloudtrail", text(f.T, members), rootID, secret, ""))
	require.Equal(f, "AccessDeniedException", w.Header().Get("x-amzn-ErrorType"), w.Body)
}
