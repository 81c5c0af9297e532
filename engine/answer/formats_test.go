package answer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"
	"github.com/apache/arrow/go/v15/parquet/schema"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/planner/types"
)

// source is an answer in memory: batches of arrays, then an error if there is one.
type source struct {
	columns []answer.Column
	batches [][]arrow.Array
	at      int
	err     error
}

func (s *source) Columns() []answer.Column { return s.columns }
func (s *source) Arrays() []arrow.Array    { return s.batches[s.at-1] }
func (s *source) Err() error               { return s.err }
func (s *source) Next() bool {
	if s.at == len(s.batches) {
		return false
	}
	s.at++
	return true
}

// people is an answer of two batches.
func people(t *testing.T) *source {
	name, names := column(t, "varchar", `["Ann", "Böb, Jr", ""]`)
	age, ages := column(t, "bigint", `[7, 41, null]`)
	name.Name, age.Name = "name", "Age"
	return &source{columns: []answer.Column{name, age}, batches: [][]arrow.Array{
		{array.NewSlice(names, 0, 2), array.NewSlice(ages, 0, 2)},
		{array.NewSlice(names, 2, 3), array.NewSlice(ages, 2, 3)},
	}}
}

func TestTableShowsALoneValueWhole(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, test := range []struct{ values, want string }{
		{`["` + long + `"]`, "v\n" + strings.Repeat("-", 100) + "\n" + long + "\n"},
		{`["Output\n  Scan\u001b[31m\n\n"]`, "v\n-----------\nOutput\n  Scan\uFFFD[31m\n\n"},
		{`[null]`, "v\n----\nNULL\n"},
		{`[""]`, "v\n-\n\n"},
		{`["` + long + `", null]`, "v\n" + strings.Repeat("-", 100) + "\n" + long + "\nNULL\n"},
	} {
		col, arr := column(t, "varchar", test.values)
		col.Name = "v"
		var out bytes.Buffer
		_, err := answer.Write("table", &out, &source{columns: []answer.Column{col}, batches: [][]arrow.Array{{arr}}})
		require.NoError(t, err)
		require.Equal(t, test.want, out.String())
	}
}

func TestFormats(t *testing.T) {
	cases := []struct{ format, rows, noRows string }{
		{"csv", "name,Age\nAnn,7\n\"Böb, Jr\",41\n\"\",\n", "name,Age\n"},
		{"markdown", "| name | Age |\n| --- | ---: |\n| Ann | 7 |\n| Böb, Jr | 41 |\n|  | NULL |\n", "| name | Age |\n| --- | ---: |\n"},
		{"json", "[\n{\"name\":\"Ann\",\"Age\":7},\n{\"name\":\"Böb, Jr\",\"Age\":41},\n{\"name\":\"\",\"Age\":null}\n]\n", "[\n]\n"},
		{"ndjson", "{\"name\":\"Ann\",\"Age\":7}\n{\"name\":\"Böb, Jr\",\"Age\":41}\n{\"name\":\"\",\"Age\":null}\n", ""},
		{"table", "name      Age\n-------  ----\nAnn         7\nBöb, Jr    41\n         NULL\n", "name  Age\n----  ---\n"},
		{"vertical", "-- row 1\nname | Ann\nAge  | 7\n-- row 2\nname | Böb, Jr\nAge  | 41\n-- row 3\nname | \nAge  | NULL\n", ""},
		{"trino", `{"columns":[{"name":"name","type":"varchar"},{"name":"Age","type":"bigint"}],"data":[` + "\n" +
			`["Ann",7],` + "\n" + `["Böb, Jr",41],` + "\n" + `["",null]]}` + "\n",
			`{"columns":[{"name":"name","type":"varchar"},{"name":"Age","type":"bigint"}],"data":[]}` + "\n"},
	}
	for _, c := range cases {
		t.Run(c.format, func(t *testing.T) {
			var out bytes.Buffer
			rows, err := answer.Write(c.format, &out, people(t))
			require.NoError(t, err)
			require.EqualValues(t, 3, rows)
			require.Equal(t, c.rows, out.String())

			out.Reset()
			empty := people(t)
			empty.batches = nil
			rows, err = answer.Write(c.format, &out, empty)
			require.NoError(t, err)
			require.Zero(t, rows)
			require.Equal(t, c.noRows, out.String())
		})
	}
}

// TestEveryFormatEndsWithTheAnswersError: a file cut short is never called whole.
func TestEveryFormatEndsWithTheAnswersError(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, format := range answer.Formats() {
		src := people(t)
		src.err = broken
		var out bytes.Buffer
		_, err := answer.Write(format, &out, src)
		require.ErrorIs(t, err, broken, format)
		require.Empty(t, out.String(), "%s: neither a header nor the rows before the error", format)
	}
}

