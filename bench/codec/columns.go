package main

import (
	"fmt"
	"math/rand/v2"
	"os"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/storage/orc"
)

// column is one kind of values that segments hold, filled by add.
type column struct {
	name, title string
	dataType    arrow.DataType
	add         func(b array.Builder, random *rand.Rand, row int)
}

var columns = []column{
	{"code", "dictionary text, as codes", arrow.BinaryTypes.String, func(b array.Builder, random *rand.Rand, _ int) {
		b.(*array.StringBuilder).Append(fmt.Sprintf("Operation%d", random.IntN(300)))
	}},
	{"number", "int64 below 2²⁰", arrow.PrimitiveTypes.Int64, func(b array.Builder, random *rand.Rand, _ int) {
		b.(*array.Int64Builder).Append(random.Int64N(1 << 20))
	}},
	{"parameters", "map of text", arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String), func(b array.Builder, random *rand.Rand, _ int) {
		m := b.(*array.MapBuilder)
		m.Append(true)
		for k := range random.IntN(5) {
			m.KeyBuilder().(*array.StringBuilder).Append(fmt.Sprintf("parameter%d", k))
			m.ItemBuilder().(*array.StringBuilder).Append(fmt.Sprintf("value-%x", random.Uint32()))
		}
	}},
	{"text", "long text", arrow.BinaryTypes.String, func(b array.Builder, random *rand.Rand, row int) {
		b.(*array.StringBuilder).Append(longText(random, row))
	}},
	{"time", "timestamp(3)", &arrow.TimestampType{Unit: arrow.Millisecond}, func(b array.Builder, _ *rand.Rand, row int) {
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(1_700_000_000_000 + int64(row)*37))
	}},
	{"id", "uuid as text", arrow.BinaryTypes.String, func(b array.Builder, random *rand.Rand, _ int) {
		b.(*array.StringBuilder).Append(fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", random.Uint32(), random.IntN(1<<16), random.IntN(1<<12),
			random.IntN(1<<16), random.Uint64()>>16))
	}},
	{"name", "short text, direct", arrow.BinaryTypes.String, func(b array.Builder, random *rand.Rand, _ int) {
		b.(*array.StringBuilder).Append(fmt.Sprintf("i-%x", random.Uint64()>>(4*random.IntN(8))))
	}},
}

func longText(random *rand.Rand, row int) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA%x:session","arn":"arn:aws:sts::%012d:assumed-role/role-%d/session"},`+
		`"eventTime":"2025-03-04T08:%02d:%02dZ","eventSource":"s3.amazonaws.com","eventName":"Operation%d","requestParameters":{"bucketName":"bucket-%d","key":"%x"},"requestID":"%x"}`,
		random.IntN(50), random.IntN(9), random.IntN(30), row/60%60, row%60, random.IntN(300), random.IntN(100), random.Uint64(), random.Uint64())
}

// writeFile writes a file of the columns as segments of an import are written.
func writeFile(path string, rows int) error {
	var fields []arrow.Field
	for _, c := range columns {
		fields = append(fields, arrow.Field{Name: c.name, Type: c.dataType, Nullable: true})
	}
	schema := arrow.NewSchema(fields, nil)
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w, err := orc.NewWriter(file, schema, orc.WriterOptions{})
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(31, 32))
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for row := range rows {
		for i, c := range columns {
			c.add(b.Field(i), random, row)
		}
		if (row+1)%orc.RowGroupRows == 0 || row+1 == rows {
			if err := w.Write(b.NewRecord()); err != nil {
				return err
			}
		}
	}
	if _, err := w.Close(); err != nil {
		return err
	}
	return file.Close()
}
