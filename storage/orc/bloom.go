package orc

import (
	"encoding/binary"
	"math"
	"math/bits"

	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// bloomFalsePositives is the share of absent values that a filter lets pass. At one in a hundred, filters and row
// groups read in vain cost about the same for columns of unique ids.
const bloomFalsePositives = 0.01

// buildBloom makes a filter of the hashes, whose order it changes. It is sized by the number of distinct ones.
func (s *writerSettings) buildBloom(hashes []uint64) *orcpb.BloomFilter {
	hashes = s.distinct(hashes)
	n := float64(max(1, len(hashes)))
	bitCount := int(math.Ceil(-n * math.Log(bloomFalsePositives) / (math.Ln2 * math.Ln2)))
	words := (bitCount + 63) / 64
	bitCount = words * 64
	k := max(1, int(math.Round(float64(bitCount)/n*math.Ln2)))
	k = min(k, 16)
	bitset := make([]byte, words*8)
	for _, hash := range hashes {
		for i := 1; i <= k; i++ {
			at := bloomBit(hash, i, bitCount)
			bitset[at>>3] |= 1 << (at & 7)
		}
	}
	return &orcpb.BloomFilter{NumHashFunctions: proto.Uint32(uint32(k)), Utf8Bitset: bitset}
}

// distinct moves the distinct hashes to the front and returns them.
func (s *writerSettings) distinct(hashes []uint64) []uint64 {
	slots := 2 << bits.Len(uint(len(hashes)))
	if len(s.seen) < slots {
		s.seen = make([]uint64, slots)
	}
	seen := s.seen[:slots]
	clear(seen)
	mask, count, hasZero := uint64(slots-1), 0, false
	for _, hash := range hashes {
		at := hash & mask
		for seen[at] != hash && seen[at] != 0 {
			at = (at + 1) & mask
		}
		if seen[at] == hash && (hash != 0 || hasZero) {
			continue
		}
		seen[at] = hash
		hasZero = hasZero || hash == 0
		hashes[count] = hash
		count++
	}
	return hashes[:count]
}

// mayHold reports whether the filter may hold a value with a hash. It is true for filters that it cannot use.
func (b *bloomFilter) mayHold(hash uint64) bool {
	bitset, k := b.bits, b.hashFunctions
	if len(bitset) == 0 || len(bitset)%8 != 0 || len(bitset) > math.MaxInt32/8 || k < 1 || k > 1000 {
		return true
	}
	for i := 1; i <= k; i++ {
		at := bloomBit(hash, i, len(bitset)*8)
		if bitset[at>>3]&(1<<(at&7)) == 0 {
			return false
		}
	}
	return true
}

// bloomBit is the place of the i-th bit of a hash, in 32-bit arithmetic as other writers do it.
func bloomBit(hash uint64, i, bitCount int) int {
	combined := int32(hash) + int32(i)*int32(hash>>32)
	if combined < 0 {
		combined = ^combined
	}
	return int(uint32(combined) % uint32(bitCount))
}

// murmurSeed is the seed that ORC's writers use.
const murmurSeed = 104729

// textHash is the upper half of 128-bit Murmur3, as ORC's bloom filters use it for text and binary values.
func textHash(data []byte) uint64 {
	const c1, c2 = 0x87c37b91114253d5, 0x4cf5ad432745937f
	h := uint64(murmurSeed)
	n := uint64(len(data))
	for len(data) >= 8 {
		k := binary.LittleEndian.Uint64(data) * c1
		h ^= bits.RotateLeft64(k, 31) * c2
		h = bits.RotateLeft64(h, 27)*5 + 0x52dce729
		data = data[8:]
	}
	if len(data) > 0 {
		k := uint64(0)
		for i, b := range data {
			k ^= uint64(b) << (8 * i)
		}
		h ^= bits.RotateLeft64(k*c1, 31) * c2
	}
	h ^= n
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
