package expr_test

import (
	"context"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/compute"
	"github.com/apache/arrow/go/v15/arrow/scalar"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// selected is the last result of a loop, which the compiler must not leave out.
var selected []int32

// BenchmarkKernels compares filters with the loop that one would write for them over the same arrays, and with Arrow's
// compute functions where there are some, whose result is converted to a selection.
func BenchmarkKernels(b *testing.B) {
	plain, encoded := benchBatch(b, false), benchBatch(b, true)
	column := func(of *batch.Batch, name string) arrow.Array {
		for i, c := range fixture {
			if c.name == name {
				return of.Columns[i].Array
			}
		}
		return nil
	}
	texts := column(plain, "s").(*array.String)
	numbers, others := batch.Values[int64](column(plain, "n")), batch.Values[int64](column(plain, "k"))
	valid := column(plain, "k")
	dictionary := column(encoded, "s").(*array.Dictionary)
	for _, c := range []struct {
		name, text string
		in         *batch.Batch
		loop       func(i int) bool
		compute    func() (compute.Datum, error)
	}{
		{"bigint < constant", "n < 4000", plain, func(i int) bool { return numbers[i] < 4000 }, func() (compute.Datum, error) {
			return compute.CallFunction(context.Background(), "less", nil, compute.NewDatum(column(plain, "n")), compute.NewDatum(scalar.NewInt64Scalar(4000)))
		}},
		{"bigint < bigint", "n < k", plain, func(i int) bool { return valid.IsValid(i) && numbers[i] < others[i] }, func() (compute.Datum, error) {
			return compute.CallFunction(context.Background(), "less", nil, compute.NewDatum(column(plain, "n")), compute.NewDatum(column(plain, "k")))
		}},
		{"text = constant", "s = 'ec2.amazonaws.com/7'", plain, func(i int) bool { return texts.Value(i) == "ec2.amazonaws.com/7" }, func() (compute.Datum, error) {
			return compute.CallFunction(context.Background(), "equal", nil, compute.NewDatum(column(plain, "s")), compute.NewDatum(scalar.NewStringScalar("ec2.amazonaws.com/7")))
		}},
		{"text = constant, dictionary", "s = 'ec2.amazonaws.com/7'", encoded, func(i int) bool {
			return dictionary.Dictionary().(*array.String).Value(dictionary.GetValueIndex(i)) == "ec2.amazonaws.com/7"
		}, nil},
		{"text IN", "s IN ('ec2.amazonaws.com/7', 'ec2.amazonaws.com/8', 'x')", plain, func(i int) bool {
			return texts.Value(i) == "ec2.amazonaws.com/7" || texts.Value(i) == "ec2.amazonaws.com/8" || texts.Value(i) == "x"
		}, nil},
		{"LIKE prefix", "s LIKE 'ec2.%'", plain, func(i int) bool { return strings.HasPrefix(texts.Value(i), "ec2.") }, nil},
		{"LIKE contains", "s LIKE '%aws.com/3%'", plain, func(i int) bool { return strings.Contains(texts.Value(i), "aws.com/3") }, nil},
		{"LIKE contains, none", "s LIKE '%nikto%'", plain, func(i int) bool { return strings.Contains(texts.Value(i), "nikto") }, nil},
		{"LIKE contains, dictionary", "s LIKE '%aws.com/3%'", encoded, func(i int) bool {
			return strings.Contains(dictionary.Dictionary().(*array.String).Value(dictionary.GetValueIndex(i)), "aws.com/3")
		}, nil},
		{"starts_with", "starts_with(s, 'ec2.')", plain, func(i int) bool { return strings.HasPrefix(texts.Value(i), "ec2.") }, nil},
	} {
		b.Run(c.name, func(b *testing.B) {
			e, _ := compile(b, c.text)
			b.Run("kernel", func(b *testing.B) {
				for b.Loop() {
					_, err := e.Filter(c.in)
					require.NoError(b, err)
				}
			})
			b.Run("loop", func(b *testing.B) {
				for b.Loop() {
					rows := make([]int32, 0, batch.Rows)
					for i := range batch.Rows {
						if c.loop(i) {
							rows = append(rows, int32(i))
						}
					}
					selected = rows
				}
			})
			if c.compute == nil {
				return
			}
			b.Run("arrow", func(b *testing.B) {
				for b.Loop() {
					d, err := c.compute()
					require.NoError(b, err)
					found := d.(*compute.ArrayDatum).MakeArray().(*array.Boolean)
					rows := make([]int32, 0, batch.Rows)
					for i := range found.Len() {
						if found.IsValid(i) && found.Value(i) {
							rows = append(rows, int32(i))
						}
					}
					selected = rows
				}
			})
		})
	}
}
