package function

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestCastTextToNumber checks what CAST gives, its error to the letter, and that TRY_CAST gives the same or NULL.
func TestCastTextToNumber(t *testing.T) {
	const notNumber, tooLarge = ". Value is not a number.", ". Value too large."
	decimal := func(unscaled int64) decimal128.Num { return decimal128.FromI64(unscaled) }
	small, exact, wide := types.DecimalOf(5, 2), types.DecimalOf(18, 18), types.DecimalOf(38, 10)
	for _, c := range []struct {
		name, text string
		to         *types.Type
		want       any    // nil: err
		err        string // behind "Cannot cast "
	}{
		{"an integer", "42", types.IntegerType, int64(42), ""},
		{"a sign", "-42", types.IntegerType, int64(-42), ""},
		{"a plus", "+42", types.IntegerType, int64(42), ""},
		{"two signs", "+-42", types.IntegerType, nil, "'+-42' to INT"},
		{"a sign alone", "-", types.IntegerType, nil, "'-' to INT"},
		{"no text", "", types.IntegerType, nil, "'' to INT"},
		{"spaces alone", "  ", types.IntegerType, nil, "'  ' to INT"},
		{"controls around", "\t\x00 7\r\n", types.IntegerType, int64(7), ""},
		{"a space behind the sign", "- 7", types.IntegerType, nil, "'- 7' to INT"},
		{"a wide space", "\u30007", types.IntegerType, nil, "'\u30007' to INT"},
		{"leading zeros", strings.Repeat("0", 30) + "7", types.IntegerType, int64(7), ""},
		{"an underscore", "1_0", types.IntegerType, nil, "'1_0' to INT"},
		{"a fraction", "1.0", types.IntegerType, nil, "'1.0' to INT"},
		{"a letter behind", "12ab", types.IntegerType, nil, "'12ab' to INT"},
		{"a percent sign", "%d", types.IntegerType, nil, "'%d' to INT"},
		{"Arabic digits", "-\u0661\u06622", types.IntegerType, int64(-122), ""},
		{"mathematical digits", "\U0001D7CF0", types.IntegerType, int64(10), ""},
		{"another letter", "1é", types.IntegerType, nil, "'1é' to INT"},
		{"no UTF-8", "1\xff", types.IntegerType, nil, "'1\xff' to INT"},
		{"greatest tinyint", "127", types.TinyIntType, int64(127), ""},
		{"past tinyint", "128", types.TinyIntType, nil, "'128' to TINYINT"},
		{"least tinyint", "-128", types.TinyIntType, int64(-128), ""},
		{"before tinyint", "-129", types.TinyIntType, nil, "'-129' to TINYINT"},
		{"least smallint", "-32768", types.SmallIntType, int64(-32768), ""},
		{"past smallint", "32768", types.SmallIntType, nil, "'32768' to SMALLINT"},
		{"greatest bigint", "9223372036854775807", types.BigIntType, int64(math.MaxInt64), ""},
		{"past bigint", "9223372036854775808", types.BigIntType, nil, "'9223372036854775808' to BIGINT"},
		{"least bigint", "-9223372036854775808", types.BigIntType, int64(math.MinInt64), ""},
		{"before bigint", "-9223372036854775809", types.BigIntType, nil, "'-9223372036854775809' to BIGINT"},
		{"twice around 64 bits", "36893488147419103233", types.BigIntType, nil, "'36893488147419103233' to BIGINT"},

		{"a double", " -1.5e3 ", types.DoubleType, -1500.0, ""},
		{"a point before", ".5", types.DoubleType, 0.5, ""},
		{"a point behind", "5.", types.DoubleType, 5.0, ""},
		{"a point alone", ".", types.DoubleType, nil, "'.' to DOUBLE"},
		{"Java's suffix", "5d", types.DoubleType, 5.0, ""},
		{"two suffixes", "5df", types.DoubleType, nil, "'5df' to DOUBLE"},
		{"hexadecimal", "-0x1p4", types.DoubleType, -16.0, ""},
		{"hexadecimal with suffix", "0x1p4f", types.DoubleType, 16.0, ""},
		{"hexadecimal without exponent", "0x1f", types.DoubleType, nil, "'0x1f' to DOUBLE"},
		{"hexadecimal with underscore", "0x_1p4", types.DoubleType, nil, "'0x_1p4' to DOUBLE"},
		{"infinity", "-Infinity", types.DoubleType, math.Inf(-1), ""},
		{"infinity with two signs", "-+Infinity", types.DoubleType, nil, "'-+Infinity' to DOUBLE"},
		{"NaN with two signs", "-+NaN", types.DoubleType, nil, "'-+NaN' to DOUBLE"},
		{"infinity in Go's spelling", "inf", types.DoubleType, nil, "'inf' to DOUBLE"},
		{"a double with a letter", "12ab", types.DoubleType, nil, "'12ab' to DOUBLE"},
		{"a double with underscore", "1_0", types.DoubleType, nil, "'1_0' to DOUBLE"},
		{"no exponent", "1e", types.DoubleType, nil, "'1e' to DOUBLE"},
		{"past double", "1e999", types.DoubleType, math.Inf(1), ""},
		{"past real", "1e39", types.RealType, float32(math.Inf(1)), ""},
		{"a real", "0.1", types.RealType, float32(0.1), ""},
		{"no real", "x", types.RealType, nil, "'x' to REAL"},

		{"a decimal", "1.5", small, decimal(150), ""},
		{"half up", "1.005", small, decimal(101), ""},
		{"less than half", "-1.00499", small, decimal(-100), ""},
		{"half away from zero", "-1.005", small, decimal(-101), ""},
		{"a sign before a point", "-.5", small, decimal(-50), ""},
		{"a decimal without a point", "+999", small, decimal(99900), ""},
		{"rounded past the precision", "999.995", small, nil, "VARCHAR '999.995' to DECIMAL(5, 2)" + tooLarge},
		{"past the precision", "1000", small, nil, "VARCHAR '1000' to DECIMAL(5, 2)" + tooLarge},
		{"an exponent", "1.5e1", small, decimal(1500), ""},
		{"a signed exponent", "15E-1", small, decimal(150), ""},
		{"a letter in the exponent", "1e3f", small, nil, "VARCHAR '1e3f' to DECIMAL(5, 2)" + notNumber},
		{"a word as the exponent", "1erange", small, nil, "VARCHAR '1erange' to DECIMAL(5, 2)" + notNumber},
		{"a great exponent", "1e99999999999999999999", small, nil, "VARCHAR '1e99999999999999999999' to DECIMAL(5, 2)" + tooLarge},
		{"a small exponent", "1e-99999999999999999999", small, decimal(0), ""},
		{"two points", "1.2.3", small, nil, "VARCHAR '1.2.3' to DECIMAL(5, 2)" + notNumber},
		{"a decimal's point alone", ".", small, nil, "VARCHAR '.' to DECIMAL(5, 2)" + notNumber},
		{"no decimal", "", small, nil, "VARCHAR '' to DECIMAL(5, 2)" + notNumber},
		{"a decimal's spaces", " 1", small, nil, "VARCHAR ' 1' to DECIMAL(5, 2)" + notNumber},
		{"a decimal in Arabic digits", "\u0661.\u0665", small, decimal(150), ""},
		{"eighteen digits", "0.999999999999999999", exact, decimal(999999999999999999), ""},
		{"one past eighteen digits", "1", exact, nil, "VARCHAR '1' to DECIMAL(18, 18)" + tooLarge},
		{"many digits", "123456789012345678901234567.5", wide, decimal128.FromBigInt(bigOf("1234567890123456789012345675000000000")), ""},
		{"a short text of a wide decimal", "12345678.9", wide, decimal(123456789000000000), ""},

		{"true", "tRuE", types.BooleanType, true, ""},
		{"zero", "0", types.BooleanType, false, ""},
		{"no boolean", "yes", types.BooleanType, nil, "'yes' to BOOLEAN"},
		{"a long text", "falsehood", types.BooleanType, nil, "'falsehood' to BOOLEAN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := castConstant(t, c.text, c.to, false)
			tried, tryErr := castConstant(t, c.text, c.to, true)
			require.NoError(t, tryErr)
			require.Equal(t, c.want, tried.V)
			if c.want != nil {
				require.NoError(t, err)
				require.Equal(t, c.want, got.V)
				return
			}
			require.Equal(t, types.InvalidCastArgument, types.ErrorName(err))
			require.EqualError(t, err, types.InvalidCastArgument+": Cannot cast "+c.err)
		})
	}
}

