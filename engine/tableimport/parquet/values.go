package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// values reads the values of a page one by one, so that no count in a damaged file decides how much is allocated.
type values interface {
	next() (raw, error)
}

// The encodings.
const (
	encodingPlain           = 0
	encodingPlainDictionary = 2
	encodingRuns            = 3
	encodingDeltas          = 5
	encodingDeltaLengths    = 6
	encodingDeltaBytes      = 7
	encodingDictionary      = 8
	encodingSplit           = 9
)

// openValues reads data in an encoding, of at most count values.
func openValues(encoding int64, l leafType, data []byte, count int64, d *dictionary) (values, error) {
	switch encoding {
	case encodingPlain:
		return &plainValues{rest: data, leaf: l}, nil
	case encodingPlainDictionary, encodingDictionary:
		if d == nil {
			return nil, errors.New("the file is damaged: a page reads a dictionary that is not there")
		}
		if len(data) == 0 {
			return &dictionaryValues{dictionary: d}, nil
		}
		if data[0] > 32 {
			return nil, errors.New("the file is damaged: numbers of a dictionary are too wide")
		}
		return &dictionaryValues{dictionary: d, codes: runs{width: uint(data[0]), rest: data[1:]}}, nil
	case encodingRuns:
		if l.physical != physicalBoolean || len(data) < 4 {
			break
		}
		return &booleanRuns{runs{width: 1, rest: data[4:]}}, nil
	case encodingDeltas:
		if l.physical != physicalInt32 && l.physical != physicalInt64 {
			break
		}
		d, err := openDeltas(data, count)
		return deltaValues{d}, err
	case encodingDeltaLengths:
		if l.physical != physicalBytes {
			break
		}
		return openDeltaLengths(data, count)
	case encodingDeltaBytes:
		if l.physical != physicalBytes && l.physical != physicalFixed {
			break
		}
		return openDeltaBytes(data, count, l)
	case encodingSplit:
		if size := l.size(); size > 0 {
			return &splitValues{data: data, size: size, count: len(data) / size, leaf: l}, nil
		}
	}
	return nil, fmt.Errorf("encoding %d of a column of physical type %d is not supported", encoding, l.physical)
}

// size is the number of bytes of a value of a fixed length, 0 for others.
func (l leafType) size() int {
	switch l.physical {
	case physicalInt32, physicalFloat:
		return 4
	case physicalInt64, physicalDouble:
		return 8
	case physicalInt96:
		return 12
	case physicalFixed:
		return l.length
	}
	return 0
}

// rawOf is a value of a fixed length.
func (l leafType) rawOf(b []byte) raw {
	switch l.physical {
	case physicalInt32, physicalFloat:
		return raw{bits: uint64(binary.LittleEndian.Uint32(b))}
	case physicalInt64, physicalDouble:
		return raw{bits: binary.LittleEndian.Uint64(b)}
	}
	return raw{bytes: b}
}

// plainValues are one after another.
type plainValues struct {
	rest []byte
	leaf leafType
	bit  uint64 // of booleans
}

func (p *plainValues) next() (raw, error) {
	size := p.leaf.size()
	switch p.leaf.physical {
	case physicalBoolean:
		if p.bit/8 >= uint64(len(p.rest)) {
			return raw{}, errEndsEarly
		}
		p.bit++
		return raw{bits: bitsAt(p.rest, p.bit-1, 1)}, nil
	case physicalBytes:
		if len(p.rest) < 4 {
			return raw{}, errEndsEarly
		}
		size = int(binary.LittleEndian.Uint32(p.rest))
		p.rest = p.rest[4:]
	}
	if size > len(p.rest) {
		return raw{}, errEndsEarly
	}
	b := p.rest[:size]
	p.rest = p.rest[size:]
	if p.leaf.physical == physicalBytes {
		return raw{bytes: b}, nil
	}
	return p.leaf.rawOf(b), nil
}

// dictionary has the values that pages of a column chunk name by number.
type dictionary struct {
	leaf    leafType
	data    []byte
	offsets []uint32 // of values of no fixed length, after their lengths
	count   int
}

