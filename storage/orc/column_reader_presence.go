package orc

import (
	"bytes"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// asksPresence reports whether the path asks only whether the column has a value.
func (p Path) asksPresence(c *column) bool {
	return p.Keys != nil && len(p.Keys) == 0 && (c.kind == orcpb.Type_STRUCT || c.kind == orcpb.Type_LIST)
}

// presenceReader reads which structs or lists are present: true for these, else NULL.
type presenceReader struct{ structReader }

func (s *Stripe) newPresenceReader(c *column, scope *readScope) (columnReader, error) {
	switch {
	case c.mismatch != "":
		return nil, &UnsupportedError{Path: s.reader.path, What: c.mismatch}
	case c.isMissing():
		return nullReader{arrow.FixedWidthTypes.Boolean}, nil
	}
	return &presenceReader{structReader{baseReader: s.newBaseReader(c, scope)}}, nil
}

func (r *presenceReader) read(w rowWindow) (arrow.ArrayData, error) {
	c, err := r.choose(w)
	if err != nil {
		return nil, err
	}
	return newArray(arrow.FixedWidthTypes.Boolean, c, nil, bytes.Repeat([]byte{0xff}, (c.rows+7)/8)), nil
}
