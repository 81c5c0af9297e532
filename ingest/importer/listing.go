package importer

import (
	"bufio"
	"container/heap"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"time"
)

// maxListedBytes limits the objects of a list that are in memory; a longer list is sorted in a temporary file.
const maxListedBytes = 32 << 20

// listing is the objects of a source in the order in which they are read.
type listing struct {
	files, bytes int64

	maxBytes int
	held     []listed
	size     int // of held
	spool    *os.File
	out      *bufio.Writer
	runs     []int64 // ends of sorted runs in spool
	written  int64
}

func (l *listing) add(o Object) error {
	l.files++
	l.bytes += o.Bytes
	l.held = append(l.held, listed{deliveryOf(o.Key), o})
	l.size += 160 + len(o.Key) + len(o.ETag)
	if l.size < l.maxBytes {
		return nil
	}
	if err := l.spill(); err != nil {
		return fmt.Errorf("sort the list of files: %w", err)
	}
	return nil
}

// spill moves what is in memory to the temporary file, as a sorted run.
func (l *listing) spill() error {
	if l.spool == nil {
		file, err := os.CreateTemp("", "auditlake-list-*")
		if err != nil {
			return err
		}
		l.spool, l.out = file, bufio.NewWriterSize(file, 1<<16)
		_ = os.Remove(file.Name()) // where open files cannot be removed, close does it
	}
	slices.SortFunc(l.held, func(a, b listed) int { return compare(&a, &b) })
	var text []byte
	for i := range l.held {
		text = l.held[i].appendTo(text[:0])
		n, err := l.out.Write(text)
		l.written += int64(n)
		if err != nil {
			return err
		}
	}
	if err := l.out.Flush(); err != nil {
		return err
	}
	clear(l.held)
	l.held, l.size = l.held[:0], 0
	l.runs = append(l.runs, l.written)
	return nil
}

// close removes the temporary file.
func (l *listing) close() {
	if l.spool != nil {
		_ = l.spool.Close()
		_ = os.Remove(l.spool.Name())
	}
}

// all yields the objects in order. It can be called once, after all are added.
func (l *listing) all(ctx context.Context) iter.Seq2[listed, error] {
	return func(yield func(listed, error) bool) {
		slices.SortFunc(l.held, func(a, b listed) int { return compare(&a, &b) })
		m := merger{{rest: l.held}}
		from := int64(0)
		for _, end := range l.runs {
			m = append(m, &listedRun{stored: bufio.NewReaderSize(io.NewSectionReader(l.spool, from, end-from), 1<<15)})
			from = end
		}
		l.held = nil
		for i := 0; i < len(m); {
			err := m[i].next()
			switch {
			case err == nil:
				i++
			case err == io.EOF:
				m = slices.Delete(m, i, i+1)
			default:
				yield(listed{}, err)
				return
			}
		}
		heap.Init(&m)
		given := int64(0)
		for len(m) > 0 {
			if err := ctx.Err(); err != nil {
				yield(listed{}, err)
				return
			}
			if given++; !yield(m[0].first, nil) {
				return
			}
			err := m[0].next()
			switch {
			case err == nil:
				heap.Fix(&m, 0)
			case err == io.EOF:
				heap.Pop(&m)
			default:
				yield(listed{}, fmt.Errorf("read the list of files: %w", err))
				return
			}
		}
		if given != l.files { // the temporary file was cut between two objects
			yield(listed{}, fmt.Errorf("read the list of files: %d of %d are there: %w", given, l.files, io.ErrUnexpectedEOF))
		}
	}
}

// listedRun is a sorted run, in memory or in the temporary file.
type listedRun struct {
	first  listed
	rest   []listed
	stored *bufio.Reader // nil: in memory
}

// next moves to the next object, or returns io.EOF.
func (r *listedRun) next() error {
	if r.stored != nil {
		return r.first.read(r.stored)
	}
	if len(r.rest) == 0 {
		return io.EOF
	}
	r.first, r.rest = r.rest[0], r.rest[1:]
	return nil
}

// merger is a heap of runs.
type merger []*listedRun

// Len implements heap.Interface.
func (m merger) Len() int { return len(m) }

// Less implements heap.Interface.
func (m merger) Less(i, j int) bool { return compare(&m[i].first, &m[j].first) < 0 }

// Swap implements heap.Interface.
func (m merger) Swap(i, j int) { m[i], m[j] = m[j], m[i] }

// Push implements heap.Interface.
func (m *merger) Push(r any) { *m = append(*m, r.(*listedRun)) }

// Pop implements heap.Interface.
func (m *merger) Pop() any {
	last := len(*m) - 1
	r := (*m)[last]
	*m = (*m)[:last]
	return r
}

// The flags in the first byte of an object in the temporary file.
const (
	namedFlag = 1 << iota
	remoteFlag
)

// appendTo appends an object in the form that read parses.
func (o *listed) appendTo(text []byte) []byte {
	flags, failed := byte(0), ""
	if o.Named {
		flags |= namedFlag
	}
	if o.Remote {
		flags |= remoteFlag
	}
	if o.Err != nil {
		failed = o.Err.Error()
	}
	modified := int64(0)
	if !o.Modified.IsZero() {
		modified = o.Modified.UnixNano()
	}
	text = append(text, flags)
	text = binary.AppendVarint(text, int64(o.source))
	text = binary.AppendVarint(text, o.Bytes)
	text = binary.AppendVarint(text, modified)
	for _, s := range []string{o.Key, o.ETag, failed, o.LeftOut} {
		text = append(binary.AppendUvarint(text, uint64(len(s))), s...)
	}
	return text
}

func (o *listed) read(from *bufio.Reader) error {
	flags, err := from.ReadByte()
	if err != nil {
		return err
	}
	*o = listed{Object: Object{Named: flags&namedFlag != 0, Remote: flags&remoteFlag != 0}}
	var modified, source int64
	for _, n := range []*int64{&source, &o.Bytes, &modified} {
		if *n, err = binary.ReadVarint(from); err != nil {
			return unexpected(err)
		}
	}
	o.source = int(source)
	if modified != 0 {
		o.Modified = time.Unix(0, modified)
	}
	var failed string
	for _, s := range []*string{&o.Key, &o.ETag, &failed, &o.LeftOut} {
		n, err := binary.ReadUvarint(from)
		if err != nil {
			return unexpected(err)
		}
		text := make([]byte, n)
		if _, err := io.ReadFull(from, text); err != nil {
			return unexpected(err)
		}
		*s = string(text)
	}
	if failed != "" {
		o.Err = errors.New(failed)
	}
	o.delivery = deliveryOf(o.Key)
	return nil
}

// unexpected converts io.EOF to the error of a record that ends early.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
