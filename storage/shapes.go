package storage

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/storage/schema"
	"github.com/auditlake/auditlake/storage/shape"
)

// maxKnownShapes bounds the compiled shapes that are kept; usual days have some hundred.
const maxKnownShapes = 4096

// shaper replaces the texts of rows by shapes, where shape and columns give back the text byte for
// byte. It is used by one goroutine.
type shaper struct {
	schema    *arrow.Schema // of the file
	records   *arrow.Schema // of what comes out: shapes as dictionary
	textCol   int
	layout    *shape.Layout
	extractor *shape.Extractor
	rows      *shape.Rows
	programs  map[string]*shape.Program
	rebuilt   []byte // scratch
}

func newShaper(table *schema.Table) *shaper {
	layout := shape.NewLayout(table)
	file := table.ArrowWithShape()
	fields := file.Fields()
	fields[len(fields)-1].Type = shapeArrayType
	return &shaper{
		schema: file, records: arrow.NewSchema(fields, nil), textCol: file.FieldIndices(jsonColumn)[0],
		layout: layout, extractor: shape.NewExtractor(layout), rows: layout.NewRows(), programs: map[string]*shape.Program{},
	}
}

// shape gives the rows of a record their shapes. The record has the table's stored columns, and may
// have the shapes that some of its rows got before: they stay.
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
				shapes.set(row, old)
				kept.AppendNull()
				continue
			}
		}
		text, ok := textAt(texts, row)
		if !ok {
			kept.AppendNull()
			continue
		}
		found, ok := s.find([]byte(text), row)
		if !ok {
			kept.Append(text)
			continue
		}
		shapes.set(row, found)
		kept.AppendNull()
	}
	out := append([]arrow.Array(nil), columns[:stored]...)
	out[s.textCol] = kept.NewStringArray()
	return array.NewRecord(s.records, append(out, shapes.array()), rec.NumRows()), nil
}

// find is a shape of which the text of a row is rebuilt exactly.
func (s *shaper) find(text []byte, row int) (string, bool) {
	found, ok := s.extractor.Shape(text, s.rows, row)
	if !ok {
		return "", false
	}
	p := s.programs[string(found)]
	if p == nil {
		var err error
		if p, err = s.layout.Compile(found); err != nil {
			return "", false
		}
		if len(s.programs) >= maxKnownShapes {
			clear(s.programs)
		}
		s.programs[p.Shape()] = p
	}
	ok, s.rebuilt = p.Gives(text, s.rebuilt, s.rows, row)
	return p.Shape(), ok
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

func (b *shapeBuilder) set(row int, shape string) {
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
