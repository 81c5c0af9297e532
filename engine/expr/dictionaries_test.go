package expr_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// choosingTexts are expressions whose values come from several columns of texts.
var choosingTexts = []string{
	"coalesce(s, u)", "coalesce(s, u, 'none')", "coalesce(nullif(u, 't3'), s, u)", "coalesce(s, CAST(n AS varchar), '-')", "coalesce(s, CAST(NULL AS varchar), u)",
	"CASE WHEN n > 3 THEN s WHEN n > 1 THEN u ELSE 'few' END", "CASE WHEN n > 3 THEN s WHEN n > 1 THEN u END", "IF(n > 2, s, lower(s))",
	"CASE WHEN n > 3 THEN s WHEN n > 2 THEN 'three' WHEN n > 1 THEN s ELSE u END",
}

// codedBatch has numbers, and texts as codes of the dictionaries of s and u.
func codedBatch(rows int, s, u arrow.Array, nulls int, random *rand.Rand) (coded, plain *batch.Batch) {
	coded, plain = &batch.Batch{Len: rows}, &batch.Batch{Len: rows}
	for _, c := range fixture {
		var a arrow.Array
		valid := arrowdata.FullValidity(rows)
		for i := range rows {
			if random.IntN(10) < nulls {
				arrowdata.ClearBit(valid, i)
			}
		}
		switch dictionary := map[string]arrow.Array{"s": s, "u": u}[c.name]; {
		case dictionary != nil:
			codes := make([]int32, rows)
			for i := range codes {
				codes[i] = random.Int32N(int32(dictionary.Len()))
			}
			a = batch.FromCodes(codes, valid, dictionary)
		default:
			n := make([]int64, rows)
			for i := range n {
				n[i] = random.Int64N(6)
			}
			a = batch.FromValues(arrow.PrimitiveTypes.Int64, n, valid)
		}
		coded.Columns = append(coded.Columns, batch.Vector{Array: a})
		plain.Columns = append(plain.Columns, batch.Vector{Array: batch.Decode(a)})
	}
	return coded, plain
}

// dictionaryOf has some texts, which differ from those of other names in part.
func dictionaryOf(t *testing.T, name string, count int) arrow.Array {
	texts := make([]string, count)
	for i := range texts {
		texts[i] = fmt.Sprintf("%s%d", []string{"t", name}[i%2], i)
	}
	a, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
	require.NoError(t, err)
	return a
}

// TestChoosingTexts: columns with dictionaries, short and longer than the rows, the same as before and others, give what texts give;
// also where several goroutines compute one expression.
func TestChoosingTexts(t *testing.T) {
	dictionaries := []arrow.Array{dictionaryOf(t, "a", 5), dictionaryOf(t, "b", 40), dictionaryOf(t, "c", 9000)}
	for _, expression := range choosingTexts {
		e, typ := compile(t, expression)
		onTexts, _ := compile(t, expression)
		var workers sync.WaitGroup
		for worker := range 3 {
			workers.Go(func() {
				random := rand.New(rand.NewPCG(7, uint64(worker)))
				for try := range 30 {
					rows := []int{1, 9, 700}[random.IntN(3)]
					s, u := dictionaries[random.IntN(3)], dictionaries[random.IntN(3)]
					coded, plain := codedBatch(rows, s, u, []int{0, 1, 5, 10}[try%4], random)
					got, err := e.Eval(coded)
					if !assert.NoError(t, err, expression) {
						return
					}
					want, err := onTexts.Eval(plain)
					if !assert.NoError(t, err, expression) || !assert.Equal(t, values(typ, want, rows), values(typ, got, rows), expression) {
						return
					}
				}
			})
		}
		workers.Wait()
	}
}

// TestChosenTextsKeepTheirDictionary: the next rows with the same dictionaries have the same joined one, so that nobody looks at its texts again.
func TestChosenTextsKeepTheirDictionary(t *testing.T) {
	s, u := dictionaryOf(t, "a", 50), dictionaryOf(t, "b", 60)
	for _, expression := range []string{"coalesce(s, u, 'none')", "CASE WHEN n > 3 THEN s WHEN n > 1 THEN u ELSE 'few' END"} {
		e, _ := compile(t, expression)
		random := rand.New(rand.NewPCG(1, 2))
		var first arrow.ArrayData
		for range 3 {
			coded, _ := codedBatch(1000, s, u, 3, random)
			v, err := e.Eval(coded)
			require.NoError(t, err)
			dictionary := v.Array.(*array.Dictionary).Dictionary()
			require.Equal(t, 50+60+1, dictionary.Len())
			if first == nil {
				first = dictionary.Data()
			}
			require.Same(t, first, dictionary.Data(), expression)
		}
	}
}