func TestEveryFormatTellsOfAFailingWriter(t *testing.T) {
	for _, format := range answer.Formats() {
		_, err := answer.Write(format, failingWriter{}, people(t))
		require.ErrorIs(t, err, errFull, format)
	}
}

var errFull = errors.New("no space left on device")

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errFull }

func TestEveryFormatWritesEveryType(t *testing.T) {
	for _, format := range answer.Formats() {
		for _, c := range valueCases {
			t.Run(format+" "+c.typ+" "+c.value, func(t *testing.T) {
				col, arr := column(t, c.typ, "["+c.value+", null]")
				src := &source{columns: []answer.Column{col}, batches: [][]arrow.Array{{arr}}}
				rows, err := answer.Write(format, &bytes.Buffer{}, src)
				require.NoError(t, err)
				require.EqualValues(t, 2, rows)
			})
		}
	}
}

func TestTextFormatsAreValidJSON(t *testing.T) {
	for _, c := range valueCases {
		col, arr := column(t, c.typ, "["+c.value+", null]")
		for _, format := range []string{"json", "trino"} {
			var out bytes.Buffer
			_, err := answer.Write(format, &out, &source{columns: []answer.Column{col}, batches: [][]arrow.Array{{arr}}})
			require.NoError(t, err)
			require.True(t, json.Valid(out.Bytes()), "%s: %s", format, out.String())
		}
	}
}

func TestRowsAreObjectsInJSON(t *testing.T) {
	col, arr := column(t, "array(row(a bigint, m map(varchar, row(b boolean))))", `[[{"a": 1, "m": [{"key": "k", "value": {"b": true}}]}]]`)
	col.Name = "r"
	var out bytes.Buffer
	_, err := answer.Write("ndjson", &out, &source{columns: []answer.Column{col}, batches: [][]arrow.Array{{arr}}})
	require.NoError(t, err)
	require.Equal(t, `{"r":[{"a":1,"m":{"k":{"b":true}}}]}`+"\n", out.String())
}

func TestFieldsAreNamedForPeople(t *testing.T) {
	col, arr := column(t, "row(a bigint, b array(row(c varchar)))", `[{"a": 1, "b": [{"c": "x"}, null]}]`)
	col.Name = "r"
	for format, want := range map[string]string{
		"table":    "r\n" + strings.Repeat("-", 28) + "\n" + `{"a":1,"b":[{"c":"x"},null]}` + "\n",
		"vertical": "-- row 1\nr | " + `{"a":1,"b":[{"c":"x"},null]}` + "\n",
		"csv":      "r\n\"{\"\"a\"\":1,\"\"b\"\":[{\"\"c\"\":\"\"x\"\"},null]}\"\n",
		"markdown": "| r |\n| --- |\n" + `| {"a":1,"b":\[{"c":"x"},null\]} |` + "\n",
	} {
		var out bytes.Buffer
		_, err := answer.Write(format, &out, &source{columns: []answer.Column{col}, batches: [][]arrow.Array{{arr}}})
		require.NoError(t, err)
		require.Equal(t, want, out.String())
	}
}

func TestTableIsSafeForTerminals(t *testing.T) {
	col, arr := column(t, "varchar", `["a\u001b[31mb\nc\td\u0085", "`+strings.Repeat("x", 200)+`", "日本"]`)
	var out bytes.Buffer
	_, err := answer.Write("table", &out, &source{columns: []answer.Column{col}, batches: [][]arrow.Array{{arr}}})
	require.NoError(t, err)
	lines := strings.Split(out.String(), "\n")
	require.Equal(t, "a\uFFFD[31mb c d\uFFFD", lines[2])
	require.Equal(t, strings.Repeat("x", 200), lines[3])
	require.Equal(t, "日本", lines[4])
}

func TestUnknownFormat(t *testing.T) {
	_, err := answer.Write("xml", &bytes.Buffer{}, people(t))
	require.ErrorContains(t, err, "arrow, arrow-file, auto, csv, json, markdown, ndjson, parquet, table, trino, vertical")
}

// everyType is an answer with a column of each case's type: the value, a NULL
// and, in a second batch that is a slice of longer arrays, the value again.
func everyType(t *testing.T) *source {
	src := &source{batches: [][]arrow.Array{nil, nil}}
	for i, c := range valueCases {
		col, arr := column(t, c.typ, "[null, "+c.value+", null, "+c.value+"]")
		col.Name = fmt.Sprintf("c%d", i)
		src.columns = append(src.columns, col)
		src.batches[0] = append(src.batches[0], array.NewSlice(arr, 1, 3))
		src.batches[1] = append(src.batches[1], array.NewSlice(arr, 3, 4))
	}
	return src
}

