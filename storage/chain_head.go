package storage

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/auditlake/auditlake/storage/vfs"
)

// The head file records, next to the catalog, where the chain ends. It reveals that an older catalog was put in
// place, or that the end of the catalog's log was lost.
//
//	head  two slots, at bytes 0 and 4096
//	slot  magic (8 B), generation (8 B), entries (8 B), SHA-256 of the last entry's body (32 B), flushed (8 B),
//	      CRC-32C of the slot so far (4 B)
//
// A write goes to the slot of the older generation, so that a torn write leaves the other slot intact.
const (
	headFile      = "head"
	headMagic     = "ALHEAD1\n"
	headSlotBytes = 4096
	headMarkBytes = len(headMagic) + 8 + 8 + sha256.Size + 8 + 4
	headFileBytes = 2 * headSlotBytes
)

// headMark is the end of a lake's chain.
type headMark struct {
	entries uint64
	hash    [sha256.Size]byte // of the last entry; zeros without entries
	flushed uint64            // Tx.Flushed
}

// chainHeadFile is the lake's head file. It is safe for concurrent use.
type chainHeadFile struct {
	fs   vfs.FS
	path string

	mu         sync.Mutex
	mark       headMark // mu: the last mark passed to advance
	generation uint64   // mu: of the newest slot
	file       vfs.File // mu: nil while not open
	isBehind   bool     // mu: the last mark could not be written
}

func (m *headMark) encode(generation uint64) []byte {
	b := []byte(headMagic)
	b = binary.BigEndian.AppendUint64(b, generation)
	b = binary.BigEndian.AppendUint64(b, m.entries)
	b = append(b, m.hash[:]...)
	b = binary.BigEndian.AppendUint64(b, m.flushed)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// parseHeadMark reads a slot; false: it holds no complete mark.
func parseHeadMark(b []byte) (m headMark, generation uint64, ok bool) {
	if len(b) < headMarkBytes || !bytes.HasPrefix(b, []byte(headMagic)) {
		return m, 0, false
	}
	end := headMarkBytes - 4
	if crc32.Checksum(b[:end], castagnoli) != binary.BigEndian.Uint32(b[end:]) {
		return m, 0, false
	}
	b = b[len(headMagic):]
	generation, m.entries = binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
	copy(m.hash[:], b[16:])
	m.flushed = binary.BigEndian.Uint64(b[16+sha256.Size:])
	return m, generation, true
}

// parseHeadFile reads both slots and returns the newer mark; false: neither is complete.
func parseHeadFile(content []byte) (mark headMark, generation uint64, ok bool) {
	for at := 0; at < len(content) && at < headFileBytes; at += headSlotBytes {
		m, g, whole := parseHeadMark(content[at:min(len(content), at+headSlotBytes)])
		if whole && (!ok || g > generation) {
			mark, generation, ok = m, g, true
		}
	}
	return mark, generation, ok
}

func (l *Lake) headPath() string { return filepath.Join(l.dir, headFile) }

// openHead reads the head file. l.head is nil if there is none. A file without a complete slot is damage that
// proveCurrent reports.
func (l *Lake) openHead() error {
	content, err := l.readSmallFile(l.headPath(), headFileBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.As(err, new(*DamagedError)):
		content = nil
	case err != nil:
		return err
	}
	h := &chainHeadFile{fs: l.fs, path: l.headPath()}
	if mark, generation, ok := parseHeadFile(content); ok {
		h.mark, h.generation = mark, generation
	} else {
		l.headDamaged = true
	}
	l.head = h
	return nil
}

// makeHead writes a new head file, durably.
func (l *Lake) makeHead(mark headMark) error {
	content := make([]byte, headFileBytes)
	copy(content, mark.encode(0))
	if err := l.putFile(l.headPath(), content); err != nil {
		return err
	}
	l.head = &chainHeadFile{fs: l.fs, path: l.headPath(), mark: mark}
	return nil
}

// advance records a mark durably. If that fails, the next call tries again.
func (h *chainHeadFile) advance(mark headMark) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mark = mark
	h.isBehind = h.writeLocked() != nil
}

// writeLocked writes the mark to the slot of the older generation.
func (h *chainHeadFile) writeLocked() error {
	if h.file == nil {
		file, err := h.fs.Reopen(h.path)
		if err != nil {
			return err
		}
		h.file = file
	}
	generation := h.generation + 1
	_, err := h.file.WriteAt(h.mark.encode(generation), int64(generation%2)*headSlotBytes)
	if err == nil {
		err = h.file.Sync()
	}
	if err != nil {
		// After a failed sync the file's content is unknown, so it is reopened; the other slot is intact.
		_ = h.file.Close()
		h.file = nil
		return err
	}
	h.generation = generation
	return nil
}

// close closes the file, after one more attempt to write a mark that could not be written.
func (h *chainHeadFile) close() {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.isBehind {
		h.isBehind = h.writeLocked() != nil
	}
	if h.file != nil {
		_ = h.file.Close()
		h.file = nil
	}
}
