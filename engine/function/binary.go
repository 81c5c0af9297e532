package function

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	bytesof "encoding/binary"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"math"
	"strings"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/hashes"
)

// javaBits returns the bits of a double, with a single NaN.
func javaBits(f float64) uint64 {
	if f != f {
		return 0x7ff8000000000000
	}
	return math.Float64bits(f)
}

// binaryFunctions is the family of functions over bytes: hashes, and conversions of bytes to numbers and texts.
func binaryFunctions() []Function {
	list := []Function{
		scalar("crc32(varbinary) -> bigint", "Returns the CRC-32 checksum.", unaryPure(func(b []byte) int64 { return int64(crc32.ChecksumIEEE(b)) })),
		scalar("xxhash64(varbinary) -> varbinary", "Returns the xxHash64.", ofBytes(8, func(dst, b []byte) []byte { return bytesof.BigEndian.AppendUint64(dst, hashes.XX64(b)) })),
		scalar("murmur3(varbinary) -> varbinary", "Returns the 128-bit MurmurHash3.", ofBytes(16, func(dst, b []byte) []byte { return append(dst, hashes.Murmur3(b)...) })),
		scalar("spooky_hash_v2_32(varbinary) -> varbinary", "Returns the 32-bit SpookyHash of version 2.", ofBytes(4, func(dst, b []byte) []byte {
			return bytesof.BigEndian.AppendUint32(dst, uint32(hashes.Spooky(b)))
		})),
		scalar("spooky_hash_v2_64(varbinary) -> varbinary", "Returns the 64-bit SpookyHash of version 2.", ofBytes(8, func(dst, b []byte) []byte {
			return bytesof.BigEndian.AppendUint64(dst, hashes.Spooky(b))
		})),
		scalar("to_hex(varbinary) -> varchar", "Returns the bytes as hexadecimal digits.", hexDigits),
		scalar("to_base64(varbinary) -> varchar", "Returns the bytes in base64.", encoded(base64.StdEncoding)),
		scalar("to_base64url(varbinary) -> varchar", "Returns the bytes in base64 for URLs.", encoded(base64.URLEncoding)),
		scalar("to_base32(varbinary) -> varchar", "Returns the bytes in base32.", encoded(base32.StdEncoding)),
		scalar("to_big_endian_32(integer) -> varbinary", "Returns the number's bytes, highest first.", ofBytes(4, func(dst []byte, n int32) []byte { return bytesof.BigEndian.AppendUint32(dst, uint32(n)) })),
		scalar("to_big_endian_64(bigint) -> varbinary", "Returns the number's bytes, highest first.", ofBytes(8, func(dst []byte, n int64) []byte { return bytesof.BigEndian.AppendUint64(dst, uint64(n)) })),
		scalar("to_ieee754_32(real) -> varbinary", "Returns the number's bytes, highest first.", ofBytes(4, func(dst []byte, f float32) []byte { return bytesof.BigEndian.AppendUint32(dst, math.Float32bits(f)) })),
		scalar("to_ieee754_64(double) -> varbinary", "Returns the number's bytes, highest first.", ofBytes(8, func(dst []byte, f float64) []byte { return bytesof.BigEndian.AppendUint64(dst, javaBits(f)) })),
		scalar("from_big_endian_32(varbinary) -> integer", "Returns the number of 4 bytes.", unary(func(b []byte) (int32, error) {
			if len(b) != 4 {
				return 0, argumentError("expected 4-byte input, but got instead: %d", len(b))
			}
			return int32(bytesof.BigEndian.Uint32(b)), nil
		})),
		scalar("from_big_endian_64(varbinary) -> bigint", "Returns the number of 8 bytes.", unary(func(b []byte) (int64, error) {
			if len(b) != 8 {
				return 0, argumentError("expected 8-byte input, but got instead: %d", len(b))
			}
			return int64(bytesof.BigEndian.Uint64(b)), nil
		})),
		scalar("from_ieee754_32(varbinary) -> real", "Returns the number of 4 bytes.", unary(func(b []byte) (float32, error) {
			if len(b) != 4 {
				return 0, argumentError("Input floating-point value must be exactly 4 bytes long")
			}
			return math.Float32frombits(bytesof.BigEndian.Uint32(b)), nil
		})),
		scalar("from_ieee754_64(varbinary) -> double", "Returns the number of 8 bytes.", unary(func(b []byte) (float64, error) {
			if len(b) != 8 {
				return 0, argumentError("Input floating-point value must be exactly 8 bytes long")
			}
			return math.Float64frombits(bytesof.BigEndian.Uint64(b)), nil
		})),
	}
	for _, h := range []struct {
		name string
		new  func() hash.Hash
	}{{"md5", md5.New}, {"sha1", sha1.New}, {"sha256", sha256.New}, {"sha512", sha512.New}} {
		list = append(list,
			scalar(h.name+"(varbinary) -> varbinary", "Returns the "+strings.ToUpper(h.name)+" hash.", digests(h.new)),
			scalar("hmac_"+h.name+"(varbinary, varbinary) -> varbinary", "Returns the keyed "+strings.ToUpper(h.name)+" hash of the first with the second as key.",
				keyedDigests(h.new)),
		)
	}
	for _, d := range []struct {
		name, doc string
		decode    func(string) ([]byte, error)
	}{
		{"from_hex", "Returns the bytes of hexadecimal digits.", fromHex},
		{"from_base64", "Returns the bytes of base64 text.", func(s string) ([]byte, error) { return fromBase64(base64.RawStdEncoding, s) }},
		{"from_base64url", "Returns the bytes of base64 text for URLs.", func(s string) ([]byte, error) { return fromBase64(base64.RawURLEncoding, s) }},
		{"from_base32", "Returns the bytes of base32 text.", fromBase32},
	} {
		list = append(list, scalar(d.name+"(varchar) -> varbinary", d.doc, unary(d.decode)),
			scalar(d.name+"(varbinary) -> varbinary", d.doc, unary(d.decode)))
	}
	return list
}

