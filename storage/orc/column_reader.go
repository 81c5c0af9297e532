package orc

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// columnReader decodes one column of a stripe, from a row group on. A slot is an entry of the column:
// a struct's fields have one for each row where the struct is not NULL, a list's child one for each
// element.
type columnReader interface {
	// seek moves to the start of a row group by the row index.
	seek(group int) error
	// skip passes over n slots.
	skip(n int) error
	// read decodes rows. It is called once, last.
	read(w rowWindow) (arrow.ArrayData, error)
}

// rowWindow is the next n rows. The result's selection counts from its first row.
type rowWindow struct {
	n      int
	exists bitmap  // the rows that have a slot
	sel    []int32 // the rows wanted, ascending; nil means all; -1 gives a NULL
}

// baseReader is the part that all column readers share: the places of the streams, and the nulls.
type baseReader struct {
	column   *column
	stripe   *Stripe
	scope    *readScope
	encoding orcpb.ColumnEncoding_Kind
	present  *boolReader // nil if no value is null
	// index and group are where seek has moved; nil: it was not called.
	index rowIndex
	group int
}

func (s *Stripe) newBaseReader(c *column, scope *readScope) *baseReader {
	b := &baseReader{column: c, stripe: s, scope: scope, encoding: s.encodings[c.id].kind}
	if _, ok := s.streamOf(c, orcpb.Stream_PRESENT); ok {
		b.present = &boolReader{bytes: byteReader{in: b.stream(orcpb.Stream_PRESENT)}}
	}
	return b
}

// stream opens a stream that the column must have; it may be absent if there is no value.
func (b *baseReader) stream(kind orcpb.Stream_Kind) *inStream {
	in := newInStream(&b.stripe.reader.source, b.stripe.extentOf(b.column, kind), b.scope.usage)
	in.near, in.keeps = &b.stripe.blocks, b.scope.keeps && b.stripe.reader.cache != nil
	b.scope.streams = append(b.scope.streams, in)
	in.wise = in.begin + (in.end-in.begin)/int64(b.stripe.Groups()) + readAheadSlack
	in.kind, in.of = kind, b
	return in
}

// ints opens a stream of integers.
func (b *baseReader) ints(kind orcpb.Stream_Kind, signed bool) *intReader {
	r := newIntReader(b.stream(kind), signed, b.encoding)
	b.scope.ints = append(b.scope.ints, r)
	return r
}

// places iterates over the positions of a row index entry, in the order of the column's streams.
type places struct {
	positions []uint64
	in        *inStream
	err       error
}

// places begins with the present stream, if there is one.
func (b *baseReader) places(group int) (*places, error) {
	index, err := b.stripe.rowIndex(b.column, b.scope.usage)
	if err != nil {
		return nil, err
	}
	p := &places{positions: index[group].positions}
	b.index, b.group = index, group
	if b.present != nil {
		p.stream(b.present.bytes.in)
		run, bits := p.next(), p.next()
		if p.err == nil {
			p.err = b.present.seek(run, bits)
		}
	}
	return p, p.err
}

// limitReadAhead keeps the stream from reading ahead into other row groups.
func (s *inStream) limitReadAhead() {
	if s.of == nil || s.of.index == nil {
		return
	}
	if p, ok := s.of.stripe.places(s.of.column, s.kind, s.of.index); ok {
		s.wise = s.begin + p.end(s.of.group)
	}
	s.of = nil
}

func (p *places) next() uint64 {
	if len(p.positions) == 0 {
		if p.err == nil {
			p.err = p.in.damaged("a row index entry has too few positions")
		}
		return 0
	}
	at := p.positions[0]
	p.positions = p.positions[1:]
	return at
}

// stream moves a stream to its place.
func (p *places) stream(in *inStream) {
	p.in = in
	block, offset := p.next(), uint64(0)
	if in.compression != None {
		offset = p.next()
	}
	if p.err == nil {
		p.err = in.seek(block, offset)
	}
}

// ints moves a stream of integers to its place.
func (p *places) ints(r *intReader) {
	p.stream(r.in)
	within := p.next()
	if p.err == nil {
		p.err = r.seek(within)
	}
}

