package parts

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	other "github.com/scritchley/orc"

	"github.com/auditlake/auditlake/storage/orc"
)

// ZlibFile decodes a generated file of the given number of rows, compressed by zlib. The peer is scritchley/orc,
// which reads none of our other compressions.
func ZlibFile(rows int) (Part, error) {
	file, err := zlibFile(rows)
	return Part{
		Title: fmt.Sprintf("part: four columns of %d rows decoded, zlib", rows), Peer: "scritchley/orc",
		ours:   func() (result, error) { return timed(func() (int64, error) { return decodeAll("zlib.orc", file) }) },
		theirs: func() (result, error) { return timed(func() (int64, error) { return decodeOtherwise(file) }) },
	}, err
}

var zlibSchema = arrow.NewSchema([]arrow.Field{
	{Name: "name", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "id", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Millisecond}, Nullable: true},
	{Name: "number", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
}, nil)

func zlibFile(rows int) ([]byte, error) {
	var file bytes.Buffer
	w, err := orc.NewWriter(&file, zlibSchema, orc.WriterOptions{Compression: orc.Zlib})
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(7, 8))
	b := array.NewRecordBuilder(memory.DefaultAllocator, zlibSchema)
	for row := range rows {
		b.Field(0).(*array.StringBuilder).Append(fmt.Sprintf("Operation%d", random.IntN(300)))
		b.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("%016x-%016x", random.Uint64(), random.Uint64()))
		b.Field(2).(*array.TimestampBuilder).Append(arrow.Timestamp(1_700_000_000_000 + int64(row)*37))
		if random.IntN(10) == 0 {
			b.Field(3).AppendNull()
		} else {
			b.Field(3).(*array.Int64Builder).Append(random.Int64N(1 << 20))
		}
		if (row+1)%orc.RowGroupRows == 0 || row+1 == rows {
			if err := w.Write(b.NewRecord()); err != nil {
				return nil, err
			}
		}
	}
	_, err = w.Close()
	return file.Bytes(), err
}

// sizedReader is a file in memory as the other reader wants it.
type sizedReader struct{ *bytes.Reader }

func decodeOtherwise(file []byte) (values int64, err error) {
	reader, err := other.NewReader(sizedReader{bytes.NewReader(file)})
	if err != nil {
		return 0, err
	}
	var names []string
	for _, field := range zlibSchema.Fields() {
		names = append(names, field.Name)
	}
	cursor := reader.Select(names...)
	for cursor.Stripes() {
		for cursor.Next() {
			for _, value := range cursor.Row() {
				if value != nil {
					values++
				}
			}
		}
	}
	return values, cursor.Err()
}
