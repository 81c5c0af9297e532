package sketch

import (
	bytesof "encoding/binary"
	"maps"
	"math"
	"slices"
)

const (
	// maxDigestHashes is how many hashes a set digest keeps, the smallest ones.
	maxDigestHashes = 8192
	// digestBits is the number of bits that choose a register of a set digest.
	digestBits = 11
)

// SetDigest keeps how often the smallest hashes came, and a sketch of all.
type SetDigest struct {
	Counts map[int64]uint16 // maxDigestHashes and, before prune, as many again
	sketch *HyperLogLog
	// highest is the largest hash that the digest may still keep.
	highest int64
}

// NewSetDigest returns a digest of no values.
func NewSetDigest() *SetDigest {
	return &SetDigest{Counts: map[int64]uint16{}, sketch: NewHyperLogLog(digestBits), highest: math.MaxInt64}
}

// Add adds the hash of a value that occurred times times.
func (d *SetDigest) Add(hash int64, times uint16) {
	d.sketch.Add(uint64(hash))
	if before, ok := d.Counts[hash]; ok {
		d.Counts[hash] = uint16(min(math.MaxInt16, int(before)+int(times)))
		return
	}
	if hash > d.highest {
		return
	}
	if d.Counts[hash] = times; len(d.Counts) >= 2*maxDigestHashes {
		d.prune()
	}
}

// prune drops all but the smallest hashes.
func (d *SetDigest) prune() {
	if len(d.Counts) <= maxDigestHashes {
		return
	}
	hashes := d.Hashes()
	for _, h := range hashes[maxDigestHashes:] {
		delete(d.Counts, h)
	}
	d.highest = hashes[maxDigestHashes-1]
}

// Hashes returns the hashes that are kept, in order.
func (d *SetDigest) Hashes() []int64 { return slices.Sorted(maps.Keys(d.Counts)) }

// isExact reports whether all hashes are kept. The digest is pruned.
func (d *SetDigest) isExact() bool { return len(d.Counts) < maxDigestHashes }

// Cardinality is about how many distinct values the digest has seen; it is exact for few.
func (d *SetDigest) Cardinality() int64 {
	d.prune()
	if d.isExact() {
		return int64(len(d.Counts))
	}
	return d.sketch.Estimate()
}

// JoinSetDigests adds from to into, which may be nil, and returns into.
func JoinSetDigests(into, from *SetDigest) (*SetDigest, error) {
	if into == nil {
		into = NewSetDigest()
	}
	for h, times := range from.Counts {
		into.Add(h, times)
	}
	into.sketch.Join(from.sketch)
	return into, nil
}

// SizeBytes estimates the memory held.
func (d *SetDigest) SizeBytes() int64 { return int64(24*len(d.Counts)) + d.sketch.SizeBytes() }

// Encode writes the form that DecodeSetDigest reads.
func (d *SetDigest) Encode() []byte {
	d.prune()
	out := bytesof.LittleEndian.AppendUint64(nil, uint64(len(d.Counts)))
	for h, times := range d.Counts {
		out = bytesof.LittleEndian.AppendUint64(out, uint64(h))
		out = bytesof.LittleEndian.AppendUint16(out, times)
	}
	return append(out, d.sketch.Encode()...)
}

// DecodeSetDigest reads the binary form of a digest, or fails with ErrMalformed.
func DecodeSetDigest(b []byte) (*SetDigest, error) {
	const entryBytes = 10
	r := &summaryReader{data: b}
	n := r.count(entryBytes)
	if r.err != nil || n > maxDigestHashes {
		return nil, ErrMalformed
	}
	d := NewSetDigest()
	for range n {
		d.Counts[int64(r.uint64())] = bytesof.LittleEndian.Uint16(r.data)
		r.data = r.data[2:]
	}
	var err error
	d.sketch, err = DecodeHyperLogLog(r.data)
	return d, err
}

// JaccardIndex compares the n smallest hashes of both, n being the number of hashes in the smaller digest.
func JaccardIndex(a, b *SetDigest) float64 {
	a.prune()
	b.prune()
	all := append(a.Hashes(), b.Hashes()...)
	slices.Sort(all)
	all = slices.Compact(all)
	n := min(len(a.Counts), len(b.Counts))
	shared := 0
	for _, h := range all[:n] {
		_, inA := a.Counts[h]
		_, inB := b.Counts[h]
		if inA && inB {
			shared++
		}
	}
	return float64(shared) / float64(n)
}

// SharedValues is about how many values two digests share; it is exact for few.
func SharedValues(a, b *SetDigest) int64 {
	a.prune()
	b.prune()
	if a.isExact() && b.isExact() {
		shared := int64(0)
		for h := range a.Counts {
			if _, ok := b.Counts[h]; ok {
				shared++
			}
		}
		return shared
	}
	n, m, index := a.Cardinality(), b.Cardinality(), JaccardIndex(a, b)
	return min(n, m, int64(index*float64(n+m)/(1+index)))
}
