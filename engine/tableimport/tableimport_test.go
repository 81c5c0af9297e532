package tableimport_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"
	"github.com/apache/arrow/go/v15/parquet/schema"
	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/tableimport"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/storage/orc"
)

// read gives the columns and rows of a file as text.
func read(t *testing.T, path, declared string) (columns string, rows []string, err error) {
	format, err := tableimport.FormatOf(path)
	require.NoError(t, err)
	var want []metadata.Column
	if declared != "" {
		want, err = tableimport.ParseColumns(declared)
		require.NoError(t, err)
	}
	r, err := tableimport.Open(path, format, want)
	if err != nil {
		return "", nil, err
	}
	defer r.Close()
	var names []string
	for _, c := range r.Columns() {
		names = append(names, c.Name+" "+c.Type.String())
	}
	for record, err := range r.Records() {
		if err != nil {
			return "", nil, err
		}
		for i := range int(record.NumRows()) {
			var cells []string
			for c, a := range record.Columns() {
				cells = append(cells, function.ValueAt(r.Columns()[c].Type, a, i).String())
			}
			rows = append(rows, strings.Join(cells, " | "))
		}
	}
	return strings.Join(names, ", "), rows, nil
}

func write(t *testing.T, name, text string) string {
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		name, file, text, declared string
		columns                    string
		rows                       []string
	}{
		{"every inferred type of CSV", "a.csv",
			"B,i,d,day,at,t\ntrue,1,1.5,2026-01-31,2026-01-31 10:00:00.25,x\nfalse,-2,3,2025-12-01,2026-02-01 00:00:00,\"y, \"\"z\"\"\"\n,,,,,\n", "",
			"b boolean, i bigint, d double, day date, at timestamp(2), t varchar",
			[]string{
				"true | 1 | 1.5E+00 | DATE '2026-01-31' | TIMESTAMP '2026-01-31 10:00:00.25' | 'x'",
				"false | -2 | 3E+00 | DATE '2025-12-01' | TIMESTAMP '2026-02-01 00:00:00.00' | 'y, \"z\"'",
				"NULL | NULL | NULL | NULL | NULL | NULL",
			}},
		{"numbers that are text", "a.csv", "account,code,big\n111122223333,007,9223372036854775808\n", "",
			"account varchar, code varchar, big varchar", []string{"'111122223333' | '007' | '9223372036854775808'"}},
		{"times of ISO 8601", "a.csv", "at,local,mixed,fine\n2026-01-31T10:00:00Z,2026-01-31T10:00:00.25,2026-01-31T10:00:00,2026-01-31 10:00:00.1234567890\n2026-01-31T10:00+02:00,2026-01-31 10:00:00,2026-01-31T10:00:00Z,\n", "",
			"at timestamp(0) with time zone, local timestamp(2), mixed varchar, fine timestamp(10)", []string{
				"TIMESTAMP '2026-01-31 10:00:00 UTC' | TIMESTAMP '2026-01-31 10:00:00.25' | '2026-01-31T10:00:00' | TIMESTAMP '2026-01-31 10:00:00.1234567890'",
				"TIMESTAMP '2026-01-31 10:00:00 +02:00' | TIMESTAMP '2026-01-31 10:00:00.00' | '2026-01-31T10:00:00Z' | NULL",
			}},
		{"declared times of ISO 8601", "a.ndjson", "{\"at\":\"2026-01-31T10:00:00.5Z\",\"local\":\"2026-01-31T10:00:00Z\",\"all\":[\"2026-01-31T10:00:00+01:00\"]}\n",
			"at timestamp(3) with time zone, local timestamp(0), all array(timestamp(0) with time zone)",
			"at timestamp(3) with time zone, local timestamp(0), all array(timestamp(0) with time zone)",
			[]string{"TIMESTAMP '2026-01-31 10:00:00.500 UTC' | TIMESTAMP '2026-01-31 10:00:00' | ARRAY[TIMESTAMP '2026-01-31 10:00:00 +01:00']"}},
		{"a byte order mark and Windows line ends", "a.csv", "\xEF\xBB\xBFa,b\r\n1,2\r\n", "", "a bigint, b bigint", []string{"1 | 2"}},
		{"no rows", "a.csv", "a,b\n", "", "a varchar, b varchar", nil},
		{"TSV", "a.tsv", "a\tb\n1,5\t2\n", "", "a varchar, b bigint", []string{"'1,5' | 2"}},
		{"declared columns in another order", "a.csv", "B,x,a\n1,2,3\n", "a integer, b varchar", "a integer, b varchar", []string{"3 | '1'"}},
		{"declared columns without a header", "a.csv", "1,2\n3,4\n", "a integer, b varchar", "a integer, b varchar", []string{"1 | '2'", "3 | '4'"}},
		{"nested values in CSV are JSON", "a.csv", "a,m\n\"[1,null]\",\"{\"\"k\"\":2}\"\n", "a array(bigint), m map(varchar, integer)",
			"a array(bigint), m map(varchar, integer)", []string{"ARRAY[1, NULL] | MAP(ARRAY['k'], ARRAY[2])"}},
		{"every inferred type of NDJSON", "a.ndjson",
			"{\"i\":1,\"d\":1,\"b\":true,\"t\":\"x\",\"l\":[1,2],\"o\":{\"x\":1},\"m\":1,\"n\":null}\n\n{\"I\":null,\"d\":2.5,\"l\":[],\"o\":{\"y\":\"z\"},\"m\":\"s\"}\n", "",
			"i bigint, d double, b boolean, t varchar, l array(bigint), o row(x bigint, y varchar), m json, n varchar",
			[]string{
				"1 | 1E+00 | true | 'x' | ARRAY[1, 2] | ROW(1, NULL) | '1' | NULL",
				"NULL | 2.5E+00 | NULL | NULL | ARRAY[] | ROW(NULL, 'z') | '\"s\"' | NULL",
			}},
		{"objects without members, and deep ones", "a.ndjson", "{\"o\":{},\"d\":" + strings.Repeat("[", 40) + strings.Repeat("]", 40) + ",\"n\":1.5}\n{\"n\":2}\n", "o json, n double",
			"o json, n double", []string{"'{}' | 1.5E+00", "NULL | 2E+00"}},
		{"inferred: an object without members", "a.ndjson", "{\"o\":{},\"n\":1.5}\n{\"o\":{},\"n\":2}\n", "",
			"o json, n double", []string{"'{}' | 1.5E+00", "'{}' | 2E+00"}},
		{"inferred: nested more than types may be", "a.ndjson", "{\"d\":" + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}\n", "",
			"d " + strings.Repeat("array(", 15) + "json" + strings.Repeat(")", 15), []string{strings.Repeat("ARRAY[", 15) + "'" + strings.Repeat("[", 25) + strings.Repeat("]", 25) + "'" + strings.Repeat("]", 15)}},
		{"escapes, names that differ in case, members that stand there twice", "a.ndjson",
			` { "\u0061" : "x\n\u00e9\ud83d\ude00\ud800" , "B":1, "b" : 2, "c":3, "c":4, "D":5, "d ": [ ] } ` + "\n", "A varchar, b bigint, c bigint, d bigint, e bigint",
			"a varchar, b bigint, c bigint, d bigint, e bigint", []string{"'x\né\U0001F600\uFFFD' | 2 | 4 | 5 | NULL"}},
		{"JSON as its text", "a.ndjson", `{"a":{ "b" : [1, 2.50] },"j":{ "b" : [1, 2.50] }}` + "\n", "a varchar, j json",
			"a varchar, j json", []string{`'{ "b" : [1, 2.50] }' | '{"b":[1,2.5]}'`}},
		{"arrays by position", "a.jsonl", "[\"2026-01-31\",\"AQI=\",[1,\"a\"],\"1.25\"]\n", "d date, b varbinary, r row(x bigint, y varchar), n decimal(4,2)",
			"d date, b varbinary, r row(x bigint, y varchar), n decimal(4,2)", []string{"DATE '2026-01-31' | X'0102' | ROW(1, 'a') | 1.25"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			columns, rows, err := read(t, write(t, c.file, c.text), c.declared)
			require.NoError(t, err)
			require.Equal(t, c.columns, columns)
			require.Equal(t, c.rows, rows)
		})
	}
}

