package policy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParse: no text makes parsing or deciding fail other than by an *InvalidError; what is parsed decides the same each time, and one
// statement that denies everything always wins.
func FuzzParse(f *testing.F) {
	for _, row := range rows(f, "statements.txt", 5) {
		f.Add(documentOf(f, row[1]))
		f.Add(documentOf(f, row[2]))
	}
	for _, row := range rows(f, "refused.txt", 4) {
		f.Add(row[2])
	}
	denyAll, err := ParseIdentity(`{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`)
	require.NoError(f, err)
	requests := []*Request{
		requestOf(f, "-"), requestOf(f, "resource=* action=auditlake:ReadTable ip=none"), {},
		requestOf(f, "service=cloudtrail.amazonaws.com sourcearn=arn:aws:a:b:c:d"),
		requestOf(f, "tag:a=1 tag:A=2 req:a=* owner=999999999999 principal=arn:aws:sts::111111111111:assumed-role/r/s"),
	}
	f.Fuzz(func(t *testing.T, text string) {
		identity, err := ParseIdentity(text)
		if err != nil {
			require.ErrorAs(t, err, new(*InvalidError))
		}
		resource, err := ParseResource(text)
		if err != nil {
			require.ErrorAs(t, err, new(*InvalidError))
		}
		for _, r := range requests {
			var named []Named
			if identity != nil {
				named = []Named{{"p", identity}}
			}
			first := Evaluate(r, named, resource)
			require.Equal(t, first, Evaluate(r, named, resource))
			require.False(t, first.Allowed && first.ByDeny)
			require.NotEmpty(t, first.Reason)
			require.Equal(t, "deny", outcomeOfDecision(Evaluate(r, append(named, Named{"deny", denyAll}), resource)))
		}
	})
}
