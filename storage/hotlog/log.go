// Package hotlog is the log of pushed events. It makes pushes durable, several with one write, and reads them when a
// lake is opened, or returns an error that names what is damaged or missing. It does not look into events. The layout
// of its files is in docs/formats/manifest.md.
package hotlog

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage/vfs"
)

// ErrClosed: the log was closed.
var ErrClosed = errors.New("the log of pushed events is closed")

// Options say where a log lies and what happens to what is pushed.
type Options struct {
	FS  vfs.FS
	Dir string
	// Publish is called with pushes that have become durable, in order of sequence, before they are acknowledged.
	Publish func([]*Push)
	// Sign signs the bytes that vouch for a group.
	Sign func([]byte) ([]byte, error)
	Log  *slog.Logger // of panics; nil: none
}

// New returns a log in an unknown state: it takes pushes after Recover.
func New(options Options) *Log {
	return &Log{
		fs: options.FS, dir: options.Dir, publish: options.Publish, sign: options.Sign, log: options.Log,
		end: endFile{fs: options.FS, dir: options.Dir},
	}
}

// Log makes pushes durable. Pushes that arrive during a write share the next one: one write and one sync for all.
// It is safe for concurrent use.
//
// A file is overwritten once its pushes are in segments. Files grow by zeros ahead of the groups: the sync of a
// file that keeps its size and blocks writes nothing but the data.
type Log struct {
	fs      vfs.FS
	dir     string
	publish func([]*Push)
	sign    func([]byte) ([]byte, error)
	log     *slog.Logger

	mu      sync.Mutex
	waiting []*write // mu
	writing bool     // mu: the writer runs and will check waiting
	next    uint64   // mu: sequence of the next push
	roll    bool     // mu: the next write begins a new file
	closed  bool     // mu
	failed  error    // mu: the writer panicked, the disk's state is unknown: pushes fail until the lake is opened again
	files   []uint64 // mu: files with pushes that may be in no segment, by first sequence; the last may be written
	spare   uint64   // mu: a file to overwrite; 0: none

	// Callers whose pushes were in the last group, or waited for the next, may push again soon: see awaitLocked.
	expected int           // mu: how many
	until    time.Time     // mu: how long waiting for them pays
	enough   chan struct{} // mu: closed when they are here; nil: the writer does not wait

	writer sync.WaitGroup
	// The writer's; while it does not run, of the holder of mu.
	file   *logFile // nil: none yet
	buffer []byte
	hash   Hash // of the last group
	end    endFile
}

// logFile is the file that is written.
type logFile struct {
	vfs.File
	first  uint64 // its name
	offset int64  // where the next group begins
	size   int64
}

// Push is what one call pushes: events of one store.
type Push struct {
	StoreID  string
	Text     []byte // the events, each after its length: see CutTexts
	Sequence uint64
	sum      Hash // of StoreID and Text
	Value    any  // the owner's: the log ignores it
}

// write holds the pushes of one call of Append. They are in one group, so that all of them become durable, or none.
type write struct {
	pushes []*Push
	bytes  int64
	done   chan error // one value, when it is durable or was not written
}

const (
	Suffix = ".log"
	// maxWriteBytes bounds one group. Pushes that wait when it is full go into the next group.
	maxWriteBytes = 8 << 20
	// A file grows by its own size, within these bounds.
	minGrowthBytes = 64 << 10
	maxGrowthBytes = 4 << 20
	// maxWait bounds how long a write waits for others that could share it.
	maxWait = 10 * time.Millisecond
)

// Append makes pushes durable and visible: all of them at once, or none. They have MaxGroupBytes at most and get
// consecutive sequences.
func (g *Log) Append(pushes ...*Push) error {
	w := &write{pushes: pushes, done: make(chan error, 1)}
	for _, p := range pushes {
		w.bytes += p.Bytes()
	}
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return ErrClosed
	}
	if err := g.failed; err != nil {
		g.mu.Unlock()
		return err
	}
	g.waiting = append(g.waiting, w)
	if g.enough != nil && len(g.waiting) >= g.expected {
		close(g.enough)
		g.enough = nil
	}
	if !g.writing {
		g.writing = true
		g.writer.Go(g.writeWaiting)
	}
	g.mu.Unlock()
	return <-w.done
}

// writeWaiting writes until no push waits.
func (g *Log) writeWaiting() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.waiting) > 0 {
		g.awaitLocked()
		writes, group := g.takeGroupLocked()
		start := time.Now()
		g.mu.Unlock()
		err := g.writeGroup(group)
		g.mu.Lock()
		if err == nil {
			g.next += uint64(len(group))
		} else {
			g.giveUpFileLocked()
			g.end.giveUpEnd()
			err = fmt.Errorf("log of pushed events: %w", err)
		}
		g.expected = len(writes) + len(g.waiting)
		g.until = time.Now().Add(min(time.Since(start), maxWait))
		for _, w := range writes {
			w.done <- err
		}
		if len(g.waiting) == 0 && g.end.isOpen {
			g.settleEndLocked()
		}
	}
	g.writing = false
}

