package function

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// parsedColumn collects values of a type that are read from JSON texts. It accounts its memory while it grows.
type parsedColumn interface {
	// appendJSON reads the next value of j and appends it. After an error the column may hold a part of it: see
	// cut.
	appendJSON(j *jsontext.Walker) error
	appendNull() error
	// cut removes all but the first n values, including a partial one.
	cut(n int)
	array() (arrow.Array, error)
}

// newParsedColumn returns a column of a type that readsJSON.
func newParsedColumn(m *memory.Meter, t *types.Type) parsedColumn {
	switch t.Kind {
	case types.JSON:
		w := &canonicalWriter{order: mergedByKey}
		return &parsedTexts{textList: textList{offsets: []int32{0}, meter: m}, appendText: w.appendUnescaped, keepsNull: true}
	case types.Array:
		return &parsedLists{meter: m, offsets: []int32{0}, values: newParsedColumn(m, t.Elem)}
	case types.Map:
		return &parsedMaps{parsedLists{meter: m, offsets: []int32{0}, values: newParsedColumn(m, t.Elem)}, newParsedKeys(m, t.Key)}
	case types.Row:
		return newParsedRows(m, t)
	}
	return newParsedKeys(m, t)
}

// parsedKeys is a parsedColumn of scalars, which can be keys of objects.
type parsedKeys interface {
	parsedColumn
	// appendKey appends an object's key, given as text.
	appendKey(key string) error
	// repeatsLast reports whether the last value also occurs earlier, from index first on.
	repeatsLast(first int) bool
}

func newParsedKeys(m *memory.Meter, t *types.Type) parsedKeys {
	switch t.Kind {
	case types.Boolean:
		return &parsedScalars[bool]{of: t, meter: m, read: jsonScalar.boolean}
	case types.TinyInt:
		return parsedIntegers[int8](m, t, math.MaxInt8)
	case types.SmallInt:
		return parsedIntegers[int16](m, t, math.MaxInt16)
	case types.Integer:
		return parsedIntegers[int32](m, t, math.MaxInt32)
	case types.BigInt:
		return parsedIntegers[int64](m, t, math.MaxInt64)
	case types.Real:
		return parsedNumbers(m, t, floatReader[float32]("REAL", 32))
	case types.Double:
		return parsedNumbers(m, t, floatReader[float64]("DOUBLE", 64))
	case types.Decimal:
		return parsedNumbers[decimal128.Num](m, t, decimalReader(t))
	}
	texts := &parsedTexts{textList: textList{offsets: []int32{0}, meter: m}, length: t.Length}
	texts.appendText = func(dst []byte, j *jsontext.Walker) ([]byte, error) {
		if j.PeekByte() == '"' {
			if quoted, isPlain := j.TakePlain(jsontext.AnyOrder); isPlain {
				return append(dst, truncate(quoted[1:len(quoted)-1], t.Length)...), nil
			}
		}
		s, err := readJSONScalar(j, t)
		return append(dst, s.varchar(t.Length)...), err
	}
	return texts
}

// parsedInteger is a column of integers; limit is the greatest.
type parsedInteger[T integer] struct {
	parsedScalars[T]
	limit int64
}

func parsedIntegers[T integer](m *memory.Meter, t *types.Type, limit int64) parsedKeys {
	read := func(s jsonScalar) (T, error) {
		n, err := s.integer(t, limit)
		return T(n), err
	}
	return &parsedInteger[T]{parsedScalars[T]{of: t, meter: m, read: read}, limit}
}

func (c *parsedInteger[T]) appendJSON(j *jsontext.Walker) error {
	if n, ok := j.TakeInteger(c.limit); ok {
		return c.appendValue(T(n))
	}
	return c.parsedScalars.appendJSON(j)
}

func parsedNumbers[T comparable](m *memory.Meter, t *types.Type, reader textReader[T]) parsedKeys {
	return &parsedScalars[T]{of: t, meter: m, read: func(s jsonScalar) (T, error) {
		if s.isNumber && s.text == "-0" { // an integer, so it loses its sign
			s.text = "0"
		}
		return reader.value(s.text)
	}}
}

// takeNull reads null, if it is next, and appends NULL to column.
func takeNull(j *jsontext.Walker, column parsedColumn) (isNull bool, err error) {
	if j.PeekByte() != 'n' {
		return false, nil
	}
	if _, err := j.ReadWord(); err != nil {
		return true, err
	}
	return true, column.appendNull()
}

