package textshape_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/storage/textshape"
)

func generated(n int64) (texts []string, bytes int64) {
	for e := range gen.Events(gen.Options{Seed: 7, Events: n}) {
		texts = append(texts, string(e.JSON))
		bytes += int64(len(e.JSON))
	}
	return texts, bytes
}

// BenchmarkFind is what writing costs: the shape of a text, and the check that it gives the text.
func BenchmarkFind(b *testing.B) {
	texts, bytes := generated(2000)
	rows := bind(b, texts...)
	x := textshape.NewFinder(rows.layout)
	b.SetBytes(bytes)
	b.ReportAllocs()
	for b.Loop() {
		for row, text := range texts {
			_, ok := x.Find([]byte(text), rows.rows, row)
			if !ok {
				b.Fatal(text)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(texts)), "ns/text")
}

// BenchmarkRebuild is what reading costs.
func BenchmarkRebuild(b *testing.B) {
	texts, bytes := generated(2000)
	rows := bind(b, texts...)
	x := textshape.NewFinder(rows.layout)
	programs := make([]*textshape.Program, len(texts))
	for row, text := range texts {
		programs[row], _ = x.Find([]byte(text), rows.rows, row)
	}
	b.SetBytes(bytes)
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		dst = dst[:0]
		var err error
		for row, p := range programs {
			dst, err = p.Append(dst, rows.rows, row)
			require.True(b, err == nil)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(texts)), "ns/text")
}
