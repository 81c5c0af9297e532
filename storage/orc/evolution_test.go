package orc_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

// ids gives columns the field ids of a table.
func ids(of map[string]string) func(string) map[string]string {
	return func(path string) map[string]string {
		if id, ok := of[path]; ok {
			return map[string]string{"iceberg.id": id}
		}
		return nil
	}
}

func fields(list ...arrow.Field) *arrow.Schema { return arrow.NewSchema(list, nil) }

func field(name string, dataType arrow.DataType) arrow.Field {
	return arrow.Field{Name: name, Type: dataType, Nullable: true}
}

func fromJSON(t *testing.T, schema *arrow.Schema, rows string) arrow.Record {
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(rows))
	require.NoError(t, err)
	return rec
}

func columnsOf(t *testing.T, schema *arrow.Schema, of map[string]string) *orc.Columns {
	columns, err := orc.NewColumns(schema, ids(of))
	require.NoError(t, err)
	return columns
}

// asJSON reads one path as wanted.
func asJSON(t *testing.T, r *orc.Reader, path orc.Path) string {
	text, err := readAll(t, r, []orc.Path{path})[0].MarshalJSON()
	require.NoError(t, err)
	return string(text)
}

var (
	textType  = arrow.BinaryTypes.String
	int32Type = arrow.PrimitiveTypes.Int32
	int64Type = arrow.PrimitiveTypes.Int64
)

func TestColumnsByFieldID(t *testing.T) {
	old := fields(
		field("name", textType),
		field("gone", int64Type),
		field("count", int32Type),
		field("who", arrow.StructOf(field("first", textType), field("last", textType))),
		field("tags", arrow.MapOf(textType, int32Type)),
		field("parts", arrow.ListOf(arrow.StructOf(field("arn", textType), field("kind", textType)))),
		field("plain", textType),
	)
	file := write(t, orc.WriterOptions{Bloom: func(string) bool { return true }, RowIndexStride: 2, Attributes: ids(map[string]string{
		"name": "1", "gone": "2", "count": "3", "who": "4", "who.first": "5", "who.last": "6", "tags": "7", "parts": "8", "parts.element": "9",
		"parts.element.arn": "10", "parts.element.kind": "11"})}, fromJSON(t, old, `[
		{"name":"a","gone":1,"count":7,"who":{"first":"f","last":"l"},"tags":[{"key":"k","value":1}],"parts":[{"arn":"x","kind":"y"}],"plain":"p"},
		{"name":null,"gone":2,"count":null,"who":null,"tags":null,"parts":null,"plain":null},
		{"name":"c","gone":3,"count":9,"who":{"first":null,"last":"m"},"tags":[],"parts":[null,{"arn":null,"kind":"z"}],"plain":"q"}]`))

	wanted := fields(
		field("added", arrow.ListOf(textType)),
		field("renamed", textType),
		field("gone", textType), // another column of the same name
		field("count", int64Type),
		field("who", arrow.StructOf(field("last", textType), field("middle", textType), field("given", textType))),
		field("tags", arrow.MapOf(textType, int64Type)),
		field("parts", arrow.ListOf(arrow.StructOf(field("size", int64Type), field("kind", textType)))),
		field("plain", textType),
		field("place", arrow.StructOf(field("city", textType), field("ways", arrow.ListOf(arrow.StructOf(field("name", textType)))))),
	)
	r := open(t, file).As(columnsOf(t, wanted, map[string]string{
		"added": "20", "renamed": "1", "gone": "21", "count": "3", "who": "4", "who.given": "5", "who.last": "6", "who.middle": "22", "tags": "7",
		"parts": "8", "parts.element": "9", "parts.element.kind": "11", "parts.element.size": "23", "plain": "24", "place": "25"}))
	require.Equal(t, wanted, r.Schema())
	for _, c := range []struct {
		path orc.Path
		want string
	}{
		{orc.Column("added"), `[null,null,null]`},
		{orc.Column("renamed"), `["a",null,"c"]`},
		{orc.Column("gone"), `[null,null,null]`},
		{orc.Column("count"), `[7,null,9]`},
		{orc.Column("who"), `[{"given":"f","last":"l","middle":null},null,{"given":null,"last":"m","middle":null}]`},
		{orc.Column("who", "given"), `["f",null,null]`},
		{orc.Column("who", "middle"), `[null,null,null]`},
		{orc.Column("tags"), `[[{"key":"k","value":1}],null,[]]`},
		{orc.Column("tags").Entries("k"), `[[{"key":"k","value":1}],null,[]]`},
		{orc.Column("tags", "value"), `[[1],null,[]]`},
		{orc.Column("parts"), `[[{"kind":"y","size":null}],null,[null,{"kind":"z","size":null}]]`},
		{orc.Column("parts", "element", "kind"), `[["y"],null,[null,"z"]]`},
		{orc.Column("parts").Entries(), `[true,null,true]`},
		{orc.Column("who").Entries(), `[true,null,true]`},
		{orc.Column("place").Entries(), `[null,null,null]`},
		{orc.Column("place", "ways").Entries(), `[null,null,null]`},
		{orc.Column("parts", "element", "size"), `[[null],null,[null,null]]`},
		{orc.Column("plain"), `["p",null,"q"]`},
		{orc.Column("place"), `[null,null,null]`},
		{orc.Column("place", "ways", "element", "name"), `[null,null,null]`},
	} {
		t.Run(c.path.String(), func(t *testing.T) {
			require.JSONEq(t, c.want, asJSON(t, r, c.path))
		})
	}
	_, err := readOne(r, orc.Column("name"), nil)
	require.ErrorContains(t, err, `no column "name"`)

	for path, want := range map[string]orc.Statistics{
		"renamed":    {Known: true, Values: 2, HasNull: true, Min: textBound("a"), Max: textBound("c")},
		"count":      {Known: true, Values: 2, HasNull: true, Min: intBound(7), Max: intBound(9)},
		"gone":       {Known: true, HasNull: true},
		"who.middle": {Known: true, HasNull: true},
	} {
		got, err := r.Statistics(orc.ParsePath(path))
		require.NoError(t, err)
		require.Equal(t, want, got, path)
	}
	requireMissingIsFree(t, r)
}

