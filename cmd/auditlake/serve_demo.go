package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/auditlake/auditlake/engine"
)

// serveDemo serves a new lake in a temporary folder, which it removes at the end.
func (p *program) serveDemo(ctx context.Context, f serveFlags) (err error) {
	if p.lakeDir != "" {
		return usageError{errors.New("--demo makes a lake of its own: leave --lake out")}
	}
	dir, err := os.MkdirTemp("", "auditlake-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p.lakeDir = filepath.Join(dir, "lake")
	return p.serve(ctx, f)
}

// importDemoLogs fills the lake of a demo with sample log files, which lie beside it.
func (p *program) importDemoLogs(ctx context.Context, lake *engine.Lake) error {
	logs, err := p.writeDemoLogs(filepath.Dir(lake.Dir()))
	if err != nil {
		return err
	}
	done, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{logs}})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "Imported %s into a lake that is gone when the server ends\n", plural(done.Events, "event"))
	return err
}
