package receipt

import "encoding/binary"

// filter is a Bloom filter of keys. Keys are hashes, so their two halves serve as its hash functions.
type filter []byte

const (
	filterBitsPerKey = 10
	filterProbes     = 7
	// minFilterBytes keeps a filter of few keys from having no bytes, as the hash is taken modulo its size.
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

// mayHave reports whether a key may have been added; false is certain.
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
