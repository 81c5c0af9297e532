package access_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// TestServiceStatement: what is added to a policy lets the service act for one dashboard alone, and what the policy said before holds.
func TestServiceStatement(t *testing.T) {
	f := newFixture(t)
	one := &engine.Dashboard{Name: "one", Partition: "aws", Region: "us-east-1", AccountID: f.lake.AccountID()}
	other := &engine.Dashboard{Name: "other", Partition: "aws", Region: "us-east-1", AccountID: f.lake.AccountID()}
	const resource = "arn:aws:cloudtrail:us-east-1:000000000000:eventdatastore/x"
	deny := `{"Effect": "Deny", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "cloudtrail:StartQuery"}`
	allow := `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "cloudtrail:StartQuery"}`
	for _, tt := range []struct {
		name, before string
		allowed      bool
	}{
		{"no policy", "", true},
		{"a statement", `{"Version": "2012-10-17", "Statement": ` + allow + `}`, true},
		{"statements", `{"Version": "2012-10-17", "Id": "mine", "Statement": [` + allow + `, ` + allow + `]}`, true},
		{"a statement against it", `{"Version": "2012-10-17", "Statement": [` + deny + `]}`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, err := access.WithServiceStatement(tt.before, access.StartQueryAction, one)
			require.NoError(t, err)
			require.Equal(t, tt.allowed, access.AllowsService(access.ServiceRequest(f.lake, one, access.StartQueryAction, resource, nil), text) == nil, text)
			require.Error(t, access.AllowsService(access.ServiceRequest(f.lake, other, access.StartQueryAction, resource, nil), text))
			require.Error(t, access.AllowsService(access.ServiceRequest(f.lake, one, access.RefreshAction, resource, nil), text))
			if tt.before != "" && tt.allowed {
				require.Contains(t, text, "111122223333")
			}
		})
	}
	_, err := access.WithServiceStatement("no policy", access.StartQueryAction, one)
	require.Error(t, err)
	require.ErrorContains(t, access.AllowsService(policy.Request{Resource: resource}, "no policy"), "cannot be read")
}
