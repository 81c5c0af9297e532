package orc

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/largepages"
)

// gatherDense is how many values may lie between wanted ones before skipping is cheaper than decoding all.
const gatherDense = 4

// wanted decodes the values of a choice, in order, to the start of dst.
func (r *intReader) wanted(c choice, dst []int64) error {
	if c.at == nil {
		return r.next(dst[:c.count])
	}
	if span := c.span(); span <= gatherDense*c.count {
		all := takeInts(span)
		defer giveInts(all)
		if err := r.next(all); err != nil {
			return err
		}
		for i, at := range c.at {
			dst[i] = all[at]
		}
		return nil
	}
	return forEachStretch(c.at, r.skip, func(i, n int) error { return r.next(dst[i : i+n]) })
}

// forEachStretch visits ascending indexes of values as stretches of neighbours, and skips the values between.
func forEachStretch(at []int32, skip func(n int) error, read func(i, n int) error) error {
	done := int32(0)
	for i := 0; i < len(at); {
		n := 1
		for i+n < len(at) && at[i+n] == at[i+n-1]+1 {
			n++
		}
		if at[i] > done {
			if err := skip(int(at[i] - done)); err != nil {
				return err
			}
		}
		if err := read(i, n); err != nil {
			return err
		}
		done = at[i] + int32(n)
		i += n
	}
	return nil
}

// intColumnReader reads 16, 32 and 64 bit integers, dates, and decimals in the preview of version 2.
type intColumnReader struct {
	*baseReader
	data *intReader
}

func (r *intColumnReader) seek(group int) error {
	p, err := r.places(group)
	if err != nil {
		return err
	}
	p.ints(r.data)
	return p.err
}

func (r *intColumnReader) skip(n int) error {
	values, err := r.skipPresent(n)
	if err != nil {
		return err
	}
	return r.data.skip(values)
}

func (r *intColumnReader) read(w rowWindow) (arrow.ArrayData, error) {
	c, err := r.choose(w)
	if err != nil {
		return nil, err
	}
	if r.column.dataType.ID() == arrow.INT64 {
		values := largepages.Make[int64](c.rows)
		if err := r.data.wanted(c, values); err != nil {
			return nil, err
		}
		spread(values, c.valid, c.count)
		return newArray(r.column.dataType, c, nil, arrow.Int64Traits.CastToBytes(values)), nil
	}
	values := takeInts(c.rows)
	defer giveInts(values)
	if err := r.data.wanted(c, values); err != nil {
		return nil, err
	}
	switch r.column.dataType.ID() {
	case arrow.DECIMAL128:
		wide := make([]decimal128.Num, len(values))
		for i, v := range values[:c.count] {
			wide[i] = decimal128.FromI64(v)
		}
		spread(wide, c.valid, c.count)
		return newArray(r.column.dataType, c, nil, arrow.Decimal128Traits.CastToBytes(wide)), nil
	case arrow.INT16:
		narrow, err := narrowInts[int16](r, c, values)
		return newArray(r.column.dataType, c, nil, arrow.Int16Traits.CastToBytes(narrow)), err
	}
	narrow, err := narrowInts[int32](r, c, values)
	return newArray(r.column.dataType, c, nil, arrow.Int32Traits.CastToBytes(narrow)), err
}

func narrowInts[T int16 | int32](r *intColumnReader, c choice, values []int64) ([]T, error) {
	dst := make([]T, len(values))
	for i, v := range values[:c.count] {
		if dst[i] = T(v); int64(dst[i]) != v {
			return nil, r.data.in.damaged("%d is out of the range of column %s", v, r.column.path)
		}
	}
	spread(dst, c.valid, c.count)
	return dst, nil
}

// byteColumnReader reads 8 bit integers.
type byteColumnReader struct {
	*baseReader
	data *byteReader
}

func (r *byteColumnReader) seek(group int) error {
	p, err := r.places(group)
	if err != nil {
		return err
	}
	p.bytes(r.data)
	return p.err
}

func (r *byteColumnReader) skip(n int) error {
	values, err := r.skipPresent(n)
	if err != nil {
		return err
	}
	return r.data.skip(values)
}

