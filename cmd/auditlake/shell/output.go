package shell

import (
	"context"
	"io"
	"os"
)

// redirect sends the answers from here on to a file, or to the terminal if path is empty.
func (s *Shell) redirect(_ context.Context, path string) {
	if s.file != nil {
		if err := s.file.Close(); err != nil {
			s.fail("%v", err)
		}
		s.file = nil
	}
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		s.fail("%v", err)
		return
	}
	s.file = file
}

// output is where the next answer goes.
func (s *Shell) output() io.Writer {
	if s.file != nil {
		return s.file
	}
	if terminal, ok := s.options.Out.(*os.File); ok && s.interactive && s.paged {
		pager := NewPager(terminal)
		pager.Program = s.options.Pager
		return pager
	}
	return s.options.Out
}
