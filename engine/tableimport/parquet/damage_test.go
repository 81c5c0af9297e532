package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

// A writer of Thrift's compact protocol: values are written as the bytes that follow the head of their field.

type field struct {
	id    int
	kind  byte
	value []byte
}

func number(n int64) []byte { return binary.AppendVarint(nil, n) }

func text(s string) []byte { return append(binary.AppendUvarint(nil, uint64(len(s))), s...) }

func structure(fields ...field) []byte {
	var out []byte
	last := 0
	for _, f := range fields {
		out = append(append(out, byte(f.id-last)<<4|f.kind), f.value...)
		last = f.id
	}
	return append(out, 0)
}

func list(kind byte, items ...[]byte) []byte {
	return append([]byte{byte(len(items))<<4 | kind}, bytes.Join(items, nil)...)
}

// page is one of version 1, whose values are not compressed.
func page(kind, values, encoding int64, stored []byte, more ...field) []byte {
	of := field{5, thriftStruct, structure(field{1, thriftI64, number(values)}, field{2, thriftI64, number(encoding)}, field{3, thriftI64, number(encodingRuns)}, field{4, thriftI64, number(encodingRuns)})}
	if kind == dictionaryPage {
		of.id = 7
	}
	head := []field{{1, thriftI64, number(kind)}, {2, thriftI64, number(int64(len(stored)))}, {3, thriftI64, number(int64(len(stored)))}}
	return append(structure(append(append(head, more...), of)...), stored...)
}

// page2 is one of version 2, with levels of some bytes.
func page2(values, reps, defs int64, stored []byte) []byte {
	return append(structure(field{1, thriftI64, number(dataPage2)}, field{2, thriftI64, number(int64(len(stored)))}, field{3, thriftI64, number(int64(len(stored)))},
		field{8, thriftStruct, structure(field{1, thriftI64, number(values)}, field{4, thriftI64, number(encodingPlain)}, field{5, thriftI64, number(defs)}, field{6, thriftI64, number(reps)})}), stored...)
}

// readColumn reads values of a column whose pages lie in a file.
func readColumn(pages []byte, l leafType, values int64, prepare func(*File, *chunk)) (got []any, err error) {
	content := append(append([]byte("PAR1"), pages...), make([]byte, 8)...)
	f := &File{reader: bytes.NewReader(content), size: int64(len(content))}
	k := chunk{physical: l.physical, values: values, start: 4, length: int64(len(pages))}
	if prepare != nil {
		prepare(f, &k)
	}
	c, err := f.openColumn(k, l, values)
	if err != nil {
		return nil, err
	}
	if err := c.advance(); err != nil {
		return nil, err
	}
	for !c.ended {
		v, err := c.take()
		if err != nil {
			return got, err
		}
		got = append(got, v)
	}
	_, err = c.take()
	if err == nil {
		return got, errors.New("there is a value after the last one")
	}
	return got, nil
}

func textsOf(maxDef int) leafType {
	return leafType{physical: physicalBytes, maxDef: maxDef, convert: func(v raw) (any, error) { return string(v.bytes), nil }}
}

// plain are texts in the plain encoding.
func plain(list ...string) (out []byte) {
	for _, s := range list {
		out = append(binary.LittleEndian.AppendUint32(out, uint32(len(s))), s...)
	}
	return out
}

