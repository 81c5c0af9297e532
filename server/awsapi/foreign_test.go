package awsapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// statementForms are ways to read a store or reference table, $T, beside a store that the caller may read, $M.
var statementForms = []string{
	"SELECT count(*) FROM $T",
	"SELECT * FROM $T WHERE false",
	"SELECT 1 FROM $T LIMIT 0",
	"SELECT m.eventid FROM $M m CROSS JOIN $T",
	"SELECT m.eventid FROM $M m LEFT JOIN $T ON true",
	"SELECT m.eventid FROM $T RIGHT JOIN $M m ON true",
	"SELECT count(*) FROM $M, $T",
	"SELECT eventid FROM $M WHERE EXISTS (SELECT 1 FROM $T)",
	"SELECT eventid FROM $M WHERE 1 IN (SELECT 1 FROM $T)",
	"SELECT eventid FROM $M WHERE 0 < ALL (SELECT 1 FROM $T)",
	"SELECT eventid, (SELECT count(*) FROM $T) FROM $M",
	"SELECT count(*) FROM $M HAVING count(*) > (SELECT count(*) FROM $T)",
	"WITH t AS (SELECT 1 AS x FROM $T) SELECT eventid FROM $M, t",
	"WITH RECURSIVE t(n) AS (SELECT count(*) FROM $T UNION ALL SELECT n + 1 FROM t WHERE n < 0) SELECT * FROM t, $M",
	"SELECT 1 FROM $M UNION ALL SELECT 1 FROM $T",
	"SELECT 1 FROM $M INTERSECT SELECT 1 FROM $T",
	"SELECT 1 FROM $M EXCEPT SELECT 1 FROM $T",
	"SELECT * FROM (TABLE $T) t CROSS JOIN (SELECT 1 FROM $M) m",
	"SELECT * FROM $M m, LATERAL (SELECT count(*) FROM $T WHERE m.eventid IS NOT NULL) t",
	"SELECT eventid FROM $M ORDER BY (SELECT count(*) FROM $T)",
	"SELECT CASE WHEN EXISTS (SELECT 1 FROM $T) THEN 1 END FROM $M",
	"SELECT sum(n) OVER () FROM (SELECT count(*) AS n FROM $T) t",
	"SELECT coalesce(x, 0) FROM $M CROSS JOIN UNNEST(ARRAY[(SELECT count(*) FROM $T)]) u(x)",
}

// spellings are ways to write a name.
var spellings = []func(name string) string{
	func(name string) string { return `"` + name + `"` },
	func(name string) string { return `"` + strings.ToUpper(name) + `"` },
	func(name string) string { return engine.SchemaName + `."` + name + `"` },
	func(name string) string { return engine.CatalogName + "." + engine.SchemaName + `."` + name + `"` },
}

// TestForeignQueries: a key that may not run a statement learns nothing of it when another key has run it, whatever form the statement has.
func TestForeignQueries(t *testing.T) {
	f := newFixture(t)
	mine, denied := f.newStore("mine"), f.newStore("denied")
	f.push(mine, 2)
	path := filepath.Join(t.TempDir(), "words.csv")
	require.NoError(t, os.WriteFile(path, []byte("word\nsecret\n"), 0o600))
	_, err := f.lake.Tables().Create(context.Background(), engine.TableOptions{Name: "words", Path: path})
	require.NoError(t, err)
	full, isThere := policy.Managed("AWSCloudTrail_FullAccess")
	require.True(t, isThere)
	denies := `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "` + denied + `"}}`
	reading := func(name string, documents ...string) engine.KeyOptions {
		o := engine.KeyOptions{Principal: "arn:aws:iam::" + account + ":user/" + name}
		for i, d := range documents {
			o.Policies = append(o.Policies, engine.KeyPolicy{Name: fmt.Sprint(i), Document: d})
		}
		return o
	}
	noTables := f.keyFor(reading("no-tables", full))
	noStore := f.keyFor(reading("no-store", full, denies, `{"Statement": {"Effect": "Allow", "Action": "auditlake:ReadTable", "Resource": "*"}}`))
	all := f.keyFor(reading("all", full, `{"Statement": {"Effect": "Allow", "Action": "auditlake:ReadTable", "Resource": "*"}}`))

	asked := 0
	for form, sql := range statementForms {
		for _, target := range []struct {
			name    string
			without keyPair
		}{{"words", noTables}, {idOf(denied), noStore}} {
			spelled := spellings[form%len(spellings)](target.name)
			sql := strings.NewReplacer("$T", spelled, "$M", `"`+idOf(mine)+`"`).Replace(sql)
			id := f.start(sql)
			f.wait(id, "FINISHED")
			code, _ := f.askBy(target.without, "StartQuery", of("QueryStatement", sql))
			require.Equal(t, "AccessDeniedException", code, sql)
			for _, operation := range []string{"DescribeQuery", "GetQueryResults", "CancelQuery"} {
				code, body := f.askBy(target.without, operation, of("QueryId", id))
				require.Equal(t, "AccessDeniedException", code, "%s of %s: %s", operation, sql, body)
			}
			code, body := f.askBy(target.without, "ListQueries", of("EventDataStore", mine))
			require.Empty(t, code)
			require.NotContains(t, body, id, sql)
			code, _ = f.askBy(all, "GetQueryResults", of("QueryId", id))
			require.Empty(t, code, sql)
			asked++
		}
	}
	require.Greater(t, asked, 40)

	id := f.start("SELECT eventid FROM " + idOf(mine))
	f.wait(id, "FINISHED")
	for _, key := range []keyPair{noTables, noStore} {
		code, body := f.askBy(key, "GetQueryResults", of("QueryId", id))
		require.Empty(t, code, "a statement that reads no reference table takes no right to one: %s", body)
		_, body = f.askBy(key, "ListQueries", of("EventDataStore", mine))
		require.Contains(t, body, id)
	}
	code, body := f.askBy(noTables, "GetQueryResults", of("QueryId", f.finished("SELECT * FROM words")))
	require.Equal(t, "AccessDeniedException", code)
	require.Contains(t, body, "auditlake:ReadTable")
	require.Contains(t, body, policy.Operator, "it names the policy that has the right")
}

// keyPair is the id and secret of a key.
type keyPair struct{ id, secret string }

func (f *fixture) keyFor(options engine.KeyOptions) keyPair {
	f.Helper()
	key, secrets, err := f.lake.Keys().Create(context.Background(), options)
	require.NoError(f, err)
	return keyPair{key.ID, secrets.Secret}
}

// askBy asks with a key, and returns the code of the error, "" for none, and the answer.
func (f *fixture) askBy(key keyPair, operation string, members map[string]any) (code, body string) {
	f.Helper()
	sent, err := json.Marshal(members)
	require.NoError(f, err)
	w := f.serve(f.sign(request(operation, string(sent)), "cloudtrail", string(sent), key.id, key.secret, ""))
	return w.Header().Get("x-amzn-ErrorType"), w.Body.String()
}

// finished runs a statement to its end, and returns its id.
func (f *fixture) finished(sql string) string {
	f.Helper()
	id := f.start(sql)
	f.wait(id, "FINISHED")
	return id
}
