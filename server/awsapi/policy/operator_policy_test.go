package policy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOperatorPolicy: the policy for operators is about metrics, usage, reference tables and the activity store alone.
func TestOperatorPolicy(t *testing.T) {
	for _, tt := range []struct {
		action, resource, store string
		want                    bool
	}{
		{"auditlake:ReadMetrics", "*", "", true},
		{"auditlake:ReadUsage", "*", "", true},
		{"auditlake:ReadTable", "arn:aws:auditlake:eu-west-1:111122223333:table/owners", "", true},
		{"cloudtrail:StartQuery", TestStore, "auditlake_activity", true},
		{"cloudtrail:GetQueryResults", TestStore, "auditlake_activity", true},
		{"cloudtrail:StartQuery", TestStore, "main", false},
		{"cloudtrail:StartQuery", "*", "", false},
		{"cloudtrail:UpdateEventDataStore", TestStore, "auditlake_activity", false},
		{"cloudtrail:ListEventDataStores", "*", "", false},
		{"auditlake:ChangeSavedQuestions", "*", "", false},
	} {
		r := &Request{Action: tt.action, Resource: tt.resource, StoreName: tt.store, Principal: Principal{ARN: "arn:aws:iam::111122223333:user/op", Account: "111122223333"}}
		require.Equal(t, tt.want, Evaluate(r, []Named{{Operator, operatorDocument()}}, nil).Allowed, "%s on %s %s", tt.action, tt.resource, tt.store)
		require.Equal(t, tt.want, OperatorAllows(r), tt.action)
	}
}