func TestPages(t *testing.T) {
	two := plain("a", "b")
	sum := func(of []byte) field { return field{4, thriftI64, number(int64(int32(crc32.ChecksumIEEE(of))))} }
	levels := func(runs ...byte) []byte {
		return append(binary.LittleEndian.AppendUint32(nil, uint32(len(runs))), runs...)
	}
	for name, tt := range map[string]struct {
		pages  []byte
		leaf   leafType
		values int64
		want   []any
	}{
		"one page":               {page(dataPage, 2, encodingPlain, two), textsOf(0), 2, []any{"a", "b"}},
		"two pages":              {append(page(dataPage, 1, encodingPlain, plain("a")), page(dataPage, 1, encodingPlain, plain("b"))...), textsOf(0), 2, []any{"a", "b"}},
		"a checksum":             {page(dataPage, 2, encodingPlain, two, sum(two)), textsOf(0), 2, []any{"a", "b"}},
		"an index between them":  {append(page(1, 0, 0, []byte("index")), page(dataPage, 2, encodingPlain, two)...), textsOf(0), 2, []any{"a", "b"}},
		"a dictionary":           {append(page(dictionaryPage, 2, encodingPlain, two), page(dataPage, 3, encodingDictionary, []byte{1, 3, 0b101})...), textsOf(0), 3, []any{"b", "a", "b"}},
		"NULL":                   {page(dataPage, 3, encodingPlain, append(levels(3, 0b101), two...)), textsOf(1), 3, []any{"a", nil, "b"}},
		"version 2":              {page2(2, 0, 0, two), textsOf(0), 2, []any{"a", "b"}},
		"version 2, NULL":        {page2(3, 0, 2, append([]byte{3, 0b101}, two...)), textsOf(1), 3, []any{"a", nil, "b"}},
		"a dictionary of nulls":  {append(page(dictionaryPage, 2, encodingPlain, two), page(dataPage, 1, encodingDictionary, levels(2, 0))...), textsOf(1), 1, []any{nil}},
		"what nobody knows":      {page(dataPage, 2, encodingPlain, two, field{4, thriftDouble, make([]byte, 8)}), textsOf(0), 2, nil},
		"fields of a later time": {append(structure(field{1, thriftI64, number(1)}, field{2, thriftI64, number(0)}, field{3, thriftI64, number(0)}, field{9, thriftMap, append(append([]byte{1, thriftBinary<<4 | thriftTrue}, text("k")...), 1)}, field{10, thriftMap, []byte{0}}, field{11, thriftDouble, make([]byte, 8)}), page(dataPage, 2, encodingPlain, two)...), textsOf(0), 2, []any{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readColumn(tt.pages, tt.leaf, tt.values, nil)
			if tt.want == nil {
				require.ErrorContains(t, err, "metadata has a value of kind 7 for a number")
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

// TestDamagedPages: pages that do not fit their column, their head or each other are errors that say which.
func TestDamagedPages(t *testing.T) {
	two := plain("a", "b")
	whole := page(dataPage, 2, encodingPlain, two)
	dictionaryOf2 := page(dictionaryPage, 2, encodingPlain, two)
	claims := func(size, plainSize int64) []byte {
		return structure(field{1, thriftI64, number(0)}, field{2, thriftI64, number(plainSize)}, field{3, thriftI64, number(size)})
	}
	for name, tt := range map[string]struct {
		pages   []byte
		leaf    leafType
		values  int64
		prepare func(*File, *chunk)
		reason  string
	}{
		"another type":        {whole, textsOf(0), 2, func(_ *File, k *chunk) { k.physical = physicalInt32 }, "another type than its schema says"},
		"before the file":     {whole, textsOf(0), 2, func(_ *File, k *chunk) { k.start = 3 }, "lies outside the file"},
		"beyond the file":     {whole, textsOf(0), 2, func(_ *File, k *chunk) { k.length++ }, "lies outside the file"},
		"more values":         {whole, textsOf(0), 2, func(_ *File, k *chunk) { k.values = 3 }, "the values of a column and the rows of its row group differ in number"},
		"fewer values":        {whole, leafType{physical: physicalBytes, maxRep: 1}, 2, func(_ *File, k *chunk) { k.values = 1 }, "the values of a column and the rows of its row group differ in number"},
		"a page missing":      {whole, textsOf(0), 3, nil, "a column ends early"},
		"a page too many":     {whole, textsOf(0), 1, nil, "a page has more values than its column"},
		"no head":             {bytes.Repeat([]byte{0xFF}, 20), textsOf(0), 1, nil, "the head of a page"},
		"a page outside":      {claims(100, 100), textsOf(0), 1, nil, "a page lies outside of its column"},
		"a page too large":    {claims(0, maxPageBytes+1), textsOf(0), 1, nil, "the limit is"},
		"a negative size":     {claims(-1, 0), textsOf(0), 1, nil, "negative size"},
		"two dictionaries":    {append(bytes.Clone(dictionaryOf2), dictionaryOf2...), textsOf(0), 2, nil, "two dictionaries"},
		"no dictionary":       {page(dataPage, 1, encodingDictionary, []byte{1, 2, 0}), textsOf(0), 1, nil, "a dictionary that is not there"},
		"wide numbers":        {append(bytes.Clone(dictionaryOf2), page(dataPage, 1, encodingDictionary, []byte{33, 2, 0})...), textsOf(0), 1, nil, "numbers of a dictionary are too wide"},
		"outside of the two":  {append(bytes.Clone(dictionaryOf2), page(dataPage, 1, encodingDictionary, []byte{2, 2, 2})...), textsOf(0), 1, nil, "outside of its dictionary"},
		"a dictionary's size": {page(dictionaryPage, 2, encodingPlain, two[:8]), textsOf(0), 1, nil, "a page ends early"},
		"a dictionary of booleans": {page(dictionaryPage, 2, encodingPlain, []byte{1}), leafType{physical: physicalBoolean}, 1, nil,
			"a dictionary of physical type 0 is not supported"},
		"too much held":       {whole, textsOf(0), 2, func(f *File, _ *chunk) { f.held = maxHeldBytes }, "in memory at once"},
		"a checksum":          {page(dataPage, 2, encodingPlain, two, field{4, thriftI64, number(5)}), textsOf(0), 2, nil, "the checksum of a page does not match"},
		"a text cut off":      {page(dataPage, 2, encodingPlain, two[:9]), textsOf(0), 2, nil, "a page ends early"},
		"a codec":             {whole, textsOf(0), 2, func(_ *File, k *chunk) { k.codec = 3 }, "compression codec 3"},
		"a dictionary's":      {dictionaryOf2, textsOf(0), 2, func(_ *File, k *chunk) { k.codec = codecLZ4 }, "the size of a page does not match its header"},
		"levels cut off":      {page(dataPage, 1, encodingPlain, []byte{9, 0, 0, 0, 1}), textsOf(1), 1, nil, "a page ends early"},
		"levels above":        {page(dataPage, 1, encodingPlain, []byte{2, 0, 0, 0, 2, 3}), textsOf(2), 1, nil, "a level is above the schema's"},
		"no levels":           {page(dataPage, 1, encodingPlain, []byte{0, 0, 0, 0}), textsOf(1), 1, nil, "a page ends early"},
		"levels of version 2": {page2(1, 0, 9, []byte{1}), textsOf(1), 1, nil, "a page ends early"},
		"codec of version 2":  {page2(1, 0, 0, []byte{1}), textsOf(0), 1, func(_ *File, k *chunk) { k.codec = codecLZ4 }, "the size of a page does not match its header"},
		"a long text":         {whole, textsOf(0), 2, func(f *File, _ *chunk) { f.rowBytes = maxRowBytes }, errRowTooBig.Error()},
		"a value refused":     {whole, leafType{physical: physicalBytes, convert: func(raw) (any, error) { return nil, errors.New("no") }}, 2, nil, "no"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readColumn(tt.pages, tt.leaf, tt.values, tt.prepare)
			require.ErrorContains(t, err, tt.reason)
		})
	}
	_, _, err := openLevels(make([]byte, 9), 1, encodingPlain)
	require.ErrorContains(t, err, "levels in encoding 0 are not supported")
}

// deltasOf are differences that are all 0 behind a first number.
func deltasOf(count uint64, first int64) []byte {
	b := binary.AppendUvarint(binary.AppendUvarint(binary.AppendUvarint(nil, 8), 1), count)
	if b = binary.AppendVarint(b, first); count > 1 {
		b = append(b, 0, 0) // least difference, width
	}
	return b
}

// TestEncodings: each encoding with its values, and that each byte fewer is an error in time.
func TestEncodings(t *testing.T) {
	fixed := leafType{physical: physicalFixed, length: 2}
	for name, tt := range map[string]struct {
		encoding int64
		leaf     leafType
		data     []byte
		want     []raw
	}{
		"booleans":          {encodingPlain, leafType{physical: physicalBoolean}, []byte{0b01}, []raw{{bits: 1}, {bits: 0}}},
		"booleans in runs":  {encodingRuns, leafType{physical: physicalBoolean}, []byte{2, 0, 0, 0, 4, 1}, []raw{{bits: 1}, {bits: 1}}},
		"int32":             {encodingPlain, leafType{physical: physicalInt32}, []byte{1, 0, 0, 0, 2, 0, 0, 0}, []raw{{bits: 1}, {bits: 2}}},
		"int96":             {encodingPlain, leafType{physical: physicalInt96}, []byte("abcdefghijkl"), []raw{{bytes: []byte("abcdefghijkl")}}},
		"differences":       {encodingDeltas, leafType{physical: physicalInt64}, deltasOf(2, -3), []raw{{bits: 1<<64 - 3}, {bits: 1<<64 - 3}}},
		"split float":       {encodingSplit, leafType{physical: physicalFloat}, []byte{1, 5, 2, 6, 3, 7, 4, 8}, []raw{{bits: 0x04030201}, {bits: 0x08070605}}},
		"split fixed":       {encodingSplit, fixed, []byte("acbd"), []raw{{bytes: []byte("ab")}, {bytes: []byte("cd")}}},
		"lengths":           {encodingDeltaLengths, leafType{physical: physicalBytes}, append(deltasOf(2, 1), "ab"...), []raw{{bytes: []byte("a")}, {bytes: []byte("b")}}},
		"prefixes":          {encodingDeltaBytes, leafType{physical: physicalBytes}, append(append(deltasOf(2, 0), deltasOf(2, 1)...), "ab"...), []raw{{bytes: []byte("a")}, {bytes: []byte("b")}}},
		"prefixes of fixed": {encodingDeltaBytes, fixed, append(append(deltasOf(1, 0), deltasOf(1, 2)...), "ab"...), []raw{{bytes: []byte("ab")}}},
	} {
		t.Run(name, func(t *testing.T) {
			read := func(data []byte) (got []raw, err error) {
				v, err := openValues(tt.encoding, tt.leaf, data, int64(len(tt.want)), nil)
				if err != nil {
					return nil, err
				}
				for range tt.want {
					value, err := v.next()
					if err != nil {
						return got, err
					}
					got = append(got, raw{value.bits, bytes.Clone(value.bytes)})
				}
				return got, nil
			}
			got, err := read(tt.data)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			_, err = read(nil)
			require.Error(t, err)
			if tt.encoding == encodingDeltas {
				return // the last block may be cut short
			}
			_, err = read(tt.data[:len(tt.data)-1])
			require.Error(t, err)
		})
	}
	for name, tt := range map[string]struct {
		encoding int64
		leaf     leafType
		reason   string
	}{
		"runs of texts":           {encodingRuns, textsOf(0), "encoding 3 of a column of physical type 6"},
		"differences of texts":    {encodingDeltas, textsOf(0), "encoding 5 of a column of physical type 6"},
		"lengths of numbers":      {encodingDeltaLengths, leafType{physical: physicalInt32}, "encoding 6 of a column of physical type 1"},
		"prefixes of numbers":     {encodingDeltaBytes, leafType{physical: physicalInt32}, "encoding 7 of a column of physical type 1"},
		"texts split":             {encodingSplit, textsOf(0), "encoding 9 of a column of physical type 6"},
		"an encoding of the past": {4, textsOf(0), "encoding 4 of a column of physical type 6"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openValues(tt.encoding, tt.leaf, make([]byte, 8), 1, nil)
			require.ErrorContains(t, err, tt.reason)
		})
	}
	t.Run("a length below 0", func(t *testing.T) {
		v, err := openValues(encodingDeltaLengths, textsOf(0), deltasOf(1, -1), 1, nil)
		require.NoError(t, err)
		_, err = v.next()
		require.ErrorIs(t, err, errEndsEarly)
	})
	t.Run("another length than all have", func(t *testing.T) {
		v, err := openValues(encodingDeltaBytes, fixed, append(append(deltasOf(1, 0), deltasOf(1, 1)...), 'a'), 1, nil)
		require.NoError(t, err)
		_, err = v.next()
		require.ErrorIs(t, err, errEndsEarly)
	})
}

// fileOf puts metadata behind the pages of a file.
func fileOf(pages, footer []byte) []byte {
	out := append([]byte("PAR1"), pages...)
	out = binary.LittleEndian.AppendUint32(append(out, footer...), uint32(len(footer)))
	return append(out, "PAR1"...)
}

// elementOf is an element of a schema; physical below 0: a group.
func elementOf(name string, physical, repetition, children, converted int64) []byte {
	var fields []field
	if physical >= 0 {
		fields = append(fields, field{1, thriftI64, number(physical)})
	}
	fields = append(fields, field{3, thriftI64, number(repetition)}, field{4, thriftBinary, text(name)}, field{5, thriftI64, number(children)})
	if converted >= 0 {
		fields = append(fields, field{6, thriftI64, number(converted)})
	}
	return structure(fields...)
}

func TestFooters(t *testing.T) {
	root := elementOf("root", -1, 0, 1, -1)
	for name, tt := range map[string]struct {
		content []byte
		reason  string
	}{
		"short":            {[]byte("PAR1PAR1"), "too short"},
		"encrypted":        {[]byte("PAR1\x00\x00\x00\x00\x00\x00\x00\x00PARE"), "encrypted"},
		"no Parquet":       {[]byte("PAR1\x00\x00\x00\x00\x00\x00\x00\x00TEXT"), "does not end with PAR1"},
		"length":           {[]byte("PAR1\x00\x00\x00\x00\x09\x00\x00\x00PAR1"), "metadata of 9 bytes in a file of 16"},
		"no schema":        {fileOf(nil, structure()), "there is no schema"},
		"a leaf as root":   {fileOf(nil, structure(field{2, thriftList, list(thriftStruct, elementOf("a", 1, 0, 0, -1))})), "there is no schema"},
		"more elements":    {fileOf(nil, structure(field{2, thriftList, list(thriftStruct, elementOf("r", -1, 0, 0, -1), elementOf("a", 1, 0, 0, -1))})), "more elements than it says"},
		"a group of none":  {fileOf(nil, structure(field{2, thriftList, list(thriftStruct, root, elementOf("g", -1, 0, 0, -1))})), "column g has no fields"},
		"unknown type":     {fileOf(nil, structure(field{2, thriftList, list(thriftStruct, root, elementOf("a", 9, 0, 0, -1))})), "column a: the physical type 9"},
		"a repeated one's": {fileOf(nil, structure(field{2, thriftList, list(thriftStruct, root, elementOf("a", 9, 2, 0, -1))})), "column a: the physical type 9"},
		"number as text":   {fileOf(nil, structure(field{2, thriftList, list(thriftStruct, structure(field{4, thriftI64, number(1)}))})), "kind 6 for a text"},
		"number as list":   {fileOf(nil, structure(field{2, thriftI64, number(1)})), "kind 6 for a list"},
		"list of numbers":  {fileOf(nil, structure(field{2, thriftList, list(thriftI64, number(1))})), "kind 6 for a structure"},
		"other files": {fileOf(nil, structure(field{2, thriftList, list(thriftStruct, root)}, field{4, thriftList, list(thriftStruct,
			structure(field{1, thriftList, list(thriftStruct, structure(field{1, thriftBinary, text("file")}))}))})), "its columns are in other files"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(bytes.NewReader(tt.content), int64(len(tt.content)))
			require.ErrorContains(t, err, tt.reason)
		})
	}
	long := make([]byte, maxFooterBytes+100)
	copy(long[len(long)-8:], binary.LittleEndian.AppendUint32(nil, maxFooterBytes+1))
	copy(long[len(long)-4:], magic)
	_, err := Open(bytes.NewReader(long), int64(len(long)))
	require.ErrorContains(t, err, "the limit is")
	_, err = Open(bytes.NewReader(nil), 100)
	require.ErrorIs(t, err, io.EOF)
}

// TestOlderLists: arrays as older programs wrote them, without or with one group around their items.
func TestOlderLists(t *testing.T) {
	const convertedList = 3
	integers := types.ArrayOf(types.IntegerType)
	rows := types.ArrayOf(types.RowOf(types.Field{Name: "x", Type: types.IntegerType}))
	for name, tt := range map[string]struct {
		elements [][]byte
		want     *types.Type
	}{
		"a repeated column":  {[][]byte{elementOf("a", 1, 2, 0, -1)}, integers},
		"the item itself":    {[][]byte{elementOf("a", -1, 1, 1, convertedList), elementOf("item", 1, 2, 0, -1)}, integers},
		"a row":              {[][]byte{elementOf("a", -1, 1, 1, convertedList), elementOf("array", -1, 2, 1, -1), elementOf("x", 1, 0, 0, -1)}, rows},
		"a row by its tuple": {[][]byte{elementOf("a", -1, 1, 1, convertedList), elementOf("a_tuple", -1, 2, 1, -1), elementOf("x", 1, 0, 0, -1)}, rows},
		"a group around it":  {[][]byte{elementOf("a", -1, 1, 1, convertedList), elementOf("list", -1, 2, 1, -1), elementOf("x", 1, 0, 0, -1)}, integers},
	} {
		t.Run(name, func(t *testing.T) {
			content := fileOf(nil, structure(field{2, thriftList, list(thriftStruct, append([][]byte{elementOf("root", -1, 0, 1, -1)}, tt.elements...)...)}))
			f, err := Open(bytes.NewReader(content), int64(len(content)))
			require.NoError(t, err)
			require.Len(t, f.Columns(), 1)
			require.Equal(t, tt.want.String(), f.Columns()[0].Type.String())
		})
	}
}

// TestDamagedRows: columns that do not fit each other or their row group.
func TestDamagedRows(t *testing.T) {
	pages := page(dataPage, 2, encodingPlain, make([]byte, 8))
	column := func(values int64) []byte {
		return structure(field{3, thriftStruct, structure(field{1, thriftI64, number(1)}, field{5, thriftI64, number(values)},
			field{7, thriftI64, number(int64(len(pages)))}, field{9, thriftI64, number(4)})})
	}
	file := func(rows int64, repetition int64, chunks ...[]byte) []byte {
		return fileOf(pages, structure(field{2, thriftList, list(thriftStruct, elementOf("root", -1, 0, 1, -1), elementOf("a", 1, repetition, 0, -1))},
			field{4, thriftList, list(thriftStruct, structure(field{1, thriftList, list(thriftStruct, chunks...)}, field{3, thriftI64, number(rows)}))}))
	}
	rows := func(content []byte) (n int, err error) {
		f, err := Open(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return 0, err
		}
		for {
			if _, err := f.NextRow(); err != nil {
				return n, err
			}
			n++
		}
	}
	n, err := rows(file(2, isRequired, column(2)))
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, 2, n)
	n, err = rows(file(0, isRequired, column(2)))
	require.ErrorIs(t, err, io.EOF)
	require.Zero(t, n)
	_, err = rows(file(2, isRequired))
	require.ErrorContains(t, err, "a row group and the schema differ in their number of columns")
	_, err = rows(file(3, isRequired, column(2)))
	require.ErrorContains(t, err, "column a: the file is damaged: the values of a column and the rows of its row group differ in number")
	_, err = rows(file(2, isRequired, column(2), column(2)))
	require.ErrorContains(t, err, "a row group and the schema differ in their number of columns")
	_, err = rows(file(1, isRepeated, column(2)))
	require.ErrorContains(t, err, "the file is damaged")
}

// TestFlippedBits: a file with a flipped bit anywhere gives rows of its columns, or an error; one that is cut off an error.
func TestFlippedBits(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	files, err := filepath.Glob("testdata/*.parquet")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".parquet"), func(t *testing.T) {
			whole, err := os.ReadFile(path)
			require.NoError(t, err)
			read := func(data []byte) (rows int, err error) {
				f, err := Open(bytes.NewReader(data), int64(len(data)))
				for err == nil && rows < 1000 {
					var row []types.Value
					if row, err = f.NextRow(); err == nil {
						require.Len(t, row, len(f.Columns()))
						rows++
					}
				}
				return rows, err
			}
			rows, err := read(whole)
			require.ErrorIs(t, err, io.EOF)
			require.Positive(t, rows)
			for at := range whole {
				damaged := bytes.Clone(whole)
				damaged[at] ^= 1 << (at % 8)
				if _, err := read(damaged); err == io.EOF && at >= len(whole)-4 {
					t.Fatalf("byte %d of the last four", at)
				}
				_, err := read(whole[:at])
				require.Error(t, err)
				require.NotEqual(t, io.EOF, err)
			}
		})
	}
}
