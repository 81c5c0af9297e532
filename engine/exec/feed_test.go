package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// feed gives a table out in batches of a number of rows, some of them with dead
// rows between the live ones.
type feed struct {
	reader *tableReader
	size   int
	random *rand.Rand
	closed bool
}

func (f *feed) Next(ctx context.Context) (*batch.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t := f.reader.table
	rows := min(f.size, t.rows-f.reader.given)
	if rows == 0 {
		return nil, nil
	}
	var picked, sel []int32
	for range rows {
		for f.random.IntN(3) == 0 {
			picked = append(picked, int32(f.random.IntN(t.rows))) // dead
		}
		sel = append(sel, int32(len(picked)))
		picked = append(picked, int32(f.reader.given))
		f.reader.given++
	}
	b := t.take(picked)
	if len(sel) < len(picked) {
		b.Sel = sel
	}
	return b, nil
}

func (f *feed) Close() { f.closed = true }

// sample is a table of small numbers and texts with NULLs, NaNs and repeats:
// columns n bigint, s varchar, d double, and id bigint, which is unique.
func sample(rows int, random *rand.Rand) *table {
	n, d, id := make([]int64, rows), make([]float64, rows), make([]int64, rows)
	s := make([]string, rows)
	nValid, sValid, dValid := arrowdata.FullValidity(rows), arrowdata.FullValidity(rows), arrowdata.FullValidity(rows)
	doubles := []float64{0, negativeZero(), 1.5, nan(), -2}
	for i := range rows {
		n[i], s[i] = random.Int64N(6)-2, strings.Repeat("é", random.IntN(3))+fmt.Sprint(random.IntN(3))
		d[i], id[i] = doubles[random.IntN(len(doubles))], int64(i)
		for _, valid := range [][]byte{nValid, sValid, dValid} {
			if random.IntN(5) == 0 {
				arrowdata.ClearBit(valid, i)
			}
		}
	}
	text, err := batch.FromStrings(arrow.BinaryTypes.String, s, sValid)
	if err != nil {
		panic(err)
	}
	return &table{rows: rows, columns: []arrow.Array{
		batch.FromValues(arrow.PrimitiveTypes.Int64, n, nValid), text,
		batch.FromValues(arrow.PrimitiveTypes.Float64, d, dValid), batch.FromValues(arrow.PrimitiveTypes.Int64, id, nil)}}
}

func negativeZero() float64 { zero := 0.0; return -zero }

func nan() float64 { zero := 0.0; return zero / zero }

// sampleColumns are the plan columns of a sample, with IDs from first on.
func sampleColumns(first int) []*plan.Column {
	return []*plan.Column{
		{ID: first, Name: "n", Type: types.BigIntType}, {ID: first + 1, Name: "s", Type: types.VarcharType},
		{ID: first + 2, Name: "d", Type: types.DoubleType}, {ID: first + 3, Name: "id", Type: types.BigIntType},
	}
}

func unlimited() *account { return &account{memory.NewPool(0).Account("test")} }

// rowsOf reads an operator to its end; a row is its values as text.
func rowsOf(t *testing.T, o Operator) []string {
	t.Helper()
	rows := []string{}
	for {
		b, err := o.Next(context.Background())
		require.NoError(t, err)
		if b == nil {
			o.Close()
			return rows
		}
		require.Positive(t, b.Live(), "an operator gave an empty batch")
		b = compact(b)
		for row := range b.Len {
			rows = append(rows, rowText(b.Columns, row))
		}
	}
}

func rowText(columns []batch.Vector, row int) string {
	var cells []string
	for _, v := range columns {
		if v.Array.IsNull(v.At(row)) {
			cells = append(cells, "NULL")
		} else {
			cells = append(cells, v.Array.ValueStr(v.At(row)))
		}
	}
	return strings.Join(cells, "|")
}

func sorted(rows []string) []string {
	out := slices.Clone(rows)
	slices.Sort(out)
	return out
}

// everySize runs a test with batches of one, three and many rows.
func everySize(t *testing.T, run func(t *testing.T, input func(*table) *feed, random *rand.Rand)) {
	for _, size := range []int{1, 3, batch.Rows} {
		t.Run(fmt.Sprintf("batches of %d", size), func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, uint64(size)))
			run(t, func(from *table) *feed {
				return &feed{reader: &tableReader{table: from}, size: size, random: random}
			}, random)
		})
	}
}