// manyMembers are members of an object.
func manyMembers(count int) string {
	list := make([]string, count)
	for i := range list {
		list[i] = fmt.Sprintf(`"m%d":1`, i)
	}
	return strings.Join(list, ",")
}

func TestTextErrors(t *testing.T) {
	for _, c := range []struct{ name, file, text, declared, want string }{
		{"an empty CSV file", "a.csv", "", "", "the file is empty"},
		{"a nameless column", "a.csv", "a,,c\n", "", "line 1: field 2, the name of a column, is empty"},
		{"two columns of a name", "a.csv", "a,A\n", "", "two columns have the name a"},
		{"a short line", "a.csv", "a,b\n1\n", "", "line 2: wrong number of fields"},
		{"a value of another type", "a.csv", "a\n1\nx\n", "a integer", "line 3: column a: Cannot cast 'x' to INT"},
		{"a time of another zone", "a.csv", "at\n2026-01-31T10:00:00+02:00\n", "at timestamp(3)", "line 2: column at: Value cannot be cast to timestamp: 2026-01-31T10:00:00+02:00"},
		{"another number of columns", "a.csv", "1,2,3\n", "a integer, b integer", "line 1 has 3 fields"},
		{"a quotation mark that never ends", "a.csv", "a\n\"" + strings.Repeat("x\n", 20<<20), "a varchar", "is a quotation mark missing?"},
		{"a member without a value", "a.ndjson", "{\"a\":1,\"b\"}\n", "a bigint", "line 1: unexpected character at byte 11"},
		{"a comma too many", "a.ndjson", "{\"a\":1,}\n", "a bigint", "line 1: unexpected character at byte 8"},
		{"text after an object", "a.ndjson", "{\"a\":1} {}\n", "a bigint", "line 1: unexpected character at byte 9"},
		{"text after an object, of types to find", "a.ndjson", "{\"a\":1} x\n", "", "line 1: unexpected character at byte 9"},
		{"an array that does not end", "a.ndjson", "[1,2\n", "a bigint, b bigint", "line 1: the text ends early at byte 5"},
		{"an object in place of an array", "a.ndjson", "{\"a\":{}}\n", "a array(bigint)", "line 1: column a: no array(bigint): not a JSON array"},
		{"an array in place of a map", "a.ndjson", "{\"a\":[]}\n", "a map(varchar, bigint)", "line 1: column a: no map(varchar, bigint): not a JSON object"},
		{"values too deep", "a.ndjson", "{\"a\":" + strings.Repeat("[", 600) + strings.Repeat("]", 600) + "}\n", "", "line 1: values nest too deep"},
		{"no JSON", "a.ndjson", "{\"a\":1}\n{\"a\":\n", "", "line 2: "},
		{"a JSON array without columns", "a.ndjson", "[1]\n", "", "line 1: not a JSON object; arrays need declared columns"},
		{"too few values", "a.ndjson", "[1]\n", "a bigint, b bigint", "line 1: 1 values for 2 columns"},
		{"a key twice", "a.ndjson", "{\"m\":{\"k\":1,\"k\":2}}\n", "m map(varchar, bigint)", "duplicate key \"k\""},
		{"no array", "a.ndjson", "{\"a\":{}}\n", "a array(bigint)", "column a: no array(bigint): "},
		{"an item of another type", "a.ndjson", "{\"a\":[1,\"x\"]}\n", "a array(bigint)", "column a: item 2: Cannot cast 'x' to BIGINT"},
		{"too few fields", "a.ndjson", "{\"r\":[1]}\n", "r row(x bigint, y bigint)", "1 values for 2 fields"},
		{"a field of another type", "a.ndjson", "{\"r\":{\"x\":\"y\"}}\n", "r row(x bigint)", "column r: field x: Cannot cast 'y' to BIGINT"},
		{"no map", "a.ndjson", "{\"m\":[1]}\n", "m map(varchar, bigint)", "not a JSON object"},
		{"a key of another type", "a.ndjson", "{\"m\":{\"k\":1}}\n", "m map(bigint, bigint)", "key \"k\": Cannot cast 'k' to BIGINT"},
		{"a value of another type in a map", "a.ndjson", "{\"m\":{\"k\":\"x\"}}\n", "m map(varchar, bigint)", "key \"k\": Cannot cast 'x' to BIGINT"},
		{"no base64", "a.csv", "b\n!\n", "b varbinary", "line 2: column b: invalid base64"},
		{"no JSON in CSV", "a.csv", "j\n{\n", "j json", "line 2: column j: "},
		{"no object", "a.ndjson", "5\n", "a bigint", "line 1: neither a JSON object nor an array"},
		{"too many members", "a.ndjson", "{" + manyMembers(10_001) + "}\n", "", "line 1: more than 10000 members in the objects so far"},
		{"a column of text that is none", "a.csv", "a\n\xff\n", "a varchar", "line 2: field 1 is not valid UTF-8"},
		{"no file", "none/a.csv", "", "", "no such file"},
		{"an object that is no number", "a.ndjson", "{\"a\":{}}\n", "a bigint", "column a: a JSON object or array is no bigint"},
		{"a long line", "a.ndjson", "\"" + strings.Repeat("x", 17<<20) + "\"\n", "", "line 1: more than 16777216 bytes"},
		{"bytes that are no text", "a.ndjson", "{\"a\":\"\xff\"}\n", "", "line 1: not valid UTF-8"},
		{"no ORC file", "a.orc", "ORCA", "", "longer than the file"},
		{"no Parquet file", "a.parquet", "PAR1", "", "parquet"},
		{"no gzip file", "a.csv.gz", "a\n1\n", "", "gzip"},
	} {
		if testing.Short() && len(c.text) > 1<<20 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			if c.text != "" || c.want == "the file is empty" {
				path = write(t, c.file, c.text)
			}
			_, _, err := read(t, path, c.declared)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, path)
		})
	}
}

