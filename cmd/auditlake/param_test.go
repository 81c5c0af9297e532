package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBind(t *testing.T) {
	for _, test := range []struct {
		sql       string
		params    []string
		want      string
		arguments []string
	}{
		{"SELECT ':a', \":a\", ?, 1 -- ?", nil, "SELECT ':a', \":a\", ?, 1 -- ?", nil},
		{"SELECT :a", []string{"a=x"}, "SELECT ? ", []string{"'x'"}},
		{"SELECT :who,:who/*:who*/,':who' || \":who\" -- :who\n, :w", []string{"who=it's", "w="}, "SELECT ?   ,?   /*:who*/,':who' || \":who\" -- :who\n, ? ",
			[]string{"'it''s'", "'it''s'", "''"}},
		{"SELECT ?, :a, ?, '?' LIMIT :n", []string{"1=x=y", "2=2", "a=3", "n=4"}, "SELECT ?, ? , ?, '?' LIMIT ? ", []string{"'x=y'", "'3'", "'2'", "4"}},
		{"SELECT json_object('k' :v, 'l':w, upper('m'):w) OFFSET :w", []string{"w=x; DROP"}, "SELECT json_object('k' :v, 'l':w, upper('m'):w) OFFSET ? ", []string{"'x; DROP'"}},
		{"SELECT 'ü', :ab", []string{"ab=ü"}, "SELECT 'ü', ?  ", []string{"'ü'"}},
	} {
		params, err := parseParameters(test.params)
		require.NoError(t, err)
		got, arguments, err := params.bind(test.sql)
		require.NoError(t, err)
		require.Equal(t, test.want, got)
		var texts []string
		for _, a := range arguments {
			texts = append(texts, a.literal(""))
		}
		require.Equal(t, test.arguments, texts)
	}
}

