package storage

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/auditlake/auditlake/storage/vfs"
)

// The log of pushed events: files that hold frames, one per push.
//
//	file   magic (8 B), frames
//	frame  length of the rest (4 B), CRC-32C of the rest (4 B), sequence (8 B), store id (36 B),
//	       then each event: length (4 B), text
//
// Integers are big-endian. A file is named after the sequence of its first frame. Sequences go up by
// one from frame to frame, from file to file.
const (
	hotMagic        = "ALHOT 1\n"
	hotSuffix       = ".log"
	hotFrameHead    = 8
	hotStoreIDBytes = 36
	hotFixedBytes   = 8 + hotStoreIDBytes
	// maxHotFrameBytes bounds a frame, so that damage asks for no more memory when it is read.
	maxHotFrameBytes = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// hotLog makes pushes durable. Pushes that arrive while a write is on its way share the next one: one
// sync for all. It is safe for concurrent use.
type hotLog struct {
	fs  vfs.FS
	dir string
	// publish is called with pushes that have become durable, in order of sequence, before they are
	// acknowledged.
	publish func([]*hotPush)

	mu      sync.Mutex
	waiting []*hotPush // mu
	writing bool       // mu: the writer runs and will look for those waiting
	next    uint64     // mu: sequence of the next frame
	roll    bool       // mu: the next write begins a new file
	failed  error      // mu: a write that failed; what it left in the file is not known

	writer sync.WaitGroup
	file   vfs.File // of the writer, and with mu held while it does not run; nil: none yet
}

// hotPush is what one call pushes: events of one store.
type hotPush struct {
	storeID  string
	events   [][]byte
	sequence uint64
	batch    *hotBatch
	done     chan error // one value, when it is durable or never will be
}

// append makes a push durable and visible. A cancelled context does not take it back.
func (g *hotLog) append(p *hotPush) error {
	p.done = make(chan error, 1)
	g.mu.Lock()
	if g.failed != nil {
		defer g.mu.Unlock()
		return g.failed
	}
	g.waiting = append(g.waiting, p)
	if !g.writing {
		g.writing = true
		g.writer.Go(g.writeWaiting)
	}
	g.mu.Unlock()
	return <-p.done
}

// writeWaiting writes until nobody waits.
func (g *hotLog) writeWaiting() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.waiting) > 0 {
		group := g.waiting
		g.waiting = nil
		for _, p := range group {
			p.sequence = g.next
			g.next++
		}
		roll, err := g.roll, g.failed
		g.roll = false
		g.mu.Unlock()
		if err == nil {
			err = g.write(group, roll)
		}
		if err == nil {
			g.publish(group)
		}
		g.mu.Lock()
		if err != nil && g.failed == nil {
			g.failed = fmt.Errorf("log of pushed events: %w", err)
		}
		for _, p := range group {
			p.done <- g.failed
		}
	}
	g.writing = false
}

// write puts a group of pushes on the disk.
func (g *hotLog) write(group []*hotPush, roll bool) error {
	if roll && g.file != nil {
		if err := g.file.Close(); err != nil {
			return err
		}
		g.file = nil
	}
	var buffer []byte
	if g.file == nil {
		buffer = append(buffer, hotMagic...)
		file, err := g.fs.Create(g.path(group[0].sequence))
		if err != nil {
			return err
		}
		g.file = file
		if err := g.fs.SyncDir(g.dir); err != nil {
			return err
		}
	}
	for _, p := range group {
		buffer = p.appendFrame(buffer)
	}
	if _, err := g.file.Write(buffer); err != nil {
		return err
	}
	return g.file.Sync()
}

func (g *hotLog) path(first uint64) string {
	return filepath.Join(g.dir, fmt.Sprintf("%020d%s", first, hotSuffix))
}

func (p *hotPush) appendFrame(to []byte) []byte {
	start := len(to)
	to = append(to, make([]byte, hotFrameHead)...)
	to = binary.BigEndian.AppendUint64(to, p.sequence)
	to = append(to, p.storeID...)
	for _, event := range p.events {
		to = binary.BigEndian.AppendUint32(to, uint32(len(event)))
		to = append(to, event...)
	}
	body := to[start+hotFrameHead:]
	binary.BigEndian.PutUint32(to[start:], uint32(len(body)))
	binary.BigEndian.PutUint32(to[start+4:], crc32.Checksum(body, castagnoli))
	return to
}

