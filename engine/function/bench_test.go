package function

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// parameterMaps is a column of maps of four entries, their keys out of 16.
func parameterMaps(b *testing.B, encoded bool) batch.Vector {
	offsets := make([]int32, batch.Rows+1)
	var keys, values []string
	for i := range batch.Rows {
		for k := range 4 {
			keys = append(keys, fmt.Sprintf("parameterName%d", (i+k*3)%16))
			values = append(values, fmt.Sprintf("arn:aws:s3:::bucket-%d", i))
		}
		offsets[i+1] = int32(len(keys))
	}
	keyArray, err := batch.FromStrings(arrow.BinaryTypes.String, keys, nil)
	require.NoError(b, err)
	if encoded {
		var table batch.TextTable
		codes := make([]int32, len(keys))
		for i, k := range keys {
			codes[i] = table.Insert([]byte(k))
		}
		var distinct []string
		for n := range table.Len() {
			distinct = append(distinct, string(table.At(int32(n))))
		}
		dict, err := batch.FromStrings(arrow.BinaryTypes.String, distinct, nil)
		require.NoError(b, err)
		keyArray = batch.FromCodes(codes, nil, dict)
	}
	valueArray, err := batch.FromStrings(arrow.BinaryTypes.String, values, nil)
	require.NoError(b, err)
	return batch.Vector{Array: batch.FromMaps(offsets, nil, keyArray, valueArray)}
}

func kernelOf(tb testing.TB, name string, args ...*types.Type) Kernel {
	return resolvedOf(tb, name, args...).Impl.(*Impl).Kernel
}

func resolvedOf(tb testing.TB, name string, args ...*types.Type) *types.Resolved {
	list := make([]types.Arg, len(args))
	for i, t := range args {
		list[i].Type = t
	}
	fn, err := New().Resolve(name, list)
	require.NoError(tb, err)
	return fn
}

func benchmarkRows(b *testing.B, kernel Kernel, args ...batch.Vector) {
	b.ReportAllocs()
	for b.Loop() {
		_, err := kernel(&Env{}, args, make([]Lambda, len(args)), batch.Rows)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch.Rows, "ns/row")
}

func constantText(tb testing.TB, s string) batch.Vector {
	v, err := Constant(types.Value{Type: types.VarcharType, V: s})
	require.NoError(tb, err)
	return v
}

func BenchmarkElementAt(b *testing.B) {
	kernel := kernelOf(b, "element_at", types.MapOf(types.VarcharType, types.VarcharType), types.VarcharType)
	for _, encoded := range []bool{false, true} {
		b.Run(fmt.Sprintf("dictionary=%v", encoded), func(b *testing.B) {
			benchmarkRows(b, kernel, parameterMaps(b, encoded), constantText(b, "parameterName7"))
		})
	}
}

func BenchmarkText(b *testing.B) {
	texts := make([]string, batch.Rows)
	for i := range texts {
		texts[i] = fmt.Sprintf(`{"userName":"Alice%d","roles":["admin","dev"],"session":{"issuer":{"arn":"arn:aws:iam::123456789012:role/Admin"}}}`, i)
	}
	column, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
	require.NoError(b, err)
	for _, c := range []struct{ name, function, argument string }{
		{"json_extract_scalar", "json_extract_scalar", "$.session.issuer.arn"},
		{"regexp_like literal", "regexp_like", "Alice8191"},
		{"regexp_like", "regexp_like", "(?i)alice[0-9]+.*role/admin"},
		{"regexp_extract", "regexp_extract", `iam::(\d+):`},
		{"split", "split", ":"},
	} {
		b.Run(c.name, func(b *testing.B) {
			kernel := kernelOf(b, c.function, types.VarcharType, types.VarcharType)
			benchmarkRows(b, kernel, batch.Vector{Array: column}, constantText(b, c.argument))
		})
	}
}

// eventIDs are distinct texts of 36 bytes, in the form of UUIDs.
func eventIDs() []string {
	texts := make([]string, batch.Rows)
	random := rand.New(rand.NewPCG(17, 18))
	for i := range texts {
		high, low := random.Uint64(), random.Uint64()
		texts[i] = fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xFFFF, high&0xFFFF, low>>48, low&(1<<48-1))
	}
	return texts
}

func textVector(tb testing.TB, texts []string) batch.Vector {
	column, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
	require.NoError(tb, err)
	return batch.Vector{Array: column}
}

// BenchmarkTryCast casts texts of which most are no numbers, and texts that are.
func BenchmarkTryCast(b *testing.B) {
	starts, numbers := eventIDs(), make([]string, batch.Rows)
	for i, id := range starts {
		starts[i], numbers[i] = id[:4], strconv.Itoa(i)
	}
	for _, to := range []*types.Type{types.IntegerType, types.BigIntType, types.DoubleType, types.DecimalOf(10, 2), types.BooleanType} {
		kernel, ok := castKernel(types.VarcharType, to, true)
		require.True(b, ok)
		b.Run(to.String()+" of hexadecimal digits", func(b *testing.B) { benchmarkRows(b, kernel, textVector(b, starts)) })
		b.Run(to.String()+" of numbers", func(b *testing.B) { benchmarkRows(b, kernel, textVector(b, numbers)) })
	}
}

