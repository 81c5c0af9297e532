package receipt

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"github.com/auditlake/auditlake/storage/vfs"
)

// source returns receipts by key.
type source interface {
	// next returns the next receipt, valid until the next call; nil: there is none.
	next() (*Receipt, error)
	close() error
}

// sortedList is a source in memory.
type sortedList []Receipt

func (l *sortedList) next() (*Receipt, error) {
	if len(*l) == 0 {
		return nil, nil
	}
	first := &(*l)[0]
	*l = (*l)[1:]
	return first, nil
}

func (*sortedList) close() error { return nil }

// runSource reads a file from its beginning to its end.
type runSource struct {
	run    *run
	file   vfs.ReadFile
	page   int64
	buffer []byte
	text   []byte // rest of the page
	now    Receipt
}

func newRunSource(fs vfs.FS, r *run) (*runSource, error) {
	file, err := fs.Open(r.path)
	if err != nil {
		return nil, err
	}
	return &runSource{run: r, file: file, buffer: make([]byte, pageBytes)}, nil
}

func (s *runSource) next() (_ *Receipt, err error) {
	if len(s.text) == 0 {
		if s.page == s.run.pages() {
			return nil, nil
		}
		if s.text, err = s.run.readPage(s.file, s.page, s.buffer); err != nil {
			return nil, err
		}
		s.page++
	}
	s.now = parseOne(s.text)
	s.text = s.text[Bytes:]
	return &s.now, nil
}

func (s *runSource) close() error { return s.file.Close() }

// merged returns the receipts of several sources. If several have the same key, it returns the newest.
type merged struct {
	sources []source
	heads   []*Receipt // of each source; nil: it has ended
	now     Receipt
}

func merge(sources []source) (*merged, error) {
	m := &merged{sources: sources, heads: make([]*Receipt, len(sources))}
	for i, s := range sources {
		var err error
		if m.heads[i], err = s.next(); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *merged) next() (*Receipt, error) {
	least := -1
	for i, head := range m.heads {
		if head != nil && (least < 0 || compareKeys(&head.Key, &m.heads[least].Key) < 0) {
			least = i
		}
	}
	if least < 0 {
		return nil, nil
	}
	m.now = *m.heads[least]
	for i, head := range m.heads {
		if head == nil || head.Key != m.now.Key {
			continue
		}
		if head.Millis > m.now.Millis {
			m.now = *head
		}
		var err error
		if m.heads[i], err = m.sources[i].next(); err != nil {
			return nil, err
		}
	}
	return &m.now, nil
}

func (m *merged) close() error {
	var errs []error
	for _, s := range m.sources {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// runWriter writes a run from its first page on; it writes the head last.
type runWriter struct {
	run  run
	file vfs.File
	page []byte
	out  []byte
	last Key
}

const writeBytes = 256 << 10

// writeRun writes the receipts of a source to a file and syncs it. most is at least their number. If there are
// none, the file is empty.
func writeRun(file vfs.File, from source, most int64) (*run, error) {
	w := &runWriter{file: file, out: make([]byte, pageBytes, writeBytes+pageBytes)}
	keys := newFilter(most)
	for {
		r, err := from.next()
		if err != nil {
			return nil, err
		}
		if r == nil {
			break
		}
		if w.run.receipts > 0 && r.Key == w.last { // a sorted list may have several receipts of a key
			continue
		}
		keys.addKey(&r.Key)
		if err := w.addReceipt(r); err != nil {
			return nil, err
		}
	}
	if err := w.endPage(); err != nil {
		return nil, err
	}
	return &w.run, w.end(keys)
}

func (w *runWriter) addReceipt(r *Receipt) error {
	if w.run.receipts == 0 {
		w.run.oldest, w.run.newest = r.Millis, r.Millis
	}
	w.run.oldest, w.run.newest = min(w.run.oldest, r.Millis), max(w.run.newest, r.Millis)
	w.run.receipts++
	w.last = r.Key
	w.page = AppendText(w.page, []Receipt{*r})
	if len(w.page) < int(pageReceipts)*Bytes {
		return nil
	}
	return w.endPage()
}

func (w *runWriter) endPage() error {
	if len(w.page) == 0 {
		return nil
	}
	start := len(w.out)
	w.out = append(w.out, w.page...)
	w.out = append(w.out, make([]byte, pageBytes-4-len(w.page))...)
	w.out = binary.BigEndian.AppendUint32(w.out, crc32.Checksum(w.out[start:], castagnoli))
	w.page = w.page[:0]
	if len(w.out) < writeBytes {
		return nil
	}
	return w.write()
}

func (w *runWriter) write() error {
	_, err := w.file.Write(w.out)
	w.out = w.out[:0]
	return err
}

// end writes the filter and the head.
func (w *runWriter) end(keys filter) error {
	w.run.filter, w.run.filterBytes = keys, int64(len(keys))
	w.out = binary.BigEndian.AppendUint32(w.out, crc32.Checksum(keys, castagnoli))
	w.out = append(w.out, keys...)
	if err := w.write(); err != nil {
		return err
	}
	if _, err := w.file.WriteAt(w.run.appendHead(nil), 0); err != nil {
		return err
	}
	return w.file.Sync()
}

// ioError returns an error of reading, but nil for the end of the file.
func ioError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
