package orc

import (
	"math/big"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

// decimalText prints a decimal exactly, as statistics hold it.
func decimalText(v decimal128.Num, scale int32) string {
	digits := v.BigInt().String()
	if scale <= 0 {
		return digits
	}
	digits, isNegative := strings.CutPrefix(digits, "-")
	if short := int(scale) + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	text := digits[:len(digits)-int(scale)] + "." + digits[len(digits)-int(scale):]
	if isNegative {
		return "-" + text
	}
	return text
}

// maxDecimalText is longer than 38 digits with sign, point and leading zeros can be.
const maxDecimalText = 128

// parseDecimal reads a decimal exactly; ok is false if it does not fit the scale or 38 digits.
func parseDecimal(text string, scale int32) (v decimal128.Num, ok bool) {
	if text == "" || len(text) > maxDecimalText {
		return v, false
	}
	whole, fraction, _ := strings.Cut(text, ".")
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > int(scale) {
		return v, false
	}
	unscaled, ok := new(big.Int).SetString(whole+fraction+strings.Repeat("0", int(scale)-len(fraction)), 10)
	if !ok || unscaled.BitLen() > 127 {
		return v, false
	}
	return decimal128.FromBigInt(unscaled), true
}
