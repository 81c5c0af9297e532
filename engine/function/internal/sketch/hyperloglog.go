package sketch

import (
	_ "embed"
	bytesof "encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/auditlake/auditlake/planner/types"
)

// HyperLogLog estimates the number of distinct hashes. Estimates and the binary form are Trino's. While hashes are
// few, the form is sparse and has an entry for each prefix of 26 bits seen, in order. Then it is dense and has a
// register for each index of IndexBits bits.
type HyperLogLog struct {
	IndexBits uint8    // 1 to 16; 0 before the first value
	entries   entrySet // none once dense
	// entriesRoom is how many entries Trino would have made room for: it
	// decides when the sketch becomes dense.
	entriesRoom int
	registers   []uint8 // nil while sparse
}

const (
	maxIndexBits = 16
	minIndexBits = 4
)

// zerosAfter counts the leading zeros of a hash after its first bits.
func zerosAfter(hash uint64, prefix uint8) uint8 {
	return uint8(bits.LeadingZeros64(hash<<prefix | 1<<(prefix-1)))
}

// NewHyperLogLog returns a sketch of no values with 2^indexBits registers.
func NewHyperLogLog(indexBits uint8) *HyperLogLog {
	return &HyperLogLog{IndexBits: indexBits, entriesRoom: 1}
}

// SizeBytes estimates the memory held.
func (h *HyperLogLog) SizeBytes() int64 { return int64(4*cap(h.entries.slots) + cap(h.registers)) }

// Add adds the hash of a value.
func (h *HyperLogLog) Add(hash uint64) {
	if h.registers != nil {
		h.raise(int(hash>>(64-h.IndexBits)), zerosAfter(hash, h.IndexBits)+1)
		return
	}
	entry := uint32(hash>>(64-entryPrefixBits))<<entryZeroBits | uint32(zerosAfter(hash, entryPrefixBits))
	if !h.entries.raise(entry) {
		return
	}
	if h.entries.count > h.entriesRoom {
		h.entriesRoom += 10
	}
	h.denseIfLarger()
}

func (h *HyperLogLog) raise(index int, value uint8) {
	h.registers[index] = max(h.registers[index], value)
}

// denseIfLarger makes the sketch dense when the sparse form would take more of
// Trino's memory.
func (h *HyperLogLog) denseIfLarger() {
	if 4*h.entriesRoom > 1<<h.IndexBits/2+16 {
		h.MakeDense()
	}
}

// MakeDense gives the sketch a register for each index, however few the hashes are.
func (h *HyperLogLog) MakeDense() {
	if h.registers != nil {
		return
	}
	h.registers = make([]uint8, 1<<h.IndexBits)
	for entry := range h.entries.each() {
		zeros := uint8(bits.LeadingZeros32(entry << h.IndexBits))
		if left := entryPrefixBits - h.IndexBits; zeros >= left {
			zeros = left + uint8(entry&entryZeroMask)
		}
		h.raise(int(entry>>(32-h.IndexBits)), zeros+1)
	}
	h.entries = entrySet{}
}

// Join adds what o, which has the same index bits or none, has seen.
func (h *HyperLogLog) Join(o *HyperLogLog) {
	switch {
	case o.IndexBits == 0:
		return
	case h.IndexBits == 0:
		h.IndexBits, h.entriesRoom = o.IndexBits, o.entriesRoom
		h.entries, h.registers = o.entries.clone(), slices.Clone(o.registers)
		return
	case h.registers == nil && o.registers == nil:
		for entry := range o.entries.each() {
			h.entries.raise(entry)
		}
		h.entriesRoom = h.entries.count
		h.denseIfLarger()
		return
	}
	h.MakeDense()
	if o.registers == nil {
		dense := *o
		dense.MakeDense()
		o = &dense
	}
	for i, value := range o.registers {
		h.raise(i, value)
	}
}

// JoinHyperLogLogs adds from to into, which may be nil, and returns into.
func JoinHyperLogLogs(into, from *HyperLogLog) (*HyperLogLog, error) {
	if into == nil {
		into = &HyperLogLog{}
	}
	if into.IndexBits != 0 && into.IndexBits != from.IndexBits {
		return nil, types.ArgumentError("Cannot merge HLLs with different number of buckets: %d vs %d", 1<<into.IndexBits, 1<<from.IndexBits)
	}
	into.Join(from)
	return into, nil
}

// Estimate is about how many distinct hashes were added.
func (h *HyperLogLog) Estimate() int64 {
	if h.registers == nil {
		const all = 1 << entryPrefixBits
		return javaRound(countLinearly(all-h.entries.count, all))
	}
	m := len(h.registers)
	empty, sum := 0, 0.0
	for _, value := range h.registers {
		if value == 0 {
			empty++
		}
		sum += 1 / float64(uint64(1)<<(value&63))
	}
	const minEmptyShare = 0.4
	if float64(empty) > minEmptyShare*float64(m) {
		return javaRound(countLinearly(empty, m))
	}
	return javaRound(unbiased(h.IndexBits, registerFactor(h.IndexBits)*float64(m)*float64(m)/sum))
}

// countLinearly estimates how many values fell into all buckets when some stay empty.
func countLinearly(empty, all int) float64 {
	return float64(all) * math.Log(float64(all)/float64(empty))
}

func javaRound(f float64) int64 { return int64(math.Floor(f + 0.5)) }

