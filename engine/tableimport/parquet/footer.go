package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// footer is what a file says of itself.
type footer struct {
	schema []element
	groups []rowGroup
}

// element is a node of the schema, which lists them depth first.
type element struct {
	physical   physicalType
	isGroup    bool // no physical type was given
	length     int  // of FIXED_LEN_BYTE_ARRAY
	repetition int64
	name       string
	children   int64
	converted  int64 // noConverted if there is none
	scale      int
	precision  int
	logical    logicalType
}

type physicalType int64

// The physical types.
const (
	physicalBoolean physicalType = iota
	physicalInt32
	physicalInt64
	physicalInt96
	physicalFloat
	physicalDouble
	physicalBytes
	physicalFixed
)

// The repetitions.
const (
	isRequired = 0
	isRepeated = 2
)

const noConverted = -1

// logicalType is the LogicalType of an element; kind 0 is none.
type logicalType struct {
	kind   int16
	isUTC  bool
	digits int // of the fraction of a second
	bits   int
	signed bool
	scale  int
	prec   int
}

// The kinds of logical types.
const (
	logicalString    = 1
	logicalMap       = 2
	logicalList      = 3
	logicalEnum      = 4
	logicalDecimal   = 5
	logicalDate      = 6
	logicalTime      = 7
	logicalTimestamp = 8
	logicalInteger   = 10
	logicalUnknown   = 11
	logicalJSON      = 12
)

type rowGroup struct {
	rows   int64
	chunks []chunk
}

// chunk is a column of a row group.
type chunk struct {
	physical physicalType
	codec    int64
	values   int64
	start    int64 // of its pages
	length   int64
}

var magic = []byte("PAR1")

// readFooter reads and checks the metadata at the end of a file.
func readFooter(file io.ReaderAt, size int64) (*footer, error) {
	if size < 12 {
		return nil, errors.New("this is not a Parquet file: it is too short")
	}
	var tail [8]byte
	if _, err := file.ReadAt(tail[:], size-8); err != nil {
		return nil, err
	}
	if bytes.Equal(tail[4:], []byte("PARE")) {
		return nil, errors.New("encrypted Parquet files are not supported")
	}
	if !bytes.Equal(tail[4:], magic) {
		return nil, errors.New("this is not a Parquet file: it does not end with PAR1")
	}
	length := int64(binary.LittleEndian.Uint32(tail[:]))
	if length > size-12 {
		return nil, fmt.Errorf("the file is damaged: metadata of %d bytes in a file of %d", length, size)
	}
	if length > maxFooterBytes {
		return nil, fmt.Errorf("the file's metadata has %d bytes, the limit is %d", length, maxFooterBytes)
	}
	data := make([]byte, length)
	if _, err := file.ReadAt(data, size-8-length); err != nil {
		return nil, err
	}
	t := &thrift{rest: data}
	f := &footer{}
	t.readStruct(thriftStruct, func(id int16, kind byte) {
		switch id {
		case 2:
			t.readList(kind, func(kind byte) {
				if len(f.schema) == maxElements {
					t.fail("the schema has more than %d elements", maxElements)
				}
				f.schema = append(f.schema, readElement(t, kind))
			})
		case 4:
			t.readList(kind, func(kind byte) { f.groups = append(f.groups, readRowGroup(t, kind)) })
		default:
			t.skipValue(kind)
		}
	})
	if t.err != nil {
		return nil, fmt.Errorf("the file is damaged: %w", t.err)
	}
	return f, nil
}

func readElement(t *thrift, kind byte) element {
	e := element{isGroup: true, converted: noConverted}
	t.readStruct(kind, func(id int16, kind byte) {
		switch id {
		case 1:
			e.physical, e.isGroup = physicalType(t.readInt(kind)), false
		case 2:
			e.length = int(min(t.readCount(kind), maxPageBytes+1))
		case 3:
			e.repetition = t.readInt(kind)
		case 4:
			e.name = string(t.readBinary(kind))
		case 5:
			e.children = t.readCount(kind)
		case 6:
			e.converted = t.readInt(kind)
		case 7:
			e.scale = int(t.readInt(kind))
		case 8:
			e.precision = int(t.readInt(kind))
		case 10:
			e.logical = readLogicalType(t, kind)
		default:
			t.skipValue(kind)
		}
	})
	return e
}

// readLogicalType reads a union: a structure with one field, whose id is the kind.
func readLogicalType(t *thrift, kind byte) (l logicalType) {
	t.readStruct(kind, func(id int16, kind byte) {
		l.kind = id
		t.readStruct(kind, func(id int16, kind byte) {
			switch {
			case l.kind == logicalDecimal && id == 1:
				l.scale = int(t.readInt(kind))
			case l.kind == logicalDecimal && id == 2:
				l.prec = int(t.readInt(kind))
			case (l.kind == logicalTime || l.kind == logicalTimestamp) && id == 1:
				l.isUTC = kind == thriftTrue
			case (l.kind == logicalTime || l.kind == logicalTimestamp) && id == 2:
				t.readStruct(kind, func(unit int16, kind byte) {
					l.digits = 3 * int(unit) // MILLIS is 1, MICROS 2, NANOS 3
					t.skipValue(kind)
				})
			case l.kind == logicalInteger && id == 1:
				l.bits = int(t.readInt(kind))
			case l.kind == logicalInteger && id == 2:
				l.signed = kind == thriftTrue
			default:
				t.skipValue(kind)
			}
		})
	})
	return l
}

func readRowGroup(t *thrift, kind byte) (g rowGroup) {
	t.readStruct(kind, func(id int16, kind byte) {
		switch id {
		case 1:
			t.readList(kind, func(kind byte) { g.chunks = append(g.chunks, readChunk(t, kind)) })
		case 3:
			g.rows = t.readCount(kind)
		default:
			t.skipValue(kind)
		}
	})
	return g
}

func readChunk(t *thrift, kind byte) (c chunk) {
	dictionary := int64(0)
	t.readStruct(kind, func(id int16, kind byte) {
		switch id {
		case 1:
			if len(t.readBinary(kind)) > 0 {
				t.fail("its columns are in other files")
			}
		case 3:
			t.readStruct(kind, func(id int16, kind byte) {
				switch id {
				case 1:
					c.physical = physicalType(t.readInt(kind))
				case 4:
					c.codec = t.readInt(kind)
				case 5:
					c.values = t.readCount(kind)
				case 7:
					c.length = t.readCount(kind)
				case 9:
					c.start = t.readCount(kind)
				case 11:
					dictionary = t.readCount(kind)
				default:
					t.skipValue(kind)
				}
			})
		default:
			t.skipValue(kind)
		}
	})
	if dictionary > 0 && dictionary < c.start {
		c.start = dictionary
	}
	return c
}
