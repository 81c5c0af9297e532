package awsapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

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
	f.newTrail("main-trail", "TagsList", []any{of("Key", "team", "Value", "sec")})
	f.newTrail("other-trail")
	ofTrail := allow(`"cloudtrail:*"`, trailPrefix+"main-trail", "")
	byTrailTag := allow(`"cloudtrail:GetTrail"`, "*", `,"Condition":{"StringEquals":{"aws:ResourceTag/team":"sec"}}`)
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
		{"one store: query", []string{ofMine}, "StartQuery", query(idOf(mine)), ""},
		{"one store: query by its name", []string{ofMine}, "StartQuery", query("mine"), ""},
		{"one store: query in a subquery", []string{ofMine}, "StartQuery", query(idOf(mine) + " WHERE eventID IN (SELECT eventID FROM " + idOf(other) + ")"), "AccessDeniedException"},
		{"one store: query of another", []string{ofMine}, "StartQuery", query(idOf(other)), "AccessDeniedException"},
		{"one store: query of another by its name", []string{ofMine}, "StartQuery", query("other"), "AccessDeniedException"},
		{"one store: query of one that is not there", []string{ofMine}, "StartQuery", query(absentStore), "AccessDeniedException"},
		{"one store: query of a name of nothing", []string{ofMine}, "StartQuery", query("others"), "AccessDeniedException"},
		{"one store: query of a table", []string{ofMine}, "StartQuery", query("owners"), "AccessDeniedException"},
		{"one store: query of nothing", []string{ofMine}, "StartQuery", of("QueryStatement", "SELECT 1"), "AccessDeniedException"},
		{"one store: a mistake", []string{ofMine}, "StartQuery", query(idOf(mine) + " WHERE nothing = 1"), "InvalidQueryStatementException"},
		{"one store and a table", []string{ofMine, owned}, "StartQuery", query(idOf(mine) + ", owners"), ""},
		{"all: query of one that is not there", []string{all}, "StartQuery", query(absentStore), "EventDataStoreNotFoundException"},
		{"all: query of a name of nothing", []string{all}, "StartQuery", query("others"), "InvalidQueryStatementException"},
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
		{"one trail: get", []string{ofTrail}, "GetTrail", of("Name", "main-trail"), ""},
		{"one trail: by its ARN", []string{ofTrail}, "StartLogging", of("Name", trailPrefix+"main-trail"), ""},
		{"one trail: its selectors", []string{ofTrail}, "PutEventSelectors", of("TrailName", "main-trail", "EventSelectors", []any{of()}), ""},
		{"one trail: its Insights", []string{ofTrail}, "PutInsightSelectors", of("TrailName", "main-trail", "InsightSelectors", []any{}), ""},
		{"one trail: its event configuration", []string{ofTrail}, "GetEventConfiguration", of("TrailName", "main-trail"), ""},
		{"one trail: its Insights data", []string{ofTrail}, "ListInsightsData", of("InsightSource", trailPrefix+"main-trail", "DataType", "InsightsEvents"), ""},
		{"one trail: its tags", []string{ofTrail}, "AddTags", of("ResourceId", trailPrefix+"main-trail", "TagsList", []any{of("Key", "a")}), ""},
		{"one trail: another", []string{ofTrail}, "GetTrail", of("Name", "other-trail"), "AccessDeniedException"},
		{"one trail: one that is not there", []string{ofTrail}, "UpdateTrail", of("Name", "absent"), "AccessDeniedException"},
		{"one trail: tags of another", []string{ofTrail}, "AddTags", of("ResourceId", trailPrefix+"other-trail", "TagsList", []any{of("Key", "a")}), "AccessDeniedException"},
		{"one trail: create another", []string{ofTrail}, "CreateTrail", of("Name", "new-trail", "S3BucketName", "logs"), "AccessDeniedException"},
		{"one trail: list", []string{ofTrail}, "ListTrails", of(), "AccessDeniedException"},
		{"one trail: describe", []string{ofTrail}, "DescribeTrails", of("trailNameList", []any{"main-trail"}), "AccessDeniedException"},
		{"a trail's tag", []string{byTrailTag}, "GetTrail", of("Name", "main-trail"), ""},
		{"a trail without the tag", []string{byTrailTag}, "GetTrail", of("Name", "other-trail"), "AccessDeniedException"},
		{"read only: trails", []string{read}, "DescribeTrails", of(), ""},
		{"read only: stop logging", []string{read}, "StopLogging", of("Name", "main-trail"), "AccessDeniedException"},
		{"one store: federation", []string{ofMine}, "DisableFederation", get, ""},
		{"one store: federation of another", []string{ofMine}, "DisableFederation", of("EventDataStore", other), "AccessDeniedException"},
		{"one store: event configuration", []string{ofMine}, "PutEventConfiguration", get, ""},
		{"one store: Insights into another", []string{ofMine}, "PutInsightSelectors", of("EventDataStore", mine, "InsightsDestination", other, "InsightSelectors", []any{}), "AccessDeniedException"},
		{"organizations", []string{ofMine}, "RegisterOrganizationDelegatedAdmin", of("MemberAccountId", "111122223333"), "AccessDeniedException"},
		{"rates", []string{ofMine}, "ListInsightsMetricData", of("EventSource", "s3.amazonaws.com", "EventName", "PutObject", "InsightType", "ApiCallRateInsight"), "AccessDeniedException"},
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