// writeGroup makes a group durable and publishes it. A panic becomes the error of this group and of all later
// pushes.
func (g *Log) writeGroup(group []*Push) (err error) {
	defer panics.Catch(g.log, "log of pushed events", func(caught error) {
		err = caught
		g.mu.Lock()
		defer g.mu.Unlock()
		g.failed = caught
	})
	if err := g.Failure(); err != nil {
		return err
	}
	if err := g.prepareFile(); err != nil {
		return err
	}
	if err := g.write(group); err != nil {
		return err
	}
	g.publish(group)
	return nil
}

func (g *Log) Failure() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.failed
}

// settleEndLocked notes in the end file that the last group was acknowledged, unless new pushes arrive meanwhile:
// the slot of the next group says so, too.
func (g *Log) settleEndLocked() {
	g.awaitLocked()
	if len(g.waiting) == 0 && !g.closed {
		g.expected, g.until = 1, time.Now().Add(settleAfter)
		g.awaitLocked()
	}
	if len(g.waiting) > 0 {
		return
	}
	g.mu.Unlock()
	err := panics.Run(g.log, "end of the log of pushed events", g.end.writeSynced)
	g.mu.Lock()
	if err != nil {
		g.end.giveUpEnd() // the next write makes a new one
	}
}

// awaitLocked releases mu to wait for callers that push one batch after the other, at most for as long as the last
// write took. Otherwise these callers would split into two halves, each waiting for the sync of the other. A caller
// that pushes alone never waits.
func (g *Log) awaitLocked() {
	wait := time.Until(g.until)
	if len(g.waiting) >= g.expected || wait <= 0 {
		return
	}
	enough := make(chan struct{})
	g.enough = enough
	g.mu.Unlock()
	timer := time.NewTimer(wait)
	select {
	case <-enough:
	case <-timer.C:
	}
	timer.Stop()
	g.mu.Lock()
	g.enough = nil
}

// takeGroupLocked takes waiting writes, in order, and numbers their pushes.
func (g *Log) takeGroupLocked() (writes []*write, group []*Push) {
	n, bytes := 0, int64(0)
	for n < len(g.waiting) && (n == 0 || bytes+g.waiting[n].bytes <= maxWriteBytes) {
		for _, p := range g.waiting[n].pushes {
			p.Sequence = g.next + uint64(len(group))
			group = append(group, p)
		}
		bytes += g.waiting[n].bytes
		n++
	}
	writes = g.waiting[:n:n]
	if g.waiting = g.waiting[n:]; len(g.waiting) == 0 {
		g.waiting = nil
	}
	return writes, group
}

// giveUpFileLocked stops writing to the file. After a failed write, the bytes after its last acknowledged group are
// unknown. The next file begins with the same sequence, so recovery does not read that part.
func (g *Log) giveUpFileLocked() {
	if g.file != nil {
		_ = g.file.Close() // everything that counts is synced
		g.file = nil
	}
}

func (g *Log) prepareFile() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.prepareFileLocked()
}

// prepareFileLocked opens the file to write to: that of the last write, a spare one, or a new one.
func (g *Log) prepareFileLocked() error {
	if err := g.end.prepareEnd(g.next, g.hash); err != nil {
		return err
	}
	if g.file != nil && !g.roll {
		return nil
	}
	g.giveUpFileLocked()
	file, err := g.openFileLocked(g.path(g.next))
	if err != nil {
		return err
	}
	if n := len(g.files); n == 0 || g.files[n-1] != g.next {
		g.files = append(g.files, g.next)
	}
	if err := g.fs.SyncDir(g.dir); err != nil {
		return errors.Join(err, file.Close())
	}
	file.first = g.next
	g.file, g.roll = file, false
	return nil
}

func (g *Log) openFileLocked(path string) (*logFile, error) {
	spare := g.spare
	g.spare = 0
	if spare != 0 && spare < g.next { // its groups are known to be of another file
		if file, err := g.reopen(g.path(spare), path); err == nil {
			return file, nil
		}
		// A failure is not worth an error: the next opening removes the file.
	}
	file, err := g.fs.Create(path)
	if err != nil {
		return nil, err
	}
	return &logFile{File: file}, nil
}

// reopen makes a spare file ready to be overwritten from its beginning.
func (g *Log) reopen(spare, path string) (*logFile, error) {
	info, err := g.fs.Stat(spare)
	if err != nil {
		return nil, err
	}
	if err := g.fs.Rename(spare, path); err != nil {
		return nil, err
	}
	file, err := g.fs.Reopen(path)
	if err != nil {
		return nil, err
	}
	return &logFile{File: file, size: info.Size()}, nil
}

