package function

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/planner/types"
)

// humanFunctions is the family of numbers as people write them: 1.2K, 3 weeks,
// 42.8ms, 10MB.
func humanFunctions() []Function {
	return []Function{
		scalar("format_number(bigint) -> varchar", "Returns a number with K, M, B, T or Q.", formattedNumbers(func(n int64) float64 { return float64(n) })),
		scalar("format_number(double) -> varchar", "Returns a number without its fraction, with K, M, B, T or Q.", formattedNumbers(wholeNumber)),
		scalar("human_readable_seconds(double) -> varchar", "Writes seconds as weeks, days, hours, minutes and seconds.", humanSeconds),
		scalar("parse_duration(varchar) -> interval day to second", "Reads 42.8ms, 3.81 d or the like.", unary(parseDuration)),
		scalar("parse_data_size(varchar) -> decimal(38, 0)", "Reads a number of bytes such as 2.3MB; a kB is 1024.", unary(parseDataSize)),
		scalar("parse_presto_data_size(varchar) -> decimal(38, 0)", "Reads a number of bytes such as 2.3MB; a kB is 1024.", unary(parseDataSize)),
	}
}

// formattedNumbers adapts format_number; number converts a value.
func formattedNumbers[A any](number func(A) float64) Bind {
	const expectedBytes = 6
	return appendBind(eachTakes(expectedBytes), func(args []batch.Vector) func([]byte, int) []byte {
		values := columnOf[A](args[0])
		return func(dst []byte, i int) []byte { return appendNumber(dst, number(values.at(i))) }
	})
}

func appendNumber(dst []byte, n float64) []byte {
	units := [...]string{"", "K", "M", "B", "T", "Q"}
	unit := 0
	for ; math.Abs(n) >= 1000 && unit < len(units)-1; unit++ {
		n /= 1000
	}
	digits := 0
	switch {
	case n < 10:
		digits = 2
	case n < 100:
		digits = 1
	}
	dst = strconv.AppendFloat(dst, n, 'f', digits, 64)
	if digits > 0 {
		dst = bytes.TrimRight(bytes.TrimRight(dst, "0"), ".")
	}
	return append(dst, units[unit]...)
}

// wholeNumber truncates the fraction, within the range of bigint; NaN is 0.
func wholeNumber(x float64) float64 {
	if math.IsNaN(x) || math.Abs(x) < 1 {
		return 0
	}
	return max(math.MinInt64, min(math.Trunc(x), math.MaxInt64))
}

const expectedHumanBytes = 40

var humanSeconds = appendBindErr(eachTakes(expectedHumanBytes), func(args []batch.Vector) func([]byte, int) ([]byte, error) {
	seconds := columnOf[float64](args[0])
	return func(dst []byte, i int) ([]byte, error) { return appendSeconds(dst, seconds.at(i)) }
})

func appendSeconds(dst []byte, seconds float64) ([]byte, error) {
	if math.IsNaN(seconds) || math.IsInf(seconds, 0) {
		return nil, argumentError("Invalid argument found: %v", seconds)
	}
	rest := uint64(math.MaxInt64)
	if whole := math.Round(math.Abs(seconds)); whole < math.MaxInt64 { // of floating point: 2^63
		rest = uint64(whole)
	}
	from := len(dst)
	for _, unit := range [...]struct {
		name    string
		seconds uint64
	}{{"week", 604800}, {"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}} {
		n := rest / unit.seconds
		rest %= unit.seconds
		if n == 0 {
			continue
		}
		if len(dst) > from {
			dst = append(dst, ", "...)
		}
		dst = append(append(strconv.AppendUint(dst, n, 10), ' '), unit.name...)
		if n > 1 {
			dst = append(dst, 's')
		}
	}
	if len(dst) == from {
		dst = append(dst, "0 seconds"...)
	}
	return dst, nil
}

var quantity = lazyregexp.New(`^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*$`)

var durationMillis = map[string]float64{"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3, "m": 60e3, "h": 3600e3, "d": 86400e3}

func parseDuration(text string) (int64, error) {
	m := quantity().FindStringSubmatch(text)
	if m == nil {
		return 0, argumentError("duration is not a valid data duration string: %s", types.Shortened(text))
	}
	unit, ok := durationMillis[m[2]]
	if !ok {
		return 0, argumentError("Unknown time unit: %s", m[2])
	}
	n, _ := strconv.ParseFloat(m[1], 64)
	millis := math.Floor(n*unit + 0.5)
	if millis >= 1<<63 {
		return 0, argumentError("duration is out of range: %s", types.Shortened(text))
	}
	return int64(millis), nil
}

const sizeUnits = "BkMGTPEZY"

var dataSize = lazyregexp.New(`^(\d+\.?\d*|\.\d+)(B|[kMGTPEZY]B)$`)

func parseDataSize(text string) (decimal128.Num, error) {
	m := dataSize().FindStringSubmatch(text)
	if m == nil {
		return decimal128.Num{}, argumentError("Invalid data size: '%s'", types.Shortened(text))
	}
	power := strings.IndexByte(sizeUnits, m[2][0])
	if len(m[1]) > 100 {
		return decimal128.Num{}, rangeError("Value out of range: '%s'", types.Shortened(text))
	}
	n, _ := new(big.Rat).SetString(m[1])
	n.Mul(n, new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(10*power))))
	bytes := new(big.Int).Quo(n.Num(), n.Denom())
	if len(bytes.String()) > 38 {
		return decimal128.Num{}, rangeError("Value out of range: '%s'", types.Shortened(text))
	}
	return decimal128.FromBigInt(bytes), nil
}