// TestQueryOfAnotherAccount: who queries a store of another account by its policy is told whose it is.
func TestQueryOfAnotherAccount(t *testing.T) {
	f := newFixture(t)
	arn := f.newStore("main")
	f.get("PutResourcePolicy", of("ResourceArn", arn, "ResourcePolicy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"999999999999"},`+
		`"Action":["cloudtrail:StartQuery","cloudtrail:DescribeQuery","cloudtrail:CancelQuery"],"Resource":"`+arn+`"}]}`))
	other := engine.KeyOptions{AccountID: "999999999999", Policies: []engine.KeyPolicy{{Name: "all", Document: `{"Statement":{"Effect":"Allow","Action":"cloudtrail:*","Resource":"*"}}`}}}
	asked := func(operation string, members map[string]any) (out map[string]any) {
		w := f.askAs(other, operation, members)
		require.Equal(t, 200, w.Code, w.Body)
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
		require.Equal(t, account, out["EventDataStoreOwnerAccountId"])
		return out
	}
	release := f.takeTurns()
	defer release()
	started := asked("StartQuery", of("QueryStatement", "SELECT count(*) FROM "+idOf(arn), "EventDataStoreOwnerAccountId", account))
	asked("DescribeQuery", of("QueryId", started["QueryId"]))
	asked("CancelQuery", of("QueryId", started["QueryId"]))
	require.NotContains(t, f.get("DescribeQuery", of("QueryId", started["QueryId"])), "EventDataStoreOwnerAccountId")
	w := f.askAs(other, "GetQueryResults", of("QueryId", started["QueryId"]))
	require.Equal(t, "AccessDeniedException", w.Header().Get("x-amzn-ErrorType"), "the store's policy does not say so")
}

// TestRefusedNamesSayNothing: who has no right gets the same answer for what there is and for what there is not.
func TestRefusedNamesSayNothing(t *testing.T) {
	f := newFixture(t)
	mine := f.newStore("mine")
	other := f.newStore("other")
	document := `{"Statement":{"Effect":"Allow","Action":"cloudtrail:*","Resource":"` + mine + `"}}`
	options := engine.KeyOptions{AccountID: account, Principal: "arn:aws:iam::" + account + ":user/ann", Policies: []engine.KeyPolicy{{Name: "p", Document: document}}}
	said := func(name string) string {
		body := f.askAs(options, "StartQuery", of("QueryStatement", "SELECT 1 FROM "+name)).Body.String()
		require.Contains(t, body, "AccessDeniedException")
		return strings.ReplaceAll(body, name, "NAME")
	}
	require.Equal(t, said(idOf(other)), said(absentStore))
	require.Equal(t, said("other"), said("absent"))
	require.NotContains(t, said(idOf(other)), "other")
	w := f.askAs(options, "StartQuery", of("QueryStatement", "SELECT table_name FROM information_schema.tables, "+idOf(mine)))
	require.Equal(t, 200, w.Code, w.Body)
	var started struct{ QueryId string }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &started))
	f.wait(started.QueryId, "FINISHED")
	require.NotContains(t, text(t, f.get("GetQueryResults", of("QueryId", started.QueryId))), `"other"`)
}

