package logfile

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// errBehindGzip means that other bytes follow the last member of a gzip file.
var errBehindGzip = errors.New("bytes after the end of the gzip data")

// members reads the text of the members of a gzip file, one after another. Zeros after the last member are padding
// from tapes and block devices; they are skipped.
type members struct {
	gzip   gzip.Reader
	stored *bufio.Reader
}

// reset begins a file.
func (m *members) reset(stored *bufio.Reader) error {
	m.stored = stored
	if err := m.gzip.Reset(stored); err != nil {
		return err
	}
	m.gzip.Multistream(false)
	return nil
}

// Read implements io.Reader.
func (m *members) Read(p []byte) (int, error) {
	for {
		n, err := m.gzip.Read(p)
		if err != io.EOF {
			return n, err
		}
		if err = m.next(); err != nil || n > 0 {
			return n, err
		}
	}
}

// next begins the next member. It returns io.EOF if there is none.
func (m *members) next() error {
	start, err := m.stored.Peek(len(packings[gzipPacked].magic))
	if len(start) > 0 && string(start) == packings[gzipPacked].magic[:len(start)] {
		return m.reset(m.stored)
	}
	if err != nil && err != io.EOF {
		return err
	}
	for {
		c, err := m.stored.ReadByte()
		if err != nil {
			return err
		}
		if c != 0 {
			return errBehindGzip
		}
	}
}
