package expr_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/types"
)

// jsonTexts are keys and values of which JSON, lower or upper make something else, and plain ones.
var jsonTexts = []string{
	"", "a", "n", "u00", "secret", "Secret", "no secrets", "null", "nul", ":", ",", "{}", "\"", "\\", "a\"b", "\\n", "\n", "x\ny", "\x01", "u001", "\u007f",
	"é", "É", "日本", "\u212a", "kK", "\u0130i", "ſs", "😀", "D83D", "\ud7ff", "\uFFFD", "\xff", "\xed\xa0\x80", "a\xffb", `{"a":"b"}`, `["x","secret"]`, "0.0.0.0/0", "50%", "a_b",
}

// jsonMaps returns a batch whose first column has maps of jsonTexts; the values of some entries, and some maps, are NULL.
func jsonMaps(t testing.TB, random *rand.Rand, rows int, encodedKeys, encodedValues bool) *batch.Batch {
	offsets, valid := make([]int32, rows+1), arrowdata.FullValidity(rows)
	var keys, values []string
	var nulls []int
	for row := range rows {
		for k := range random.IntN(4) {
			keys = append(keys, fmt.Sprint(jsonTexts[random.IntN(len(jsonTexts))], strings.Repeat("k", k)))
			if random.IntN(6) == 0 {
				nulls = append(nulls, len(values))
			}
			values = append(values, jsonTexts[random.IntN(len(jsonTexts))])
		}
		offsets[row+1] = int32(len(keys))
		if random.IntN(8) == 0 {
			arrowdata.ClearBit(valid, row)
		}
	}
	present := arrowdata.FullValidity(len(values))
	for _, i := range nulls {
		arrowdata.ClearBit(present, i)
	}
	column := batch.FromMaps(offsets, valid, textColumn(t, keys, nil, encodedKeys), textColumn(t, values, present, encodedValues))
	return &batch.Batch{Len: rows, Columns: []batch.Vector{{Array: column}}}
}

// textColumn keeps the texts under NULLs, unless they are encoded.
func textColumn(t testing.TB, texts []string, valid []byte, encoded bool) arrow.Array {
	offsets, data := make([]int32, len(texts)+1), []byte{}
	for i, s := range texts {
		data = append(data, s...)
		offsets[i+1] = int32(len(data))
	}
	a := batch.FromText(arrow.BinaryTypes.String, offsets, data, valid)
	if encoded {
		return encode(t, a)
	}
	return a
}

// TestJSONOfCodedMaps: keys that are codes are written as keys that are texts, in the same order.
func TestJSONOfCodedMaps(t *testing.T) {
	written, typ := compile(t, "json_format(CAST(m AS JSON))")
	at := 0
	for fixture[at].name != "m" {
		at++
	}
	random := rand.New(rand.NewPCG(2, 71))
	for _, rows := range []int{1, 10, 3000} { // the dictionary has more texts than there are entries, or fewer
		coded := jsonMaps(t, random, rows, true, true).Columns[0]
		var texts [2][]types.Value
		for i, maps := range []batch.Vector{coded, {Array: batch.Decode(coded.Array)}} {
			columns := make([]batch.Vector, len(fixture))
			columns[at] = maps
			v, err := written.Eval(&batch.Batch{Len: rows, Columns: columns})
			require.NoError(t, err)
			texts[i] = values(typ, v, rows)
		}
		require.Equal(t, texts[1], texts[0], "%d rows", rows)
	}
}

// requireJSONSearch compares a search of the JSON text of maps with the same search of the text written before.
func requireJSONSearch(t *testing.T, b *batch.Batch, search string) {
	t.Helper()
	written, _ := compile(t, "json_format(CAST(m AS JSON))")
	column := batch.Vector{}
	for i, c := range fixture {
		if c.name == "m" {
			column = b.Columns[0]
			b.Columns = make([]batch.Vector, len(fixture))
			b.Columns[i] = column
		}
	}
	text, err := written.Eval(b)
	require.NoError(t, err)
	plain := &batch.Batch{Len: b.Len, Sel: b.Sel, Columns: make([]batch.Vector, len(fixture))}
	if b.Sel != nil {
		plain.Len, plain.Sel = len(b.Sel), nil
	}
	plain.Columns[0] = text // column s
	want := evaluated(t, strings.ReplaceAll(search, "$", "s"), plain)
	got := evaluated(t, strings.ReplaceAll(search, "$", "json_format(CAST(m AS JSON))"), b)
	for i := range want {
		require.Equal(t, want[i], got[i], "%s of %s", search, text.Array.(*array.String).Value(i))
	}
	b.Columns = []batch.Vector{column}
}

func evaluated(t *testing.T, text string, b *batch.Batch) []types.Value {
	e, returns := compile(t, text)
	v, err := e.Eval(b)
	require.NoError(t, err, text)
	rows := b.Len
	if b.Sel != nil {
		rows = len(b.Sel)
	}
	out := make([]types.Value, rows)
	for i := range out {
		out[i] = function.ValueAt(returns, v.Array, v.At(i))
	}
	return out
}