func TestArrowFileRoundTrip(t *testing.T) {
	var out bytes.Buffer
	_, err := answer.Write("arrow-file", &out, everyType(t))
	require.NoError(t, err)
	reader, err := ipc.NewFileReader(bytes.NewReader(out.Bytes()))
	require.NoError(t, err)
	defer reader.Close()
	require.True(t, reader.Schema().Equal(answer.ArrowSchema(everyType(t).columns)), reader.Schema())
	require.Equal(t, 2, reader.NumRecords())
	for batch := range 2 {
		record, err := reader.Record(batch)
		require.NoError(t, err)
		for i := range valueCases {
			requireValue(t, i, record.Column(i), 0)
		}
	}
}

// TestZonesOfFiles: Arrow and Parquet have the same times with a zone, UTC, and the same without one, at every level.
func TestZonesOfFiles(t *testing.T) {
	utc, local := arrow.FixedWidthTypes.Timestamp_us.(*arrow.TimestampType), &arrow.TimestampType{Unit: arrow.Microsecond}
	src := &source{batches: [][]arrow.Array{nil}}
	var want []arrow.DataType
	for _, c := range []struct {
		typ, value string
		want       arrow.DataType
	}{
		{"timestamp(6)", `"2024-02-29T01:02:03.000004"`, local},
		{"timestamp(6) with time zone", `{"instant": "2024-02-29T23:00:00", "zone": 1330}`, utc},
		{"array(timestamp(6))", `["2024-02-29T01:02:03"]`, arrow.ListOf(local)},
		{"row(a timestamp(6), b timestamp(6) with time zone)", `{"a": "2024-02-29T01:02:03", "b": {"instant": "2024-02-29T23:00:00", "zone": 0}}`,
			arrow.StructOf(arrow.Field{Name: "a", Type: local, Nullable: true}, arrow.Field{Name: "b", Type: utc, Nullable: true})},
		{"map(varchar, timestamp(6))", `[{"key": "k", "value": "2024-02-29T01:02:03"}]`, arrow.MapOf(arrow.BinaryTypes.String, local)},
	} {
		col, arr := column(t, c.typ, "["+c.value+"]")
		src.columns, src.batches[0], want = append(src.columns, col), append(src.batches[0], arr), append(want, c.want)
	}
	var out bytes.Buffer
	_, err := answer.Write("parquet", &out, src)
	require.NoError(t, err)
	reader, err := file.NewParquetReader(bytes.NewReader(out.Bytes()))
	require.NoError(t, err)
	defer reader.Close()
	var inArrow, inParquet []string
	for i, f := range answer.ArrowSchema(src.columns).Fields() {
		require.Equal(t, want[i].String(), f.Type.String())
		inArrow = append(inArrow, zonesOf(f.Type)...)
	}
	for i := range reader.MetaData().Schema.NumColumns() {
		if stamp, ok := reader.MetaData().Schema.Column(i).LogicalType().(*schema.TimestampLogicalType); ok {
			zone := ""
			if stamp.IsAdjustedToUTC() {
				zone = "UTC"
			}
			inParquet = append(inParquet, zone)
		}
	}
	require.Equal(t, []string{"", "UTC", "", "", "UTC", ""}, inArrow)
	require.Equal(t, inArrow, inParquet)
}

// zonesOf lists the zones of all timestamps of a type.
func zonesOf(t arrow.DataType) (zones []string) {
	if timestamp, ok := t.(*arrow.TimestampType); ok {
		return []string{timestamp.TimeZone}
	}
	if nested, ok := t.(arrow.NestedType); ok {
		for _, f := range nested.Fields() {
			zones = append(zones, zonesOf(f.Type)...)
		}
	}
	return zones
}

func TestArrowRoundTrip(t *testing.T) {
	var out bytes.Buffer
	rows, err := answer.Write("arrow", &out, everyType(t))
	require.NoError(t, err)
	require.EqualValues(t, 3, rows)

	reader, err := ipc.NewReader(&out)
	require.NoError(t, err)
	require.True(t, reader.Schema().Equal(answer.ArrowSchema(everyType(t).columns)), reader.Schema())
	var records []arrow.Record
	for reader.Next() {
		reader.Record().Retain()
		records = append(records, reader.Record())
	}
	require.NoError(t, reader.Err())
	require.Len(t, records, 2)
	for i := range valueCases {
		requireValue(t, i, records[0].Column(i), 0)
		require.True(t, answer.IsNull(records[0].Column(i), 1), valueCases[i].typ)
		requireValue(t, i, records[1].Column(i), 0)
	}
}

