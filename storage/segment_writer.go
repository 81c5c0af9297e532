package storage

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/storage/catalog"
)

func (l *Lake) writeSegments(ctx context.Context, w *Writer) ([]*catalog.Segment, error) {
	return nil, errors.New("storage: segment writer is missing")
}
