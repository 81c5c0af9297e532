package parquet

import (
	"encoding/binary"
	"fmt"
)

// The kinds of values in Thrift's compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

// maxThriftDepth is how deep structures may be nested; Parquet's are five deep.
const maxThriftDepth = 16

// thrift reads the compact protocol. It allocates nothing by a count that the
// bytes claim. The first error stays, and everything read after it is zero.
type thrift struct {
	rest  []byte
	depth int
	err   error
}

func (t *thrift) fail(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf(format, args...)
	}
	t.rest = nil
}

func (t *thrift) readByte() byte {
	if len(t.rest) == 0 {
		t.fail("metadata ends early")
		return 0
	}
	b := t.rest[0]
	t.rest = t.rest[1:]
	return b
}

func (t *thrift) readUvarint() uint64 {
	v, n := binary.Uvarint(t.rest)
	if n <= 0 {
		t.fail("metadata ends early")
		return 0
	}
	t.rest = t.rest[n:]
	return v
}

// readInt reads a number of a kind.
func (t *thrift) readInt(kind byte) int64 {
	switch {
	case kind == thriftByte:
		return int64(int8(t.readByte()))
	case kind >= thriftI16 && kind <= thriftI64:
		u := t.readUvarint()
		return int64(u>>1) ^ -int64(u&1)
	}
	t.fail("metadata has a value of kind %d for a number", kind)
	return 0
}

// readCount is readInt for numbers that are not negative.
func (t *thrift) readCount(kind byte) int64 {
	n := t.readInt(kind)
	if n < 0 {
		t.fail("metadata has a negative size")
		return 0
	}
	return n
}

// readBinary reads bytes, which stay a part of the input.
func (t *thrift) readBinary(kind byte) []byte {
	if kind != thriftBinary {
		t.fail("metadata has a value of kind %d for a text", kind)
		return nil
	}
	n := t.readUvarint()
	if n > uint64(len(t.rest)) {
		t.fail("metadata ends early")
		return nil
	}
	b := t.rest[:n]
	t.rest = t.rest[n:]
	return b
}

// readStruct calls field for each field, which reads or skips its value.
func (t *thrift) readStruct(kind byte, field func(id int16, kind byte)) {
	if kind != thriftStruct {
		t.fail("metadata has a value of kind %d for a structure", kind)
	}
	if t.depth++; t.depth > maxThriftDepth {
		t.fail("metadata is nested more than %d levels deep", maxThriftDepth)
	}
	defer func() { t.depth-- }()
	id := int16(0)
	for t.err == nil {
		head := t.readByte()
		if head == 0 {
			return
		}
		if delta := head >> 4; delta > 0 {
			id += int16(delta)
		} else {
			id = int16(t.readInt(thriftI16))
		}
		field(id, head&0x0F)
	}
}

// readList calls item for each item, which reads or skips it.
func (t *thrift) readList(kind byte, item func(kind byte)) {
	if kind != thriftList && kind != thriftSet {
		t.fail("metadata has a value of kind %d for a list", kind)
		return
	}
	head := t.readByte()
	n := uint64(head >> 4)
	if n == 15 {
		n = t.readUvarint()
	}
	for ; n > 0 && t.err == nil; n-- {
		if len(t.rest) == 0 {
			t.fail("metadata ends early")
			return
		}
		item(head & 0x0F)
	}
}

// skipValue reads over a field's value; in a list a boolean has a byte.
func (t *thrift) skipValue(kind byte) {
	switch kind {
	case thriftTrue, thriftFalse:
	case thriftDouble:
		for range 8 {
			t.readByte()
		}
	case thriftBinary:
		t.readBinary(kind)
	case thriftList, thriftSet:
		t.readList(kind, t.skipItem)
	case thriftMap:
		n := t.readUvarint()
		if n == 0 {
			return
		}
		kinds := t.readByte()
		for ; n > 0 && t.err == nil; n-- {
			t.skipItem(kinds >> 4)
			t.skipItem(kinds & 0x0F)
		}
	case thriftStruct:
		t.readStruct(kind, func(_ int16, kind byte) { t.skipValue(kind) })
	default:
		t.readInt(kind)
	}
}

func (t *thrift) skipItem(kind byte) {
	if t.depth++; t.depth > maxThriftDepth {
		t.fail("metadata is nested more than %d levels deep", maxThriftDepth)
	}
	defer func() { t.depth-- }()
	if kind == thriftTrue || kind == thriftFalse {
		t.readByte()
		return
	}
	t.skipValue(kind)
}
