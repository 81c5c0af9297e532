package function

import (
	bytesof "encoding/binary"
	"maps"
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

const (
	// maxDigestHashes are kept of a set digest, the smallest ones.
	maxDigestHashes = 8192
	// digestBits is the number of bits that choose a register of a set digest.
	digestBits = 11
)

// setDigest keeps how often the smallest hashes came, and a sketch of all.
type setDigest struct {
	counts map[int64]uint16 // maxDigestHashes and, before prune, as many again
	sketch *hyperLogLog
	// highest is the largest hash that is of interest.
	highest int64
}

func setDigestFunctions() []Function {
	add := summarizing(func(args []batch.Vector) (func(*setDigest, int) (*setDigest, error), error) {
		hash := digestHasher(args[0])
		return func(d *setDigest, row int) (*setDigest, error) {
			if d == nil {
				d = newSetDigest()
			}
			h, err := hash(row)
			d.add(h, 1)
			return d, err
		}, nil
	}, joinSetDigests)
	return []Function{
		aggregate("make_set_digest(T) -> setdigest", "A digest of the distinct values, with how often they came.", add),
		aggregate("merge_set_digest(setdigest) -> setdigest", "One digest of the values of several.", merging(decodeSetDigest, joinSetDigests)),
		scalar("cardinality(setdigest) -> bigint", "about how many distinct values a digest has seen", unary(func(b []byte) (int64, error) {
			d, err := decodeSetDigest(b)
			if err != nil {
				return 0, err
			}
			return d.cardinality(), nil
		})),
		scalar("intersection_cardinality(setdigest, setdigest) -> bigint", "about how many values two digests share", binary(digestPair(sharedValues))),
		scalar("jaccard_index(setdigest, setdigest) -> double", "the shared values' part of all values of two digests", binary(digestPair(jaccardIndex))),
		scalar("hash_counts(setdigest) -> map(bigint, smallint)", "the values' hashes and how often they came", hashCounts),
	}
}

func newSetDigest() *setDigest {
	return &setDigest{counts: map[int64]uint16{}, sketch: newHyperLogLog(digestBits), highest: math.MaxInt64}
}

// digestHasher hashes with MurmurHash3: numbers as eight bytes, lowest first.
func digestHasher(v batch.Vector) func(row int) (int64, error) {
	first := func(b []byte) int64 { return int64(bytesof.LittleEndian.Uint64(murmur3(b))) }
	number := func(n int64) (int64, error) { return first(bytesof.LittleEndian.AppendUint64(nil, uint64(n))), nil }
	switch a := batch.Decode(v.Array).(type) {
	case *array.Int8:
		return func(row int) (int64, error) { return number(int64(a.Value(v.At(row)))) }
	case *array.Int16:
		return func(row int) (int64, error) { return number(int64(a.Value(v.At(row)))) }
	case *array.Int32:
		return func(row int) (int64, error) { return number(int64(a.Value(v.At(row)))) }
	case *array.Date32:
		return func(row int) (int64, error) { return number(int64(a.Value(v.At(row)))) }
	case *array.Int64:
		return func(row int) (int64, error) { return number(a.Value(v.At(row))) }
	case *array.Float64:
		return func(row int) (int64, error) { return number(int64(math.Float64bits(a.Value(v.At(row))))) }
	case *array.String:
		return func(row int) (int64, error) { return first([]byte(a.Value(v.At(row)))), nil }
	case *array.Binary:
		return func(row int) (int64, error) { return first(a.Value(v.At(row))), nil }
	}
	var key []byte
	return func(row int) (int64, error) {
		var err error
		key, err = batch.AppendKey(key[:0], v.Array, v.At(row))
		return first(key), err
	}
}

func (d *setDigest) add(hash int64, times uint16) {
	d.sketch.add(uint64(hash))
	if before, ok := d.counts[hash]; ok {
		d.counts[hash] = uint16(min(math.MaxInt16, int(before)+int(times)))
		return
	}
	if hash > d.highest {
		return
	}
	if d.counts[hash] = times; len(d.counts) >= 2*maxDigestHashes {
		d.prune()
	}
}

// prune drops all but the smallest hashes.
func (d *setDigest) prune() {
	if len(d.counts) <= maxDigestHashes {
		return
	}
	hashes := d.hashes()
	for _, h := range hashes[maxDigestHashes:] {
		delete(d.counts, h)
	}
	d.highest = hashes[maxDigestHashes-1]
}

// hashes are the hashes that are kept, in order.
func (d *setDigest) hashes() []int64 { return slices.Sorted(maps.Keys(d.counts)) }

// isExact reports whether all hashes are kept. The digest is pruned.
func (d *setDigest) isExact() bool { return len(d.counts) < maxDigestHashes }

func (d *setDigest) cardinality() int64 {
	d.prune()
	if d.isExact() {
		return int64(len(d.counts))
	}
	return d.sketch.estimate()
}

func joinSetDigests(into, from *setDigest) (*setDigest, error) {
	if into == nil {
		into = newSetDigest()
	}
	for h, times := range from.counts {
		into.add(h, times)
	}
	into.sketch.join(from.sketch)
	return into, nil
}

func (d *setDigest) sizeBytes() int64 { return int64(24*len(d.counts)) + d.sketch.sizeBytes() }

func (d *setDigest) encode() []byte {
	d.prune()
	out := bytesof.LittleEndian.AppendUint64(nil, uint64(len(d.counts)))
	for h, times := range d.counts {
		out = bytesof.LittleEndian.AppendUint64(out, uint64(h))
		out = bytesof.LittleEndian.AppendUint16(out, times)
	}
	return append(out, d.sketch.encode()...)
}

func decodeSetDigest(b []byte) (*setDigest, error) {
	const entryBytes = 10
	r := &summaryReader{data: b}
	n := r.count(entryBytes)
	if r.err != nil || n > maxDigestHashes {
		return nil, errMalformedSummary
	}
	d := newSetDigest()
	for range n {
		d.counts[int64(r.uint64())] = bytesof.LittleEndian.Uint16(r.data)
		r.data = r.data[2:]
	}
	var err error
	d.sketch, err = decodeHyperLogLog(r.data)
	return d, err
}

// digestPair makes a function of two digests one of their binary forms.
func digestPair[R any](f func(a, b *setDigest) R) func(a, b []byte) (R, error) {
	return func(x, y []byte) (R, error) {
		var none R
		a, err := decodeSetDigest(x)
		if err != nil {
			return none, err
		}
		b, err := decodeSetDigest(y)
		if err != nil {
			return none, err
		}
		return f(a, b), nil
	}
}

// jaccardIndex looks at the smallest hashes of both, as many as the smaller
// digest has.
func jaccardIndex(a, b *setDigest) float64 {
	a.prune()
	b.prune()
	all := append(a.hashes(), b.hashes()...)
	slices.Sort(all)
	all = slices.Compact(all)
	n := min(len(a.counts), len(b.counts))
	shared := 0
	for _, h := range all[:n] {
		_, inA := a.counts[h]
		_, inB := b.counts[h]
		if inA && inB {
			shared++
		}
	}
	return float64(shared) / float64(n)
}

func sharedValues(a, b *setDigest) int64 {
	a.prune()
	b.prune()
	if a.isExact() && b.isExact() {
		shared := int64(0)
		for h := range a.counts {
			if _, ok := b.counts[h]; ok {
				shared++
			}
		}
		return shared
	}
	n, m, index := a.cardinality(), b.cardinality(), jaccardIndex(a, b)
	return min(n, m, int64(index*float64(n+m)/(1+index)))
}

func hashCounts(fn *types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		constant := allConst(args)
		if constant {
			rows = 1
		}
		column := columnOf[[]byte](args[0])
		valid := validOf(args, rows)
		offsets, keys, values := make([]int32, rows+1), []int64{}, []int16{}
		for i := range rows {
			if batch.IsValid(valid, i) {
				d, err := decodeSetDigest(column.at(i))
				if err != nil {
					return batch.Vector{}, err
				}
				hashes := d.hashes()
				for _, h := range hashes {
					keys, values = append(keys, h), append(values, int16(d.counts[h]))
				}
			}
			offsets[i+1] = int32(len(keys))
		}
		entries := arrowtype.Of(fn.Return).(*arrow.MapType)
		a := batch.FromMaps(offsets, valid, batch.FromValues(entries.KeyType(), keys, nil), batch.FromValues(entries.ItemType(), values, nil))
		return batch.Vector{Array: a, Const: constant}, nil
	}
}
