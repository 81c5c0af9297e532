package orc

import (
	"context"
	"fmt"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// Stripe is a part of a file with indexes and dictionaries of its own. It is safe for concurrent use.
type Stripe struct {
	*stripeLayout
	reader *Reader
	number int
	rows   int64
	blocks blockCache

	mu           sync.Mutex
	indexes      map[int]*loaded[rowIndex]
	blooms       map[int]*loaded[[]bloomFilter]
	dictionaries map[int]*loaded[*dictionary]
}

// Stripe reads the footer of a stripe. Indexes, bloom filters and dictionaries are read when first needed and
// shared by all users of the returned value, so callers should keep it while they work on the stripe.
func (r *Reader) Stripe(stripe int) (s *Stripe, err error) {
	defer r.recovered(&err)
	if stripe < 0 || stripe >= r.NumStripes() {
		return nil, fmt.Errorf("orc: no stripe %d in %s", stripe, r.path)
	}
	layout, err := r.stripeLayout(stripe)
	if err != nil {
		return nil, err
	}
	return &Stripe{stripeLayout: layout, reader: r, number: stripe, rows: r.StripeRows(stripe),
		indexes:      make(map[int]*loaded[rowIndex]),
		blooms:       make(map[int]*loaded[[]bloomFilter]),
		dictionaries: make(map[int]*loaded[*dictionary])}, nil
}

// Groups is the number of row groups.
func (s *Stripe) Groups() int {
	return int((s.rows + int64(s.reader.groupRows) - 1) / int64(s.reader.groupRows))
}

// Rows is the number of rows of a row group.
func (s *Stripe) Rows(group int) int {
	return int(min(s.rows-int64(group)*int64(s.reader.groupRows), int64(s.reader.groupRows)))
}

func (s *Stripe) checkGroup(group int) error {
	if group < 0 || group >= s.Groups() {
		return fmt.Errorf("orc: no row group %d in a stripe of %d in %s", group, s.Groups(), s.reader.path)
	}
	return nil
}

// Statistics describes a column over one row group, from the row index, which it adds to usage.
func (s *Stripe) Statistics(group int, path Path, usage *Usage) (st Statistics, err error) {
	defer s.reader.recovered(&err)
	if err := s.checkGroup(group); err != nil {
		return Statistics{}, err
	}
	c, err := s.reader.tree.root.find(path)
	if err != nil {
		return Statistics{}, err
	}
	if c.isMissing() {
		return c.absent(), nil
	}
	if !s.hasIndex(c) {
		return Statistics{HasNull: true}, nil
	}
	index, err := s.rowIndex(c, usage)
	if err != nil {
		return Statistics{}, err
	}
	e := &index[group]
	if known := e.known.Load(); known != nil && known.column == c {
		return known.statistics, nil
	}
	if st, err = s.reader.statisticsOf(c, e.statistics, int64(s.Rows(group))); err == nil {
		e.known.Store(&knownStatistics{c, st})
	}
	return st, err
}

// HasBloom reports whether MayContain can ever be false for the column.
func (s *Stripe) HasBloom(path Path) bool {
	c, err := s.reader.tree.root.find(path)
	return err == nil && s.bloomExtent(c).length > 0
}

func (s *Stripe) bloomExtent(c *column) extent {
	if !s.reader.indexed || c.kind != orcpb.Type_STRING && c.kind != orcpb.Type_VARCHAR {
		return extent{}
	}
	return s.extentOf(c, orcpb.Stream_BLOOM_FILTER_UTF8)
}

// MayContain asks the bloom filter of a string column, which it adds to usage, whether the row group may hold one
// of values. It is true if there is no filter (see HasBloom) or none that can be used.
func (s *Stripe) MayContain(group int, path Path, values []string, usage *Usage) (may bool, err error) {
	defer s.reader.recovered(&err)
	if err := s.checkGroup(group); err != nil {
		return false, err
	}
	c, err := s.reader.tree.root.find(path)
	if err != nil {
		return false, err
	}
	if s.bloomExtent(c).length == 0 {
		return true, nil
	}
	filters, err := s.bloom(c, usage)
	if err != nil {
		return false, err
	}
	if group >= len(filters) {
		return true, nil
	}
	for _, value := range values {
		if filters[group].mayHold(textHash([]byte(value))) {
			return true, nil
		}
	}
	return false, nil
}

// Read decodes rows of a row group, one array per path. sel holds ascending row numbers inside the group, each at
// most once; nil means all rows. Arrays have len(sel) rows.
//
// A path to a struct field reads that field, NULL if a struct above it is NULL. A path into a list or map
// ("element", "key", "value", and fields below) reads a list of that part of its elements.
//
// A text column (string, char or varchar) with its own path comes as Dictionary(int32, string) if the stripe holds
// it with a dictionary, else as String. So do the keys of whole maps, and the keys or values of a map with their
// own path. So do texts inside lists and whole structs, except few rows of a large dictionary. For a column with
// its own path, the dictionary array is the same for all groups of the stripe. Values of whole maps are always
// String.
//
// usage may be nil. Callers must not change the arrays: the file's cache (OpenWith), and so other callers, may
// share their memory.
func (s *Stripe) Read(ctx context.Context, group int, paths []Path, sel []int32, usage *Usage) (arrays []arrow.Array, err error) {
	defer s.reader.recovered(&err)
	if err := s.checkGroup(group); err != nil {
		return nil, err
	}
	if err := checkSelection(sel, s.Rows(group)); err != nil {
		return nil, err
	}
	arrays = make([]arrow.Array, len(paths))
	for i, path := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		data, err := s.readKept(group, path, sel, usage)
		if err != nil {
			return nil, err
		}
		arrays[i] = array.MakeFromData(data)
	}
	return arrays, nil
}