func (r *byteColumnReader) read(w rowWindow) (arrow.ArrayData, error) {
	c, err := r.choose(w)
	if err != nil {
		return nil, err
	}
	dst := make([]byte, c.rows)
	if c.at == nil {
		err = r.data.next(dst[:c.count])
	} else {
		err = forEachStretch(c.at, r.data.skip, func(i, n int) error { return r.data.next(dst[i : i+n]) })
	}
	if err != nil {
		return nil, err
	}
	spread(dst, c.valid, c.count)
	return newArray(r.column.dataType, c, nil, widenBytes(r.column.dataType, dst)), nil
}

// boolColumnReader reads booleans.
type boolColumnReader struct {
	*baseReader
	data *boolReader
}

func (r *boolColumnReader) seek(group int) error {
	p, err := r.places(group)
	if err != nil {
		return err
	}
	p.stream(r.data.bytes.in)
	run, bits := p.next(), p.next()
	if p.err == nil {
		p.err = r.data.seek(run, bits)
	}
	return p.err
}

func (r *boolColumnReader) skip(n int) error {
	values, err := r.skipPresent(n)
	if err != nil {
		return err
	}
	_, err = r.data.skip(values)
	return err
}

func (r *boolColumnReader) read(w rowWindow) (arrow.ArrayData, error) {
	c, err := r.choose(w)
	if err != nil {
		return nil, err
	}
	span := c.span()
	all := newBitmap(span)
	if _, err := r.data.next(all, span); err != nil {
		return nil, err
	}
	if c.at == nil && c.nulls == 0 {
		return newArray(r.column.dataType, c, nil, all), nil
	}
	dst := newBitmap(c.rows)
	value := 0
	for row := range c.rows {
		if !c.valid.has(row) {
			continue
		}
		at := value
		if c.at != nil {
			at = int(c.at[value])
		}
		if all.has(at) {
			dst.set(row)
		}
		value++
	}
	return newArray(r.column.dataType, c, nil, dst), nil
}

// floatColumnReader reads real and double values: their bytes are Arrow's.
type floatColumnReader struct {
	*baseReader
	data  *inStream
	width int
}

func (r *floatColumnReader) seek(group int) error {
	p, err := r.places(group)
	if err != nil {
		return err
	}
	p.stream(r.data)
	return p.err
}

func (r *floatColumnReader) skip(n int) error {
	values, err := r.skipPresent(n)
	if err != nil {
		return err
	}
	return r.data.skip(int64(values * r.width))
}

func (r *floatColumnReader) read(w rowWindow) (arrow.ArrayData, error) {
	c, err := r.choose(w)
	if err != nil {
		return nil, err
	}
	dst := make([]byte, c.rows*r.width)
	if c.at == nil {
		err = r.data.read(dst[:c.count*r.width])
	} else {
		err = forEachStretch(c.at,
			func(n int) error { return r.data.skip(int64(n * r.width)) },
			func(i, n int) error { return r.data.read(dst[i*r.width : (i+n)*r.width]) })
	}
	if err != nil {
		return nil, err
	}
	if r.width == 4 {
		spread(arrow.Uint32Traits.CastFromBytes(dst), c.valid, c.count)
	} else {
		spread(arrow.Uint64Traits.CastFromBytes(dst), c.valid, c.count)
	}
	if r.width == 4 && r.column.dataType.ID() == arrow.FLOAT64 {
		dst = arrow.Float64Traits.CastToBytes(widened[float64](arrow.Float32Traits.CastFromBytes(dst)))
	}
	return newArray(r.column.dataType, c, nil, dst), nil
}

// widenBytes returns 8 bit integers, widened if the column is wanted as a wider type.
func widenBytes(dataType arrow.DataType, values []byte) []byte {
	narrow := arrow.Int8Traits.CastFromBytes(values)
	switch dataType.ID() {
	case arrow.INT16:
		return arrow.Int16Traits.CastToBytes(widened[int16](narrow))
	case arrow.INT32:
		return arrow.Int32Traits.CastToBytes(widened[int32](narrow))
	case arrow.INT64:
		return arrow.Int64Traits.CastToBytes(widened[int64](narrow))
	}
	return values
}

func widened[To, From int8 | int16 | int32 | int64 | float32 | float64](values []From) []To {
	wide := make([]To, len(values))
	for i, v := range values {
		wide[i] = To(v)
	}
	return wide
}
