package expr_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

// Operators and casts by value: the text of the answer, or the error's name.
func TestSemantics(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		// numbers
		{"TINYINT '100' + TINYINT '27'", "127"},
		{"TINYINT '100' + TINYINT '28'", types.NumericValueOutOfRange},
		{"BIGINT '-9223372036854775808' / -1", types.NumericValueOutOfRange},
		{"BIGINT '-9223372036854775808' % -1", "0"},
		{"-7 / 2", "-3"},
		{"-7 % 2", "-1"},
		{"7e0 / 0", `"Infinity"`},
		{"12.5 * 2.25", `"28.125"`},
		{"2.00 / 7", `"0.29"`},
		{"-2.00 / 7", `"-0.29"`},
		{"1.0 % 0", types.DivisionByZero},
		{"DECIMAL '99999999999999999999999999999999999999' + 1", types.NumericValueOutOfRange},
		{"DECIMAL '0.00000000000000000000000000000000000001' * 0.1", types.InvalidFunctionArgument},
		// comparison and NULL
		{"ROW(1, NULL) = ROW(2, NULL)", "false"},
		{"ROW(1, NULL) = ROW(1, 2)", "null"},
		{"ARRAY[NULL, 1] = ARRAY[1]", "false"},
		{"ARRAY[1, NULL] IS DISTINCT FROM ARRAY[1, NULL]", "false"},
		{"ARRAY[1, 2] < ARRAY[1, 3]", "true"},
		{"TIMESTAMP '2024-01-01 10:00:00 UTC' = TIMESTAMP '2024-01-01 12:00:00 +02:00'", "true"},
		{"TIME '10:00:00 +00:00' < TIME '11:30:00 +02:00'", "false"},
		{"DECIMAL '1.10' = 1.1", "true"},
		{"CAST('a' AS char(3)) = CAST('a  ' AS varchar)", "true"},
		// text
		{"'a' || CAST(NULL AS varchar)", "null"},
		{"X'01' || X'02'", `"AQI="`},
		{"ARRAY[1] || ARRAY[2, 3]", "[1,2,3]"},
		{"0 || ARRAY[1]", "[0,1]"},
		{"'50%' LIKE '50!%' ESCAPE '!'", "true"},
		{"'500' LIKE '50!%' ESCAPE '!'", "false"},
		{"'abcabd' LIKE '%ab_'", "true"},
		{"'ünïcode' LIKE '_n_c%'", "true"},
		{"'x' LIKE 'x!' ESCAPE '!'", types.InvalidFunctionArgument},
		// dates
		{"DATE '2024-01-31' + INTERVAL '1' MONTH", `"2024-02-29"`},
		{"DATE '2024-01-31' + INTERVAL '1' HOUR", types.InvalidFunctionArgument},
		{"TIME '23:30:00' + INTERVAL '1' HOUR", `"00:30:00.000"`},
		{"TIMESTAMP '2024-03-09 12:00:00 America/New_York' + INTERVAL '1' DAY", `"2024-03-10 13:00:00.000 America/New_York"`},
		{"TIMESTAMP '2024-03-31 00:00:00.5' - INTERVAL '1' MONTH", `"2024-02-29 00:00:00.5"`},
		{"DATE '2024-03-01' - DATE '2024-02-28'", `"2 00:00:00.000"`},
		{"INTERVAL '1' DAY * 1.5e0", `"1 12:00:00.000"`},
		{"INTERVAL '2' YEAR - INTERVAL '1' MONTH", `"1-11"`},
		// casts of text
		{"CAST('  -12 ' AS smallint)", "-12"},
		{"CAST('٣٢' AS integer)", "32"},
		{"CAST('32768' AS smallint)", types.InvalidCastArgument},
		{"CAST('0x1p4' AS double)", "16.0"},
		{"CAST('1e999' AS double)", `"Infinity"`},
		{"CAST('infinity' AS double)", types.InvalidCastArgument},
		{"CAST('1.005' AS decimal(5,2))", `"1.01"`},
		{"CAST('1e-400' AS decimal(5,2))", `"0.00"`},
		{"CAST('1e999999999' AS decimal(5,2))", types.InvalidCastArgument},
		{"CAST('yes' AS boolean)", types.InvalidCastArgument},
		{"CAST('10.1.2.3' AS ipaddress)", `"10.1.2.3"`},
		{"CAST('::ffff:1.2.3.4' AS ipaddress)", `"1.2.3.4"`},
		{"CAST('fe80::1%eth0' AS ipaddress)", `"fe80::1"`},
		{"CAST('2024-02-30' AS date)", types.InvalidCastArgument},
		{"CAST('2024-01-02 03:04:05.9996' AS timestamp)", `"2024-01-02 03:04:06.000"`},
		{"CAST('2024-03-10 02:30:00 America/New_York' AS timestamp with time zone)", `"2024-03-10 03:30:00.000 America/New_York"`},
		{"CAST('23:59:59.9999' AS time)", `"00:00:00.000"`},
		// casts to text
		{"CAST(1e7 AS varchar)", `"1.0E7"`},
		{"CAST(REAL '0.1' AS varchar)", `"1.0E-1"`},
		{"CAST(CAST(-1.50 AS decimal(10,3)) AS varchar)", `"-1.500"`},
		{"CAST(0.05 AS varchar)", `"0.05"`},
		{"CAST(12345 AS varchar(4))", types.InvalidCastArgument},
		{"CAST('12345' AS varchar(4))", `"1234"`},
		{"CAST('é' AS char(3))", `"é  "`},
		{"CAST(INTERVAL '-1' DAY AS varchar)", `"-1 00:00:00.000"`},
		// casts of numbers
		{"CAST(2.5e0 AS integer)", "3"},
		{"CAST(-2.5e0 AS integer)", "-3"},
		{"CAST(9223372036854775807e0 AS bigint)", types.InvalidCastArgument},
		{"CAST(1e0 / 3 AS decimal(5,4))", `"0.3333"`},
		{"CAST(99.999 AS decimal(4,2))", types.InvalidCastArgument},
		// json
		{"CAST(ARRAY[ROW(1, 'a\"b')] AS json)", `"[{\"\":1,\"\":\"a\\\"b\"}]"`},
		{"CAST(JSON '[1, [2.5, null], \"x\"]' AS array(json))", `["1","[2.5,null]","\"x\""]`},
		{"CAST(JSON '{\"A\": 1, \"b\": {\"c\": \"2\"}}' AS row(a bigint, b map(varchar, integer), d varchar))", `[1,{"c":2},null]`},
		{"CAST(JSON '[1, 2]' AS row(a bigint))", types.InvalidCastArgument},
		{"CAST(JSON '\"12\"' AS bigint)", "12"},
		{"CAST(JSON '1.5' AS varchar)", `"1.5E0"`},
		{"CAST(JSON '128' AS tinyint)", types.InvalidCastArgument},
		{"TRY_CAST(JSON '[1, \"x\"]' AS array(bigint))", "null"},
		{"TRY_CAST(ARRAY['1', 'x'] AS array(bigint))", "null"},
		// subscripts
		{"ARRAY[1, 2][2]", "2"},
		{"ARRAY[1, 2][3]", types.InvalidFunctionArgument},
		{"element_at(ARRAY[1, 2], -3)", "null"},
		{"ROW(1, 'x')[2]", `"x"`},
		// choices
		{"greatest(1e0, CAST('NaN' AS double))", "1.0"},
		{"least(3, NULL, 1)", "null"},
		{"fail('no')", types.GenericUserError},
		{"TRY(fail('no'))", types.GenericUserError},
		{"IF(1 = 1, 2, fail('no'))", "2"},
		{"fail(CAST(NULL AS varchar))", "null"},
		{"typeof(1 + 2.5)", `"decimal(12,1)"`},
	} {
		t.Run(c.expression, func(t *testing.T) {
			_, got, err := evaluateSQL("SELECT " + c.expression)
			if err != nil {
				require.Equal(t, c.want, types.ErrorName(err), err)
				return
			}
			require.Equal(t, c.want, got[0])
		})
	}
}