func castConstant(t *testing.T, text string, to *types.Type, try bool) (types.Value, error) {
	registry := New()
	fn, ok := registry.ResolveCast(types.VarcharType, to, try)
	require.True(t, ok)
	return registry.Fold(fn, []types.Value{constantOf(text)}, testSession)
}

func bigOf(digits string) *big.Int {
	n, _ := new(big.Int).SetString(digits, 10)
	return n
}

// TestReadIntegerAsStandardLibrary compares texts of few letters with the standard library's parser.
func TestReadIntegerAsStandardLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(31, 32))
	taken := 0
	for range 50_000 {
		text := randomText(random, " +-0129", 6)
		want, err := strconv.ParseInt(strings.TrimSpace(text), 10, 8)
		got, ok := readInteger[int8](text, 8)
		require.Equal(t, err == nil, ok, "%q", text)
		if ok {
			require.Equal(t, int8(want), got, "%q", text)
			taken++
		}
	}
	require.Greater(t, taken, 1000)
}

// TestShortDecimalsAsLongOnes compares the reading of decimals in 64 bits with that of all decimals.
func TestShortDecimalsAsLongOnes(t *testing.T) {
	random := rand.New(rand.NewPCG(33, 34))
	short := 0
	for range 50_000 {
		text := randomText(random, "+-00123456789.", 22)
		precision := 1 + random.IntN(maxDecimalDigits)
		to := types.DecimalOf(precision, random.IntN(precision+1))
		unscaled, scale, isNumber := parseNumber(text)
		got, ok := readDecimal(text, to)
		if !isNumber {
			require.False(t, ok, "%q", text)
			continue
		}
		if _, _, ok := shortNumber(text); ok {
			short++
		}
		want, fits := bigIntoDecimal(unscaled, scale, to)
		require.Equal(t, fits, ok, "%q as %s", text, to)
		require.Equal(t, want, got, "%q as %s", text, to)
	}
	require.Greater(t, short, 1000)
}

// randomText has up to longest letters, its first sign is likely to be its only one.
func randomText(random *rand.Rand, letters string, longest int) string {
	var b strings.Builder
	for range random.IntN(longest + 1) {
		b.WriteByte(letters[random.IntN(len(letters))])
	}
	text := b.String()
	if random.IntN(2) == 0 && text != "" {
		text = text[:1] + strings.NewReplacer("+", "", "-", "").Replace(text[1:])
	}
	return text
}

// TRY_CAST puts no refused text into words.
func TestTryCastMakesNoErrors(t *testing.T) {
	texts := textVector(t, eventIDs())
	for _, to := range []*types.Type{types.TinyIntType, types.BigIntType, types.RealType, types.DoubleType, types.DecimalOf(10, 2), types.BooleanType} {
		kernel, ok := castKernel(types.VarcharType, to, true)
		require.True(t, ok)
		allocations := testing.AllocsPerRun(3, func() {
			v, err := kernel(&Env{}, []batch.Vector{texts}, nil, batch.Rows)
			require.NoError(t, err)
			require.Equal(t, batch.Rows, v.Array.NullN())
		})
		require.Less(t, allocations, float64(batch.Rows)/100, to.String())
	}
}