// parsedScalars is a column of booleans or numbers.
type parsedScalars[T comparable] struct {
	of    *types.Type
	meter *memory.Meter
	read  func(jsonScalar) (T, error)
	vals  []T
	nulls nullRows
	repeats[T]
}

func (c *parsedScalars[T]) appendJSON(j *jsontext.Walker) error {
	if isNull, err := takeNull(j, c); isNull {
		return err
	}
	s, err := readJSONScalar(j, c.of)
	if err != nil {
		return err
	}
	return c.appendScalar(s)
}

func (c *parsedScalars[T]) appendKey(key string) error { return c.appendScalar(jsonScalar{text: key}) }

func (c *parsedScalars[T]) appendScalar(s jsonScalar) error {
	v, err := c.read(s)
	if err != nil {
		return err
	}
	return c.appendValue(v)
}

func (c *parsedScalars[T]) appendValue(v T) (err error) {
	c.vals, err = withRoom(c.meter, c.vals, 1)
	c.vals = append(c.vals, v)
	return err
}

func (c *parsedScalars[T]) appendNull() error {
	if err := c.nulls.append(c.meter, len(c.vals)); err != nil {
		return err
	}
	var none T
	return c.appendValue(none)
}

func (c *parsedScalars[T]) cut(n int) {
	c.vals = c.vals[:min(n, len(c.vals))]
	c.nulls.cut(n)
}

func (c *parsedScalars[T]) array() (arrow.Array, error) {
	return arrayOf(arrowtype.Of(c.of), c.vals, c.nulls.validity(len(c.vals)), nil)
}

func (c *parsedScalars[T]) repeatsLast(first int) bool {
	return c.repeats.hasLast(len(c.vals)-first, func(i int) T { return c.vals[first+i] })
}

// parsedTexts is a column of texts, or of the json type, in which null is a value.
type parsedTexts struct {
	textList
	appendText func(dst []byte, j *jsontext.Walker) ([]byte, error)
	keepsNull  bool
	length     int // of the longest key
	repeats[string]
}

func (c *parsedTexts) appendJSON(j *jsontext.Walker) error {
	if !c.keepsNull {
		if isNull, err := takeNull(j, c); isNull {
			return err
		}
	}
	had := cap(c.data)
	longer, err := c.appendText(c.data, j)
	if err != nil {
		return err
	}
	if err := c.meter.Grow(int64(cap(longer) - had)); err != nil {
		return err
	}
	c.data = longer
	if c.offsets, err = withRoom(c.meter, c.offsets, 1); err != nil {
		return err
	}
	c.offsets = append(c.offsets, int32(len(c.data)))
	return c.check()
}

func (c *parsedTexts) appendKey(key string) error {
	c.add(jsonScalar{text: key}.varchar(c.length))
	return c.err
}

func (c *parsedTexts) appendNull() error {
	c.addNull()
	return c.err
}

func (c *parsedTexts) cut(n int) {
	n = min(n, c.len())
	c.offsets, c.data = c.offsets[:n+1], c.data[:c.offsets[n]]
	c.nulls.cut(n)
}

func (c *parsedTexts) array() (arrow.Array, error) { return c.textList.array(), c.check() }

func (c *parsedTexts) repeatsLast(first int) bool {
	return c.repeats.hasLast(c.len()-first, func(i int) string {
		i += first
		return viewText(c.data[c.offsets[i]:c.offsets[i+1]])
	})
}

// repeats finds repeated keys.
type repeats[T comparable] struct{ seen map[T]struct{} }

// hasLast reports whether the last of n keys also occurs earlier. It must be called for every n from 1 on.
func (r *repeats[T]) hasLast(n int, at func(i int) T) bool {
	const few = 16 // keys are compared with each other
	last := at(n - 1)
	if n <= few {
		for i := range n - 1 {
			if at(i) == last {
				return true
			}
		}
		return false
	}
	if n == few+1 {
		r.seen = make(map[T]struct{}, 2*few)
		for i := range few {
			r.seen[at(i)] = struct{}{}
		}
	}
	_, isRepeated := r.seen[last]
	r.seen[last] = struct{}{}
	return isRepeated
}