// BenchmarkPrices casts integers to decimals and multiplies these with one.
func BenchmarkPrices(b *testing.B) {
	integers, price, tax := make([]int64, batch.Rows), types.DecimalOf(18, 2), types.DecimalOf(3, 2)
	for i := range integers {
		integers[i] = int64(i) * 7919
	}
	cast, ok := castKernel(types.BigIntType, price, false)
	require.True(b, ok)
	numbers := batch.Vector{Array: batch.FromValues(arrowtype.Of(types.BigIntType), integers, nil)}
	b.Run("cast", func(b *testing.B) { benchmarkRows(b, cast, numbers) })
	prices, err := cast(&Env{}, []batch.Vector{numbers}, []Lambda{nil}, batch.Rows)
	require.NoError(b, err)
	rate := batch.Vector{Array: batch.FromValues(arrowtype.Of(tax), []decimal128.Num{decimal128.FromI64(119)}, nil), Const: true}
	b.Run("product", func(b *testing.B) { benchmarkRows(b, kernelOf(b, types.OpMultiply, price, tax), prices, rate) })
}

func BenchmarkLike(b *testing.B) {
	kernel, ids := kernelOf(b, types.OpLike, types.VarcharType, types.VarcharType), textVector(b, eventIDs())
	for _, pattern := range []string{"%a_c%", "%a_c%d_f%", "%ab_cd%", "_a%", "%_-4%", "%-____-%", "%a_b", "________-____-4%", "%ac%"} {
		b.Run(pattern, func(b *testing.B) { benchmarkRows(b, kernel, ids, constantText(b, pattern)) })
	}
}

func BenchmarkRegexpExtract(b *testing.B) {
	kernel := kernelOf(b, "regexp_extract", types.VarcharType, types.VarcharType, types.BigIntType)
	ids := textVector(b, eventIDs())
	for group := range 3 {
		number, err := Constant(types.Value{Type: types.BigIntType, V: int64(group)})
		require.NoError(b, err)
		b.Run(fmt.Sprintf("group %d", group), func(b *testing.B) {
			benchmarkRows(b, kernel, ids, constantText(b, "([a-f]+)-([0-9])"), number)
		})
	}
}

// BenchmarkRegexp searches in event IDs.
func BenchmarkRegexp(b *testing.B) {
	ids := textVector(b, eventIDs())
	for _, c := range []struct{ function, pattern string }{
		{"regexp_count", "[0-9]+"}, {"regexp_count", "[0-9]+?"}, {"regexp_count", "([a-f]+)-"}, {"regexp_extract_all", "[a-f]+"}, {"regexp_split", "-"}, {"regexp_split", "[-f]"}, {"regexp_replace", "-"},
		{"regexp_extract", "([a-f]+)([0-9]+)"}, {"regexp_extract", "^[0-9a-f]+"}, {"regexp_position", "-[a-f]"},
		{"regexp_like", "ab|cd|ef"}, {"regexp_like", "(?i)ABC"}, {"regexp_like", "[0-9]$"}, {"regexp_like", "[0-9a-f]{8,}z|f+-0"},
	} {
		b.Run(c.function+" "+c.pattern, func(b *testing.B) {
			benchmarkRows(b, kernelOf(b, c.function, types.VarcharType, types.VarcharType), ids, constantText(b, c.pattern))
		})
	}
}

// BenchmarkConcat joins columns with constants between them: of texts that stand one behind the other, and of dictionaries.
func BenchmarkConcat(b *testing.B) {
	texts := eventIDs()
	ids, names, codes := textVector(b, texts), make([]string, 200), make([]int32, batch.Rows)
	for i := range names {
		names[i] = "Describe" + texts[i][:8+i%20]
	}
	for i := range codes {
		codes[i] = int32(i * 7 % len(names))
	}
	coded := batch.Vector{Array: batch.FromCodes(codes, nil, textVector(b, names).Array)}
	kernel := kernelOf(b, "concat", types.VarcharType, types.VarcharType, types.VarcharType)
	b.Run("texts", func(b *testing.B) {
		benchmarkRows(b, kernel, constantText(b, `{"a":"`), ids, constantText(b, `","b":[{"c":1},{"c":2}],"d":[1,2,3]}`))
	})
	b.Run("dictionaries", func(b *testing.B) {
		benchmarkRows(b, kernel, coded, constantText(b, " "), coded, constantText(b, " "), coded)
	})
}
