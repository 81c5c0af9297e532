package orc_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	other "github.com/scritchley/orc"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

// sizedReader is a file in memory as the other reader wants it.
type sizedReader struct{ *bytes.Reader }

// The types that the other reader is known to read right.
var commonTypes = arrow.NewSchema([]arrow.Field{
	{Name: "flag", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	{Name: "i64", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "f64", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "word", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "ts", Type: &arrow.TimestampType{Unit: arrow.Millisecond}, Nullable: true},
	{Name: "list", Type: arrow.ListOf(arrow.PrimitiveTypes.Int64), Nullable: true},
}, nil)

// TestOtherReader has github.com/scritchley/orc read our files.
func TestOtherReader(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	for _, compression := range []orc.Compression{orc.None, orc.Zlib} {
		t.Run(compression.String(), func(t *testing.T) {
			rec := randomRecord(rand.New(rand.NewPCG(71, 72)), commonTypes, 10000, 0.1)
			file := write(t, orc.WriterOptions{Compression: compression, StripeBytes: 200 << 10}, rec)
			r, err := other.NewReader(sizedReader{bytes.NewReader(file)})
			require.NoError(t, err)
			cursor := r.Select("flag", "i64", "f64", "word", "ts", "list")
			row := 0
			for cursor.Stripes() {
				for cursor.Next() {
					for c, value := range cursor.Row() {
						if at, ok := value.(time.Time); ok && at.Unix() < 1 {
							continue // it does not undo the rounding of seconds before 1970
						}
						require.Equal(t, otherText(rec.Column(c), row), fmt.Sprint(value), "%s, row %d", commonTypes.Field(c).Name, row)
					}
					row++
				}
			}
			require.NoError(t, cursor.Err())
			require.Equal(t, int(rec.NumRows()), row)
		})
	}
}

// otherText prints a value as the other reader's value prints.
func otherText(arr arrow.Array, i int) string {
	if arr.IsNull(i) {
		return "<nil>"
	}
	switch arr := arr.(type) {
	case *array.Timestamp:
		return fmt.Sprint(arr.Value(i).ToTime(arrow.Millisecond).In(time.UTC))
	case *array.Float64:
		return fmt.Sprint(arr.Value(i))
	case *array.List:
		values := []any{}
		start, end := arr.ValueOffsets(i)
		for j := start; j < end; j++ {
			var v any
			if arr.ListValues().IsValid(int(j)) {
				v = arr.ListValues().(*array.Int64).Value(int(j))
			}
			values = append(values, v)
		}
		return fmt.Sprint(values)
	}
	return arr.ValueStr(i)
}
