package receipt

import "encoding/binary"

// filter is a Bloom filter of keys: it says of some keys for sure that they are not among them. Keys are hashes, so
// that their two halves serve as its hash functions.
type filter []byte

const (
	filterBitsPerKey = 10
	filterProbes     = 7
	// minFilterBytes keeps the filter of a few keys from being a division by nothing.
	minFilterBytes = 8
)

func newFilter(keys int64) filter {
	return make(filter, max(minFilterBytes, (keys*filterBitsPerKey+7)/8))
}

func (f filter) addKey(k *Key) {
	for at, step, i := f.begin(k); i < filterProbes; i++ {
		bit := at % uint64(len(f)*8)
		f[bit/8] |= 1 << (bit % 8)
		at += step
	}
}

// mayHave reports whether a key may be among those that were added.
func (f filter) mayHave(k *Key) bool {
	for at, step, i := f.begin(k); i < filterProbes; i++ {
		bit := at % uint64(len(f)*8)
		if f[bit/8]&(1<<(bit%8)) == 0 {
			return false
		}
		at += step
	}
	return true
}

func (f filter) begin(k *Key) (at, step uint64, i int) {
	return binary.LittleEndian.Uint64(k[:]), binary.LittleEndian.Uint64(k[8:]) | 1, 0
}