func registerFactor(indexBits uint8) float64 {
	switch indexBits {
	case 4:
		return 0.673
	case 5:
		return 0.697
	case 6:
		return 0.709
	}
	return 0.7213 / (1 + 1.079/float64(int(1)<<indexBits))
}

// biasText holds the measured biases that were published with HyperLogLog++:
// three lines for each number of index bits, which are the number, raw
// estimates in ascending order, and the bias of each.
//
//go:embed hyperloglog_bias.txt
var biasText string

type biasTable struct{ estimates, biases []float64 }

var biasTables = sync.OnceValue(func() map[uint8]biasTable {
	tables := map[uint8]biasTable{}
	lines := strings.Split(strings.TrimSpace(biasText), "\n")
	for ; len(lines) >= 3; lines = lines[3:] {
		indexBits, err := strconv.Atoi(lines[0])
		if err != nil {
			panic(err) // the embedded table is part of the program
		}
		tables[uint8(indexBits)] = biasTable{parseNumbers(lines[1]), parseNumbers(lines[2])}
	}
	return tables
})

func parseNumbers(line string) []float64 {
	var out []float64
	for _, text := range strings.Fields(line) {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			panic(err) // as above
		}
		out = append(out, f)
	}
	return out
}

// unbiased takes the bias off a raw estimate, between those that were measured.
func unbiased(indexBits uint8, raw float64) float64 {
	t := biasTables()[indexBits]
	last := len(t.estimates) - 1
	if last < 0 || raw < t.estimates[0] || raw > t.estimates[last] {
		return raw
	}
	at, found := slices.BinarySearch(t.estimates, raw)
	if found {
		return raw - t.biases[at]
	}
	x0, y0, x1, y1 := t.estimates[at-1], t.biases[at-1], t.estimates[at], t.biases[at]
	return raw - ((raw-x0)*(y1-y0)/(x1-x0) + y0)
}

// The first byte of the binary form.
const (
	sparseForm = 2
	denseForm  = 3
)

// maxDelta is the most that four bits hold of a register above the least one; the rest of a larger one is in a
// separate list.
const maxDelta = 15

// Encode writes the form that Trino writes.
func (h *HyperLogLog) Encode() []byte {
	if h.registers == nil {
		out := bytesof.LittleEndian.AppendUint16([]byte{sparseForm, h.IndexBits}, uint16(h.entries.count))
		for _, entry := range h.entries.sorted() {
			out = bytesof.LittleEndian.AppendUint32(out, entry)
		}
		return out
	}
	least := slices.Min(h.registers)
	out := []byte{denseForm, h.IndexBits, least}
	var indexes, rests []byte
	for i := 0; i < len(h.registers); i += 2 {
		pair := byte(0)
		for k := i; k < i+2; k++ {
			delta := h.registers[k] - least
			if delta > maxDelta {
				indexes = bytesof.LittleEndian.AppendUint16(indexes, uint16(k))
				rests = append(rests, delta-maxDelta)
				delta = maxDelta
			}
			pair = pair<<4 | delta
		}
		out = append(out, pair)
	}
	out = bytesof.LittleEndian.AppendUint16(out, uint16(len(rests)))
	return append(append(out, indexes...), rests...)
}

// DecodeHyperLogLog reads the form that Encode writes, or fails with ErrMalformed.
func DecodeHyperLogLog(b []byte) (*HyperLogLog, error) {
	const header = 4
	if len(b) < header || b[1] < minIndexBits || b[1] > maxIndexBits {
		return nil, ErrMalformed
	}
	h := NewHyperLogLog(b[1])
	var ok bool
	switch b[0] {
	case sparseForm:
		ok = h.decodeSparse(b[2:])
	case denseForm:
		ok = h.decodeDense(b[2:])
	}
	if !ok {
		return nil, fmt.Errorf("function: HyperLogLog: %w", ErrMalformed)
	}
	return h, nil
}

func (h *HyperLogLog) decodeSparse(b []byte) bool {
	n := int(bytesof.LittleEndian.Uint16(b))
	b = b[2:]
	if len(b) != 4*n {
		return false
	}
	for last := int64(-1); len(b) > 0; b = b[4:] {
		entry := bytesof.LittleEndian.Uint32(b)
		prefix := int64(entry >> entryZeroBits)
		if prefix <= last || entry == math.MaxUint32 { // no hash has 63 zeros after a prefix
			return false
		}
		last = prefix
		h.entries.raise(entry)
	}
	h.entriesRoom = n
	return true
}

func (h *HyperLogLog) decodeDense(b []byte) bool {
	size := 1 << h.IndexBits
	least, b := b[0], b[1:]
	if least > 64 || len(b) < size/2+2 {
		return false
	}
	h.registers = make([]uint8, size)
	for i := range h.registers {
		h.registers[i] = least + b[i/2]>>(4*(1-i%2))&maxDelta
	}
	b = b[size/2:]
	n := int(bytesof.LittleEndian.Uint16(b))
	if b = b[2:]; len(b) != 3*n {
		return false
	}
	for i := range n {
		index, rest := int(bytesof.LittleEndian.Uint16(b[2*i:])), b[2*n+i]
		if index >= size || rest == 0 || rest > 64 || h.registers[index] != least+maxDelta {
			return false
		}
		h.registers[index] += rest
	}
	return true
}