func newDictionary(l leafType, data []byte, count int64) (*dictionary, error) {
	d := &dictionary{leaf: l, data: data}
	if size := l.size(); size > 0 {
		d.count = int(min(count, int64(len(data)/size)))
		return d, nil
	}
	if l.physical != physicalBytes {
		return nil, fmt.Errorf("a dictionary of physical type %d is not supported", l.physical)
	}
	p := &plainValues{rest: data, leaf: l}
	for range min(count, int64(len(data)/4)) {
		d.offsets = append(d.offsets, uint32(len(data)-len(p.rest)+4))
		if _, err := p.next(); err != nil {
			return nil, err
		}
	}
	d.count = len(d.offsets)
	return d, nil
}

func (d *dictionary) at(i uint32) (raw, error) {
	if int64(i) >= int64(d.count) {
		return raw{}, errors.New("the file is damaged: a value lies outside of its dictionary")
	}
	if d.offsets == nil {
		size := d.leaf.size()
		return d.leaf.rawOf(d.data[int(i)*size:][:size]), nil
	}
	at := d.offsets[i]
	return raw{bytes: d.data[at:][:binary.LittleEndian.Uint32(d.data[at-4:])]}, nil
}

// dictionaryValues are numbers of values in a dictionary.
type dictionaryValues struct {
	dictionary *dictionary
	codes      runs
}

func (v *dictionaryValues) next() (raw, error) {
	code, err := v.codes.next()
	if err != nil {
		return raw{}, err
	}
	return v.dictionary.at(code)
}

type booleanRuns struct{ runs runs }

func (v *booleanRuns) next() (raw, error) {
	b, err := v.runs.next()
	return raw{bits: uint64(b)}, err
}

type deltaValues struct{ deltas *deltas }

func (v deltaValues) next() (raw, error) {
	n, err := v.deltas.next()
	return raw{bits: uint64(n)}, err
}

// deltaLengths are texts whose lengths come first, as differences.
type deltaLengths struct {
	lengths *deltas
	rest    []byte
}

func openDeltaLengths(data []byte, count int64) (*deltaLengths, error) {
	ahead, err := openDeltas(data, count)
	if err != nil {
		return nil, err
	}
	rest, err := ahead.skipAll()
	if err != nil {
		return nil, err
	}
	lengths, err := openDeltas(data, count)
	return &deltaLengths{lengths: lengths, rest: rest}, err
}

func (v *deltaLengths) next() (raw, error) {
	n, err := v.lengths.next()
	if err != nil {
		return raw{}, err
	}
	if n < 0 || n > int64(len(v.rest)) {
		return raw{}, errEndsEarly
	}
	b := v.rest[:n]
	v.rest = v.rest[n:]
	return raw{bytes: b}, nil
}

// deltaBytes reads texts that are stored without the prefix they share with the text before.
type deltaBytes struct {
	prefixes *deltas
	suffixes *deltaLengths
	last     []byte
	leaf     leafType
}

func openDeltaBytes(data []byte, count int64, l leafType) (*deltaBytes, error) {
	ahead, err := openDeltas(data, count)
	if err != nil {
		return nil, err
	}
	rest, err := ahead.skipAll()
	if err != nil {
		return nil, err
	}
	v := &deltaBytes{leaf: l}
	if v.prefixes, err = openDeltas(data, count); err != nil {
		return nil, err
	}
	v.suffixes, err = openDeltaLengths(rest, count)
	return v, err
}

func (v *deltaBytes) next() (raw, error) {
	prefix, err := v.prefixes.next()
	if err != nil {
		return raw{}, err
	}
	suffix, err := v.suffixes.next()
	if err != nil {
		return raw{}, err
	}
	if prefix < 0 || prefix > int64(len(v.last)) {
		return raw{}, errors.New("the file is damaged: a text repeats more of the text before it than that has")
	}
	if prefix+int64(len(suffix.bytes)) > maxValueBytes {
		return raw{}, errTooLong
	}
	v.last = append(v.last[:prefix], suffix.bytes...)
	if v.leaf.physical == physicalFixed && len(v.last) != v.leaf.length {
		return raw{}, errEndsEarly
	}
	return raw{bytes: v.last}, nil
}

// splitValues are the first bytes of all values, then the second ones, and so on.
type splitValues struct {
	data              []byte
	size, count, read int
	leaf              leafType
	value             []byte
}

func (v *splitValues) next() (raw, error) {
	if v.read == v.count {
		return raw{}, errEndsEarly
	}
	v.value = v.value[:0]
	for i := range v.size {
		v.value = append(v.value, v.data[i*v.count+v.read])
	}
	v.read++
	return v.leaf.rawOf(v.value), nil
}