func TestParquetRoundTrip(t *testing.T) {
	var out bytes.Buffer
	rows, err := answer.Write("parquet", &out, everyType(t))
	require.NoError(t, err)
	require.EqualValues(t, 3, rows)

	reader, err := file.NewParquetReader(bytes.NewReader(out.Bytes()))
	require.NoError(t, err)
	defer reader.Close()
	fields, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	require.NoError(t, err)
	table, err := fields.ReadTable(context.Background())
	require.NoError(t, err)
	require.EqualValues(t, 3, table.NumRows())
	for i, c := range valueCases {
		chunks := table.Column(i).Data().Chunks()
		whole, err := array.Concatenate(chunks, memory.DefaultAllocator)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("c%d", i), table.Column(i).Name())
		requireValue(t, i, whole, 0)
		require.True(t, answer.IsNull(whole, 1), c.typ)
		requireValue(t, i, whole, 2)
	}
}

// requireValue compares a value read back with case i's. Values with time zone
// come back as instants.
func requireValue(t *testing.T, i int, arr arrow.Array, row int) {
	t.Helper()
	c := valueCases[i]
	if c.value == "null" {
		require.True(t, answer.IsNull(arr, row), c.typ)
		return
	}
	col, _ := column(t, c.typ, "[]")
	typ, want := col.Type, c.json
	switch typ.Kind {
	case types.TimestampTZ:
		typ, want = types.TimestampOf(typ.Precision), `"2024-02-29 23:00:00.000"`
	case types.TimeTZ:
		typ, want = types.TimeOf(typ.Precision), `"23:00:00"`
	case types.Timestamp:
		// Parquet has no seconds; the reader says which unit it has.
		unit := arr.DataType().(*arrow.TimestampType).Unit
		precision := 3 * int(unit)
		text := string(answer.AppendJSON(nil, types.TimestampOf(precision), arr, row))
		require.Equal(t, strings.Trim(want, `"`), strings.Trim(text, `"`)[:len(want)-2])
		return
	}
	require.Equal(t, want, string(answer.AppendJSON(nil, typ, arr, row)), c.typ)
}

// TestInstantsOfSlicedParts: the parts of values with time zone may be slices
// of longer arrays, as computed columns are.
func TestInstantsOfSlicedParts(t *testing.T) {
	col, whole := column(t, "timestamp(3) with time zone", `[{"instant": "2024-01-01", "zone": 0}, {"instant": "2024-01-02", "zone": 0}, {"instant": "2024-01-03", "zone": 0}, {"instant": "2024-01-04", "zone": 0}]`)
	zoned := whole.(*array.Struct)
	valid := memory.NewBufferBytes([]byte{0b101})
	data := array.NewData(zoned.DataType(), 3, []*memory.Buffer{valid},
		[]arrow.ArrayData{array.NewSlice(zoned.Field(0), 1, 4).Data(), array.NewSlice(zoned.Field(1), 1, 4).Data()}, 1, 0)
	for _, from := range []int64{0, 1} {
		arr := array.NewSlice(array.NewStructData(data), from, 3)
		record, err := answer.Record(answer.ArrowSchema([]answer.Column{col}), []answer.Column{col}, []arrow.Array{arr})
		require.NoError(t, err)
		want := []string{"2024-01-02 00:00:00.000", "", "2024-01-04 00:00:00.000"}[from:]
		for i := range want {
			require.Equal(t, want[i], string(answer.AppendText(nil, types.TimestampType, record.Column(0), i)), "row %d", i)
		}
	}
}

func TestNamesThatRepeatOrAreEmpty(t *testing.T) {
	typ := types.RowOf(types.Field{Type: types.BigIntType}, types.Field{Type: types.BigIntType})
	_, one := column(t, "bigint", `[1]`)
	fields, err := array.NewStructArray([]arrow.Array{one, one}, []string{"", ""})
	require.NoError(t, err)
	for _, format := range answer.Formats() {
		src := &source{
			columns: []answer.Column{{Name: "a", Type: types.BigIntType}, {Name: "a", Type: types.BigIntType}, {Name: "", Type: typ}},
			batches: [][]arrow.Array{{one, one, fields}},
		}
		rows, err := answer.Write(format, &bytes.Buffer{}, src)
		require.NoError(t, err, format)
		require.EqualValues(t, 1, rows, format)
	}
}