func TestFormats(t *testing.T) {
	for path, want := range map[string]tableimport.Format{
		"a.csv": tableimport.CSV, "A.CSV.GZ": tableimport.CSV, "x/y.tsv": tableimport.TSV, "a.json": tableimport.NDJSON, "a.jsonl.gz": tableimport.NDJSON,
		"a.orc": tableimport.ORC, "a.parquet": tableimport.Parquet,
	} {
		got, err := tableimport.FormatOf(path)
		require.NoError(t, err)
		require.Equal(t, want, got, path)
	}
	for _, path := range []string{"a", "a.txt", "a.orc.gz", "csv"} {
		_, err := tableimport.FormatOf(path)
		require.Error(t, err, path)
	}
}

func TestDeclaredColumns(t *testing.T) {
	for text, want := range map[string]string{
		"a": "a", "bigint, varchar": "needs a name and a type", "a bigint, A varchar": "two columns have the name a", "a foo": "foo", "": "", "a bigint)": ")",
	} {
		_, err := tableimport.ParseColumns(text)
		require.ErrorContains(t, err, want, text)
	}
}

func TestGzip(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write([]byte("a\n1\n"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	_, rows, err := read(t, write(t, "a.csv.gz", zipped.String()), "")
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, rows)
}

// foreign is a record with types that other programs write.
func foreign(t *testing.T, zoned bool) arrow.Record {
	utc := ""
	if zoned {
		utc = "UTC"
	}
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "Id", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
		{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: utc}, Nullable: true},
		{Name: "tags", Type: arrow.ListOf(arrow.BinaryTypes.String), Nullable: true},
		{Name: "m", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64), Nullable: true},
		{Name: "r", Type: arrow.StructOf(arrow.Field{Name: "X", Type: arrow.PrimitiveTypes.Float64, Nullable: true}), Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	text := `{"Id":1,"at":"2026-01-31T10:00:00.000001","tags":["a",null],"m":[{"key":"k","value":2}],"r":{"X":0.5}}`
	require.NoError(t, b.UnmarshalJSON([]byte(text)))
	for _, f := range b.Fields() {
		f.AppendNull()
	}
	return b.NewRecord()
}