// frameBytes is the size of the frame.
func (p *hotPush) frameBytes() int64 {
	n := int64(hotFrameHead + hotFixedBytes)
	for _, event := range p.events {
		n += 4 + int64(len(event))
	}
	return n
}

func (g *hotLog) close() error {
	g.mu.Lock()
	if g.failed == nil {
		g.failed = ErrClosed
	}
	g.mu.Unlock()
	g.writer.Wait()
	if g.file == nil {
		return nil
	}
	return g.file.Close()
}

// beginFile makes the next write begin a new file, so that those before it can be removed.
func (g *hotLog) beginFile() {
	g.mu.Lock()
	g.roll = true
	g.mu.Unlock()
}

// remove deletes the files all of whose frames have a sequence up to flushed.
func (g *hotLog) remove(flushed uint64) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	firsts, err := g.files()
	if err != nil {
		return err
	}
	if isIdle := !g.writing && g.next == flushed+1; isIdle {
		firsts = append(firsts, g.next) // where the next file begins
		if g.file != nil {
			_ = g.file.Close() // nothing in it is wanted
			g.file = nil
		}
	}
	var errs []error
	for i := 0; i+1 < len(firsts) && firsts[i+1] <= flushed+1; i++ {
		errs = append(errs, g.fs.Remove(g.path(firsts[i])))
	}
	if len(errs) > 0 {
		errs = append(errs, g.fs.SyncDir(g.dir))
	}
	return errors.Join(errs...)
}

// files lists the files by the sequence of their first frames.
func (g *hotLog) files() ([]uint64, error) {
	entries, err := g.fs.ReadDir(g.dir)
	if err != nil {
		return nil, err
	}
	var firsts []uint64
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), hotSuffix)
		if first, err := strconv.ParseUint(digits, 10, 64); ok && err == nil {
			firsts = append(firsts, first)
		}
	}
	return firsts, nil
}

// recover reads the pushes after flushed, in order, and prepares the log for the next one. A frame
// that is cut off or does not fit its checksum was never acknowledged: it ends its file.
func (g *hotLog) recover(ctx context.Context, flushed uint64, yield func(*hotPush) error) error {
	firsts, err := g.files()
	if err != nil {
		return err
	}
	g.next = flushed + 1
	for _, first := range firsts {
		if first > g.next {
			return &DamagedError{Path: g.path(g.next), Err: fmt.Errorf("pushes %d to %d are missing: %w", g.next, first-1, fs.ErrNotExist)}
		}
		if err := g.readFile(ctx, first, yield); err != nil {
			return err
		}
	}
	return nil
}

func (g *hotLog) readFile(ctx context.Context, first uint64, yield func(*hotPush) error) error {
	path := g.path(first)
	info, err := g.fs.Stat(path)
	if err != nil {
		return err
	}
	file, err := g.fs.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReaderSize(io.NewSectionReader(file, 0, info.Size()), fileBufferBytes)
	magic := make([]byte, len(hotMagic))
	if _, err := io.ReadFull(in, magic); err != nil || string(magic) != hotMagic {
		return ioError(err)
	}
	for expected := first; ; expected++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := readFrame(in)
		if p == nil || err != nil {
			return err
		}
		if p.sequence != expected {
			return &DamagedError{Path: path, Err: fmt.Errorf("push %d in the place of %d", p.sequence, expected)}
		}
		if p.sequence < g.next { // flushed
			continue
		}
		g.next = p.sequence + 1
		if err := yield(p); err != nil {
			return err
		}
	}
}

// readFrame reads a frame; nil: there is no further whole one.
func readFrame(in *bufio.Reader) (*hotPush, error) {
	head := make([]byte, hotFrameHead)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, ioError(err)
	}
	length := binary.BigEndian.Uint32(head)
	if length < hotFixedBytes || length > maxHotFrameBytes {
		return nil, nil
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(in, body); err != nil {
		return nil, ioError(err)
	}
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(head[4:]) {
		return nil, nil
	}
	p := &hotPush{sequence: binary.BigEndian.Uint64(body), storeID: string(body[8:hotFixedBytes])}
	for rest := body[hotFixedBytes:]; len(rest) > 0; {
		if len(rest) < 4 || int64(binary.BigEndian.Uint32(rest)) > int64(len(rest)-4) {
			return nil, nil
		}
		n := binary.BigEndian.Uint32(rest)
		p.events = append(p.events, rest[4:4+n])
		rest = rest[4+n:]
	}
	return p, nil
}

// ioError is an error of reading that is not the end of the file.
func ioError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
