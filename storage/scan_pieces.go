package storage

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/storage/orc"
)

// Pieces gives rows of a column, nil for all, in their order, as arrays that are the caller's until it asks for the
// next: their memory is used again. Long texts come in many pieces, see orc.Stripe.Pieces, other columns as Read
// gives them. An error ends the sequence.
func (g *RowGroup) Pieces(ctx context.Context, path string, sel []int32) iter.Seq2[arrow.Array, error] {
	isStored, err := g.isStored(path)
	if err != nil || !isStored {
		return InOnePiece(g.Read(ctx, []string{path}, sel))
	}
	return func(yield func(arrow.Array, error) bool) {
		usage := &orc.Usage{}
		stored := g.scan.paths.parse(path)
		var noted []string
		if sel != nil { // all rows are asked of columns of the first condition, which is known before
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

// InOnePiece gives a column that was read as a whole.
func InOnePiece(columns []arrow.Array, err error) iter.Seq2[arrow.Array, error] {
	return func(yield func(arrow.Array, error) bool) {
		if err != nil {
			yield(nil, err)
			return
		}
		yield(columns[0], nil)
	}
}

// isStored says that a segment holds a column as it is read.
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