func TestQueryParameters(t *testing.T) {
	lake := sampleLake(t)
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--param", "name=o'x", "SELECT :name || :name"}, exitDone, "_col0\no'xo'x\n"},
		{[]string{"--param", "1=GetObject", "SELECT count(*) > 0 FROM main WHERE eventname = ?"}, exitDone, "true"},
		{[]string{"--param", "from=2020-01-01", "--param", "n=2", "SELECT eventname IS NULL AS x FROM main WHERE eventtime > :from LIMIT :n"}, exitDone, "x\nfalse\nfalse\n"},
		{[]string{"--dry-run", "--param", "from=2020-01-01", "SELECT eventname FROM main WHERE eventtime > :from"}, exitDone, "would scan"},
		{[]string{"--param", "long=1", "SELECT :long, nope"}, exitUsage, "COLUMN_NOT_FOUND at 1:15: Column 'nope' cannot be resolved\n  SELECT :long, nope\n"},
		{[]string{"--param", "a", "SELECT 1"}, exitUsage, `--param must be name=value, not "a"`},
		{[]string{"--param", "a b=1", "SELECT 1"}, exitUsage, `--param must be name=value, not "a b=1"`},
		{[]string{"--param", "a=1", "--param", "a=2", "SELECT :a"}, exitUsage, "--param has two values for a"},
		{[]string{"--param", "a=1", "SELECT 1"}, exitUsage, "the statement does not use --param a"},
		{[]string{"--param", "1=1", "SELECT ?, ?"}, exitUsage, "question mark 2 of the statement has no value; pass --param 2=VALUE"},
		{[]string{"SELECT :a"}, exitUsage, "error: parameter :a has no value; pass --param a=VALUE\n"},
		{[]string{"--param", "b=1", "SELECT :a, :b, :c, :a"}, exitUsage, "parameters :a, :c have no value; pass --param a=VALUE --param c=VALUE\n"},
		{[]string{"SELECT json_object(k :v) FROM (VALUES ('a', 1)) t (k, v)"}, exitDone, `{""a"":1}`},
		{[]string{"SELECT 1::varchar"}, exitUsage, "a cast is written CAST(x AS type)"},
		{[]string{"--param", "n=1", "SELECT 1 WHERE cardinality(ARRAY[1, 2]) > :n"}, exitDone, "_col0\n1\n"},
		{[]string{"--param", "n=2", "SELECT 1 WHERE cardinality(ARRAY[1, 2]) > ? - 1 AND 2 IN (:n)", "--param", "1=2"}, exitDone, "_col0\n1\n"},
		{[]string{"--param", "n=1.5", "--param", "b=true", "SELECT :n < pi() AND :b, 'x' WHERE DOUBLE '2' > :n"}, exitDone, "true,x\n"},
		{[]string{"--param", "n=-2", "SELECT abs(-5 + :n) AS a"}, exitDone, "a\n7\n"},
		{[]string{"--param", "n=0", "SELECT eventname FROM main GROUP BY 1 HAVING count(*) < :n"}, exitDone, "eventname\n"},
		{[]string{"--param", "a=012345678901", "SELECT count(*) FROM main WHERE recipientaccountid = :a"}, exitDone, "_col0\n0\n"},
		{[]string{"--param", "a=111122223333", "SELECT count(*) FROM main WHERE recipientaccountid IN (:a, 'x')"}, exitDone, "_col0\n1662\n"},
		{[]string{"--param", "a=012345678901", "SELECT id FROM (VALUES '012345678901', '12345678901') t (id) WHERE id = :a"}, exitDone, "id\n012345678901\n"},
		{[]string{"--param", "a=012345678901", "SELECT lower(:a) || :a AS a"}, exitDone, "a\n012345678901012345678901\n"},
		{[]string{"--param", "a=true", "SELECT :a AS a, length(:a) AS l"}, exitDone, "a,l\ntrue,4\n"},
		{[]string{"--param", "n=many", "SELECT 1 WHERE cardinality(ARRAY[1, 2]) > :n"}, exitUsage, "TYPE_MISMATCH"},
		{[]string{"--dry-run", "--param", "n=1", "SELECT eventname FROM main WHERE cardinality(resources) > :n"}, exitDone, "would scan"},
		{[]string{"--param", "n=1", "--param", "a=5", "SELECT 1 WHERE cardinality(ARRAY[1, 2]) > :n; SELECT '5' = :a AS b"}, exitDone, "_col0\n1\n\nb\ntrue\n"},
		{[]string{"--param", "1=x", "--param", "2=3", "SELECT '1;' || ?; SELECT 1 + ?"}, exitDone, "_col0\n1;x\n\n_col0\n4\n"},
		{[]string{"SELECT ?"}, exitUsage, "INVALID_PARAMETER_USAGE"},
		{[]string{"--prepared", "q=SELECT ? || '='", "--param", "a=x", "EXECUTE q USING :a"}, exitDone, "_col0\nx=\n"},
		{[]string{"--session", "time_zone_id=Asia/Tokyo", "SELECT current_timezone()"}, exitDone, "Asia/Tokyo"},
		{[]string{"EXECUTE IMMEDIATE 'SELECT ?' USING 7"}, exitDone, "_col0\n7\n"},
		{[]string{"--session", "colour=red", "SELECT 1"}, exitUsage, "Session property 'colour' does not exist"},
		{[]string{"--session", "colour", "SELECT 1"}, exitUsage, `--session must be name=value, not "colour"`},
		{[]string{"--prepared", "q=a", "--prepared", "q=b", "SELECT 1"}, exitUsage, "--prepared has two values for q"},
		{[]string{"--prepared", "q=SELEC", "EXECUTE q"}, exitUsage, "SYNTAX_ERROR at 1:1: mismatched input 'SELEC'"},
		{[]string{"PREPARE q FROM SELECT 1"}, exitUsage, "PREPARE changes a session, and this statement runs in none"},
		{[]string{"INSERT INTO main VALUES"}, exitUsage, "SYNTAX_ERROR at 1:24"},
	} {
		got := command(t, append([]string{"--lake", lake, "query", "--format", "csv"}, test.args...)...)
		require.Equal(t, test.code, got.code, "%v: %s", test.args, got.err)
		require.Contains(t, got.out+got.err, test.want, "%v", test.args)
	}
}
