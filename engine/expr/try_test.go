package expr_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/planner/types"
)

// TestTryOfManyRows: columns with dictionaries and without, some of whose rows fail, give what each row gives alone; also where several goroutines
// compute one expression.
func TestTryOfManyRows(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 4 // one with each share of NULLs
	}
	dictionaries := []arrow.Array{dictionaryOf(t, "a", 5), dictionaryOf(t, "b", 40), dictionaryOf(t, "c", 900)}
	for _, expression := range []string{
		"TRY(CAST(replace(s, 't', '') AS bigint))", "TRY(date_parse(s, 't%Y'))", "TRY(CAST(s AS integer))", "TRY(100 / (n - 3))", "TRY(CAST(substr(s, n) AS integer))",
		"TRY(coalesce(CAST(replace(s, 't', '') AS bigint), n))", "TRY(CAST(replace(s, 't', '') AS bigint) / n)", "TRY(CAST(ARRAY[replace(s, 't', '')] AS array(integer))[1])",
		"coalesce(TRY(CAST(replace(s, 't', '') AS bigint)), TRY(n / n), -1)",
	} {
		e, typ := compile(t, expression)
		alone, _ := compile(t, expression)
		var workers sync.WaitGroup
		for worker := range 3 {
			workers.Go(func() {
				random := rand.New(rand.NewPCG(11, uint64(worker)))
				for round := range rounds {
					rows := []int{1, 9, 300}[random.IntN(3)]
					coded, plain := codedBatch(rows, dictionaries[random.IntN(3)], dictionaries[0], []int{0, 1, 5, 10}[round%4], random)
					want := eachAlone(t, alone, typ, plain)
					for _, b := range []*batch.Batch{coded, plain} {
						got, err := e.Eval(b)
						if !assert.NoError(t, err, expression) || !assert.Equal(t, want, values(typ, got, rows), expression) {
							return
						}
					}
				}
			})
		}
		workers.Wait()
	}
}

// eachAlone is what an expression gives for each row in a batch of its own.
func eachAlone(t *testing.T, e expr.Evaluator, typ *types.Type, b *batch.Batch) (all []types.Value) {
	for i := range b.Len {
		one := &batch.Batch{Len: 1}
		for _, c := range b.Columns {
			one.Columns = append(one.Columns, batch.Vector{Array: array.NewSlice(c.Array, int64(i), int64(i+1))})
		}
		v, err := e.Eval(one)
		assert.NoError(t, err)
		all = append(all, values(typ, v, 1)...)
	}
	return all
}

// TestTryHidesNothingElsewhere: what stands beside TRY fails, whichever is computed first.
func TestTryHidesNothingElsewhere(t *testing.T) {
	for _, expression := range []string{
		"coalesce(TRY(CAST(s AS integer)), CAST(s AS integer))", "CAST(s AS integer) + TRY(CAST(s AS integer))",
	} {
		e, _ := compile(t, expression)
		coded, plain := codedBatch(100, dictionaryOf(t, "a", 5), dictionaryOf(t, "a", 5), 0, rand.New(rand.NewPCG(1, 2)))
		for _, b := range []*batch.Batch{coded, plain, coded} {
			_, err := e.Eval(b)
			require.Equal(t, types.InvalidCastArgument, types.ErrorName(err))
		}
	}
}
