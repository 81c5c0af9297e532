package main

import (
	"context"
	"errors"
	"os"

	"github.com/auditlake/auditlake/engine"
)

// withUnchangedLake runs work, which must not write, on the lake without changing a byte of its folder. Where there
// is no lake yet, none is made: work gets an empty one in a temporary folder, which is removed afterwards.
func (p *program) withUnchangedLake(ctx context.Context, work func(*engine.Lake) error) error {
	p.dryRun = true
	err := p.withLake(ctx, false, work)
	if !errors.Is(err, engine.ErrNoLake) {
		return err
	}
	dir, err := os.MkdirTemp("", "auditlake-dry-run-")
	if err != nil {
		return err
	}
	return errors.Join(p.onTemporaryLake(ctx, dir, work), os.RemoveAll(dir))
}

// onTemporaryLake runs work on a new lake in dir.
func (p *program) onTemporaryLake(ctx context.Context, dir string, work func(*engine.Lake) error) error {
	temporary := *p
	temporary.lakeDir, temporary.readOnly, temporary.dryRun = dir, false, false
	lake, err := temporary.open(ctx, true)
	if err != nil {
		return err
	}
	err = work(lake)
	return errors.Join(err, lake.Close())
}
