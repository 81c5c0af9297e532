package logfile

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// errBehindGzip says that something else follows the last member of a file of gzip.
var errBehindGzip = errors.New("bytes after the end of the gzip data")

// members gives the text of the members of a file of gzip, one after the other. Zeros behind the last are padding,
// which tapes and blocks of devices leave.
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

// next begins the next member; io.EOF: there is none.
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
