package orc

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// RangeError is a timestamp outside the range of its column's type.
type RangeError struct {
	UnsupportedError
	// Column is the path of the column, as in Coarsen.
	Column string
	// Unit is the unit of the column.
	Unit arrow.TimeUnit
}

// Unwrap makes a RangeError an UnsupportedError.
func (e *RangeError) Unwrap() error { return &e.UnsupportedError }

// Coarsen reads timestamps of a column, given by its dotted path, as microseconds instead of nanoseconds, which end
// in the year 2262. It rounds down to microseconds. It is for files whose writers recorded no unit, and must be
// called before anything is read.
func (r *Reader) Coarsen(path string) error {
	c := r.tree.root.withPath(path)
	if c == nil || c.kind != orcpb.Type_TIMESTAMP && c.kind != orcpb.Type_TIMESTAMP_INSTANT {
		return fmt.Errorf("ORC file %s: there is no column %s of timestamps", r.path, path)
	}
	var footer orcpb.Footer
	if err := proto.Unmarshal(r.footer.types, &footer); err != nil {
		return r.corrupt(-1, "types: %v", err)
	}
	t := footer.GetTypes()[c.id]
	t.Attributes = slices.DeleteFunc(t.Attributes, func(a *orcpb.StringPair) bool { return a.GetKey() == unitAttribute })
	t.Attributes = append(t.Attributes, &orcpb.StringPair{Key: proto.String(unitAttribute), Value: proto.String(arrow.Microsecond.String())})
	types, err := proto.Marshal(&footer)
	if err != nil {
		return r.corrupt(-1, "types: %v", err)
	}
	tree, err := treeOf(types, r.path)
	if err != nil {
		return r.corrupt(-1, "%v", err)
	}
	r.footer.types, r.tree = types, tree
	return nil
}

// withPath returns the column of a dotted path at or below c, nil if there is none.
func (c *column) withPath(path string) *column {
	if c.path == path {
		return c
	}
	for _, child := range c.children {
		if found := child.withPath(path); found != nil {
			return found
		}
	}
	return nil
}
