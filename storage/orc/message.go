package orc

import (
	"sync/atomic"
	"unsafe"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// This file decodes by hand the messages that a scan reads often: with reflection they would take as long as the
// scan's rows.

// messageField is a field of an encoded message.
type messageField struct {
	number protowire.Number
	kind   protowire.Type
	whole  []byte // with its tag
	value  []byte // of a field with a length
	bits   uint64 // of a varint or fixed field
}

// eachField walks the fields of a message.
func eachField(message []byte, visit func(f messageField) error) error {
	for len(message) > 0 {
		f, n, err := nextField(message)
		if err != nil {
			return err
		}
		if err := visit(f); err != nil {
			return err
		}
		message = message[n:]
	}
	return nil
}

// nextField reads the first field of a message, which has n bytes.
func nextField(message []byte) (f messageField, n int, err error) {
	number, kind, tag := protowire.ConsumeTag(message)
	if tag < 0 {
		return f, 0, protowire.ParseError(tag)
	}
	f.number, f.kind = number, kind
	rest := message[tag:]
	switch kind {
	case protowire.VarintType:
		f.bits, n = protowire.ConsumeVarint(rest)
	case protowire.Fixed64Type:
		f.bits, n = protowire.ConsumeFixed64(rest)
	case protowire.BytesType:
		f.value, n = protowire.ConsumeBytes(rest)
	default:
		n = protowire.ConsumeFieldValue(number, kind, rest)
	}
	if n < 0 {
		return f, 0, protowire.ParseError(n)
	}
	f.whole = message[:tag+n]
	return f, tag + n, nil
}

// is reports whether the field has a number and a kind; a field of another kind belongs to no known message.
func (f *messageField) is(number protowire.Number, kind protowire.Type) bool {
	return f.number == number && f.kind == kind
}

// appendNumbers adds the numbers of a repeated field, packed or one by one.
func (f *messageField) appendNumbers(list []uint64) ([]uint64, error) {
	if f.kind == protowire.VarintType {
		return append(list, f.bits), nil
	}
	for packed := f.value; len(packed) > 0; {
		v, n := protowire.ConsumeVarint(packed)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		list, packed = append(list, v), packed[n:]
	}
	return list, nil
}

// repeated lists the messages in a field of a message.
func repeated(message []byte, wanted protowire.Number) (list [][]byte, err error) {
	err = eachField(message, func(f messageField) error {
		if f.is(wanted, protowire.BytesType) {
			list = append(list, f.value)
		}
		return nil
	})
	return list, err
}

// nthOf returns the message at an index, from 0, in a repeated field of a message; nil: there are fewer.
func nthOf(message []byte, wanted protowire.Number, number int) ([]byte, error) {
	for len(message) > 0 {
		f, n, err := nextField(message)
		if err != nil {
			return nil, err
		}
		if f.is(wanted, protowire.BytesType) {
			if number == 0 {
				return f.value, nil
			}
			number--
		}
		message = message[n:]
	}
	return nil, nil
}

// stripeFooter is the part of orcpb.StripeFooter that a scan needs.
type stripeFooter struct {
	streams   []footerStream // in the order of the file
	encodings []columnEncoding
	timeZone  string
	encrypted bool
}

type footerStream struct {
	kind   orcpb.Stream_Kind
	column uint32
	length uint64
}

type columnEncoding struct {
	kind           orcpb.ColumnEncoding_Kind
	dictionarySize uint32
}

func decodeStripeFooter(content []byte) (footer stripeFooter, err error) {
	err = eachField(content, func(f messageField) error {
		if f.kind != protowire.BytesType {
			return nil
		}
		switch f.number {
		case 1:
			s, err := decodeStream(f.value)
			footer.streams = append(footer.streams, s)
			return err
		case 2:
			e, err := decodeEncoding(f.value)
			footer.encodings = append(footer.encodings, e)
			return err
		case 3:
			footer.timeZone = string(f.value)
		case 4:
			footer.encrypted = true
		}
		return nil
	})
	return footer, err
}

func decodeStream(content []byte) (s footerStream, err error) {
	for len(content) > 0 {
		f, n, err := nextField(content)
		if err != nil {
			return s, err
		}
		content = content[n:]
		if f.kind != protowire.VarintType {
			continue
		}
		switch f.number {
		case 1:
			s.kind = orcpb.Stream_Kind(f.bits)
		case 2:
			s.column = uint32(f.bits)
		case 3:
			s.length = f.bits
		}
	}
	return s, nil
}

func decodeEncoding(content []byte) (e columnEncoding, err error) {
	for len(content) > 0 {
		f, n, err := nextField(content)
		if err != nil {
			return e, err
		}
		content = content[n:]
		if f.kind != protowire.VarintType {
			continue
		}
		switch f.number {
		case 1:
			e.kind = orcpb.ColumnEncoding_Kind(f.bits)
		case 2:
			e.dictionarySize = uint32(f.bits)
		}
	}
	return e, nil
}

// rowIndex holds the positions and statistics of a column's row groups.
type rowIndex []groupEntry

type groupEntry struct {
	positions  []uint64
	statistics []byte // encoded; nil: none
	known      *atomic.Pointer[knownStatistics]
}

// knownStatistics are statistics of a row group, decoded for one column, whose type decides how they are read.
type knownStatistics struct {
	column     *column
	statistics Statistics
}

func decodeRowIndex(content []byte) (index rowIndex, err error) {
	err = eachField(content, func(f messageField) error {
		if !f.is(1, protowire.BytesType) {
			return nil
		}
		e, err := decodeIndexEntry(f.value)
		index = append(index, e)
		return err
	})
	known := make([]atomic.Pointer[knownStatistics], len(index))
	for i := range index {
		index[i].known = &known[i]
	}
	return index, err
}

func decodeIndexEntry(content []byte) (e groupEntry, err error) {
	err = eachField(content, func(f messageField) (err error) {
		switch {
		case f.is(1, protowire.VarintType), f.is(1, protowire.BytesType):
			e.positions, err = f.appendNumbers(e.positions)
		case f.is(2, protowire.BytesType):
			// The parts of a split message form it when joined.
			e.statistics = append(e.statistics[:len(e.statistics):len(e.statistics)], f.value...)
		}
		return err
	})
	return e, err
}

func (x rowIndex) memoryBytes() (bytes int64) {
	for _, e := range x {
		bytes += int64(cap(e.positions))*8 + int64(len(e.statistics)) // counted again for its decoded form
	}
	return bytes + int64(cap(x))*int64(unsafe.Sizeof(groupEntry{})+unsafe.Sizeof(knownStatistics{}))
}

// bloomFilter is a bloom filter of one row group.
type bloomFilter struct {
	hashFunctions int
	bits          []byte
}

func decodeBlooms(content []byte) (filters []bloomFilter, err error) {
	err = eachField(content, func(f messageField) error {
		if !f.is(1, protowire.BytesType) {
			return nil
		}
		b, err := decodeBloom(f.value)
		filters = append(filters, b)
		return err
	})
	return filters, err
}

func decodeBloom(content []byte) (b bloomFilter, err error) {
	err = eachField(content, func(f messageField) error {
		switch {
		case f.is(1, protowire.VarintType):
			b.hashFunctions = int(uint32(f.bits))
		case f.is(3, protowire.BytesType):
			b.bits = f.value
		}
		return nil
	})
	return b, err
}