// ofBytes adapts a function of one argument that appends a result of the given number of bytes.
func ofBytes[A any](bytes int, appendTo func(dst []byte, a A) []byte) Bind {
	return appendBind(eachTakes(bytes), func(args []batch.Vector) func([]byte, int) []byte {
		column := columnOf[A](args[0])
		return func(dst []byte, i int) []byte { return appendTo(dst, column.at(i)) }
	})
}

// hexDigits writes each byte as two digits, with capital letters.
var hexDigits = appendBind(twiceItsBytes, func(args []batch.Vector) func([]byte, int) []byte {
	const digits = "0123456789ABCDEF"
	texts := columnOf[[]byte](args[0])
	return func(dst []byte, i int) []byte {
		for _, c := range texts.at(i) {
			dst = append(dst, digits[c>>4], digits[c&15])
		}
		return dst
	}
})

func itsBytes(args []batch.Vector, _ int) int64 { return textBytes(args[0]) }

func twiceItsBytes(args []batch.Vector, _ int) int64 { return 2 * textBytes(args[0]) }

// encoded adapts an encoding of bytes as text.
func encoded(by interface {
	EncodedLen(bytes int) int
	AppendEncode(dst, bytes []byte) []byte
}) Bind {
	bytesOf := func(args []batch.Vector, rows int) int64 {
		return int64(rows)*int64(by.EncodedLen(1)) + int64(by.EncodedLen(int(textBytes(args[0]))))
	}
	return appendBind(bytesOf, func(args []batch.Vector) func([]byte, int) []byte {
		texts := columnOf[[]byte](args[0])
		return func(dst []byte, i int) []byte { return by.AppendEncode(dst, texts.at(i)) }
	})
}

// digests adapts a hash.
func digests(newHash func() hash.Hash) Bind {
	return appendBind(eachTakes(newHash().Size()), func(args []batch.Vector) func([]byte, int) []byte {
		h, texts := newHash(), columnOf[[]byte](args[0])
		return func(dst []byte, i int) []byte {
			h.Reset()
			h.Write(texts.at(i))
			return h.Sum(dst)
		}
	})
}

// keyedDigests adapts a hash with a key. It reuses the keyed hash while the key stays the same.
func keyedDigests(newHash func() hash.Hash) Bind {
	return appendBind(eachTakes(newHash().Size()), func(args []batch.Vector) func([]byte, int) []byte {
		texts, keys := columnOf[[]byte](args[0]), columnOf[[]byte](args[1])
		var keyed hash.Hash
		var key []byte
		return func(dst []byte, i int) []byte {
			if keyed == nil || !bytes.Equal(key, keys.at(i)) {
				key = keys.at(i)
				keyed = hmac.New(newHash, key)
			} else {
				keyed.Reset()
			}
			keyed.Write(texts.at(i))
			return keyed.Sum(dst)
		}
	})
}

// blockBytes is the size of a block that short results of many rows share. A separate allocation for each would
// take longer than most of the computation.
const blockBytes = 4 << 10

// blockFor returns the block, or a new one, with room to append the given number of bytes.
func blockFor(block []byte, bytes int) []byte {
	if cap(block)-len(block) < bytes {
		return make([]byte, 0, max(bytes, blockBytes))
	}
	return block
}

func fromHex(text string) ([]byte, error) {
	if len(text)%2 != 0 {
		return nil, argumentError("invalid input length %d", len(text))
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil, argumentError("%v", err)
	}
	return b, nil
}

// fromBase64 accepts text with or without padding.
func fromBase64(encoding *base64.Encoding, text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, argumentError("Illegal base64 character a")
	}
	trimmed := strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")
	if len(trimmed) != len(text) && len(text)%4 != 0 {
		return nil, argumentError("Input byte array has wrong 4-byte ending unit")
	}
	b, err := encoding.DecodeString(trimmed)
	if err != nil {
		return nil, argumentError("%v", err)
	}
	return b, nil
}

func fromBase32(text string) ([]byte, error) {
	digits := strings.TrimRight(text, "=")
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(digits)
	rest := len(digits) % 8
	if err != nil || strings.ContainsAny(text, "\r\n") || rest == 1 || rest == 3 || rest == 6 {
		return nil, argumentError("Invalid base32 text of length %d", len(text))
	}
	return b, nil
}
