package function

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// writtenText is the form of the json type of a text, of which each object and array is written anew.
func writtenText(text string, order members) (string, error) {
	j, w := jsontext.Walker{Text: text}, canonicalWriter{order: order}
	out, err := w.writeValue(nil, &j)
	if err == nil && !j.AtEnd() {
		err = jsontext.ErrMalformed
	}
	return string(out), err
}

// TestPlainTextsAsWritten: what is taken as it stands is what would be written of it.
func TestPlainTextsAsWritten(t *testing.T) {
	for _, order := range []members{asWritten, sortedByKey, mergedByKey} {
		for _, text := range []string{
			`{"a":"x","b":[{"c":1},{"c":2}],"d":[1,2,3]}`, `{"d":1,"a":2}`, `{"a":1,"a":2}`, `{"a":{"b":1,"b":2}}`, `["\u0041"]`, `["é","😀"]`,
			`[1.0,-0,1e2,007]`, `[-0]`, ` [1]`, `[1] `, `[1 ]`, `[1]x`, `{}`, `[]`, `"a"`, `"a`, `"a"x`, `true`, ``, `{"":{"":[]}}`, `["\t"]`, "[\"\xED\xA0\x80\"]", "[\"\xff\"]",
			`{"a":null,"b":true,"c":false}`, `[nul]`, `[truex]`, `[123456789012345678901234567890]`,
		} {
			want, wantErr := writtenText(text, order)
			w := canonicalWriter{order: order}
			got, err := w.appendText([]byte("before "), text)
			require.Equal(t, wantErr, err, text)
			if err == nil {
				require.Equal(t, "before "+want, string(got), text)
			}
		}
	}
}

// TestParsedColumns: json_parse gives the same of a text whatever stands around it in the column.
func TestParsedColumns(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	kinds := map[string][]string{
		"plain":            {`{"a":"x","b":[1,{"c":2}]}`, `[]`, `"x"`},
		"written anew":     {`{"b":1,"a":2}`, ` [1.50]`, `1`, `"\u0041"`},
		"mixed":            {`{"a":"x"}`, `[true]`, `"x"`, `{"a":1,"a":2}`},
		"refused":          {`{"a":"x"}`, `[1`, `[1.5]`},
		"none of its rows": {},
	}
	for name, texts := range kinds {
		t.Run(name, func(t *testing.T) {
			for range 200 {
				column := make([]string, random.IntN(40))
				valid := make([]byte, (len(column)+7)/8)
				var want []string
				var wantErr error
				for i := range column {
					form, isText := "(null)", len(texts) > 0 && random.IntN(4) > 0
					column[i] = "not JSON"
					if isText {
						valid[i/8] |= 1 << (i % 8)
						column[i] = texts[random.IntN(len(texts))]
						var err error
						if form, err = writtenText(column[i], sortedByKey); err != nil && wantErr == nil {
							wantErr = argumentError("%s", column[i])
						}
					}
					want = append(want, form)
				}
				requireParsed(t, column, valid, want, wantErr)
			}
		})
	}
}

func requireParsed(t *testing.T, texts []string, valid []byte, want []string, wantErr error) {
	whole, err := batch.FromStrings(arrow.BinaryTypes.String, append(make([]string, 8), texts...), append([]byte{0}, valid...))
	require.NoError(t, err)
	column := array.NewSlice(whole, 8, int64(len(texts)+8))
	fn, err := New().Resolve("json_parse", []types.Arg{{Type: types.VarcharType}})
	require.NoError(t, err)
	kernel := parseJSON(func(text string) error { return argumentError("%s", text) })(fn)
	got, err := kernel(&Env{}, []batch.Vector{{Array: column}}, nil, len(texts))
	if wantErr != nil {
		require.EqualError(t, err, wantErr.Error())
		return
	}
	require.NoError(t, err)
	shown := []string(nil)
	for i := range texts {
		shown = append(shown, got.Array.ValueStr(i))
	}
	require.Equal(t, want, shown)
}
