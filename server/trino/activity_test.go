package trino_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	text "github.com/auditlake/auditlake/engine/answer"
)

// recorded asks, as the lake's owner, for what the activity has of the door.
func (c *client) recorded(columns, where string) (out []string) {
	c.t.Helper()
	ctx := context.Background()
	require.NoError(c.t, c.lake.Activity().Flush(ctx))
	rows, err := c.lake.Query(ctx, "SELECT DISTINCT concat_ws('|', "+columns+") FROM auditlake_activity WHERE eventsource = 'trino.auditlake' AND "+where+" ORDER BY 1")
	require.NoError(c.t, err)
	defer rows.Close()
	for rows.Next() {
		column := rows.Arrays()[0]
		for i := range column.Len() {
			out = append(out, string(text.AppendText(nil, rows.Columns()[0].Type, column, i)))
		}
	}
	require.NoError(c.t, rows.Err())
	return out
}

// TestStatementsAreActivity: a statement is an event with who asked, its pages are one, and who is not let in is one, too.
func TestStatementsAreActivity(t *testing.T) {
	c := doorOfLake(t, engine.Options{Activity: true}, false)
	require.Nil(t, c.ask("SELECT count(*) FROM main").Error)
	alice, key := c.as(engine.KeyOptions{Principal: "arn:aws:iam::111111111111:user/alice", Policies: policyOf(readsAll)})
	require.Nil(t, alice.ask("SELECT 'alice' FROM main LIMIT 1").Error)
	require.Nil(t, alice.ask("SET TIME ZONE 'UTC'").Error)
	require.Equal(t, http.StatusUnauthorized, c.status("SELECT 1"))
	require.Equal(t, http.StatusUnauthorized, c.with(nil, key.ID, "s3cret").status("SELECT 1"))

	const who = "useridentity.type, coalesce(useridentity.accesskeyid, 'no key'), coalesce(useridentity.username, 'no user'), sourceipaddress"
	require.Equal(t, []string{
		"IAMUser|" + key.ID + "|alice|127.0.0.1|SELECT 'alice' FROM main LIMIT 1", "IAMUser|" + key.ID + "|alice|127.0.0.1|SET TIME ZONE 'UTC'",
		"Unknown|no key|ann|127.0.0.1|SELECT count(*) FROM main",
	}, c.recorded(who+", element_at(requestparameters, 'queryStatement')", "eventname = 'RunQuery'"))
	require.Equal(t, []string{"IAMUser|" + key.ID + "|alice|127.0.0.1|true"}, c.recorded(who+`, CAST(element_at(requestparameters, 'queryId') IN
		(SELECT element_at(requestparameters, 'queryId') FROM auditlake_activity WHERE eventname = 'RunQuery') AS varchar)`,
		"eventname = 'GetPage' AND element_at(requestparameters, 'queryId') IN (SELECT element_at(requestparameters, 'queryId') FROM auditlake_activity "+
			"WHERE element_at(requestparameters, 'queryStatement') LIKE '%alice%')"))
	require.Equal(t, []string{"Unknown|no key|no user|127.0.0.1|InvalidClientTokenId|denied", "Unknown|no key|no user|127.0.0.1|MissingAuthenticationToken|denied"},
		c.recorded(who+", errorcode, element_at(additionaleventdata, 'decision')", "eventname = 'SignIn'"))
	require.Empty(t, c.recorded("eventid", "eventjson LIKE '%s3cret%'"))
}

// TestWhoReadsTheActivity: the root key and keys with a policy for it; without a key nobody does, and nobody else sees that it is there.
func TestWhoReadsTheActivity(t *testing.T) {
	c := doorOfLake(t, engine.Options{Activity: true}, false)
	const sql = "SELECT count(*) FROM auditlake_activity"
	store, err := c.lake.Stores().Get(context.Background(), engine.ActivityStoreName)
	require.NoError(t, err)
	require.Equal(t, "PERMISSION_DENIED", c.ask(sql).Error.ErrorName)
	require.Equal(t, [][]any{{"main"}, {"other"}, {"owners"}}, c.ask("SHOW TABLES").Data)
	root, err := c.lake.Keys().MakeRoot(context.Background(), func(*engine.Credential) error { return nil })
	require.NoError(t, err)
	credential, err := c.lake.Keys().Find(root.ID)
	require.NoError(t, err)
	require.Nil(t, c.with(nil, root.ID, credential.Secret).ask(sql).Error)

	statement := func(arn string) string {
		return `{"Effect":"Allow","Action":["cloudtrail:StartQuery","cloudtrail:GetQueryResults"],"Resource":"` + arn + `"}`
	}
	auditor, _ := c.as(engine.KeyOptions{Policies: policyOf(statement(store.ARN()))})
	require.Nil(t, auditor.ask(sql).Error)
	require.Equal(t, [][]any{{"auditlake_activity"}}, auditor.ask("SHOW TABLES").Data)
	main, err := c.lake.Stores().Get(context.Background(), "main")
	require.NoError(t, err)
	analyst, _ := c.as(engine.KeyOptions{Policies: policyOf(statement(main.ARN()))})
	require.Equal(t, "PERMISSION_DENIED", analyst.ask(sql).Error.ErrorName)
	require.Equal(t, [][]any{{"main"}}, analyst.ask("SHOW TABLES").Data)
}
