package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/klauspost/compress/zstd"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/arrowtype"
)

// endOfStreamBytes is how long the end of an Arrow IPC stream is, which parts leave out.
const endOfStreamBytes = 8

// compressor and decompressor are shared: both may be called concurrently, and
// start no goroutines.
var (
	compressor = sync.OnceValues(func() (*zstd.Encoder, error) {
		return zstd.NewWriter(nil, zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
	})
	decompressor = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxPartBytes), zstd.WithDecoderLowmem(true))
	})
)

// storedSchema is the Arrow schema of a result in its file: the layout of
// engine/arrowtype.
func storedSchema(columns []answer.Column) *arrow.Schema {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.Name, Type: arrowtype.Of(c.Type), Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

// messages makes the Arrow IPC messages of a result's parts.
type messages struct {
	schema      *arrow.Schema
	out         bytes.Buffer
	stream      *ipc.Writer
	schemaBytes int // length of the schema's message, 0 once it was skipped
}

// newMessages returns the message of the schema, too.
func newMessages(schema *arrow.Schema) (m *messages, schemaMessage []byte, err error) {
	var text bytes.Buffer
	if err := ipc.NewWriter(&text, ipc.WithSchema(schema)).Close(); err != nil {
		return nil, nil, err
	}
	schemaMessage = text.Bytes()[:text.Len()-endOfStreamBytes]
	m = &messages{schema: schema, schemaBytes: len(schemaMessage)}
	m.stream = ipc.NewWriter(&m.out, ipc.WithSchema(schema))
	return m, schemaMessage, nil
}

// record returns the message of some rows. It is valid until the next one.
func (m *messages) record(arrays []arrow.Array, rows int) ([]byte, error) {
	m.out.Reset()
	if err := m.stream.Write(array.NewRecord(m.schema, arrays, int64(rows))); err != nil {
		return nil, err
	}
	skipped := m.schemaBytes
	m.schemaBytes = 0
	return m.out.Bytes()[skipped:], nil
}

func compress(plain []byte) ([]byte, error) {
	z, err := compressor()
	if err != nil {
		return nil, err
	}
	return z.EncodeAll(plain, nil), nil
}

// decompress returns the plain form of stored, which must be as long as the index says.
func decompress(p part, stored []byte) ([]byte, error) {
	z, err := decompressor()
	if err != nil {
		return nil, err
	}
	plain, err := z.DecodeAll(stored, make([]byte, 0, p.plainBytes))
	if err != nil {
		return nil, err
	}
	if len(plain) != int(p.plainBytes) {
		return nil, fmt.Errorf("has %d bytes where the index says %d", len(plain), p.plainBytes)
	}
	return plain, nil
}

// checkSchema compares the message of the first part with the schema of the columns.
func checkSchema(schema *arrow.Schema, message []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("is no schema: %v", p)
		}
	}()
	if err := checkLengths(message); err != nil {
		return err
	}
	_, err = ipc.NewReader(bytes.NewReader(message), ipc.WithSchema(schema))
	return err
}

// decodeRecord reads the message of a part. schema is the message before it.
func decodeRecord(schema *arrow.Schema, schemaMessage, message []byte, rows uint32) (record arrow.Record, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("is no record batch: %v", p)
		}
	}()
	if err := checkLengths(message); err != nil {
		return nil, err
	}
	stream := append(append(make([]byte, 0, len(schemaMessage)+len(message)), schemaMessage...), message...)
	reader, err := ipc.NewReader(bytes.NewReader(stream), ipc.WithSchema(schema))
	if err != nil {
		return nil, err
	}
	if !reader.Next() {
		return nil, fmt.Errorf("is no record batch: %w", reader.Err())
	}
	record = reader.Record()
	record.Retain() // the reader releases it with its next
	if record.NumRows() != int64(rows) {
		return nil, fmt.Errorf("has %d rows where the index says %d", record.NumRows(), rows)
	}
	for _, column := range record.Columns() {
		if err := checkData(column.Data()); err != nil {
			return nil, err
		}
	}
	return record, nil
}

// checkLengths compares the lengths that a message states with the bytes there are, because the Arrow library
// trusts them when it allocates. It panics where the metadata points outside of itself.
func checkLengths(message []byte) error {
	const prefix = 8 // the continuation, and the length of the metadata
	if len(message) < prefix || binary.LittleEndian.Uint32(message) != 0xffffffff {
		return errNoMessage
	}
	metadataBytes := int64(binary.LittleEndian.Uint32(message[4:]))
	if metadataBytes < 8 || metadataBytes > int64(len(message)-prefix) {
		return errNoMessage
	}
	bodyBytes := int64(len(message)-prefix) - metadataBytes
	metadata := message[prefix : prefix+metadataBytes]
	table := flatbuffers.Table{Bytes: metadata, Pos: flatbuffers.GetUOffsetT(metadata)}
	if table.GetInt64Slot(messageBodyLength, 0) != bodyBytes {
		return errNoMessage
	}
	if table.GetByteSlot(messageHeaderType, 0) != headerRecordBatch {
		return nil
	}
	var batch flatbuffers.Table
	table.Union(&batch, flatbuffers.UOffsetT(table.Offset(messageHeader)))
	return checkBuffers(&batch, bodyBytes)
}

// Fields of the tables of Arrow's Message.fbs, as flatbuffers number them.
const (
	messageHeaderType = 6
	messageHeader     = 8
	messageBodyLength = 10
	headerRecordBatch = 3
	batchBuffers      = 8
	batchCompression  = 10
	bufferStructBytes = 16 // offset and length
)

var errNoMessage = errors.New("is no Arrow IPC message")

// checkBuffers makes sure that the buffers of a record batch are not compressed and
// lie in the body, one after the other.
func checkBuffers(batch *flatbuffers.Table, bodyBytes int64) error {
	at := batch.Offset(batchBuffers)
	if at == 0 || batch.Offset(batchCompression) != 0 {
		return errNoMessage
	}
	first, end := batch.Vector(flatbuffers.UOffsetT(at)), int64(0)
	for i := range batch.VectorLen(flatbuffers.UOffsetT(at)) {
		buffer := first + flatbuffers.UOffsetT(i*bufferStructBytes)
		offset, length := batch.GetInt64(buffer), batch.GetInt64(buffer+8)
		if offset < end || length < 0 || offset > bodyBytes || length > bodyBytes-offset {
			return errNoMessage
		}
		end = offset + length
	}
	return nil
}
