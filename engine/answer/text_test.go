package answer_test

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// column is an array of a Trino type from the JSON that Arrow reads.
func column(t *testing.T, typeName, values string) (answer.Column, arrow.Array) {
	t.Helper()
	typ := types.UnknownType
	if typeName != "unknown" {
		var err error
		typ, err = types.ParseType(typeName)
		require.NoError(t, err)
	}
	arr, _, err := array.FromJSON(memory.DefaultAllocator, arrowtype.Of(typ), strings.NewReader(values), array.WithUseNumber())
	require.NoError(t, err)
	return answer.Column{Name: typeName, Type: typ}, arr
}

// valueCases are one value each: as Arrow reads it, as text, as Trino's JSON.
var valueCases = []struct{ typ, value, text, json string }{
	{"unknown", `null`, ``, `null`},
	{"boolean", `true`, `true`, `true`},
	{"boolean", `null`, ``, `null`},
	{"tinyint", `-128`, `-128`, `-128`},
	{"smallint", `32767`, `32767`, `32767`},
	{"integer", `-2147483648`, `-2147483648`, `-2147483648`},
	{"bigint", `9223372036854775807`, `9223372036854775807`, `9223372036854775807`},
	{"real", `1.5`, `1.5`, `1.5`},
	{"double", `10000000000`, `1.0E10`, `1.0E10`},
	{"double", `"NaN"`, `NaN`, `"NaN"`},
	{"double", `"-Inf"`, `-Infinity`, `"-Infinity"`},
	{"decimal(5,2)", `"-1.50"`, `-1.50`, `"-1.50"`},
	{"decimal(38,0)", `"99999999999999999999999999999999999999"`, `99999999999999999999999999999999999999`, `"99999999999999999999999999999999999999"`},
	{"varchar", `"a\"b\n\u0001é"`, "a\"b\n\x01é", `"a\"b\n\u0001é"`},
	{"varchar", `""`, ``, `""`},
	{"char(3)", `"a  "`, `a  `, `"a  "`},
	{"json", `"{\"a\":1}"`, `{"a":1}`, `"{\"a\":1}"`},
	{"varbinary", `"AAH/"`, `AAH/`, `"AAH/"`},
	{"uuid", `"Ej5FZ+ibEtOkVkJmFBdAAA=="`, `123e4567-e89b-12d3-a456-426614174000`, `"123e4567-e89b-12d3-a456-426614174000"`},
	{"ipaddress", `"AAAAAAAAAAAAAP//CgAAAQ=="`, `10.0.0.1`, `"10.0.0.1"`},
	{"ipaddress", `"IAENuAAAAAAAAAAAAAAAAQ=="`, `2001:db8::1`, `"2001:db8::1"`},
	{"date", `"2024-02-29"`, `2024-02-29`, `"2024-02-29"`},
	{"time(3)", `"01:02:03.004"`, `01:02:03.004`, `"01:02:03.004"`},
	{"timestamp(0)", `"2024-02-29T01:02:03"`, `2024-02-29 01:02:03`, `"2024-02-29 01:02:03"`},
	{"timestamp(3)", `"1969-12-31T23:59:59.999"`, `1969-12-31 23:59:59.999`, `"1969-12-31 23:59:59.999"`},
	{"timestamp(6)", `"2024-02-29T01:02:03.000004"`, `2024-02-29 01:02:03.000004`, `"2024-02-29 01:02:03.000004"`},
	{"timestamp(3) with time zone", `{"instant": "2024-02-29T23:00:00", "zone": 0}`, `2024-02-29 23:00:00.000 UTC`, `"2024-02-29 23:00:00.000 UTC"`},
	{"timestamp(3) with time zone", `{"instant": "2024-02-29T23:00:00", "zone": 1330}`, `2024-03-01 04:30:00.000 +05:30`, `"2024-03-01 04:30:00.000 +05:30"`},
	{"time(0) with time zone", `{"instant": "23:00:00", "zone": 880}`, `21:00:00-02:00`, `"21:00:00-02:00"`},
	{"interval day to second", `93784567`, `1 02:03:04.567`, `"1 02:03:04.567"`},
	{"interval year to month", `-14`, `-1-2`, `"-1-2"`},
	{"array(bigint)", `[1, null, 3]`, `[1,null,3]`, `[1,null,3]`},
	{"array(varchar)", `[]`, `[]`, `[]`},
	{"array(timestamp(3) with time zone)", `[]`, `[]`, `[]`},
	{"map(varchar, double)", `[{"key": "a", "value": 1}, {"key": "b", "value": null}]`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`},
	{"map(bigint, varchar)", `[{"key": 7, "value": "x"}]`, `{"7":"x"}`, `{"7":"x"}`},
	{"row(a bigint, b varchar)", `{"a": 1, "b": null}`, `[1,null]`, `[1,null]`},
	{"array(row(a map(varchar, boolean)))", `[{"a": [{"key": "k", "value": true}]}, null]`, `[[{"k":true}],null]`, `[[{"k":true}],null]`},
}

// TestBareValues: what the AWS API gives of nested values, and of plain ones as their text.
func TestBareValues(t *testing.T) {
	for _, c := range []struct{ typ, value, want string }{
		{"unknown", `null`, `null`},
		{"boolean", `true`, `true`},
		{"bigint", `-7`, `-7`},
		{"double", `10000000000`, `1.0E10`},
		{"decimal(5,2)", `"-1.50"`, `-1.50`},
		{"varchar", `"a, \"b\""`, `a, "b"`},
		{"varchar", `""`, ``},
		{"varchar", `null`, `null`},
		{"varbinary", `"AAH/"`, `AAH/`},
		{"date", `"2024-02-29"`, `2024-02-29`},
		{"timestamp(3)", `"2024-02-29T01:02:03.5"`, `2024-02-29 01:02:03.500`},
		{"timestamp(3) with time zone", `{"instant": "2024-02-29T23:00:00", "zone": 0}`, `2024-02-29 23:00:00.000 UTC`},
		{"array(varchar)", `["a", null, "b, c"]`, `[a, null, b, c]`},
		{"array(bigint)", `[]`, `[]`},
		{"map(varchar, varchar)", `[{"key": "k", "value": "v"}, {"key": "n", "value": null}]`, `{k=v, n=null}`},
		{"row(a bigint, b varchar)", `{"a": 1, "b": null}`, `{a=1, b=null}`},
		{"row(bigint)", `{"": 1}`, `{field0=1}`},
		{"map(varchar, array(row(a bigint)))", `[{"key": "k", "value": [{"a": 1}, null]}]`, `{k=[{a=1}, null]}`},
		{"map(row(a bigint), bigint)", `[{"key": {"a": 1}, "value": 2}]`, `{{a=1}=2}`},
	} {
		t.Run(c.typ+" "+c.value, func(t *testing.T) {
			col, arr := column(t, c.typ, "["+c.value+"]")
			require.Equal(t, c.want, string(answer.AppendBare(nil, col.Type, arr, 0)))
		})
	}
}

func TestValuesAsText(t *testing.T) {
	for _, c := range valueCases {
		t.Run(c.typ+" "+c.value, func(t *testing.T) {
			col, arr := column(t, c.typ, "["+c.value+"]")
			require.Equal(t, c.text, string(answer.AppendText(nil, col.Type, arr, 0)))
			require.Equal(t, c.json, string(answer.AppendJSON(nil, col.Type, arr, 0)))
		})
	}
}

func TestValuesOfDictionariesAndSlices(t *testing.T) {
	dictionary := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	arr, _, err := array.FromJSON(memory.DefaultAllocator, dictionary, strings.NewReader(`["a", "b", "a"]`))
	require.NoError(t, err)
	require.Equal(t, "a", string(answer.AppendText(nil, types.VarcharType, arr, 2)))

	for _, c := range valueCases {
		col, arr := column(t, c.typ, "[null, "+c.value+", null]")
		sliced := array.NewSlice(arr, 1, 2)
		require.Equal(t, c.json, string(answer.AppendJSON(nil, col.Type, sliced, 0)), c.typ)
	}
}

func TestQuotedTextIsValidJSON(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"plain", "abc", `"abc"`},
		{"escapes", "\"\\\n\r\t", `"\"\\\n\r\t"`},
		{"control characters", "\x00\x1f\x7f", "\"\\u0000\\u001f\x7f\""},
		{"beyond ASCII", "é😀", `"é😀"`},
		{"invalid UTF-8", "a\xff\xc3b", "\"a\uFFFD\uFFFDb\""},
		{"markup stays", "<a&b>", `"<a&b>"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, string(answer.AppendQuoted(nil, []byte(c.text))))
		})
	}
}
