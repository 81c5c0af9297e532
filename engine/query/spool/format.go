package spool

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// The file, see docs/formats/spool.md: header, parts, index, trailer. Numbers are
// little-endian, checksums CRC-32C.
const (
	// FormatVersion is the version of the file.
	FormatVersion = 1

	headerBytes  = 16
	entryBytes   = 16
	trailerBytes = 32
	// maxIndexBytes is the longest index that is written or read.
	maxIndexBytes = 64 << 20
	// maxPartBytes is the longest part that is written or read, before compression.
	maxPartBytes = 256 << 20
)

var (
	headerMagic  = [8]byte{'A', 'L', 'R', 'E', 'S', 'U', 'L', 'T'}
	trailerMagic = [4]byte{'D', 'O', 'N', 'E'}
	castagnoli   = crc32.MakeTable(crc32.Castagnoli)
)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// part is one entry of the index: a stretch of the file.
type part struct {
	offset      int64
	storedBytes uint32
	plainBytes  uint32 // before compression
	rows        uint32
	checksum    uint32 // of the stored bytes
	firstRow    int64
}

func (p part) end() int64 { return p.offset + int64(p.storedBytes) }

// index is what the end of a file says about it.
type index struct {
	parts []part // the first is the schema
	rows  int64
	about about
}

// about is the JSON text in the index.
type about struct {
	Query   string           `json:"query"`
	Columns []column         `json:"columns"`
	Zones   map[int32]string `json:"zones,omitempty"`
	Origin  *Origin          `json:"origin,omitempty"`
}

// Origin says what a result was computed from.
type Origin struct {
	Statement string    `json:"statement"`           // as its author wrote it
	Arguments []string  `json:"arguments,omitempty"` // constants for its parameters, as SQL
	Instant   time.Time `json:"instant"`             // the statement's now()
	// ChainEntries and ChainHead are the end of the lake's chain in the snapshot that was read.
	ChainEntries uint64 `json:"chainEntries"`
	ChainHead    string `json:"chainHead"` // lower-case hex
}

type column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

func columnsAbout(columns []answer.Column) []column {
	about := make([]column, len(columns))
	for i, c := range columns {
		about[i] = column{c.Name, c.Type.String()}
	}
	return about
}

// resultColumns are the columns that the index names.
func (a *about) resultColumns() ([]answer.Column, error) {
	columns := make([]answer.Column, len(a.Columns))
	for i, c := range a.Columns {
		t, err := types.ParseType(c.Type)
		if err != nil {
			return nil, fmt.Errorf("column %d: %w", i+1, err)
		}
		columns[i] = answer.Column{Name: c.Name, Type: t}
	}
	return columns, nil
}

func encodeHeader() []byte {
	b := append(make([]byte, 0, headerBytes), headerMagic[:]...)
	b = binary.LittleEndian.AppendUint32(b, FormatVersion)
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

// decodeHeader returns the version of the file.
func decodeHeader(b []byte) (uint32, error) {
	if [8]byte(b) != headerMagic {
		return 0, errors.New("it does not begin with the header of a kept result")
	}
	if checksum(b[:12]) != binary.LittleEndian.Uint32(b[12:]) {
		return 0, errors.New("the checksum of the header does not match")
	}
	return binary.LittleEndian.Uint32(b[8:]), nil
}

// encodeIndex returns index and trailer.
func encodeIndex(x *index) ([]byte, error) {
	text, err := json.Marshal(&x.about)
	if err != nil {
		return nil, err
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(x.parts)))
	for _, p := range x.parts {
		for _, n := range []uint32{p.storedBytes, p.plainBytes, p.rows, p.checksum} {
			b = binary.LittleEndian.AppendUint32(b, n)
		}
	}
	b = append(b, text...)
	if len(b) > maxIndexBytes {
		return nil, fmt.Errorf("the index of a kept result would be longer than %s", memory.FormatBytes(maxIndexBytes))
	}
	trailer := binary.LittleEndian.AppendUint64(nil, uint64(x.parts[len(x.parts)-1].end()))
	trailer = binary.LittleEndian.AppendUint64(trailer, uint64(x.rows))
	trailer = binary.LittleEndian.AppendUint32(trailer, uint32(len(b)))
	trailer = binary.LittleEndian.AppendUint32(trailer, checksum(b))
	trailer = binary.LittleEndian.AppendUint32(trailer, checksum(trailer))
	trailer = append(trailer, trailerMagic[:]...)
	return append(b, trailer...), nil
}

// trailer is the end of a file: where the index is.
type trailer struct {
	indexOffset   int64
	rows          int64
	indexBytes    int64
	indexChecksum uint32
}

// decodeTrailer reads the trailer of a file of fileBytes.
func decodeTrailer(b []byte, fileBytes int64) (t trailer, err error) {
	if [4]byte(b[28:]) != trailerMagic || checksum(b[:24]) != binary.LittleEndian.Uint32(b[24:]) {
		return t, errors.New("it does not end with the trailer of a kept result")
	}
	t = trailer{
		indexOffset: int64(binary.LittleEndian.Uint64(b)), rows: int64(binary.LittleEndian.Uint64(b[8:])),
		indexBytes: int64(binary.LittleEndian.Uint32(b[16:])), indexChecksum: binary.LittleEndian.Uint32(b[20:]),
	}
	if t.indexBytes > maxIndexBytes || t.indexOffset < headerBytes || t.indexOffset != fileBytes-trailerBytes-t.indexBytes {
		return t, errors.New("the place of its index is wrong")
	}
	return t, nil
}

// decodeIndex reads an index whose checksum was compared.
func decodeIndex(b []byte, t trailer) (*index, error) {
	if len(b) < 4 {
		return nil, errors.New("the index is too short")
	}
	count := int64(binary.LittleEndian.Uint32(b))
	b = b[4:]
	if count < 1 || count > int64(len(b))/entryBytes {
		return nil, errors.New("the index has a wrong number of parts")
	}
	x := &index{parts: make([]part, count), rows: t.rows}
	offset, rows := int64(headerBytes), int64(0)
	for i := range x.parts {
		p := part{
			offset: offset, storedBytes: binary.LittleEndian.Uint32(b), plainBytes: binary.LittleEndian.Uint32(b[4:]),
			rows: binary.LittleEndian.Uint32(b[8:]), checksum: binary.LittleEndian.Uint32(b[12:]), firstRow: rows,
		}
		if p.plainBytes > maxPartBytes || (p.rows == 0) != (i == 0) {
			return nil, fmt.Errorf("the index is wrong about part %d", i)
		}
		x.parts[i] = p
		offset, rows, b = p.end(), rows+int64(p.rows), b[entryBytes:]
	}
	if offset != t.indexOffset || rows != t.rows {
		return nil, errors.New("the index does not match the parts")
	}
	if err := json.Unmarshal(b, &x.about); err != nil {
		return nil, fmt.Errorf("the index's text: %w", err)
	}
	return x, nil
}
