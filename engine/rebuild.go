package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/auditlake/auditlake/storage"
)

// RebuildOptions says how a catalog is made anew.
type RebuildOptions = storage.RebuildOptions

// Rebuilt is what a rebuilding made.
type Rebuilt = storage.Rebuilt

// Rebuild makes the catalog of the lake in dir anew, when it was lost, is damaged or older than the files beside it:
// from the files that each commit leaves, else from the segments alone. The old catalog stays in the folder under
// another name. Stores whose records are lost keep everything until a retention is set (UpdateStore).
func Rebuild(ctx context.Context, dir string, options RebuildOptions) (*Rebuilt, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("lake folder: %w", err)
	}
	rebuilt, err := storage.Rebuild(ctx, dir, options)
	if errors.Is(err, ErrNoLake) {
		return nil, fmt.Errorf("%w: %s", ErrNoLake, dir)
	}
	return rebuilt, err
}