// TestRightsWhenTheTurnComes: what a caller may is looked at again when a query begins to run: not at all with a key that was
// revoked or has expired since, and not of a store whose policy denies it now.
func TestRightsWhenTheTurnComes(t *testing.T) {
	f := newFixture(t)
	ctx := context.Background()
	arn := f.newStore("main")
	document := `{"Statement":{"Effect":"Allow","Action":"cloudtrail:*","Resource":"*"}}`
	policies := []engine.KeyPolicy{{Name: "p", Document: document}}
	for _, tt := range []struct {
		name string
		then func(t *testing.T, keyID string)
		want string // in the error; "": it finishes
	}{
		{"nothing", func(*testing.T, string) {}, ""},
		{"revoked", func(t *testing.T, id string) { require.NoError(t, f.lake.Keys().Revoke(ctx, id)) }, "was revoked"},
		{"expired", func(*testing.T, string) { f.clock.Pass(16 * time.Minute) }, "has expired"},
		{"denied by the store", func(t *testing.T, _ string) {
			f.get("PutResourcePolicy", of("ResourceArn", arn, "ResourcePolicy", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::`+
				account+`:user/ann"},"Action":"cloudtrail:StartQuery","Resource":"`+arn+`"}]}`))
		}, "Access Denied"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			release := f.takeTurns()
			defer release()
			key, secrets, err := f.lake.Keys().Create(ctx, engine.KeyOptions{Principal: "arn:aws:iam::" + account + ":user/ann", Policies: policies, Session: 15 * time.Minute})
			require.NoError(t, err)
			body := text(t, of("QueryStatement", "SELECT count(*) FROM "+idOf(arn)))
			w := f.serve(f.sign(request("StartQuery", body), "cloudtrail", body, key.ID, secrets.Secret, secrets.Token))
			require.Equal(t, 200, w.Code, w.Body)
			var started struct{ QueryId string }
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &started))
			require.Equal(t, "QUEUED", f.get("DescribeQuery", of("QueryId", started.QueryId))["QueryStatus"])
			tt.then(t, key.ID)
			release()
			if tt.want == "" {
				f.wait(started.QueryId, "FINISHED")
				return
			}
			state, name := "CANCELLED", "USER_CANCELED" // by the end of the key
			if tt.want == "Access Denied" {
				state, name = "FAILED", "PERMISSION_DENIED"
			}
			message := f.wait(started.QueryId, state)["ErrorMessage"]
			require.Contains(t, message, tt.want)
			require.Contains(t, message, name)
		})
	}
}

// takeTurns takes the turns of all ten queries that may be at work, and the five for users of whom nothing is, until release.
func (f *fixture) takeTurns() (release func()) {
	f.Helper()
	taken, done := make(chan struct{}), make(chan struct{})
	var waiting sync.WaitGroup
	take := func(user string) {
		waiting.Go(func() {
			rows, err := f.lake.Query(context.Background(), "SELECT 1", engine.User(user), engine.CapScan(func(context.Context) ([]engine.ScanCap, error) {
				taken <- struct{}{}
				<-done
				return nil, nil
			}))
			if err == nil {
				_ = rows.Close()
			}
		})
	}
	for range 10 {
		take("of many")
	}
	for range 10 {
		<-taken
	}
	for i := range 5 {
		take(fmt.Sprint("of one ", i))
		<-taken
	}
	return sync.OnceFunc(func() {
		close(done)
		waiting.Wait()
	})
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