// bytes moves a stream of run-length encoded bytes to its place.
func (p *places) bytes(r *byteReader) {
	p.stream(r.in)
	within := p.next()
	if p.err == nil {
		r.left = 0
		p.err = r.skip(int(min(within, maxByteRun)))
	}
}

// skipPresent passes over n slots and returns how many of them have a value.
func (b *baseReader) skipPresent(n int) (values int, err error) {
	if b.present == nil {
		return n, nil
	}
	return b.present.skip(n)
}

// validity returns the rows that have a value.
func (b *baseReader) validity(w rowWindow) (bitmap, error) {
	if b.present == nil {
		return w.exists, nil
	}
	slots := w.exists.count(w.n)
	own := newBitmap(slots)
	ones, err := b.present.next(own, slots)
	switch {
	case err != nil:
		return nil, err
	case ones == slots:
		return w.exists, nil
	case w.exists == nil:
		return own, nil
	}
	return w.exists.deposit(own, w.n), nil
}

// choose reads the nulls and finds the values wanted.
func (b *baseReader) choose(w rowWindow) (choice, error) {
	valid, err := b.validity(w)
	if err != nil {
		return choice{}, err
	}
	return choose(w.n, valid, w.sel), nil
}

// newArray makes an array; buffers follow the bitmap of nulls.
func newArray(dataType arrow.DataType, c choice, children []arrow.ArrayData, buffers ...[]byte) arrow.ArrayData {
	all := []*memory.Buffer{nil}
	if c.nulls > 0 {
		all[0] = memory.NewBufferBytes(c.valid)
	}
	for _, b := range buffers {
		all = append(all, memory.NewBufferBytes(b))
	}
	return array.NewData(dataType, c.rows, all, children, c.nulls, 0)
}

// newColumnReader returns the reader for a column of the stripe. asCodes requests text as a dictionary array if the
// stripe has a dictionary for it. Texts in lists and structs come so, too, unless they are few values of it; keys
// of maps always.
func (s *Stripe) newColumnReader(c *column, scope *readScope, asCodes bool) (columnReader, error) {
	switch {
	case c.mismatch != "":
		return nil, &UnsupportedError{Path: s.reader.path, What: c.mismatch}
	case c.isMissing():
		return nullReader{c.dataType}, nil
	}
	b := s.newBaseReader(c, scope)
	switch c.kind {
	case orcpb.Type_BOOLEAN:
		return &boolColumnReader{baseReader: b, data: &boolReader{bytes: byteReader{in: b.stream(orcpb.Stream_DATA)}}}, nil
	case orcpb.Type_BYTE:
		return &byteColumnReader{baseReader: b, data: &byteReader{in: b.stream(orcpb.Stream_DATA)}}, nil
	case orcpb.Type_SHORT, orcpb.Type_INT, orcpb.Type_LONG, orcpb.Type_DATE:
		return &intColumnReader{baseReader: b, data: b.ints(orcpb.Stream_DATA, true)}, nil
	case orcpb.Type_FLOAT:
		return &floatColumnReader{baseReader: b, data: b.stream(orcpb.Stream_DATA), width: 4}, nil
	case orcpb.Type_DOUBLE:
		return &floatColumnReader{baseReader: b, data: b.stream(orcpb.Stream_DATA), width: 8}, nil
	case orcpb.Type_DECIMAL:
		if s.reader.hasShortDecimals(c) {
			b.encoding = orcpb.ColumnEncoding_DIRECT_V2
			return &intColumnReader{baseReader: b, data: b.ints(orcpb.Stream_DATA, true)}, nil
		}
		return newDecimalReader(b), nil
	case orcpb.Type_TIMESTAMP, orcpb.Type_TIMESTAMP_INSTANT:
		return newTimeReader(b)
	case orcpb.Type_STRING, orcpb.Type_VARCHAR, orcpb.Type_CHAR, orcpb.Type_BINARY:
		return newTextReader(b, asCodes || c.isMapKey())
	}
	return s.newNestedReader(b)
}
