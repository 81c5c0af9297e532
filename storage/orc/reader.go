package orc

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
)

// Reader reads one ORC file. It is safe for concurrent use.
type Reader struct{}

// Open reads the tail of a file of size bytes. path is used in errors only.
func Open(r io.ReaderAt, size int64, path string) (*Reader, error) {
	return nil, errors.New("orc: reader is missing")
}

// Schema gives the columns as Arrow types, ORC type attributes as field metadata. Text columns are
// of type String here, though Stripe.Read may hand them out as dictionaries.
func (r *Reader) Schema() *arrow.Schema { return nil }

// NumRows is the number of rows of the file.
func (r *Reader) NumRows() int64 { return 0 }

// NumStripes is the number of stripes of the file.
func (r *Reader) NumStripes() int { return 0 }

// UserMetadata gives the value that the writer stored under name.
func (r *Reader) UserMetadata(name string) ([]byte, bool) { return nil, false }

// Attributes gives the ORC type attributes of the column at path (never nil).
func (r *Reader) Attributes(path Path) (map[string]string, error) { return nil, nil }

// Statistics describes a column over the whole file.
func (r *Reader) Statistics(path Path) (Statistics, error) { return Statistics{}, nil }

// StripeRows is the number of rows of a stripe. It reads nothing.
func (r *Reader) StripeRows(stripe int) int64 { return 0 }

// StripeGroups is the number of row groups of a stripe; all but the last have GroupRows rows.
// It reads nothing.
func (r *Reader) StripeGroups(stripe int) int { return 0 }

// GroupRows is the number of rows of each row group but a stripe's last.
func (r *Reader) GroupRows() int { return 0 }

// StripeStatistics describes a column over one stripe. It reads nothing.
func (r *Reader) StripeStatistics(stripe int, path Path) (Statistics, error) {
	return Statistics{}, nil
}

// Stripe reads the footer of a stripe. Indexes, bloom filters and dictionaries are read when first
// needed and shared by all readers of the returned value, so callers should keep it while they
// work on the stripe.
func (r *Reader) Stripe(stripe int) (*Stripe, error) { return nil, nil }

// Stripe is a part of a file with indexes and dictionaries of its own. It is safe for concurrent use.
type Stripe struct{}

// Rows is the number of rows of a row group.
func (s *Stripe) Rows(group int) int { return 0 }

// Statistics describes a column over one row group, from the row index, which it adds to usage.
func (s *Stripe) Statistics(group int, path Path, usage *Usage) (Statistics, error) {
	return Statistics{}, nil
}

// MayContain asks the bloom filter of a string column, which it adds to usage, whether the row group
// may hold value. It is true where there is no filter (HasBloom tells) or none that can be used.
func (s *Stripe) MayContain(group int, path Path, value string, usage *Usage) (bool, error) {
	return true, nil
}

// HasBloom tells whether MayContain can ever be false for the column.
func (s *Stripe) HasBloom(path Path) bool { return false }

// Cost adds to usage what Read of all rows of the group at most needs. Block borders are not known
// without reading them: the blocks noted here differ from those that Read notes, so use a Usage for
// estimates only.
func (s *Stripe) Cost(group int, paths []Path, usage *Usage) error { return nil }

// Read decodes rows of a row group, one array per path. sel holds ascending row numbers inside the
// group, each at most once; nil means all rows. Arrays have len(sel) rows.
//
// A path to a struct field gives that field, NULL where a struct above it is NULL. A string, char or
// varchar column asked for by its own path comes as Dictionary(int32, string) if this stripe holds it
// with a dictionary (the dictionary array is then the same for all groups of the stripe), else as
// String; strings inside lists, maps and whole structs are always String.
//
// usage may be nil. The arrays own their memory.
func (s *Stripe) Read(ctx context.Context, group int, paths []Path, sel []int32, usage *Usage) ([]arrow.Array, error) {
	return nil, nil
}