func textBound(v string) orc.Bound { return orc.Bound{Kind: orc.TextBound, Text: v, Exact: true} }

func intBound(v int64) orc.Bound { return orc.Bound{Kind: orc.IntBound, Int: v, Exact: true} }

// readOne reads a path of the file's first row group.
func readOne(r *orc.Reader, path orc.Path, usage *orc.Usage) (arrow.Array, error) {
	s, err := r.Stripe(0)
	if err != nil {
		return nil, err
	}
	arrays, err := s.Read(context.Background(), 0, []orc.Path{path}, nil, usage)
	if err != nil {
		return nil, err
	}
	return arrays[0], nil
}

func requireMissingIsFree(t *testing.T, r *orc.Reader) {
	s, err := r.Stripe(0)
	require.NoError(t, err)
	for _, path := range []orc.Path{orc.Column("added"), orc.Column("who", "middle"), orc.Column("place")} {
		usage := &orc.Usage{}
		_, err := s.Read(t.Context(), 1, []orc.Path{path}, nil, usage)
		require.NoError(t, err)
		_, err = s.Statistics(1, path, usage)
		require.NoError(t, err)
		require.NoError(t, s.Cost(1, []orc.Path{path}, usage))
		require.Zero(t, usage.Bytes(), path)
		require.False(t, s.HasBloom(path))
	}
}

// TestColumnsOfAnotherWriter reads a file that pyarrow wrote, without field ids.
func TestColumnsOfAnotherWriter(t *testing.T) {
	file, err := os.ReadFile("testdata/foreign/pyarrow.orc")
	require.NoError(t, err)
	millis := &arrow.TimestampType{Unit: arrow.Millisecond}
	wanted := fields(
		field("eventversion", textType), field("small", int64Type), field("count", int64Type), field("share", arrow.PrimitiveTypes.Float64),
		field("at", millis), field("day", arrow.FixedWidthTypes.Date32),
		field("who", arrow.StructOf(field("name", textType), field("age", int32Type), field("zone", textType))),
		field("tags", arrow.MapOf(textType, int64Type)),
		field("parts", arrow.ListOf(arrow.StructOf(field("arn", textType)))),
		field("absent", textType), field("amount", arrow.PrimitiveTypes.Int16),
	)
	r := open(t, file).As(columnsOf(t, wanted, map[string]string{"eventversion": "1", "small": "2", "who": "3", "who.name": "4", "absent": "5"}))
	for path, want := range map[string]string{
		"eventversion":      `["1.08",null,"1.09","1.09","1.10"]`,
		"small":             `[1,-2,null,127,-128]`,
		"count":             `[1,-2,null,2147483647,-2147483648]`,
		"share":             `[0.5,null,-1.25,3,10000000000]`,
		"day":               `["2025-03-04",null,"1970-01-01","1969-12-31","2038-01-19"]`,
		"who":               `[{"name":"maria","age":3,"zone":null},null,{"name":null,"age":4,"zone":null},{"name":"","age":null,"zone":null},{"name":"ü","age":-1,"zone":null}]`,
		"who.name":          `["maria",null,null,"","ü"]`,
		"tags":              `[[{"key":"a","value":1}],null,[],[{"key":"b","value":null},{"key":"c","value":3}],[{"key":"a","value":5}]]`,
		"parts.element.arn": `[["x"],null,[],[null,null],["y"]]`,
		"absent":            `[null,null,null,null,null]`,
	} {
		require.JSONEq(t, want, asJSON(t, r, orc.ParsePath(path)), path)
	}
	at, ok := readAll(t, r, []orc.Path{orc.Column("at")})[0].(*array.Timestamp)
	require.True(t, ok)
	require.Equal(t, []arrow.Timestamp{1_741_076_467_999, 0, -2_000, 1_420_070_400_000, 2_147_483_648_000}, at.TimestampValues())
	require.True(t, at.IsNull(1))

	_, err = readOne(r, orc.Column("amount"), nil)
	var unsupported *orc.UnsupportedError
	require.ErrorAs(t, err, &unsupported)
	require.ErrorContains(t, err, "reading column amount of type long as int16")
	s, err := r.Statistics(orc.Column("amount"))
	require.NoError(t, err)
	require.False(t, s.Known, "nothing may be pruned by it")
}

