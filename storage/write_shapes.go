package storage

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
	"github.com/auditlake/auditlake/storage/textshape"
)

// takesShapes reports whether shapes replace texts of a store where possible.
func takesShapes(store *catalog.Store, table *schema.Table) bool {
	_, hasTexts := table.Lookup(jsonColumn)
	return hasTexts && store.EventJSON == catalog.EventJSONRebuilt
}

// shaper replaces the texts of rows with shapes, if shape and columns reproduce the text byte for byte. Only one
// goroutine may use it.
type shaper struct {
	schema  *arrow.Schema // of the file
	records *arrow.Schema // of the result: shapes as dictionary
	textCol int
	rows    *textshape.Rows
	finder  *textshape.Finder
}

func newShaper(table *schema.Table) *shaper {
	layout := textshape.NewLayout(table)
	file := table.ArrowWithShape()
	fields := file.Fields()
	fields[len(fields)-1].Type = shapeArrayType
	return &shaper{
		schema: file, records: arrow.NewSchema(fields, nil), textCol: file.FieldIndices(jsonColumn)[0],
		rows: layout.NewRows(), finder: textshape.NewFinder(layout),
	}
}

// shape adds shapes to the rows of a record. The record has the table's stored columns. It may have shapes that
// some of its rows got before: they stay.
func (s *shaper) shape(rec arrow.Record) (arrow.Record, error) {
	columns := rec.Columns()
	stored := s.schema.NumFields() - 1
	if err := s.rows.Bind(columns[:stored]); err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	texts := columns[s.textCol]
	kept := array.NewStringBuilder(memory.DefaultAllocator)
	shapes := newShapeBuilder(texts.Len())
	for row := range texts.Len() {
		if len(columns) > stored {
			if old, ok := textAt(columns[stored], row); ok {
				shapes.setShape(row, old)
				kept.AppendNull()
				continue
			}
		}
		text, ok := textAt(texts, row)
		if !ok {
			kept.AppendNull()
			continue
		}
		program, ok := s.finder.Find([]byte(text), s.rows, row)
		if !ok {
			kept.Append(text)
			continue
		}
		shapes.setShape(row, program.Shape())
		kept.AppendNull()
	}
	out := append([]arrow.Array(nil), columns[:stored]...)
	out[s.textCol] = kept.NewStringArray()
	return array.NewRecord(s.records, append(out, shapes.array()), rec.NumRows()), nil
}

// shapeArrayType is the type of arrays of shapes.
var shapeArrayType = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

// shapeBuilder makes a dictionary array of shapes.
type shapeBuilder struct {
	codes  []int32
	valid  []bool
	codeOf map[string]int32
	texts  *array.StringBuilder
}

func newShapeBuilder(rows int) *shapeBuilder {
	return &shapeBuilder{
		codes: make([]int32, rows), valid: make([]bool, rows),
		codeOf: map[string]int32{}, texts: array.NewStringBuilder(memory.DefaultAllocator),
	}
}

func (b *shapeBuilder) setShape(row int, shape string) {
	code, ok := b.codeOf[shape]
	if !ok {
		code = int32(len(b.codeOf))
		b.codeOf[shape] = code
		b.texts.Append(shape)
	}
	b.codes[row], b.valid[row] = code, true
}

func (b *shapeBuilder) array() arrow.Array {
	codes := array.NewInt32Builder(memory.DefaultAllocator)
	codes.AppendValues(b.codes, b.valid)
	return array.NewDictionaryArray(shapeArrayType, codes.NewInt32Array(), b.texts.NewStringArray())
}
