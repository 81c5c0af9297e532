package logfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"

	"github.com/auditlake/auditlake/ingest"
)

// source reads a file as text: it unpacks, decodes UTF-16 and checks the limits.
type source struct {
	limits   Limits
	stored   countingReader
	buffered *bufio.Reader
	unpack   unpackers

	reader  io.Reader
	packing packing
	bytes   int64 // returned so far
}

// storedBytes is the number of stored bytes read at once.
const storedBytes = 128 << 10

func newSource(limits Limits) *source {
	s := &source{limits: limits}
	s.unpack.check = s.checkUnpacked
	s.buffered = bufio.NewReaderSize(&s.stored, storedBytes)
	return s
}

// open begins a file by looking at its first bytes.
func (s *source) open(stored io.Reader) *ingest.Failure {
	s.stored = countingReader{reader: stored}
	s.buffered.Reset(&s.stored)
	s.bytes = 0
	var err error
	s.reader, s.packing, err = s.unpack.text(s.buffered)
	if err != nil {
		return s.failure(err)
	}
	return nil
}

// text returns the text of a file, and how the file is packed. The unpacked bytes may be packed with gzip once
// more.
func (u *unpackers) text(stored *bufio.Reader) (io.Reader, packing, error) {
	packing, err := packingOf(stored)
	if err != nil {
		return nil, packing, err
	}
	unpacked, err := u.open(stored, packing)
	if err != nil {
		return nil, packing, err
	}
	head, text := peeked(unpacked)
	if packing != notPacked && bytes.HasPrefix(head, []byte(packings[gzipPacked].magic)) {
		if u.inner == nil {
			u.inner = new(members)
		}
		if err := u.inner.reset(bufio.NewReader(&layer{reader: text, check: u.check})); err != nil {
			return nil, packing, err
		}
		head, text = peeked(u.inner)
	}
	return decodedText(head, text), packing, nil
}

// Unpack returns a file's text as a Reader sees it: unpacked, in UTF-8. It does not limit the length.
func Unpack(stored io.Reader) (io.Reader, error) {
	var u unpackers
	text, _, err := u.text(bufio.NewReaderSize(stored, storedBytes))
	return text, err
}

// read fills p with the next bytes. Every error but io.EOF is an *ingest.Failure.
func (s *source) read(p []byte) (int, error) {
	n, err := s.reader.Read(p)
	s.bytes += int64(n)
	if s.packing != notPacked {
		if f := s.checkUnpacked(s.bytes); f != nil {
			return n, f
		}
	}
	if err != nil && err != io.EOF {
		return n, s.failure(err)
	}
	return n, err
}

// checkUnpacked returns a failure if the file has unpacked to too many bytes, otherwise nil.
func (s *source) checkUnpacked(bytes int64) *ingest.Failure {
	switch {
	case bytes > s.limits.FileBytes:
		return s.tooLarge(fmt.Sprintf("it unpacks to more than %d bytes", s.limits.FileBytes))
	case bytes > s.limits.RatioFromBytes && bytes/s.limits.Ratio > s.stored.bytes:
		return s.tooLarge(fmt.Sprintf("it unpacks to more than %d times its size", s.limits.Ratio))
	}
	return nil
}

// layer reads the content of the outer packing of a file that is packed twice. It counts the bytes, because the
// inner packing can hold much that unpacks to nothing.
type layer struct {
	reader io.Reader
	check  func(bytes int64) *ingest.Failure // nil: there is no limit
	bytes  int64
}

// Read implements io.Reader.
func (l *layer) Read(p []byte) (int, error) {
	n, err := l.reader.Read(p)
	l.bytes += int64(n)
	if l.check != nil {
		if f := l.check(l.bytes); f != nil {
			return n, f
		}
	}
	return n, err
}

func (s *source) tooLarge(message string) *ingest.Failure {
	return &ingest.Failure{Reason: ingest.FileTooLarge, Message: message, Record: ingest.WholeFile, Offset: s.bytes}
}

// failure distinguishes damaged compression from a file that cannot be read.
func (s *source) failure(err error) *ingest.Failure {
	var f *ingest.Failure
	if errors.As(err, &f) {
		return f
	}
	f = &ingest.Failure{Reason: ingest.Unreadable, Message: err.Error(), Record: ingest.WholeFile, Offset: s.bytes}
	if s.stored.err != nil || s.packing == notPacked {
		return f
	}
	if s.packing != gzipPacked {
		f.Reason, f.Message = ingest.CorruptPacking, "the "+packings[s.packing].name+" data is damaged: "+err.Error()
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			f.Message = "the " + packings[s.packing].name + " data ends early"
		}
		return f
	}
	f.Reason = ingest.CorruptGzip
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		f.Message = "the gzip data ends early"
	case errors.Is(err, gzip.ErrChecksum):
		f.Message = "the gzip checksum does not match: the records read may be damaged"
	case errors.Is(err, errBehindGzip):
		f.Message = errBehindGzip.Error()
	case errors.Is(err, gzip.ErrHeader):
		f.Message = "what follows is no gzip data"
	case errors.As(err, &corrupt):
		f.Message = "the gzip data is damaged"
	}
	return f
}

// countingReader counts the stored bytes and remembers the error of reading them.
type countingReader struct {
	reader io.Reader
	bytes  int64
	err    error
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	c.bytes += int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}
