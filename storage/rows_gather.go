package storage

import (
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/arrowdata"
)

// errArrayTooLarge: the values of the rows exceed 32-bit offsets.
var errArrayTooLarge = errors.New("storage: rows too large for one array")

// pick names a row of one of several arrays of the same type.
type pick struct{ source, row int32 }

// gatherRows copies rows from records, each given by its columns in the schema's order, in the order of rows. Text
// columns may be dictionaries; fields that a record's structs lack become NULL.
func gatherRows(schema *arrow.Schema, records [][]arrow.Array, rows []rowRef) (arrow.Record, error) {
	picks := make([]pick, len(rows))
	for i, r := range rows {
		picks[i] = pick{source: r.rec, row: r.row}
	}
	columns := make([]arrow.Array, schema.NumFields())
	sources := make([]arrow.Array, len(records))
	for i := range columns {
		for j, rec := range records {
			sources[j] = rec[i]
		}
		data, err := gather(schema.Field(i).Type, sources, picks)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", schema.Field(i).Name, err)
		}
		columns[i] = array.MakeFromData(data)
	}
	return array.NewRecord(schema, columns, int64(len(rows))), nil
}

// gather copies picked rows into one array of a type. sources must not be empty and must have that type.
func gather(typ arrow.DataType, sources []arrow.Array, picks []pick) (arrow.ArrayData, error) {
	for _, s := range sources {
		if !sameKind(typ, s.DataType()) {
			return nil, fmt.Errorf("storage: an array of type %s instead of %s", s.DataType(), typ)
		}
	}
	switch typ := typ.(type) {
	case *arrow.BooleanType:
		return gatherBools(sources, picks), nil
	case *arrow.StringType, *arrow.BinaryType:
		return gatherBytes(typ, sources, picks)
	case *arrow.ListType, *arrow.MapType:
		return gatherLists(typ.(arrow.ListLikeType), sources, picks)
	case *arrow.StructType:
		return gatherStructs(typ, sources, picks)
	case *arrow.TimestampType, *arrow.Int32Type, *arrow.Int64Type, *arrow.Float64Type:
		return gatherFixed(typ.(arrow.FixedWidthDataType), sources, picks), nil
	default:
		return nil, fmt.Errorf("storage: columns of type %s are not supported", typ)
	}
}

// sameKind reports whether arrays of one type can be gathered as another. Nested element types are checked when
// they are gathered.
func sameKind(want, have arrow.DataType) bool {
	if arrow.IsNested(want.ID()) {
		return have.ID() == want.ID()
	}
	if d, ok := have.(*arrow.DictionaryType); ok && want.ID() == arrow.STRING {
		return d.IndexType.ID() == arrow.INT32 && d.ValueType.ID() == arrow.STRING
	}
	return arrow.TypeEqual(want, have)
}

// validity returns the bitmap of non-NULL rows, or nil if all are.
func validity(sources []arrow.Array, picks []pick) (bitmap *memory.Buffer, nulls int) {
	any, all := false, true
	for _, s := range sources {
		any = any || s.NullN() > 0
		all = all && s.NullN() == s.Len()
	}
	if !any {
		return nil, 0
	}
	bytes := arrowdata.NewBitmap(len(picks))
	if all {
		return memory.NewBufferBytes(bytes), len(picks)
	}
	from := make([][]byte, len(sources))
	for i, s := range sources {
		from[i] = arrowdata.Validity(s)
	}
	for i, p := range picks {
		if arrowdata.IsValid(from[p.source], int(p.row)) {
			arrowdata.SetBit(bytes, i)
		} else {
			nulls++
		}
	}
	if nulls == 0 {
		return nil, 0
	}
	return memory.NewBufferBytes(bytes), nulls
}

func gatherBools(sources []arrow.Array, picks []pick) arrow.ArrayData {
	valid, nulls := validity(sources, picks)
	bits := arrowdata.NewBitmap(len(picks))
	if nulls < len(picks) {
		for i, p := range picks {
			if sources[p.source].(*array.Boolean).Value(int(p.row)) {
				arrowdata.SetBit(bits, i)
			}
		}
	}
	return newData(arrow.FixedWidthTypes.Boolean, len(picks), nulls, []*memory.Buffer{valid, memory.NewBufferBytes(bits)})
}

func gatherFixed(typ arrow.FixedWidthDataType, sources []arrow.Array, picks []pick) arrow.ArrayData {
	valid, nulls := validity(sources, picks)
	width := typ.BitWidth() / 8
	values := make([]byte, len(picks)*width)
	if nulls < len(picks) {
		from := make([][]byte, len(sources))
		for i, s := range sources {
			if buffer := s.Data().Buffers()[1]; buffer != nil { // nil without rows
				from[i] = buffer.Bytes()[s.Data().Offset()*width:]
			}
		}
		for i, p := range picks {
			at := int(p.row) * width
			copy(values[i*width:], from[p.source][at:at+width])
		}
	}
	return newData(typ, len(picks), nulls, []*memory.Buffer{valid, memory.NewBufferBytes(values)})
}

