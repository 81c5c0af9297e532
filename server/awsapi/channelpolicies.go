package awsapi

import (
	"encoding/json"
	"strings"

	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// Limits of the policy of a channel.
const (
	maxChannelStatements = 20
	maxChannelPrincipals = 50
	pushAction           = "cloudtrail-data:putauditevents" // in lower case
	externalIDKey        = "cloudtrail:externalid"          // in lower case
)

// policyStatement is what is checked in resources' policies beyond the rules for all policies.
type policyStatement struct {
	Action      oneOrMore[string]
	NotAction   json.RawMessage
	Resource    oneOrMore[string]
	NotResource json.RawMessage
	Principal   json.RawMessage
	Condition   map[string]map[string]oneOrMore[string]
}

func policyStatements(text string) ([]policyStatement, error) {
	var document struct{ Statement oneOrMore[policyStatement] }
	err := json.Unmarshal([]byte(text), &document)
	return document.Statement, err
}

// checkChannelPolicy refuses a policy that does not fit a channel: it may be about pushing through that channel
// only.
func checkChannelPolicy(text, arn string) error {
	refuse := func(reason string) error {
		return fail("ResourcePolicyNotValidException", "%s", oneLine("policy: "+reason))
	}
	if _, err := policy.ParseResource(text); err != nil {
		return fail("ResourcePolicyNotValidException", "%s", oneLine(err.Error()))
	}
	statements, err := policyStatements(text)
	if err != nil {
		return refuse(err.Error())
	}
	if len(statements) > maxChannelStatements {
		return refuse("the policy of a channel has at most 20 statements")
	}
	for _, s := range statements {
		switch {
		case s.NotAction != nil || len(s.Action) != 1 || strings.ToLower(s.Action[0]) != pushAction:
			return refuse("the policy of a channel is about cloudtrail-data:PutAuditEvents alone")
		case s.NotResource != nil || len(s.Resource) != 1 || s.Resource[0] != arn:
			return refuse("Resource must be " + arn)
		case principals(s.Principal) > maxChannelPrincipals:
			return refuse("a statement has at most 50 principals")
		}
		for operator, keys := range s.Condition {
			for key := range keys {
				if strings.ToLower(key) == externalIDKey && operator != "StringEquals" {
					return refuse("cloudtrail:ExternalId is compared by StringEquals")
				}
			}
		}
	}
	return nil
}

// principals counts the principals of a statement.
func principals(text json.RawMessage) (n int) {
	var kinds map[string]oneOrMore[string]
	if json.Unmarshal(text, &kinds) != nil {
		return 1 // "*"
	}
	for _, names := range kinds {
		n += len(names)
	}
	return n
}

// externalIDs returns the external ids that a channel's policy requires.
func externalIDs(text string) map[string]bool {
	ids := map[string]bool{}
	if text == "" {
		return ids
	}
	statements, _ := policyStatements(text) // was checked when it was set
	for _, s := range statements {
		for _, keys := range s.Condition {
			for key, values := range keys {
				for _, value := range values {
					if strings.ToLower(key) == externalIDKey {
						ids[value] = true
					}
				}
			}
		}
	}
	return ids
}
