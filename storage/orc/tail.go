package orc

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// Field numbers of the parts of a tail that stay encoded until needed: they are most of it, and many files with
// similar ones are open at a time.
const (
	footerTypes          = 4 // Footer.types
	footerStatistics     = 7 // Footer.statistics
	metadataStripes      = 1 // Metadata.stripe_stats
	stripeStatisticsList = 1 // StripeStatistics.col_stats
)

// encodedFooter is a footer whose types and statistics are still encoded.
type encodedFooter struct {
	*orcpb.Footer
	types      []byte   // the fields of all types, one after the other
	statistics [][]byte // by column
}

func parseFooter(content []byte) (encodedFooter, error) {
	f := encodedFooter{Footer: &orcpb.Footer{}}
	var rest []byte
	err := eachField(content, func(field messageField) error {
		switch field.number {
		case footerTypes:
			f.types = append(f.types, field.whole...)
		case footerStatistics:
			f.statistics = append(f.statistics, field.value)
		default:
			rest = append(rest, field.whole...)
		}
		return nil
	})
	if err != nil {
		return f, err
	}
	return f, proto.Unmarshal(rest, f.Footer)
}

// typeTree holds the columns of a file. Files of a store share one.
type typeTree struct {
	root   *column
	schema *arrow.Schema
	count  int // of columns, the root included
}

// maxKnownTrees bounds the cached type trees.
const maxKnownTrees = 64

// knownTrees caches the type trees of files, by their encoded types.
var knownTrees = struct {
	sync.Mutex
	byTypes map[string]*typeTree
}{byTypes: make(map[string]*typeTree)}

// treeOf builds the type tree of encoded types, or returns a cached one.
func treeOf(types []byte, path string) (*typeTree, error) {
	knownTrees.Lock()
	tree := knownTrees.byTypes[string(types)]
	knownTrees.Unlock()
	if tree != nil {
		return tree, nil
	}
	var footer orcpb.Footer
	if err := proto.Unmarshal(types, &footer); err != nil {
		return nil, fmt.Errorf("types: %w", err)
	}
	root, err := parseColumns(footer.GetTypes(), path)
	if err != nil {
		return nil, err
	}
	fields := make([]arrow.Field, len(root.children))
	for i, c := range root.children {
		fields[i] = c.field()
	}
	tree = &typeTree{root: root, schema: arrow.NewSchema(fields, nil), count: len(footer.GetTypes())}
	knownTrees.Lock()
	defer knownTrees.Unlock()
	if len(knownTrees.byTypes) >= maxKnownTrees {
		clear(knownTrees.byTypes)
	}
	knownTrees.byTypes[string(types)] = tree
	return tree, nil
}

// statistics describes a column over the rows of a stripe or of the wholeFile. encoded returns the statistics of
// the column with an id, nil if there are none.
func (r *Reader) statistics(stripe int, path Path, rows int64, encoded func(column int) ([]byte, error)) (Statistics, error) {
	c, err := r.tree.root.find(path)
	if err != nil {
		return Statistics{}, err
	}
	if c.isMissing() {
		return c.absent(), nil
	}
	if c.id < 0 {
		return Statistics{HasNull: true}, nil
	}
	if known := r.described.of(stripe, c).Load(); known != nil && known.column == c && known.stripe == stripe {
		return known.statistics, nil
	}
	of, err := encoded(c.id)
	if of == nil || err != nil {
		return Statistics{HasNull: true}, err
	}
	s, err := r.statisticsOf(c, of, rows)
	if err == nil {
		r.described.of(stripe, c).Store(&description{knownStatistics{c, s}, stripe})
	}
	return s, err
}

// wholeFile is the stripe number that stands for all stripes.
const wholeFile = -1

// descriptions cache some decoded statistics of a file and its stripes. Those of the few most used columns are
// among them. They are safe for concurrent use.
type descriptions [16]atomic.Pointer[description]

type description struct {
	knownStatistics
	stripe int
}

// of is the slot for the statistics of a column.
func (d *descriptions) of(stripe int, c *column) *atomic.Pointer[description] {
	return &d[uint(c.id+stripe-wholeFile)%uint(len(d))]
}

// statisticsOf decodes statistics of a column over the given number of rows.
func (r *Reader) statisticsOf(c *column, encoded []byte, rows int64) (Statistics, error) {
	m, err := decodeStatistics(encoded)
	if err != nil {
		return Statistics{}, r.corrupt(-1, "statistics of column %s: %v", c.path, err)
	}
	return r.trusted(readStatistics(c, m, rows)), nil
}