func quotedSQL(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// TestJSONSearch asks patterns made of what texts of maps have: parts of keys and values, and what stands between.
func TestJSONSearch(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	random := rand.New(rand.NewPCG(121, 122))
	glue := []string{"", "", "%", "%", "_", `"`, `":"`, `","`, ":", ",", "{", "}", `\`, `\"`, `\\`, "null", ":null", "ul", `\u`, `u00`, "A", "k"}
	part := func() string {
		s := strings.ToValidUTF8(jsonTexts[random.IntN(len(jsonTexts))], "")
		if runes := []rune(s); len(runes) > 1 && random.IntN(2) == 0 {
			s = string(runes[random.IntN(len(runes)):])
		}
		switch random.IntN(6) {
		case 0:
			return strings.ToLower(s)
		case 1:
			return strings.ToUpper(s)
		}
		return s
	}
	for round := range 300 {
		b := jsonMaps(t, random, 1+random.IntN(40), round%2 == 0, round%4 < 2)
		if random.IntN(3) == 0 {
			for row := range b.Len {
				if random.IntN(2) == 0 {
					b.Sel = append(b.Sel, int32(row))
				}
			}
		}
		if b.Sel == nil && random.IntN(3) == 0 && b.Len > 2 { // a slice of maps begins within its entries
			b.Columns[0].Array = array.NewSlice(b.Columns[0].Array, 1, int64(b.Len-1))
			b.Len -= 2
		}
		for range 4 {
			needle := glue[random.IntN(len(glue))] + part() + glue[random.IntN(len(glue))] + part() + glue[random.IntN(len(glue))]
			text := []string{"$", "lower($)", "upper($)"}[random.IntN(3)]
			search := []string{
				text + " LIKE " + quotedSQL("%"+strings.Trim(needle, "%")+"%"),
				text + " LIKE " + quotedSQL("%"+part()+"%"),
				text + " LIKE " + quotedSQL(needle),
				text + " LIKE " + quotedSQL("%"+strings.NewReplacer("%", "!%", "_", "!_", "!", "!!").Replace(needle)+"%") + " ESCAPE '!'",
				"strpos(" + text + ", " + quotedSQL(needle) + ")",
				"starts_with(" + text + ", " + quotedSQL(`{"`+part()) + ")",
				"regexp_like(" + text + ", " + quotedSQL(part()[:0]+"[a-z]"+literal(part())+".*"+literal(part())) + ")",
				"regexp_like(" + text + ", " + quotedSQL(literal(part())) + ")",
			}[random.IntN(8)]
			requireJSONSearch(t, b, search)
		}
	}
}

// literal writes a text as a regular expression.
func literal(s string) string {
	return strings.NewReplacer(`\`, `\\`, "{", `\{`, "}", `\}`, "[", `\[`, "]", `\]`, ".", `\.`).Replace(s)
}

// TestJSONSearchErrors: a pattern that is none is an error for rows that there are, and for no other.
func TestJSONSearchErrors(t *testing.T) {
	for _, search := range []string{"$ LIKE '%a!' ESCAPE '!'", "$ LIKE '%a%' ESCAPE '!!'", "regexp_like($, 'a(')"} {
		t.Run(search, func(t *testing.T) {
			e, _ := compile(t, strings.ReplaceAll(search, "$", "json_format(CAST(m AS JSON))"))
			b := fixtureBatch(t, false)
			_, err := e.Eval(b)
			require.Equal(t, types.InvalidFunctionArgument, types.ErrorName(err))
			b.Sel = []int32{2} // whose map is NULL
			v, err := e.Eval(b)
			require.NoError(t, err)
			require.True(t, v.Array.IsNull(0))
		})
	}
}

// FuzzJSONSearch searches for any text in maps of any text.
func FuzzJSONSearch(f *testing.F) {
	f.Add("secret", "a\"b", "x", "cre", uint8(0))
	f.Add("a", "\n", "😀", `":"`, uint8(1))
	f.Add("K", "\u212a", "\xff", "k", uint8(2))
	f.Add("k", "v", "", `{"k":"v`, uint8(3))
	f.Fuzz(func(t *testing.T, key, one, two, needle string, form uint8) {
		keys, values := textColumn(t, []string{key, key + "2", one}, nil, form&1 != 0), textColumn(t, []string{one, two, key}, []byte{0b101}, form&2 != 0)
		b := &batch.Batch{Len: 3, Columns: []batch.Vector{{Array: batch.FromMaps([]int32{0, 1, 3, 3}, nil, keys, values)}}}
		if len(needle) > 1000 || !utf8.ValidString(needle) || strings.Contains(needle, "$") { // which statements are not, and the sign for the text
			t.Skip()
		}
		text := []string{"$", "lower($)", "upper($)", "$"}[form>>2&3]
		requireJSONSearch(t, b, "strpos("+text+", "+quotedSQL(needle)+") > 0")
		requireJSONSearch(t, b, text+" LIKE "+quotedSQL("%"+strings.NewReplacer("%", "!%", "_", "!_", "!", "!!").Replace(needle)+"%")+" ESCAPE '!'")
	})
}
