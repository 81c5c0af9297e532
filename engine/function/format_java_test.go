package function

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestFormatIsJavas has what Java answers to a format, or why it refuses it.
func TestFormatIsJavas(t *testing.T) {
	for _, c := range []struct {
		format string
		args   []any
		want   string
		err    string
	}{
		{"%s", []any{"x"}, "x", ""},
		{"%10s|", []any{"x"}, "         x|", ""},
		{"%-10s|", []any{"x"}, "x         |", ""},
		{"%.2s", []any{"xyz"}, "xy", ""},
		{"%h", []any{"hello"}, "5e918d2", ""},
		{"%H", []any{42}, "2A", ""},
		{"%b", []any{"x"}, "true", ""},
		{"%d", []any{-42}, "-42", ""},
		{"%,d", []any{1234567}, "1,234,567", ""},
		{"%05d", []any{42}, "00042", ""},
		{"%+d", []any{42}, "+42", ""},
		{"% d", []any{42}, " 42", ""},
		{"%(d", []any{-42}, "(42)", ""},
		{"%x", []any{255}, "ff", ""},
		{"%X", []any{-1}, "FFFFFFFFFFFFFFFF", ""},
		{"%#x", []any{255}, "0xff", ""},
		{"%o", []any{8}, "10", ""},
		{"%#o", []any{8}, "010", ""},
		{"%f", []any{float64(1.5)}, "1.500000", ""},
		{"%.0f", []any{float64(2.5)}, "3", ""},
		{"%,.2f", []any{float64(1234567.891)}, "1,234,567.89", ""},
		{"%e", []any{float64(12345.678)}, "1.234568e+04", ""},
		{"%.3E", []any{float64(1.2e-4)}, "1.200E-04", ""},
		{"%g", []any{float64(1.0e-4)}, "0.000100000", ""},
		{"%g", []any{float64(123456.0)}, "123456", ""},
		{"%.2g", []any{float64(99999.0)}, "1.0e+05", ""},
		{"%+.1f", []any{float64(-0.05)}, "-0.1", ""},
		{"%010.2f", []any{float64(-3.14159)}, "-000003.14", ""},
		{"%(.1f", []any{float64(-3.0)}, "(3.0)", ""},
		{"%%", []any{1}, "%", ""},
		{"%2$s %1$s", []any{"a", "b"}, "b a", ""},
		{"%s %<s", []any{"a"}, "a a", ""},
		{"%d", []any{"x"}, "", "IllegalFormatConversion: d != java.lang.String"},
		{"%-d", []any{1}, "", "MissingFormatWidth: %-d"},
		{"%,x", []any{1}, "", "FormatFlagsConversionMismatch: Conversion = x, Flags = ,"},
		{"%#s", []any{"x"}, "", "FormatFlagsConversionMismatch: Conversion = s, Flags = #"},
		{"%c", []any{"x"}, "", "IllegalFormatConversion: c != java.lang.String"},
		{"%.1d", []any{1}, "", "IllegalFormatPrecision: 1"},
		{"%+s", []any{"x"}, "", "FormatFlagsConversionMismatch: Conversion = s, Flags = +"},
		{"%s %s", []any{"a"}, "", "MissingFormatArgument: Format specifier '%s'"},
		{"%-05d", []any{1}, "", "IllegalFormatFlags: Flags = '-0'"},
		{"%+ d", []any{1}, "", "IllegalFormatFlags: Flags = '+ '"},
		{"%tY", []any{1}, "1970", ""},
		{"%e", []any{float64(0.0)}, "0.000000e+00", ""},
		{"%h", []any{float64(1.5)}, "3ff80000", ""},
		{"%x", []any{float64(1.5)}, "", "IllegalFormatConversion: x != java.lang.Double"},
		{"%f", []any{1}, "", "IllegalFormatConversion: f != java.lang.Long"},
		{"%,e", []any{float64(1.0)}, "", "FormatFlagsConversionMismatch: Conversion = e, Flags = ,"},
		{"%#.0f", []any{float64(1.0)}, "1.", ""},
		{"%#.0e", []any{float64(1.0)}, "1.e+00", ""},
		{"%-8b|", []any{"t"}, "true    |", ""},
		{"%.1b", []any{"t"}, "t", ""},
		{"%08X", []any{48879}, "0000BEEF", ""},
		{"%g", []any{math.NaN()}, "NaN", ""},
		{"%05f", []any{math.Inf(1)}, "Infinity", ""},
		{"%(f", []any{math.Inf(-1)}, "(Infinity)", ""},
		{"%+f", []any{math.Inf(1)}, "+Infinity", ""},
		{"%a", []any{float64(1.0)}, "0x1.0p0", ""},
		{"%a", []any{float64(-0.1)}, "-0x1.999999999999ap-4", ""},
		{"%A", []any{float64(1.0e300)}, "0X1.7E43C8800759CP996", ""},
		{"%a", []any{float64(0.0)}, "0x0.0p0", ""},
		{"%-%|", []any{1}, "", "MissingFormatWidth: %-%"},
		{"%5%|", []any{1}, "    %|", ""},
		{"%05s", []any{"x"}, "", "FormatFlagsConversionMismatch: Conversion = s, Flags = 0"},
		{"%.3n", []any{1}, "", "IllegalFormatPrecision: 3"},
		{"%5n", []any{1}, "", "IllegalFormatWidth: 5"},
		{"%<s", []any{1}, "", "MissingFormatArgument: Format specifier '%<s'"},
		{"%g", []any{float64(0.0)}, "0.00000", ""},
		{"%.0g", []any{float64(5.0)}, "5", ""},
		{"%,g", []any{float64(1234567.0)}, "1.23457e+06", ""},
		{"%(g", []any{float64(-1.0)}, "(1.00000)", ""},
		{"%#g", []any{float64(1.0)}, "", "FormatFlagsConversionMismatch: Conversion = g, Flags = #"},
		{"%,.0f", []any{float64(999999.5)}, "1,000,000", ""},
		{"%0,12d", []any{-1234567}, "-001,234,567", ""},
		{"%0(12d", []any{-5}, "(0000000005)", ""},
		{"%d", []any{float64(1.5)}, "", "IllegalFormatConversion: d != java.lang.Double"},
		{"%s", []any{float64(1.5e10)}, "1.5E10", ""},
		{"%.3s|", []any{123456}, "123|", ""},
		{"%H", []any{"Zz"}, "B60", ""},
		{"%B", []any{"q"}, "TRUE", ""},
		{"%E", []any{float64(1.0e-300)}, "1.000000E-300", ""},
		{"%.20f", []any{float64(0.1)}, "0.10000000000000000000", ""},
		{"%.1a", []any{float64(1.99)}, "0x1.0p1", ""},
		{"%10a|", []any{float64(1.0)}, "   0x1.0p0|", ""},
		{"%+a", []any{float64(1.0)}, "+0x1.0p0", ""},
		{"%.2f", []any{float64(9.995)}, "10.00", ""},
		{"%.0f %.1f", []any{float64(0.5), float64(0.04)}, "1 0.0", ""},
		{"%.3f", []any{float64(5e-324)}, "0.000", ""},
		{"%g", []any{float64(999999.5)}, "1.00000e+06", ""},
		{"%#.0e", []any{float64(9.5)}, "1.e+01", ""},
		{"é%-6d|%6s", []any{-7, "日本"}, "é-7    |    日本", ""},
	} {
		got, err := callFunction("format", append([]any{c.format}, c.args...)...)
		if c.err != "" {
			assert.ErrorContains(t, err, c.err, "%s of %v", c.format, c.args)
			continue
		}
		if assert.NoError(t, err, "%s of %v", c.format, c.args) {
			assert.Equal(t, c.want, got, "%s of %v", c.format, c.args)
		}
	}
}
