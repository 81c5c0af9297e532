package session_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/session"
	"github.com/auditlake/auditlake/planner/types"
)

func TestChanges(t *testing.T) {
	for _, tt := range []struct {
		sql  string
		want session.Change
	}{
		{"PREPARE Q FROM /* a */ SELECT ?  , 1 -- b", session.Change{Verb: "PREPARE", Name: "Q", Value: "SELECT ?  , 1"}},
		{`prepare "a b" from explain select 1;`, session.Change{Verb: "PREPARE", Name: "a b", Value: "explain select 1"}},
		{"PREPARE z FROM USE default", session.Change{Verb: "PREPARE", Name: "z", Value: "USE default"}},
		{"EXECUTE IMMEDIATE 'PREPARE q FROM SELECT 1'", session.Change{Verb: "PREPARE", Name: "q", Value: "SELECT 1"}},
		{"EXECUTE zone", session.Change{Verb: "SET TIME ZONE", Name: "time_zone_id", Value: "Asia/Tokyo"}},
		{"DEALLOCATE PREPARE ZONE", session.Change{Verb: "DEALLOCATE", Name: "zone"}},
		{"USE DEFAULT", session.Change{Verb: "USE", Name: "default"}},
		{`USE Auditlake."Default"`, session.Change{Verb: "USE", Name: "default", Catalog: "auditlake"}},
		{"SET SESSION Query_max_run_time = '1.5m'", session.Change{Verb: "SET SESSION", Name: "query_max_run_time", Value: "1.5m"}},
		{"SET SESSION query_max_run_time = '1' || lower('5M')", session.Change{Verb: "SET SESSION", Name: "query_max_run_time", Value: "15m"}},
		{"SET SESSION query_max_run_time = CASE WHEN 1 < 2 THEN concat(CAST(2 AS varchar), 'h') ELSE 'x' END", session.Change{Verb: "SET SESSION", Name: "query_max_run_time", Value: "2h"}},
		{"EXECUTE limit USING '7' || 'm'", session.Change{Verb: "SET SESSION", Name: "query_max_run_time", Value: "7m"}},
		{"SET SESSION query_max_scan_physical_bytes = '2GB'", session.Change{Verb: "SET SESSION", Name: "query_max_scan_physical_bytes", Value: "2GB"}},
		{"RESET SESSION colour", session.Change{Verb: "RESET SESSION", Name: "colour"}},
		{"SET TIME ZONE LOCAL", session.Change{Verb: "SET TIME ZONE", Name: "time_zone_id"}},
		{"SET TIME ZONE INTERVAL '2' HOUR", session.Change{Verb: "SET TIME ZONE", Name: "time_zone_id", Value: "+02:00"}},
		{"SET TIME ZONE 'Europe/' || 'Ber' || 'lin'", session.Change{Verb: "SET TIME ZONE", Name: "time_zone_id", Value: "Europe/Berlin"}},
		{"SET TIME ZONE INTERVAL '1' HOUR * 2 - INTERVAL '30' MINUTE", session.Change{Verb: "SET TIME ZONE", Name: "time_zone_id", Value: "+01:30"}},
		{"SET TIME ZONE current_timezone()", session.Change{Verb: "SET TIME ZONE", Name: "time_zone_id", Value: "Asia/Kolkata"}},
		{"SET TIME ZONE INTERVAL -'2:30' HOUR TO MINUTE", session.Change{Verb: "SET TIME ZONE", Name: "time_zone_id", Value: "-02:30"}},
	} {
		t.Run(tt.sql, func(t *testing.T) {
			s := &session.State{TimeZone: "Asia/Kolkata", Prepared: map[string]string{
				"zone": "SET TIME ZONE 'Asia/Tokyo'", "limit": "SET SESSION query_max_run_time = ?"}}
			got, err := s.Interpret(tt.sql)
			require.NoError(t, err)
			require.Equal(t, &session.Request{Verb: tt.want.Verb, Change: &tt.want}, got)
		})
	}
}