func TestParquet(t *testing.T) {
	record := foreign(t, true)
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(record.Schema(), &out, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	require.NoError(t, err)
	require.NoError(t, w.Write(record))
	require.NoError(t, w.Close())
	path := write(t, "a.parquet", out.String())

	columns, rows, err := read(t, path, "")
	require.NoError(t, err)
	require.Equal(t, "id integer, at timestamp(6) with time zone, tags array(varchar), m map(varchar, bigint), r row(x double)", columns)
	require.Equal(t, []string{
		"1 | TIMESTAMP '2026-01-31 10:00:00.000001 UTC' | ARRAY['a', NULL] | MAP(ARRAY['k'], ARRAY[2]) | ROW(5E-01)",
		"NULL | NULL | NULL | NULL | NULL",
	}, rows)
	_, rows, err = read(t, path, "at date, id varchar")
	require.NoError(t, err)
	require.Equal(t, []string{"DATE '2026-01-31' | '1'", "NULL | NULL"}, rows)
	_, _, err = read(t, path, "nope date")
	require.ErrorContains(t, err, "there is no column nope")

	damaged := append([]byte{}, out.Bytes()...)
	for i := 4; i < len(damaged)/2; i++ {
		damaged[i] ^= 0xFF
	}
	_, _, err = read(t, write(t, "b.parquet", string(damaged)), "")
	require.Error(t, err)
}

// TestParquetTimes: only what the file has as an instant is a timestamp with time zone.
func TestParquetTimes(t *testing.T) {
	const micros = 1_769_853_600_000_001
	at := func(name string, utc bool) schema.Node {
		node, err := schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Required, schema.NewTimestampLogicalType(utc, schema.TimeUnitMicros), parquet.Types.Int64, 0, -1)
		require.NoError(t, err)
		return node
	}
	in, err := schema.NewGroupNode("s", parquet.Repetitions.Required, schema.FieldList{at("local", false), at("instant", true)}, -1)
	require.NoError(t, err)
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{
		at("local", false), at("instant", true), schema.NewInt96Node("old", parquet.Repetitions.Required, -1), in}, -1)
	require.NoError(t, err)
	var out bytes.Buffer
	w := file.NewParquetWriter(&out, root)
	group := w.AppendRowGroup()
	for range 5 {
		column, err := group.NextColumn()
		require.NoError(t, err)
		switch c := column.(type) {
		case *file.Int64ColumnChunkWriter:
			_, err = c.WriteBatch([]int64{micros}, nil, nil)
		case *file.Int96ColumnChunkWriter:
			var value parquet.Int96
			const day, julian1970 = 86_400_000_000, 2_440_588
			value.SetNanoSeconds(micros % day * 1000)
			binary.LittleEndian.PutUint32(value[8:], julian1970+micros/day)
			_, err = c.WriteBatch([]parquet.Int96{value}, nil, nil)
		}
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())

	columns, rows, err := read(t, write(t, "a.parquet", out.String()), "")
	require.NoError(t, err)
	require.Equal(t, "local timestamp(6), instant timestamp(6) with time zone, old timestamp(9), "+
		"s row(local timestamp(6), instant timestamp(6) with time zone)", columns)
	require.Equal(t, []string{"TIMESTAMP '2026-01-31 10:00:00.000001' | TIMESTAMP '2026-01-31 10:00:00.000001 UTC' | TIMESTAMP '2026-01-31 10:00:00.000001000' | " +
		"ROW(TIMESTAMP '2026-01-31 10:00:00.000001', TIMESTAMP '2026-01-31 10:00:00.000001 UTC')"}, rows)
}

