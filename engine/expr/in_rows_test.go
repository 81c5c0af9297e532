package expr_test

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// TestRowsAmongRows: rows of dictionary columns are among rows of constants as those of plain columns are, with NULLs and without,
// and as a comparison of fields says.
func TestRowsAmongRows(t *testing.T) {
	const rows = 2000
	for _, texts := range []int{2, 5, rows} {
		coded, plain := &batch.Batch{Len: rows}, &batch.Batch{Len: rows}
		for column := range fixture {
			values, valid := make([]string, rows), arrowdata.FullValidity(rows)
			for i := range values {
				values[i] = fmt.Sprint("v", i/(1+column%3)%texts)
				if i%(11+column) == 0 && texts != 5 {
					arrowdata.ClearBit(valid, i)
				}
			}
			a, err := batch.FromStrings(arrow.BinaryTypes.String, values, valid)
			require.NoError(t, err)
			plain.Columns = append(plain.Columns, batch.Vector{Array: a})
			coded.Columns = append(coded.Columns, batch.Vector{Array: encode(t, a)})
		}
		byFields, typ := compile(t, "s = 'v0' AND u = 'v1' OR s = 'v1' AND u = CAST(NULL AS varchar) OR s = 'v4' AND u = 'v4'")
		among, _ := compile(t, "(s, u) IN (('v0', 'v1'), ('v1', NULL), ('v4', 'v4'))")
		want, err := byFields.Eval(plain)
		require.NoError(t, err)
		for _, b := range []*batch.Batch{coded, plain} {
			got, err := among.Eval(b)
			require.NoError(t, err)
			require.Equal(t, values(typ, want, rows), values(typ, got, rows), texts)
		}
	}
}