// write writes a group of pushes to the disk and notes it in the end file.
func (g *Log) write(group []*Push) error {
	hash := HashAfter(g.hash, group[0].Sequence, group)
	signature, err := g.sign(signed(hash))
	if err != nil {
		return err
	}
	f := g.file
	g.buffer = AppendGroup(g.buffer[:0], f.first, group[0].Sequence, group, g.hash, signature)
	slot := Slot{File: f.first, Offset: f.offset, First: group[0].Sequence, Next: group[0].Sequence + uint64(len(group)), Hash: hash}
	if len(g.buffer) <= maxCopyBytes {
		slot.Copy = g.buffer
	}
	if err := g.end.writeSlot(slot); err != nil {
		return err
	}
	if err := g.writeBuffer(); err != nil {
		return err
	}
	if g.end.isOpen {
		err = f.Sync()
	} else {
		err = g.syncBoth(f, g.end.file)
	}
	if err != nil {
		return err
	}
	g.hash = hash
	if cap(g.buffer) > 2*maxWriteBytes {
		g.buffer = nil
	}
	return nil
}

// writeBuffer writes a group into the file, which grows if it must.
func (g *Log) writeBuffer() error {
	f := g.file
	end := f.offset + Aligned(int64(len(g.buffer)))
	size := f.size
	if end > size {
		size = end + min(max(size, minGrowthBytes), maxGrowthBytes)
	}
	// Zeros fill the last block, and the growth of the file if it grows.
	fill := end
	if size > f.size {
		fill = size
	}
	g.buffer = append(g.buffer, make([]byte, fill-f.offset-int64(len(g.buffer)))...)
	_, err := f.WriteAt(g.buffer, f.offset)
	f.offset, f.size = end, size
	return err
}

// syncBoth syncs two files in parallel: for the disk it is little more than one.
func (g *Log) syncBoth(a, b vfs.File) error {
	other := make(chan error, 1)
	go func() { other <- panics.Run(g.log, "end of the log of pushed events", b.Sync) }()
	return errors.Join(panics.Run(g.log, "log of pushed events", a.Sync), <-other)
}

func (g *Log) path(first uint64) string {
	return filepath.Join(g.dir, fmt.Sprintf("%020d%s", first, Suffix))
}

// Close ends the log, and waits for the pushes that are being written.
func (g *Log) Close() error {
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return ErrClosed
	}
	g.closed = true
	if g.enough != nil { // no other push will come
		close(g.enough)
		g.enough = nil
	}
	g.mu.Unlock()
	g.writer.Wait()
	g.giveUpFileLocked()
	g.end.close()
	if g.spare != 0 {
		return g.fs.Remove(g.path(g.spare))
	}
	return nil
}

// BeginFile makes the next write begin a new file, so that those before it can be removed.
func (g *Log) BeginFile() {
	g.mu.Lock()
	g.roll = true
	g.mu.Unlock()
}

// Remove removes files that have only pushes with sequences up to flushed. One of them is kept as the spare file.
func (g *Log) Remove(flushed uint64) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.writing && g.next == flushed+1 {
		g.giveUpFileLocked()
	}
	var errs []error
	for len(g.files) > 0 && g.isFlushedLocked(flushed) {
		first := g.files[0]
		if g.spare == 0 && first < g.next {
			g.spare = first
		} else if err := g.fs.Remove(g.path(first)); err != nil {
			errs = append(errs, err)
			break
		}
		g.files = g.files[1:]
	}
	return errors.Join(errs...)
}

// isFlushedLocked reports whether the first file has no push above flushed and is not being written.
func (g *Log) isFlushedLocked(flushed uint64) bool {
	if len(g.files) > 1 {
		return g.files[1] <= flushed+1
	}
	return g.file == nil && !g.writing && g.next == flushed+1
}

// Next is the sequence of the next push. The caller must prevent pushes during Next and Hash.
func (g *Log) Next() uint64 { return g.next }

// Hash is the hash of the last group.
func (g *Log) Hash() Hash { return g.hash }

// Wait waits until pushes being written, and what the end file notes of them, are on the disk.
func (g *Log) Wait() { g.writer.Wait() }

// EndPath is the path of the end file.
func (g *Log) EndPath() string { return g.end.path() }

// HasEnd reports whether there is an end file that says where the log ends.
func (g *Log) HasEnd() (bool, error) { return g.end.readEnd() }

// MakeEnd replaces the end file by one that says that the log ends after the push before next.
func (g *Log) MakeEnd(next uint64, hash Hash) error { return g.end.makeEnd(next, hash) }
