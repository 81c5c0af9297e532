package expr_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// TestTextSearch compares searches of a column, in any case, with the same searches of a text that is computed first.
func TestTextSearch(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	random := rand.New(rand.NewPCG(123, 124))
	some := func() string { return jsonTexts[random.IntN(len(jsonTexts))] }
	for round := range 400 {
		texts := make([]string, 1+random.IntN(40))
		valid := arrowdata.FullValidity(len(texts))
		for i := range texts {
			texts[i] = some() + some() + strings.Repeat("x", random.IntN(90)) + some()
			if round%3 == 0 {
				texts[i] = strings.Map(func(r rune) rune { return r & 0x7F }, texts[i])
			}
			if random.IntN(8) == 0 {
				arrowdata.ClearBit(valid, i)
			}
		}
		b := &batch.Batch{Len: len(texts), Columns: make([]batch.Vector, len(fixture))}
		b.Columns[0] = batch.Vector{Array: textColumn(t, texts, valid, round%5 == 0)} // column s
		switch {
		case random.IntN(3) == 0:
			for row := range b.Len {
				if random.IntN(3) > 0 || round%7 == 0 && row%9 == 0 {
					b.Sel = append(b.Sel, int32(row))
				}
			}
		case b.Len > 2:
			b.Columns[0].Array = array.NewSlice(b.Columns[0].Array, 1, int64(b.Len-1))
			b.Len -= 2
		}
		for range 6 {
			needle := strings.ToValidUTF8(some(), "")
			switch random.IntN(3) {
			case 0:
				needle = strings.ToLower(needle)
			case 1:
				needle = strings.ToUpper(needle)
			}
			text := []string{"$", "lower($)", "upper($)"}[random.IntN(3)]
			search := []string{
				text + " LIKE " + quotedSQL("%"+needle+"%"),
				text + " LIKE " + quotedSQL("%"+needle+"%x%"),
				text + " LIKE '%kali%' OR " + text + " LIKE " + quotedSQL("%"+needle+"%") + " OR lower($) LIKE '%secret%'",
				"strpos(" + text + ", " + quotedSQL(needle) + ")",
				"starts_with(" + text + ", " + quotedSQL(needle) + ")",
				"regexp_like(" + text + ", " + quotedSQL(literal(needle)+"x*"+literal(needle)) + ")",
			}[random.IntN(6)]
			if strings.Contains(needle, "$") {
				continue
			}
			want := evaluated(t, strings.ReplaceAll(search, "$", "concat(s, '')"), b)
			got := evaluated(t, strings.ReplaceAll(search, "$", "s"), b)
			require.Equal(t, want, got, "%s of %q", search, texts)
		}
	}
}