func TestORC(t *testing.T) {
	record := foreign(t, false)
	var out bytes.Buffer
	w, err := orc.NewWriter(&out, record.Schema(), orc.WriterOptions{})
	require.NoError(t, err)
	require.NoError(t, w.Write(record))
	_, err = w.Close()
	require.NoError(t, err)

	columns, rows, err := read(t, write(t, "a.orc", out.String()), "")
	require.NoError(t, err)
	require.Equal(t, "id integer, at timestamp(6), tags array(varchar), m map(varchar, bigint), r row(x double)", columns)
	require.Equal(t, []string{
		"1 | TIMESTAMP '2026-01-31 10:00:00.000001' | ARRAY['a', NULL] | MAP(ARRAY['k'], ARRAY[2]) | ROW(5E-01)",
		"NULL | NULL | NULL | NULL | NULL",
	}, rows)
}

// TestFarTimestampsOfORC: testdata/far.orc, which pyarrow wrote, has instants that nanoseconds do not reach. Columns with such
// ones have microseconds, others keep theirs.
func TestFarTimestampsOfORC(t *testing.T) {
	columns, rows, err := read(t, filepath.Join("testdata", "far.orc"), "")
	require.NoError(t, err)
	require.Equal(t, "name varchar, until timestamp(6), at timestamp(9), spans array(row(to timestamp(6)))", columns)
	require.Equal(t, []string{
		"'never' | TIMESTAMP '9999-12-31 23:59:59.999999' | TIMESTAMP '2023-11-14 22:13:20.123456789' | ARRAY[ROW(TIMESTAMP '9999-12-31 00:00:00.000000')]",
		"'once' | TIMESTAMP '0001-01-01 00:00:00.000000' | TIMESTAMP '1970-01-01 00:00:00.000000001' | ARRAY[]",
		"'soon' | NULL | NULL | NULL",
	}, rows)
	columns, rows, err = read(t, filepath.Join("testdata", "far.orc"), "until date, name varchar")
	require.NoError(t, err)
	require.Equal(t, "until date, name varchar", columns)
	require.Equal(t, "DATE '9999-12-31' | 'never'", rows[0])
}