func checkSelection(sel []int32, rows int) error {
	last := int32(-1)
	for _, row := range sel {
		if row <= last || int(row) >= rows {
			return fmt.Errorf("orc: selected row %d after %d in a row group of %d rows", row, last, rows)
		}
		last = row
	}
	return nil
}

// readPath decodes rows of the column at the end of a path. keepsBlocks: decompressed blocks are for the cache.
func (s *Stripe) readPath(c *column, group int, path Path, sel []int32, keepsBlocks bool, usage *Usage) (arrow.ArrayData, error) {
	scope := &readScope{usage: usage, keeps: keepsBlocks}
	defer scope.close(&s.blocks)
	reader, err := s.pathReader(c, path, scope)
	if err != nil {
		return nil, err
	}
	switch {
	case group == 0:
	case s.seekable(c):
		err = reader.seek(group)
	default:
		err = reader.skip(group * s.reader.groupRows)
	}
	if err != nil {
		return nil, err
	}
	return reader.read(rowWindow{n: s.Rows(group), sel: sel})
}

// pathReader reads the column at the end of a path: on the way up, structs add their NULLs, and lists and maps wrap
// it in lists.
func (s *Stripe) pathReader(c *column, path Path, scope *readScope) (columnReader, error) {
	reader, dataType, err := s.leafReader(c, path, scope)
	if err != nil {
		return nil, err
	}
	for parent := c.parent; parent.parent != nil; parent = parent.parent {
		_, onlyNull := reader.(nullReader)
		switch parent.kind {
		case orcpb.Type_STRUCT:
			if !onlyNull {
				reader = &fieldReader{parent: &structReader{baseReader: s.newBaseReader(parent, scope)}, field: reader}
			}
		case orcpb.Type_LIST, orcpb.Type_MAP:
			dataType = arrow.ListOf(dataType)
			if parent.isMissing() {
				reader = nullReader{dataType}
			} else {
				reader = newListReader(s.newBaseReader(parent, scope), []columnReader{reader}, dataType)
			}
		default:
			return nil, &UnsupportedError{Path: s.reader.path, What: "a part of a union: column " + c.path}
		}
	}
	return reader, nil
}

// leafReader reads the last column of a path. Text comes as codes unless it is inside a list or map.
func (s *Stripe) leafReader(c *column, path Path, scope *readScope) (columnReader, arrow.DataType, error) {
	if path.asksPresence(c) {
		reader, err := s.newPresenceReader(c, scope)
		return reader, arrow.FixedWidthTypes.Boolean, err
	}
	if path.Keys != nil {
		reader, err := s.newEntriesReader(c, path.Keys, scope)
		return reader, c.dataType, err
	}
	isPart := c.parent != nil && c.parent.kind == orcpb.Type_MAP // the keys or values alone
	reader, err := s.newColumnReader(c, scope, isPart || !c.isRepeated())
	return reader, c.dataType, err
}

// seekable reports whether the column, those above and those below it have row indexes.
func (s *Stripe) seekable(c *column) bool {
	for parent := c.parent; parent != nil && parent.parent != nil; parent = parent.parent {
		if !s.hasIndex(parent) {
			return false
		}
	}
	return s.hasIndexes(c)
}

// hasIndexes reports whether the column and those below it have row indexes.
func (s *Stripe) hasIndexes(c *column) bool {
	for _, child := range c.children {
		if !s.hasIndexes(child) {
			return false
		}
	}
	return s.hasIndex(c)
}

func (s *Stripe) hasIndex(c *column) bool {
	return c.isMissing() || s.reader.indexed && s.extentOf(c, orcpb.Stream_ROW_INDEX).length > 0
}
