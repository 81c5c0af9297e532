package expr_test

import (
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/types"
)

// benchBatch has batch.Rows rows; its texts repeat 40 values.
func benchBatch(b *testing.B, dictionaries bool) *batch.Batch {
	out := &batch.Batch{Len: batch.Rows}
	for _, c := range fixture {
		vals := make([]types.Value, batch.Rows)
		for i := range vals {
			vals[i] = types.Value{Type: c.t, V: c.vals[i%len(c.vals)]}
			if c.t.Kind == types.Varchar {
				vals[i].V = "ec2.amazonaws.com/" + strconv.Itoa(i%40)
			}
			if c.t.Kind == types.BigInt {
				vals[i].V = int64(i)
			}
		}
		a, err := function.ArrayOf(c.t, vals)
		if err != nil {
			b.Fatal(err)
		}
		if dictionaries && c.t.Kind == types.Varchar {
			a = encode(b, a)
		}
		out.Columns = append(out.Columns, batch.Vector{Array: a})
	}
	return out
}

func BenchmarkFilter(b *testing.B) {
	for _, bench := range []struct {
		name, text string
		dictionary bool
	}{
		{"text = constant, dictionary", "s = 'ec2.amazonaws.com/7'", true},
		{"text = constant, plain", "s = 'ec2.amazonaws.com/7'", false},
		{"text IN, dictionary", "s IN ('ec2.amazonaws.com/7', 'ec2.amazonaws.com/8', 'x')", true},
		{"text IN, plain", "s IN ('ec2.amazonaws.com/7', 'ec2.amazonaws.com/8', 'x')", false},
		{"LIKE prefix, plain", "s LIKE 'ec2.%'", false},
		{"LIKE contains, plain", "s LIKE '%aws.com/3%'", false},
		{"LIKE contains, dictionary", "s LIKE '%aws.com/3%'", true},
		{"bigint < constant", "n < 4000", false},
		{"bigint < bigint", "n < k", false},
		{"bigint + bigint > constant", "n + k > 4000", false},
		{"two conjuncts, dictionary", "s = 'ec2.amazonaws.com/7' AND n < 4000", true},
		{"map element", "element_at(m, 'Get') = '2'", false},
	} {
		b.Run(bench.name, func(b *testing.B) {
			e, _ := compile(b, bench.text)
			in := benchBatch(b, bench.dictionary)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Filter(in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch.Rows, "ns/row")
		})
	}
}

// BenchmarkEval computes the functions that statements use most.
func BenchmarkEval(b *testing.B) {
	for _, text := range []string{
		"upper(s)", "s || s", "n + k", "s < 'ec2.amazonaws.com/7'", "regexp_like(s, 'com/[0-9]+3')",
		"json_extract_scalar('{\"a\":\"' || s || '\"}', '$.a')", "substr(s, 5)",
	} {
		b.Run(text, func(b *testing.B) {
			e, _ := compile(b, text)
			in := benchBatch(b, false)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Eval(in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch.Rows, "ns/row")
		})
	}
}

func BenchmarkTake(b *testing.B) {
	in := benchBatch(b, false)
	idx := make([]int32, batch.Rows)
	for i := range idx {
		idx[i] = int32(i * 7 % batch.Rows)
	}
	for i, c := range fixture {
		b.Run(c.t.String(), func(b *testing.B) {
			b.ReportAllocs()
			var a arrow.Array
			for b.Loop() {
				a = batch.Take(in.Columns[i].Array, idx)
			}
			_ = a
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch.Rows, "ns/row")
		})
	}
}
