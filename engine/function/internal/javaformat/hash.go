package javaformat

import (
	"math"
	"math/big"
	"unicode/utf16"
)

// hash is what Java's hashCode gives, false for values without a known one.
func (a *Arg) hash() (uint32, bool) {
	switch a.Kind {
	case 'b':
		if a.Text == "true" {
			return 1231, true
		}
		return 1237, true
	case 'd':
		return foldHash(uint64(a.Number)), true
	case 's':
		hash := uint32(0)
		for _, unit := range utf16.Encode([]rune(a.Text)) {
			hash = 31*hash + uint32(unit)
		}
		return hash, true
	case 'f':
		switch a.floatBits {
		case 32:
			return math.Float32bits(float32(a.float)), true
		case 64:
			return foldHash(math.Float64bits(a.float)), true
		}
		return 31*bigHash(a.unscaled.BigInt()) + uint32(a.scale), true
	}
	return 0, false
}

func foldHash(bits uint64) uint32 { return uint32(bits ^ bits>>32) }

// bigHash is the hash of an integer: its magnitude's words as digits of base 31.
func bigHash(n *big.Int) uint32 {
	hash, magnitude := uint32(0), new(big.Int).Abs(n).FillBytes(make([]byte, 20))
	for i := 0; i < len(magnitude); i += 4 {
		word := uint32(magnitude[i])<<24 | uint32(magnitude[i+1])<<16 | uint32(magnitude[i+2])<<8 | uint32(magnitude[i+3])
		hash = 31*hash + word
	}
	if n.Sign() < 0 {
		return -hash
	}
	return hash
}
