package awsapi_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// TestRights: a key may do what its policies allow, about what they name, and nothing else.
func TestRights(t *testing.T) {
	f := newFixture(t)
	mine := f.newStore("mine", "TagsList", []any{of("Key", "team", "Value", "sec")})
	other := f.newStore("other")
	owners := filepath.Join(t.TempDir(), "owners.csv")
	require.NoError(t, os.WriteFile(owners, []byte("a\n1\n"), 0o600))
	_, err := f.lake.Tables().Create(context.Background(), engine.TableOptions{Name: "owners", Path: owners})
	require.NoError(t, err)

	managed := func(name string) string {
		document, ok := policy.Managed(name)
		require.True(t, ok)
		return document
	}
	allow := func(action, resource, condition string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":` + action + `,"Resource":"` + resource + `"` + condition + `}]}`
	}
	read, full := managed("AWSCloudTrail_ReadOnlyAccess"), managed("AWSCloudTrail_FullAccess")
	ofMine := allow(`"cloudtrail:*"`, mine, "")
	all := allow(`"cloudtrail:*"`, "*", "")
	noDeletes := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"cloudtrail:delete*","Resource":"*"}]}`
	byTag := allow(`"cloudtrail:GetEventDataStore"`, "*", `,"Condition":{"StringEquals":{"aws:ResourceTag/team":"sec"}}`)
	byRequestTag := allow(`"cloudtrail:CreateEventDataStore"`, "arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/*", `,"Condition":{"StringEquals":{"aws:RequestTag/team":"sec"}}`)
	byAddress := allow(`"cloudtrail:ListEventDataStores"`, "*", `,"Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`)
	byTLS := allow(`"cloudtrail:ListEventDataStores"`, "*", `,"Condition":{"Bool":{"aws:SecureTransport":"true"}}`)
	tables := allow(`"auditlake:ReadTable"`, "*", "")
	owned := allow(`"auditlake:ReadTable"`, access.TableARN(f.lake, "owners"), "")
	notOwned := allow(`"auditlake:ReadTable"`, access.TableARN(f.lake, "other"), "")
	get, absent := of("EventDataStore", mine), of("EventDataStore", strings.Replace(mine, idOf(mine), absentStore, 1))
	query := func(from string) map[string]any { return of("QueryStatement", "SELECT count(*) FROM "+from) }
	for _, tt := range []struct {
		name      string
		policies  []string
		operation string
		members   map[string]any
		want      string // error; "": it is allowed
	}{
		{"none", nil, "ListEventDataStores", of(), "AccessDeniedException"},
		{"read only: list", []string{read}, "ListEventDataStores", of(), ""},
		{"read only: get", []string{read}, "GetEventDataStore", get, ""},
		{"read only: get what is not there", []string{read}, "GetEventDataStore", absent, "EventDataStoreNotFoundException"},
		{"read only: create", []string{read}, "CreateEventDataStore", of("Name", "new"), "AccessDeniedException"},
		{"read only: query", []string{read}, "StartQuery", query(idOf(mine)), "AccessDeniedException"},
		{"full: query", []string{full}, "StartQuery", query(idOf(mine) + ", " + idOf(other)), ""},
		{"full: query a table", []string{full}, "StartQuery", query("owners"), "AccessDeniedException"},
		{"full and tables", []string{full, tables}, "StartQuery", query("owners"), ""},
		{"a reference table by its name", []string{all, owned}, "StartQuery", query("owners"), ""},
		{"another reference table", []string{all, notOwned}, "StartQuery", query("owners"), "AccessDeniedException"},
		{"tables alone", []string{tables}, "StartQuery", query("owners"), "AccessDeniedException"},
		{"one store: get", []string{ofMine}, "GetEventDataStore", get, ""},
		{"one store: by its id", []string{ofMine}, "GetEventDataStore", of("EventDataStore", idOf(mine)), ""},
		{"one store: another", []string{ofMine}, "GetEventDataStore", of("EventDataStore", other), "AccessDeniedException"},
		{"one store: one that is not there", []string{ofMine}, "GetEventDataStore", absent, "AccessDeniedException"},
		{"one store: list", []string{ofMine}, "ListEventDataStores", of(), "AccessDeniedException"},
		{"one store: its queries", []string{ofMine}, "ListQueries", get, ""},
		{"one store: queries of another", []string{ofMine}, "ListQueries", of("EventDataStore", other), "AccessDeniedException"},
		{"one store: tags", []string{ofMine}, "AddTags", of("ResourceId", mine, "TagsList", []any{of("Key", "a")}), ""},
		{"one store: tags of two", []string{ofMine}, "ListTags", of("ResourceIdList", []any{mine, other}), "AccessDeniedException"},
		{"a denial", []string{all, noDeletes}, "DeleteEventDataStore", get, "AccessDeniedException"},
		{"beside a denial", []string{all, noDeletes}, "UpdateEventDataStore", of("EventDataStore", mine, "RetentionPeriod", 90), ""},
		{"a resource's tag", []string{byTag}, "GetEventDataStore", get, ""},
		{"a resource without the tag", []string{byTag}, "GetEventDataStore", of("EventDataStore", other), "AccessDeniedException"},
		{"a request's tag", []string{byRequestTag}, "CreateEventDataStore", of("Name", "tagged", "TagsList", []any{of("Key", "team", "Value", "sec")}), ""},
		{"a request without the tag", []string{byRequestTag}, "CreateEventDataStore", of("Name", "untagged"), "AccessDeniedException"},
		{"the right address", []string{byAddress}, "ListEventDataStores", of(), ""}, // httptest's is 192.0.2.1
		{"without TLS", []string{byTLS}, "ListEventDataStores", of(), "AccessDeniedException"},
		{"imports", []string{all}, "ListImports", of(), ""},
		{"imports of one store", []string{ofMine}, "ListImports", of(), "AccessDeniedException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			options := engine.KeyOptions{}
			for _, document := range tt.policies {
				options.Policies = append(options.Policies, engine.KeyPolicy{Name: "a policy", Document: document})
			}
			w := f.askAs(options, tt.operation, tt.members)
			require.Equal(t, tt.want, w.Header().Get("x-amzn-ErrorType"), w.Body)
			if tt.want == "AccessDeniedException" {
				require.Equal(t, 403, w.Code)
				require.Contains(t, w.Body.String(), "is not authorized to perform: ")
			}
		})
	}
	w := f.askAs(engine.KeyOptions{AccountID: "999999999999", Policies: []engine.KeyPolicy{{Name: "all", Document: all}}}, "GetEventDataStore", get)
	require.Equal(t, "AccessDeniedException", w.Header().Get("x-amzn-ErrorType"), "another account needs the store's policy, too")

	id := f.start("SELECT count(*) FROM " + idOf(other))
	f.wait(id, "FINISHED")
	for _, operation := range []string{"DescribeQuery", "GetQueryResults", "CancelQuery"} {
		w := f.askAs(engine.KeyOptions{Policies: []engine.KeyPolicy{{Name: "mine", Document: ofMine}}}, operation, of("QueryId", id))
		require.Equal(t, "AccessDeniedException", w.Header().Get("x-amzn-ErrorType"), "%s of a query of another store", operation)
	}
}

// askAs asks with a new key.
func (f *fixture) askAs(options engine.KeyOptions, operation string, members map[string]any) *httptest.ResponseRecorder {
	f.Helper()
	key, secrets, err := f.lake.Keys().Create(context.Background(), options)
	require.NoError(f, err)
	text, err := json.Marshal(members)
	require.NoError(f, err)
	return f.serve(f.sign(request(operation, string(text)), "cloudtrail", string(text), key.ID, secrets.Secret, ""))
}