func gatherBytes(typ arrow.DataType, sources []arrow.Array, picks []pick) (arrow.ArrayData, error) {
	valid, nulls := validity(sources, picks)
	offsets := make([]int32, len(picks)+1)
	var values []byte
	if nulls < len(picks) {
		from := make([]textSource, len(sources))
		for i, s := range sources {
			from[i] = newTextSource(s)
		}
		var total int64
		for i, p := range picks {
			if nulls == 0 || arrowdata.IsSet(valid.Bytes(), i) {
				total += from[p.source].size(p.row)
			}
			if total > math.MaxInt32 {
				return nil, errArrayTooLarge
			}
			offsets[i+1] = int32(total)
		}
		values = make([]byte, total)
		for i, p := range picks {
			if start, end := offsets[i], offsets[i+1]; start != end {
				copy(values[start:end], from[p.source].at(p.row))
			}
		}
	}
	return newData(typ, len(picks), nulls, []*memory.Buffer{
		valid, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(values)}), nil
}

// textSource is the text or bytes of an array. Those of NULL rows are meaningless.
type textSource struct {
	codes   []int32 // of dictionary rows; nil: rows are the texts themselves
	offsets []int32
	bytes   []byte
}

func newTextSource(a arrow.Array) textSource {
	if d, ok := a.(*array.Dictionary); ok && a.Len() > 0 {
		source := newTextSource(d.Dictionary())
		source.codes = d.Indices().(*array.Int32).Int32Values()
		return source
	}
	buffers := a.Data().Buffers()
	if a.Len() == 0 || buffers[1] == nil {
		return textSource{}
	}
	source := textSource{offsets: arrow.Int32Traits.CastFromBytes(buffers[1].Bytes())[a.Data().Offset():]}
	if buffers[2] != nil {
		source.bytes = buffers[2].Bytes()
	}
	return source
}

func (s *textSource) at(row int32) []byte {
	if s.codes != nil {
		row = s.codes[row]
	}
	return s.bytes[s.offsets[row]:s.offsets[row+1]]
}

func (s *textSource) size(row int32) int64 {
	if s.codes != nil {
		row = s.codes[row]
	}
	return int64(s.offsets[row+1] - s.offsets[row])
}

// gatherLists also gathers maps, which are lists of key and value.
func gatherLists(typ arrow.ListLikeType, sources []arrow.Array, picks []pick) (arrow.ArrayData, error) {
	valid, nulls := validity(sources, picks)
	elements := make([]arrow.Array, len(sources))
	for i, s := range sources {
		elements[i] = s.(array.ListLike).ListValues()
	}
	offsets := make([]int32, len(picks)+1)
	var inner []pick
	if nulls < len(picks) {
		ends := make([][]int32, len(sources))
		for i, s := range sources {
			if buffer := s.Data().Buffers()[1]; buffer != nil { // nil without rows
				ends[i] = arrow.Int32Traits.CastFromBytes(buffer.Bytes())[s.Data().Offset():]
			}
		}
		var total int64
		for i, p := range picks {
			if nulls == 0 || arrowdata.IsSet(valid.Bytes(), i) {
				total += int64(ends[p.source][p.row+1] - ends[p.source][p.row])
			}
			if total > math.MaxInt32 {
				return nil, errArrayTooLarge
			}
			offsets[i+1] = int32(total)
		}
		inner = make([]pick, 0, total)
		for i, p := range picks {
			for at := range offsets[i+1] - offsets[i] {
				inner = append(inner, pick{source: p.source, row: ends[p.source][p.row] + at})
			}
		}
	}
	child, err := gather(typ.Elem(), elements, inner)
	if err != nil {
		return nil, err
	}
	return newData(typ, len(picks), nulls,
		[]*memory.Buffer{valid, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets))}, child), nil
}

func gatherStructs(typ *arrow.StructType, sources []arrow.Array, picks []pick) (arrow.ArrayData, error) {
	valid, nulls := validity(sources, picks)
	children := make([]arrow.ArrayData, typ.NumFields())
	fields := make([]arrow.Array, len(sources))
	for i, field := range typ.Fields() {
		for j, s := range sources {
			fields[j] = structField(s.(*array.Struct), field)
		}
		var err error
		if children[i], err = gather(field.Type, fields, picks); err != nil {
			return nil, fmt.Errorf("field %s: %w", field.Name, err)
		}
	}
	return newData(typ, len(picks), nulls, []*memory.Buffer{valid}, children...), nil
}

// structField finds a field by its name; a field that the struct lacks is NULL in all rows.
func structField(s *array.Struct, field arrow.Field) arrow.Array {
	if at, ok := s.DataType().(*arrow.StructType).FieldIdx(field.Name); ok {
		return s.Field(at)
	}
	return array.MakeArrayOfNull(memory.DefaultAllocator, field.Type, s.Len())
}

func newData(typ arrow.DataType, n, nulls int, buffers []*memory.Buffer, children ...arrow.ArrayData) arrow.ArrayData {
	return array.NewData(typ, n, buffers, children, nulls, 0)
}
