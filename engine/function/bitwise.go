package function

import "math/bits"

// bitwiseFunctions is the family of functions over the bits of integers.
func bitwiseFunctions() []Function {
	list := []Function{
		scalar("bitwise_and(bigint, bigint) -> bigint", "Returns the bits that both have.", binaryPure(func(a, b int64) int64 { return a & b })),
		scalar("bitwise_or(bigint, bigint) -> bigint", "Returns the bits that either has.", binaryPure(func(a, b int64) int64 { return a | b })),
		scalar("bitwise_xor(bigint, bigint) -> bigint", "Returns the bits that just one has.", binaryPure(func(a, b int64) int64 { return a ^ b })),
		scalar("bitwise_not(bigint) -> bigint", "Returns the bits it has not.", unaryPure(func(a int64) int64 { return ^a })),
		scalar("bit_count(bigint, bigint) -> bigint", "Returns the number of bits set in a number of so many bits.", binary(bitCount)),
	}
	list = append(list, shifts[int8, uint8]("tinyint", 8)...)
	list = append(list, shifts[int16, uint16]("smallint", 16)...)
	list = append(list, shifts[int32, uint32]("integer", 32)...)
	return append(list, shifts[int64, uint64]("bigint", 64)...)
}

func shifts[T integer, U uint8 | uint16 | uint32 | uint64](name string, width int32) []Function {
	operator := func(function, doc string, shift func(v T, by int32) T) Function {
		return scalar(function+"("+name+", integer) -> "+name, doc, binaryPure(shift))
	}
	return []Function{
		operator("bitwise_left_shift", "Returns the bits moved up.", func(v T, by int32) T {
			if by >= width {
				return 0
			}
			return v << (by & 63)
		}),
		operator("bitwise_right_shift", "Returns the bits moved down, zeros in their place.", func(v T, by int32) T {
			if by >= width {
				return 0
			}
			return T(U(v) >> (by & 63))
		}),
		operator("bitwise_right_shift_arithmetic", "Returns the bits moved down, the sign in their place.", func(v T, by int32) T {
			return v >> (min(by, width-1) & 63)
		}),
	}
}

func bitCount(n, width int64) (int64, error) {
	if width < 2 || width > 64 {
		return 0, argumentError("Bits specified in bit_count must be between 2 and 64, got %d", width)
	}
	if width < 64 && n>>(width-1) != 0 && n>>(width-1) != -1 {
		return 0, argumentError("Number must be representable with the bits specified. %d cannot be represented with %d bits", n, width)
	}
	return int64(bits.OnesCount64(uint64(n) << (64 - width))), nil
}
