package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/auditlake/auditlake/storage"
)

// RebuildOptions says how a catalog is rebuilt.
type RebuildOptions = storage.RebuildOptions

// Rebuilt is the result of a rebuild.
type Rebuilt = storage.Rebuilt

// Rebuild rebuilds the catalog of the lake in dir if it is lost, damaged or older than the files. It uses the files
// that each commit leaves, or else the segments alone. The old catalog stays in the folder under another name.
// Stores whose records are lost keep everything until a retention is set (Stores.Update).
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
