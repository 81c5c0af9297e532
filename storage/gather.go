package storage

import (
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// errArrayTooLarge: the values of the rows pass what 32-bit offsets reach.
var errArrayTooLarge = errors.New("storage: rows too large for one array")

// pick names a row of one of several arrays of the same type.
type pick struct{ source, row int32 }

// gatherRows copies rows out of records, in the order of rows.
func gatherRows(schema *arrow.Schema, records []arrow.Record, rows []rowRef) (arrow.Record, error) {
	picks := make([]pick, len(rows))
	for i, r := range rows {
		picks[i] = pick{source: r.rec, row: r.row}
	}
	columns := make([]arrow.Array, schema.NumFields())
	sources := make([]arrow.Array, len(records))
	for i := range columns {
		for j, rec := range records {
			sources[j] = rec.Column(i)
		}
		data, err := gather(sources, picks)
		if err != nil {
			return nil, err
		}
		columns[i] = array.MakeFromData(data)
	}
	return array.NewRecord(schema, columns, int64(len(rows))), nil
}

// gather copies picked rows into one array. sources are not empty and of one type.
func gather(sources []arrow.Array, picks []pick) (arrow.ArrayData, error) {
	switch typ := sources[0].DataType().(type) {
	case *arrow.BooleanType:
		return gatherBools(sources, picks), nil
	case *arrow.StringType, *arrow.BinaryType:
		return gatherBytes(sources, picks)
	case *arrow.ListType, *arrow.MapType:
		return gatherLists(sources, picks)
	case *arrow.StructType:
		return gatherStructs(typ, sources, picks)
	case *arrow.TimestampType, *arrow.Int32Type, *arrow.Int64Type, *arrow.Float64Type:
		return gatherFixed(typ.(arrow.FixedWidthDataType), sources, picks), nil
	default:
		return nil, fmt.Errorf("storage: columns of type %s are not supported", typ)
	}
}

// validity makes the bitmap of non-NULL rows, nil if all are.
func validity(sources []arrow.Array, picks []pick) (bitmap *memory.Buffer, nulls int) {
	any := false
	for _, s := range sources {
		any = any || s.NullN() > 0
	}
	if !any {
		return nil, 0
	}
	bits := make([]byte, bitutil.BytesForBits(int64(len(picks))))
	for i, p := range picks {
		if sources[p.source].IsNull(int(p.row)) {
			nulls++
		} else {
			bitutil.SetBit(bits, i)
		}
	}
	if nulls == 0 {
		return nil, 0
	}
	return memory.NewBufferBytes(bits), nulls
}

func gatherBools(sources []arrow.Array, picks []pick) arrow.ArrayData {
	valid, nulls := validity(sources, picks)
	bits := make([]byte, bitutil.BytesForBits(int64(len(picks))))
	for i, p := range picks {
		if sources[p.source].(*array.Boolean).Value(int(p.row)) {
			bitutil.SetBit(bits, i)
		}
	}
	return newData(sources, len(picks), nulls, []*memory.Buffer{valid, memory.NewBufferBytes(bits)})
}

func gatherFixed(typ arrow.FixedWidthDataType, sources []arrow.Array, picks []pick) arrow.ArrayData {
	valid, nulls := validity(sources, picks)
	width := typ.BitWidth() / 8
	from := make([][]byte, len(sources))
	for i, s := range sources {
		if buffer := s.Data().Buffers()[1]; buffer != nil { // nil without rows
			from[i] = buffer.Bytes()[s.Data().Offset()*width:]
		}
	}
	values := make([]byte, 0, len(picks)*width)
	for _, p := range picks {
		at := int(p.row) * width
		values = append(values, from[p.source][at:at+width]...)
	}
	return newData(sources, len(picks), nulls, []*memory.Buffer{valid, memory.NewBufferBytes(values)})
}

func gatherBytes(sources []arrow.Array, picks []pick) (arrow.ArrayData, error) {
	valid, nulls := validity(sources, picks)
	from := make([]textSource, len(sources))
	for i, s := range sources {
		from[i] = newTextSource(s)
	}
	offsets := make([]int32, len(picks)+1)
	var total int64
	for i, p := range picks {
		if nulls == 0 || bitutil.BitIsSet(valid.Bytes(), i) {
			total += int64(len(from[p.source].at(p.row)))
		}
		if total > math.MaxInt32 {
			return nil, errArrayTooLarge
		}
		offsets[i+1] = int32(total)
	}
	values := make([]byte, 0, total)
	for i, p := range picks {
		if offsets[i] != offsets[i+1] {
			values = append(values, from[p.source].at(p.row)...)
		}
	}
	return newData(sources, len(picks), nulls, []*memory.Buffer{
		valid, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(values)}), nil
}

// textSource is the text or bytes of an array. Those of NULL rows mean nothing.
type textSource struct {
	offsets []int32
	bytes   []byte
}

func newTextSource(a arrow.Array) textSource {
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

func (s textSource) at(row int32) []byte { return s.bytes[s.offsets[row]:s.offsets[row+1]] }

// gatherLists also gathers maps, which are lists of key and value.
func gatherLists(sources []arrow.Array, picks []pick) (arrow.ArrayData, error) {
	valid, nulls := validity(sources, picks)
	elements := make([]arrow.Array, len(sources))
	for i, s := range sources {
		elements[i] = s.(array.ListLike).ListValues()
	}
	offsets := make([]int32, len(picks)+1)
	var inner []pick
	for i, p := range picks {
		list := sources[p.source].(array.ListLike)
		if list.IsValid(int(p.row)) {
			from, to := list.ValueOffsets(int(p.row))
			for at := from; at < to; at++ {
				inner = append(inner, pick{source: p.source, row: int32(at)})
			}
		}
		if len(inner) > math.MaxInt32 {
			return nil, errArrayTooLarge
		}
		offsets[i+1] = int32(len(inner))
	}
	child, err := gather(elements, inner)
	if err != nil {
		return nil, err
	}
	return newData(sources, len(picks), nulls,
		[]*memory.Buffer{valid, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets))}, child), nil
}

func gatherStructs(typ *arrow.StructType, sources []arrow.Array, picks []pick) (arrow.ArrayData, error) {
	valid, nulls := validity(sources, picks)
	children := make([]arrow.ArrayData, typ.NumFields())
	fields := make([]arrow.Array, len(sources))
	for i := range children {
		for j, s := range sources {
			fields[j] = s.(*array.Struct).Field(i)
		}
		var err error
		if children[i], err = gather(fields, picks); err != nil {
			return nil, err
		}
	}
	return newData(sources, len(picks), nulls, []*memory.Buffer{valid}, children...), nil
}

func newData(sources []arrow.Array, n, nulls int, buffers []*memory.Buffer, children ...arrow.ArrayData) arrow.ArrayData {
	return array.NewData(sources[0].DataType(), n, buffers, children, nulls, 0)
}
