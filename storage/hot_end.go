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
//	      first (8 B), next (8 B), hash (32 B), copy
//
// "write" counts the writes: of two whole slots the higher one counts. A slot is written and synced in parallel with
// a group, which lies in "file" at "offset", has the pushes from "first" to the one before "next" and the hash "hash".
// All pushes before "first" were acknowledged. Of the group itself that is unknown, so a small group is copied into
// the slot, and put back from there if the log lacks it. After a large group another slot is written when the group is
// synced and no push waits: its "first" is its "next".
const (
	hotEndName    = "end"
	hotEndTemp    = ".end.tmp"
	hotEndMagic   = "\xffALEND1\n"
	hotEndHead    = 56 + sha256.Size
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
	first  uint64
	next   uint64
	hash   hotHash
	copy   []byte // of the group, as it lies in the log; nil: there is none
}

func (s *hotSlot) appendTo(to []byte) []byte {
	start := len(to)
	to = append(to, hotEndMagic...)
	to = append(to, 0, 0, 0, 0)
	to = binary.BigEndian.AppendUint32(to, uint32(len(s.copy)))
	to = binary.BigEndian.AppendUint64(to, s.write)
	to = binary.BigEndian.AppendUint64(to, s.file)
	to = binary.BigEndian.AppendUint64(to, uint64(s.offset))
	to = binary.BigEndian.AppendUint64(to, s.first)
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
		offset: int64(binary.BigEndian.Uint64(content[32:])), first: binary.BigEndian.Uint64(content[40:]), next: binary.BigEndian.Uint64(content[48:]),
	}
	copy(s.hash[:], content[56:])
	if length > 0 {
		s.copy = content[hotEndHead:]
	}
	return s, s.offset >= 0 && s.first <= s.next
}

// hotEnd writes the end file. It belongs to the writer of the log.
type hotEnd struct {
	fs     vfs.FS
	dir    string
	last   hotSlot  // that was written or read last
	isHere bool     // the file can be written over
	isOpen bool     // the slot written last does not say whether its group was acknowledged, nor has it a copy
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
	slot := hotSlot{write: e.last.write + 1, first: next, next: next, hash: hash}
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
	e.isOpen = slot.first < slot.next && slot.copy == nil
	e.buffer = slot.appendTo(e.buffer[:0])
	for len(e.buffer)%hotEndPadding > 0 {
		e.buffer = append(e.buffer, 0)
	}
	slot.copy = nil
	e.last = slot
	_, err := e.file.WriteAt(e.buffer, slot.place())
	return err
}

// writeSynced says of the last group that it was acknowledged.
func (e *hotEnd) writeSynced() error {
	slot := e.last
	slot.first = slot.next
	if err := e.writeSlot(slot); err != nil {
		return err
	}
	return e.file.Sync()
}

// giveUpEnd ends the use of the file after a write that failed.
func (e *hotEnd) giveUpEnd() {
	e.close()
	e.isHere, e.isOpen = false, false
}

func (e *hotEnd) close() {
	if e.file != nil {
		_ = e.file.Close() // all that counts of it is synced
		e.file = nil
	}
}
