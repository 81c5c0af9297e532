package gunzip

// block reads the beginning of a block.
func (r *Reader) block() error {
	head, err := r.input.take(3)
	if err != nil {
		return err
	}
	r.lastBlock = head&1 == 1
	switch head >> 1 {
	case 0:
		return r.storedHeader()
	case 1:
		return r.tables(fixedLengths[:], fixedDistances[:])
	case 2:
		return r.dynamicHeader()
	}
	return ErrCorrupt
}

// storedHeader reads the size of a block that is not packed.
func (r *Reader) storedHeader() error {
	r.input.align()
	n, err := r.input.uint16()
	if err != nil {
		return err
	}
	complement, err := r.input.uint16()
	if err != nil {
		return err
	}
	if n != ^complement&0xffff {
		return ErrCorrupt
	}
	r.storedLeft, r.inside = n, inStored
	return nil
}

// stored copies what is in memory of a block that is not packed.
func (r *Reader) stored() error {
	in := &r.input
	if r.storedLeft == 0 {
		r.inside = atBlock
		return nil
	}
	if !in.any() {
		return in.early()
	}
	room := len(r.out) - slackBytes - r.end
	n := copy(r.out[r.end:], in.buf[in.at:min(in.at+min(r.storedLeft, room), len(in.buf))])
	in.at += n
	r.end += n
	r.storedLeft -= n
	return nil
}

// The code lengths of blocks that do not bring their own.
var fixedLengths, fixedDistances = newFixed()

func newFixed() (lengths [288]uint8, distances [32]uint8) {
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	for i := range distances {
		distances[i] = 5
	}
	return lengths, distances
}

// tables begins the codes of a block.
func (r *Reader) tables(lengths, distances []uint8) error {
	if !build(r.lengths[:], lengthTableBits, lengths, lengthSymbols[:]) ||
		!build(r.distances[:], distanceTableBits, distances, distanceSymbols[:]) {
		return ErrCorrupt
	}
	r.inside = inCodes
	return nil
}

// How the lengths of codes are packed themselves.
const (
	packedTableBits = 7
	repeatLast      = 16
	fewZeros        = 17
	manyZeros       = 18
)

var (
	packedOrder   = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	packedSymbols = newPackedSymbols()
)

func newPackedSymbols() (symbols [19]entry) {
	for i := range symbols {
		symbols[i] = entry(i) << 16
	}
	return symbols
}

// dynamicHeader reads the lengths of a block's own codes.
func (r *Reader) dynamicHeader() error {
	in := &r.input
	var n [3]int
	for i, bits := range []uint{5, 5, 4} {
		var err error
		if n[i], err = in.take(bits); err != nil {
			return err
		}
	}
	lengths, distances, packed := n[0]+257, n[1]+1, n[2]+4
	if lengths > 286 || distances > 30 {
		return ErrCorrupt
	}
	var packedLengths [19]uint8
	for _, symbol := range packedOrder[:packed] {
		bits, err := in.take(3)
		if err != nil {
			return err
		}
		packedLengths[symbol] = uint8(bits)
	}
	var table [1 << packedTableBits]entry
	if !build(table[:], packedTableBits, packedLengths[:], packedSymbols[:]) {
		return ErrCorrupt
	}
	var all [286 + 30]uint8
	if err := r.codeLengths(all[:lengths+distances], table[:]); err != nil {
		return err
	}
	if all[256] == 0 { // without an end the block never ends
		return ErrCorrupt
	}
	return r.tables(all[:lengths], all[lengths:lengths+distances])
}

// codeLengths reads lengths of codes, packed with codes of their own.
func (r *Reader) codeLengths(lengths []uint8, table []entry) error {
	in := &r.input
	for i := 0; i < len(lengths); {
		e, err := r.symbol(table, packedTableBits)
		if err != nil {
			return err
		}
		symbol := e.value()
		if symbol < repeatLast {
			lengths[i] = uint8(symbol)
			i++
			continue
		}
		n, value := 0, uint8(0)
		switch symbol {
		case repeatLast:
			if i == 0 {
				return ErrCorrupt
			}
			value = lengths[i-1]
			n, err = in.take(2)
			n += 3
		case fewZeros:
			n, err = in.take(3)
			n += 3
		case manyZeros:
			n, err = in.take(7)
			n += 11
		}
		if err != nil {
			return err
		}
		if n > len(lengths)-i {
			return ErrCorrupt
		}
		for range n {
			lengths[i] = value
			i++
		}
	}
	return nil
}

// symbol takes the next code; its extra bits are still to come.
func (r *Reader) symbol(table []entry, tableBits uint) (entry, error) {
	in := &r.input
	in.want(maxCodeBits)
	e := table[in.bits&(1<<tableBits-1)]
	taken := uint(0)
	if e.is(isLink) {
		taken = e.drop()
		e = table[e.value()+int(in.bits>>taken&e.linkMask())]
	}
	taken += e.codeBits()
	if taken > in.count || e.isNone() && in.count < maxCodeBits {
		return 0, in.early()
	}
	if e.isNone() {
		return 0, ErrCorrupt
	}
	in.drop(taken)
	return e, nil
}
