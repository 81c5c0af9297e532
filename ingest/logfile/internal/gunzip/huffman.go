package gunzip

import "math/bits"

// An entry of a table says what the bits ahead mean that lead to it:
//
//	bits 0–5    how many bits to drop, those of the code and the extra ones behind it
//	bits 8–11   how many of them are the code; of a link, by how many bits its entry is found
//	bits 12–15  what it is; none of these: a length or a distance
//	bits 16–31  the literal; the length or distance without what the extra bits add; where a link leads
type entry uint32

const (
	isLiteral entry = 1 << 15
	isSpecial entry = 1 << 14 // one of the two below, or no code at all
	isLink    entry = 1 << 13 // to the entries of codes longer than the table's bits
	isEnd     entry = 1 << 12 // of the block
)

func (e entry) drop() uint       { return uint(e & 63) }
func (e entry) codeBits() uint   { return uint(e>>8) & 15 }
func (e entry) extraBits() uint  { return e.drop() - e.codeBits() }
func (e entry) value() int       { return int(e >> 16) }
func (e entry) is(f entry) bool  { return e&f != 0 }
func (e entry) linkMask() uint64 { return 1<<e.codeBits() - 1 }

// isNone reports whether no code is like the bits ahead.
func (e entry) isNone() bool { return e&(isSpecial|isLink|isEnd) == isSpecial }

// Tables are found by the next bits of the stream: most codes are no longer.
const (
	lengthTableBits   = 10
	distanceTableBits = 8
	maxCodeBits       = 15

	// Entries that 288 and 32 codes take at most with tables of these bits: see zlib's enough.c.
	lengthTableSize   = 1334
	distanceTableSize = 402
)

var lengthSymbols, distanceSymbols = newSymbols()

// newSymbols are the entries of all symbols but for the bits of their codes.
func newSymbols() (lengths [288]entry, distances [32]entry) {
	for i := range 256 {
		lengths[i] = isLiteral | entry(i)<<16
	}
	lengths[256] = isSpecial | isEnd
	base := 3
	for i := range 28 { // four symbols for each number of extra bits, but for the first ones
		extra := max(i/4-1, 0)
		lengths[257+i] = entry(base)<<16 | entry(extra)
		base += 1 << extra
	}
	lengths[285] = 258 << 16
	lengths[286], lengths[287] = isSpecial, isSpecial
	base = 1
	for i := range 30 {
		extra := max(i/2-1, 0)
		distances[i] = entry(base)<<16 | entry(extra)
		base += 1 << extra
	}
	distances[30], distances[31] = isSpecial, isSpecial
	return lengths, distances
}

// build fills a table for codes of the given lengths in bits, 0 for symbols
// without one. It reports whether they are a complete code, or the one bit of a
// single symbol, or none at all.
func build(table []entry, tableBits uint, lengths []uint8, symbols []entry) bool {
	var count, next [maxCodeBits + 1]int
	for _, n := range lengths {
		count[n]++
	}
	coded := len(lengths) - count[0]
	count[0] = 0
	left := 1 // codes that are not taken
	for n := 1; n <= maxCodeBits; n++ {
		next[n] = next[n-1] + count[n-1]
		if left = 2*left - count[n]; left < 0 {
			return false
		}
	}
	if left > 0 {
		if coded > 1 || coded != count[1] {
			return false
		}
		for i := range table[:1<<tableBits] {
			table[i] = isSpecial
		}
	}
	var sorted [288]uint16 // symbols by the length of their codes
	for symbol, n := range lengths {
		if n > 0 {
			sorted[next[n]] = uint16(symbol)
			next[n]++
		}
	}
	fill(table, tableBits, lengths, symbols, sorted[:coded], &count)
	return true
}

// fill gives each symbol its code and enters it wherever the bits ahead may lead.
func fill(table []entry, tableBits uint, lengths []uint8, symbols []entry, sorted []uint16, count *[maxCodeBits + 1]int) {
	code, codeBits := uint(0), uint(0)
	end := uint(1) << tableBits // of the entries in use
	prefix, link := ^uint(0), entry(0)
	for _, symbol := range sorted {
		n := uint(lengths[symbol])
		code <<= n - codeBits
		codeBits = n
		reversed := uint(bits.Reverse16(uint16(code)) >> (16 - n))
		code++
		e := symbols[symbol]
		if n <= tableBits {
			for i := reversed; i < 1<<tableBits; i += 1 << n {
				table[i] = e + entry(n)<<8 + entry(n)
			}
			continue
		}
		if p := reversed & (1<<tableBits - 1); p != prefix {
			prefix = p
			size := linkBits(tableBits, n, count)
			link = isSpecial | isLink | entry(end)<<16 | entry(size)<<8 | entry(tableBits)
			table[p] = link
			end += 1 << size
		}
		count[n]--
		n -= tableBits
		for i := reversed >> tableBits; i < 1<<link.codeBits(); i += 1 << n {
			table[link.value()+int(i)] = e + entry(n)<<8 + entry(n)
		}
	}
}

// linkBits is how many more bits tell the codes apart that begin like the next
// code, which has n bits. count has the codes that are still to come.
func linkBits(tableBits, n uint, count *[maxCodeBits + 1]int) uint {
	size := n - tableBits
	left := 1 << size
	for tableBits+size < maxCodeBits {
		if left -= count[tableBits+size]; left <= 0 {
			break
		}
		size++
		left *= 2
	}
	return size
}