func TestColumnsOfOtherTypes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(51, 52))
	r := open(t, write(t, orc.WriterOptions{}, randomRecord(rnd, everyType, 20, 0.2)))
	for _, c := range []struct {
		name   string
		as     arrow.DataType
		refuse string
	}{
		{"i64", int32Type, "reading column i64 of type long as int32"},
		{"i32", arrow.PrimitiveTypes.Float64, "of type int as float64"},
		{"f64", arrow.PrimitiveTypes.Float32, "of type double as float32"},
		{"flag", int32Type, "of type boolean as int32"},
		{"bin", textType, "of type binary as utf8"},
		{"few", int64Type, "of type string as int64"},
		{"dec", &arrow.Decimal128Type{Precision: 30, Scale: 5}, "of type decimal as decimal(30, 5)"},
		{"ms", &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}, "of type timestamp as timestamp[ms, tz=UTC]"},
		{"day", &arrow.TimestampType{Unit: arrow.Millisecond}, "of type date as timestamp"},
		{"list", arrow.MapOf(textType, textType), "of type list as map"},
		{"who", textType, "of type struct as utf8"},
		{"tags", arrow.MapOf(textType, int64Type), "reading column tags.value of type string as int64"},
		{"i8", arrow.PrimitiveTypes.Int16, ""},
		{"i8", int32Type, ""},
		{"i16", int32Type, ""},
		{"i16", int64Type, ""},
		{"us", &arrow.TimestampType{Unit: arrow.Second}, ""},
		{"dec", &arrow.Decimal128Type{Precision: 30, Scale: 4}, ""},
	} {
		t.Run(c.name+" as "+c.as.String(), func(t *testing.T) {
			got, err := readOne(r.As(columnsOf(t, fields(field(c.name, c.as)), nil)), orc.Column(c.name), nil)
			if c.refuse != "" {
				var unsupported *orc.UnsupportedError
				require.True(t, errors.As(err, &unsupported), err)
				require.ErrorContains(t, err, c.refuse)
				return
			}
			require.NoError(t, err)
			require.True(t, arrow.TypeEqual(c.as, got.DataType()))
			own, err := readOne(r, orc.Column(c.name), nil)
			require.NoError(t, err)
			for i := range own.Len() {
				require.Equal(t, own.IsNull(i), got.IsNull(i))
				if _, isTime := own.(*array.Timestamp); !isTime {
					require.Equal(t, own.ValueStr(i), got.ValueStr(i))
				}
			}
		})
	}
	t.Run("a field of what is no struct", func(t *testing.T) {
		other := r.As(columnsOf(t, fields(field("few", arrow.StructOf(field("x", textType)))), nil))
		_, err := readOne(other, orc.Column("few", "x"), nil)
		require.ErrorContains(t, err, "reading column few of type string as struct")
		s, err := other.Statistics(orc.Column("few", "x"))
		require.NoError(t, err)
		require.False(t, s.Known)
	})
}

// TestOwnColumns reads a file as the columns it has.
func TestOwnColumns(t *testing.T) {
	rnd := rand.New(rand.NewPCG(53, 54))
	r := open(t, write(t, orc.WriterOptions{RowIndexStride: 100}, randomRecord(rnd, everyType, 350, 0.2)))
	other := r.As(columnsOf(t, everyType, nil))
	want, got := readAll(t, r, columnPaths(everyType)), readAll(t, other, columnPaths(everyType))
	for i := range want {
		requireSame(t, want[i], got[i], everyType.Field(i).Name)
	}
	requireSelection(t, other, textsOf(randomRecord(rand.New(rand.NewPCG(53, 54)), everyType, 350, 0.2)), rnd, 0.3)
}
