package storage

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"path/filepath"

	"github.com/auditlake/auditlake/storage/vfs"
)

// The end file says where the log of pushed events ends, so that a log that lost its last groups is known.
// It has two slots, written in turns: one that is torn leaves the other.
//
//	slot  magic (8 B), CRC-32C of the rest (4 B), length of the copy (4 B), write (8 B), file (8 B), offset (8 B),
//	      next (8 B), hash (32 B), copy
//
// "write" counts the writes: of two whole slots the higher one counts. A slot says that the log goes up to the push
// before "next", that its last group lies in "file" at "offset", and that the hash of that group is "hash".
//
// A small group is copied into the slot, which is written and synced in parallel with it: if the crash of a machine
// leaves the slot without the group, nobody knows whether the group was acknowledged, so it is put back from
// the copy. Of a large group the slot is written when the group is synced, and has no copy.
const (
	hotEndName    = "end"
	hotEndTemp    = ".end.tmp"
	hotEndMagic   = "\xffALEND1\n"
	hotEndHead    = 48 + sha256.Size
	hotSlotBytes  = 64 << 10
	hotEndSlots   = 2
	maxCopyBytes  = hotSlotBytes - hotEndHead
	hotEndSummed  = 12 // where the bytes begin that the checksum is of
	hotEndPadding = 4096
)

// hotSlot is what a slot of the end file says.
type hotSlot struct {
	write  uint64
	file   uint64
	offset int64
	next   uint64
	hash   hotHash
	copy   []byte // of the last group, as it lies in the log; nil: it was synced when the slot was written
}

func (s *hotSlot) appendTo(to []byte) []byte {
	start := len(to)
	to = append(to, hotEndMagic...)
	to = append(to, 0, 0, 0, 0)
	to = binary.BigEndian.AppendUint32(to, uint32(len(s.copy)))
	to = binary.BigEndian.AppendUint64(to, s.write)
	to = binary.BigEndian.AppendUint64(to, s.file)
	to = binary.BigEndian.AppendUint64(to, uint64(s.offset))
	to = binary.BigEndian.AppendUint64(to, s.next)
	to = append(to, s.hash[:]...)
	to = append(to, s.copy...)
	binary.BigEndian.PutUint32(to[start+8:], crc32.Checksum(to[start+hotEndSummed:], castagnoli))
	return to
}

// parseHotSlot reads a slot; false: it is not whole.
func parseHotSlot(content []byte) (s hotSlot, ok bool) {
	if len(content) < hotEndHead || string(content[:8]) != hotEndMagic {
		return s, false
	}
	length := int64(binary.BigEndian.Uint32(content[12:]))
	if length > int64(len(content)-hotEndHead) {
		return s, false
	}
	content = content[:hotEndHead+length]
	if crc32.Checksum(content[hotEndSummed:], castagnoli) != binary.BigEndian.Uint32(content[8:]) {
		return s, false
	}
	s = hotSlot{
		write: binary.BigEndian.Uint64(content[16:]), file: binary.BigEndian.Uint64(content[24:]),
		offset: int64(binary.BigEndian.Uint64(content[32:])), next: binary.BigEndian.Uint64(content[40:]),
	}
	copy(s.hash[:], content[48:])
	if length > 0 {
		s.copy = content[hotEndHead:]
	}
	return s, s.offset >= 0
}

// hotEnd writes the end file. It belongs to the writer of the log.
type hotEnd struct {
	fs     vfs.FS
	dir    string
	last   hotSlot  // that was written or read last
	isHere bool     // the file can be written over
	file   vfs.File // nil: it is not open
	buffer []byte
}

func (e *hotEnd) path() string { return filepath.Join(e.dir, hotEndName) }

// readEnd reads the last slot that is whole; false: there is none.
func (e *hotEnd) readEnd() (bool, error) {
	file, err := e.fs.Open(e.path())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	content := make([]byte, hotEndSlots*hotSlotBytes)
	n, err := file.ReadAt(content, 0)
	if err := errors.Join(ioError(err), file.Close()); err != nil {
		return false, err
	}
	content = content[:n]
	for len(content) > 0 {
		size := min(len(content), hotSlotBytes)
		if s, ok := parseHotSlot(content[:size]); ok && (!e.isHere || s.write > e.last.write) {
			e.last, e.isHere = s, true
		}
		content = content[size:]
	}
	return e.isHere, nil
}

// makeEnd makes the file anew, which says that the log goes up to the push before next.
func (e *hotEnd) makeEnd(next uint64, hash hotHash) error {
	e.close()
	e.isHere = false
	temp := filepath.Join(e.dir, hotEndTemp)
	file, err := e.fs.Create(temp)
	if err != nil {
		return err
	}
	slot := hotSlot{write: e.last.write + 1, next: next, hash: hash}
	content := make([]byte, hotEndSlots*hotSlotBytes)
	copy(content[slot.place():], slot.appendTo(nil))
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := e.fs.Rename(temp, e.path()); err != nil {
		return err
	}
	if err := e.fs.SyncDir(e.dir); err != nil {
		return err
	}
	e.last, e.isHere = slot, true
	return nil
}

// place is where the slot lies in the file.
func (s *hotSlot) place() int64 { return int64(s.write%hotEndSlots) * hotSlotBytes }

// prepareEnd opens the file, or makes one after a write that failed: that one might say that its group is there.
func (e *hotEnd) prepareEnd(next uint64, hash hotHash) (err error) {
	if e.file != nil {
		return nil
	}
	if !e.isHere {
		if err := e.makeEnd(next, hash); err != nil {
			return err
		}
	}
	e.file, err = e.fs.Reopen(e.path())
	return err
}

// writeSlot writes a slot, which Sync makes durable.
func (e *hotEnd) writeSlot(slot hotSlot) error {
	slot.write = e.last.write + 1
	e.buffer = slot.appendTo(e.buffer[:0])
	for len(e.buffer)%hotEndPadding > 0 {
		e.buffer = append(e.buffer, 0)
	}
	slot.copy = nil
	e.last = slot
	_, err := e.file.WriteAt(e.buffer, slot.place())
	return err
}

// giveUpEnd ends the use of the file after a write that failed.
func (e *hotEnd) giveUpEnd() {
	e.close()
	e.isHere = false
}

func (e *hotEnd) close() {
	if e.file != nil {
		_ = e.file.Close() // all that counts of it is synced
		e.file = nil
	}
}
