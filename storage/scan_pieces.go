package storage

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/storage/orc"
)

// Pieces yields rows of a column (nil: all) in their order, as arrays. The caller may use an array until the next
// one, which reuses its memory. Long texts come in many pieces, see orc.Stripe.Pieces; other columns as Read
// returns them. An error ends the sequence.
func (g *RowGroup) Pieces(ctx context.Context, path string, sel []int32) iter.Seq2[arrow.Array, error] {
	isStored, err := g.isStored(path)
	if err != nil || !isStored {
		return InOnePiece(g.Read(ctx, []string{path}, sel))
	}
	return func(yield func(arrow.Array, error) bool) {
		usage := &orc.Usage{}
		stored := g.scan.paths.parse(path)
		var noted []string
		if sel != nil { // all rows are requested of columns of the first condition, which is known before
			g.stripe.Expect([]orc.Path{stored})
			noted = []string{path}
		}
		defer func() { g.charge(noted, usage) }()
		for piece, err := range g.stripe.Pieces(ctx, g.group, stored, sel, usage) {
			if err != nil {
				err = readError(g.path, err)
			}
			if !yield(piece, err) {
				return
			}
		}
	}
}

// InOnePiece yields a column that was read as a whole.
func InOnePiece(columns []arrow.Array, err error) iter.Seq2[arrow.Array, error] {
	return func(yield func(arrow.Array, error) bool) {
		if err != nil {
			yield(nil, err)
			return
		}
		yield(columns[0], nil)
	}
}

// isStored reports whether a segment holds a column in the form in which it is read.
func (g *RowGroup) isStored(path string) (bool, error) {
	if err := g.scan.paths.check(path); err != nil || g.hot != nil || path == checksumColumn {
		return false, err
	}
	if path != jsonColumn {
		return true, nil
	}
	isRebuilt, err := hasShapes(g.reader)
	return !isRebuilt, err
}
