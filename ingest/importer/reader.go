package importer

import (
	"context"
	"io"
	"sync/atomic"
)

// countingReader adds the bytes read to the progress.
type countingReader struct {
	reader io.Reader
	all    *atomic.Int64
	own    *int64
}

func (c countingReader) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	c.all.Add(int64(n))
	*c.own += int64(n)
	return n, err
}

// contextReader ends with the context.
type contextReader struct {
	ctx    context.Context
	reader io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.reader.Read(p)
}