// TestErrors wants what a Trino 476 server answers, where there are the same
// properties and schemas.
func TestErrors(t *testing.T) {
	s := &session.State{Prepared: map[string]string{"q": "SELECT ?,\nnope", "again": "EXECUTE q USING 1"}}
	for _, tt := range []struct{ sql, want string }{
		{"PREPARE x FROM PREPARE y FROM SELECT 1", "NOT_SUPPORTED at 1:16: Invalid statement type for prepared statement: PREPARE"},
		{"PREPARE x FROM EXECUTE q", "NOT_SUPPORTED at 1:16: Invalid statement type for prepared statement: EXECUTE"},
		{"PREPARE x FROM DEALLOCATE PREPARE q", "NOT_SUPPORTED at 1:16: Invalid statement type for prepared statement: DEALLOCATE"},
		{"PREPARE x FROM SELEC 1", "SYNTAX_ERROR at 1:16: mismatched input 'SELEC'"},
		{"DEALLOCATE PREPARE x", "NOT_FOUND at 1:20: Prepared statement not found: x"},
		{"EXECUTE x", "NOT_FOUND at 1:9: Prepared statement not found: x"},
		{"EXPLAIN EXECUTE x", "NOT_FOUND at 1:17: Prepared statement not found: x"},
		{"EXECUTE q", "INVALID_PARAMETER_USAGE at 1:1: Incorrect number of parameters: expected 1 but found 0"},
		{"EXECUTE q USING 1, 2", "INVALID_PARAMETER_USAGE at 1:1: Incorrect number of parameters: expected 1 but found 2"},
		{"EXECUTE q USING a + 1", "EXPRESSION_NOT_CONSTANT at 1:17: Constant expression cannot contain column references"},
		{"EXECUTE q USING (SELECT 1)", "EXPRESSION_NOT_CONSTANT at 1:18: Constant expression cannot contain a subquery"},
		{"EXECUTE q USING ?", "INVALID_PARAMETER_USAGE at 1:17: No value provided for parameter"},
		{"EXECUTE again", "NOT_SUPPORTED at 1:1: EXECUTE inside of another EXECUTE is not supported"},
		{"EXECUTE IMMEDIATE 'EXPLAIN EXECUTE q'", "NOT_SUPPORTED at 1:28: EXECUTE inside of another EXECUTE is not supported"},
		{"EXECUTE IMMEDIATE 'SELEC 1'", "SYNTAX_ERROR at 1:20: mismatched input 'SELEC'"},
		{"EXECUTE IMMEDIATE\n 'SELECT ''a''' USING 1", "INVALID_PARAMETER_USAGE at 2:3: Incorrect number of parameters: expected 0 but found 1"},
		{"CALL system.runtime.kill_query()", "INVALID_PROCEDURE_ARGUMENT at 1:1: Missing query_id"},
		{"CALL system.runtime.kill_query(NULL)", "INVALID_PROCEDURE_ARGUMENT at 1:1: Missing query_id"},
		{"CALL system.runtime.kill_query('a', 'b', 'c')", "INVALID_PROCEDURE_ARGUMENT at 1:1: Too many arguments for procedure: 3; it has 2"},
		{"CALL system.runtime.kill_query(id => 'a')", "INVALID_PROCEDURE_ARGUMENT at 1:1: Procedure has no argument id"},
		{"CALL system.runtime.kill_query(query_id => 'a', query_id => 'b')", "INVALID_PROCEDURE_ARGUMENT at 1:1: Procedure has no argument query_id here"},
		{"CALL system.runtime.kill_query('a', message => 'b')", "INVALID_PROCEDURE_ARGUMENT at 1:1: Procedure has no argument message here"},
		{"CALL system.runtime.kill_query(5)", "at 1:32"},
		{"CALL system.runtime.kill_query(a)", "EXPRESSION_NOT_CONSTANT at 1:32"},
		{"CALL system.runtime.other()", "NOT_SUPPORTED at 1:1: Only SELECT statements are allowed, not CALL"},
		{"PREPARE x FROM CALL p()", "NOT_SUPPORTED at 1:16: Only SELECT statements are allowed, not CALL"},
		{"USE elsewhere", "SCHEMA_NOT_FOUND: Schema 'elsewhere' cannot be the session's"},
		{"USE hive.default", "CATALOG_NOT_FOUND: Catalog 'hive' cannot be the session's"},
		{"SET SESSION a = '1'", "INVALID_SESSION_PROPERTY at 1:17: Session property 'a' does not exist"},
		{"SET SESSION a.b = 1", "INVALID_SESSION_PROPERTY at 1:19: Session property 'a.b' does not exist"},
		{"SET SESSION a.b.c = 1", "INVALID_SESSION_PROPERTY: Invalid session property 'a.b.c'"},
		{"RESET SESSION a.b", "INVALID_SESSION_PROPERTY at 1:1: Session property 'a.b' does not exist"},
		{"SET SESSION query_max_run_time = 5", "INVALID_SESSION_PROPERTY at 1:34: Unable to set session property 'query_max_run_time' to '5'"},
		{"SET SESSION query_max_run_time = 'long'", "INVALID_SESSION_PROPERTY at 1:34: query_max_run_time is not a duration"},
		{"SET SESSION query_max_scan_physical_bytes = '-1B'", "INVALID_SESSION_PROPERTY at 1:45: query_max_scan_physical_bytes is not a data size"},
		{"SET TIME ZONE 'Middle/Earth'", "NOT_SUPPORTED at 1:15: Time zone not supported: Middle/Earth"},
		{"SET TIME ZONE INTERVAL '15' HOUR", "NOT_SUPPORTED at 1:15: Time zone not supported: +15:00"},
		{"SET TIME ZONE INTERVAL '1' SECOND", "INVALID_LITERAL at 1:15: Invalid time zone offset interval: interval contains seconds"},
		{"SET TIME ZONE INTERVAL '1' YEAR", "TYPE_MISMATCH at 1:15: Expected expression of varchar or interval day-time type, but 'INTERVAL '1' YEAR' has interval year to month type"},
		{"SET TIME ZONE 5", "TYPE_MISMATCH at 1:15: Expected expression of varchar or interval day-time type, but '5' has integer type"},
		{"SET TIME ZONE CAST(NULL AS varchar)", "NOT_SUPPORTED at 1:15: Time zone not supported: CAST(NULL AS varchar) is NULL"},
		{"SET TIME ZONE INTERVAL 'x' HOUR", "INVALID_LITERAL at 1:15: Invalid INTERVAL HOUR value: x"},
		{"SET TIME ZONE concat('a', 'b')", "NOT_SUPPORTED at 1:15: Time zone not supported: ab"},
		{"SET TIME ZONE x", "EXPRESSION_NOT_CONSTANT at 1:15: Constant expression cannot contain column references"},
		{"SET TIME ZONE (SELECT 'UTC')", "EXPRESSION_NOT_CONSTANT at 1:16: Constant expression cannot contain a subquery"},
		{"SET SESSION query_max_run_time = y", "INVALID_SESSION_PROPERTY at 1:34: Unable to set session property 'query_max_run_time' to 'y': Constant expression cannot contain column references"},
		{"SET SESSION query_max_run_time = NULL", "INVALID_SESSION_PROPERTY at 1:34: Unable to set session property 'query_max_run_time' to 'NULL': Session property value must not be null"},
		{"SET SESSION query_max_run_time = CAST('1d' AS char(2))", "Unable to set session property 'query_max_run_time' to 'CAST('1d' AS char(2))': Cannot cast char(2) to varchar"},
		{"SET SESSION query_max_run_time = CAST(1/0 AS varchar)", "Division by zero"},
		{"SET SESSION query_max_run_time = max('1m')", "INVALID_SESSION_PROPERTY at 1:34: Unable to set"},
		{"SET SESSION query_max_run_time = array_join(repeat('a', 2000000000), '')", "INVALID_SESSION_PROPERTY at 1:34: Unable to set"},
	} {
		t.Run(tt.sql, func(t *testing.T) {
			_, err := s.Interpret(tt.sql)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestOthersAreToBeRun(t *testing.T) {
	s := &session.State{Prepared: map[string]string{"q": "SELECT ?"}}
	for sql, verb := range map[string]string{
		"SELECT 1": "SELECT", "EXECUTE q USING 1": "SELECT", "EXPLAIN EXECUTE q USING 1": "EXPLAIN", "EXECUTE IMMEDIATE 'SHOW TABLES'": "SHOW",
		"DESCRIBE INPUT q": "DESCRIBE INPUT", "DESCRIBE t": "SHOW",
	} {
		got, err := s.Interpret(sql)
		require.NoError(t, err, sql)
		require.Equal(t, &session.Request{Verb: verb, Parsed: got.Parsed}, got, sql)
		require.Equal(t, verb, got.Parsed.Verb(), sql)
	}
}

func TestKill(t *testing.T) {
	s := &session.State{}
	for sql, want := range map[string]session.Kill{
		"CALL system.runtime.kill_query('a')":                                        {QueryID: "a"},
		"CALL System.Runtime.Kill_Query('a', 'enough')":                              {QueryID: "a", Message: "enough"},
		"CALL system.runtime.kill_query(message => 'enough', Query_ID => 'a' || '')": {QueryID: "a", Message: "enough"},
		"CALL system.runtime.kill_query(query_id => 'a', message => NULL)":           {QueryID: "a"},
	} {
		got, err := s.Interpret(sql)
		require.NoError(t, err, sql)
		require.Equal(t, &session.Request{Verb: "CALL", Kill: &want}, got, sql)
		_, _, err = s.Resolve(sql)
		require.ErrorContains(t, err, "NOT_SUPPORTED at 1:1: CALL is for clients of Trino's protocol", sql)
	}
}

func TestTransactions(t *testing.T) {
	var s session.State
	for sql, want := range map[string]session.Transaction{
		"START TRANSACTION": {Verb: "START TRANSACTION"},
		"START TRANSACTION READ ONLY, ISOLATION LEVEL SERIALIZABLE": {Verb: "START TRANSACTION", Isolation: "SERIALIZABLE", ReadOnly: true},
		"COMMIT":        {Verb: "COMMIT"},
		"ROLLBACK WORK": {Verb: "ROLLBACK"},
	} {
		got, err := s.Interpret(sql)
		require.NoError(t, err, sql)
		require.Equal(t, &want, got.Transaction, sql)
	}
}

func TestApply(t *testing.T) {
	var s session.State
	apply := func(sql string) {
		t.Helper()
		request, err := s.Interpret(sql)
		require.NoError(t, err)
		s.Apply(request.Change)
	}
	apply("PREPARE a FROM SELECT 1")
	apply("PREPARE a FROM SELECT 2")
	apply("PREPARE b FROM SELECT 3")
	apply("DEALLOCATE PREPARE b")
	apply("USE auditlake.default")
	apply("SET SESSION query_max_run_time = '5m'")
	apply("SET TIME ZONE 'Asia/Tokyo'")
	require.Equal(t, session.State{
		Catalog: "auditlake", Schema: "default", Prepared: map[string]string{"a": "SELECT 2"},
		Properties: map[string]string{"query_max_run_time": "5m", "time_zone_id": "Asia/Tokyo"},
	}, s)
	apply("SET TIME ZONE LOCAL")
	apply("RESET SESSION query_max_run_time")
	require.Empty(t, s.Properties)
}

func TestPreparedStatementsAreBounded(t *testing.T) {
	s := session.State{Prepared: map[string]string{}}
	for i := range 1000 {
		s.Prepared[fmt.Sprint(i)] = "SELECT 1"
	}
	_, err := s.Interpret("PREPARE one_more FROM SELECT 1")
	require.ErrorContains(t, err, "at most 1000 prepared statements")
	_, err = s.Interpret(`PREPARE "7" FROM SELECT 2`)
	require.NoError(t, err, "it replaces one")
}

func TestOptionsThatCannotBe(t *testing.T) {
	for want, s := range map[string]session.State{
		types.CatalogNotFound:        {Catalog: "hive"},
		types.SchemaNotFound:         {Schema: "elsewhere"},
		types.InvalidSessionProperty: {Properties: map[string]string{"colour": "red"}},
	} {
		_, err := s.Options()
		require.Equal(t, want, types.ErrorName(err))
	}
}
