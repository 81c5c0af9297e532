package hotlog

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/auditlake/auditlake/storage/vfs"
)

// The end file says where the log of pushed events ends, so that missing last groups are noticed. It has two slots,
// written in turns: if one is torn, the other remains.
//
//	slot  magic (8 B), CRC-32C of the rest (4 B), length of the copy (4 B), write (8 B), file (8 B), offset (8 B),
//	      first (8 B), next (8 B), hash (32 B), copy
//
// "write" counts the writes: of two whole slots the higher one counts. A slot is written with each group. The group
// lies in "file" at "offset", has the pushes [first, next), and "hash" is its hash. All pushes before "first" were
// acknowledged. The group itself may not have been, so a small group is copied into the slot, which is synced in
// parallel with the log. If the log lacks the group, it is written back from the copy.
//
// The slot of a large group fits a sector, so it needs no sync: after a crash the sector has its old or its new
// content. Once pushes pause, a slot whose "first" is its "next" is written and synced.
const (
	EndName      = "end"
	endTemp      = ".end.tmp"
	endMagic     = "\xffALEND1\n"
	endHead      = 56 + sha256.Size
	SlotBytes    = 64 << 10
	EndSlots     = 2
	maxCopyBytes = SlotBytes - endHead
	endSummed    = 12 // where the bytes under the checksum begin
	endSector    = 512
	// settleAfter is how long pushes must pause before the end file notes that a large group was acknowledged.
	settleAfter = 50 * time.Millisecond
)

// Slot is the content of a slot of the end file.
type Slot struct {
	Write  uint64
	File   uint64
	Offset int64
	First  uint64
	Next   uint64
	Hash   Hash
	Copy   []byte // of the group as it lies in the log; nil: none
}

// AppendTo appends a slot.
func (s *Slot) AppendTo(to []byte) []byte {
	start := len(to)
	to = append(to, endMagic...)
	to = append(to, 0, 0, 0, 0)
	to = binary.BigEndian.AppendUint32(to, uint32(len(s.Copy)))
	to = binary.BigEndian.AppendUint64(to, s.Write)
	to = binary.BigEndian.AppendUint64(to, s.File)
	to = binary.BigEndian.AppendUint64(to, uint64(s.Offset))
	to = binary.BigEndian.AppendUint64(to, s.First)
	to = binary.BigEndian.AppendUint64(to, s.Next)
	to = append(to, s.Hash[:]...)
	to = append(to, s.Copy...)
	binary.BigEndian.PutUint32(to[start+8:], crc32.Checksum(to[start+endSummed:], castagnoli))
	return to
}

// ParseSlot reads a slot; false: it is incomplete or damaged.
func ParseSlot(content []byte) (s Slot, ok bool) {
	if len(content) < endHead || string(content[:8]) != endMagic {
		return s, false
	}
	length := int64(binary.BigEndian.Uint32(content[12:]))
	if length > int64(len(content)-endHead) {
		return s, false
	}
	content = content[:endHead+length]
	if crc32.Checksum(content[endSummed:], castagnoli) != binary.BigEndian.Uint32(content[8:]) {
		return s, false
	}
	s = Slot{
		Write: binary.BigEndian.Uint64(content[16:]), File: binary.BigEndian.Uint64(content[24:]),
		Offset: int64(binary.BigEndian.Uint64(content[32:])), First: binary.BigEndian.Uint64(content[40:]), Next: binary.BigEndian.Uint64(content[48:]),
	}
	copy(s.Hash[:], content[56:])
	if length > 0 {
		s.Copy = content[endHead:]
	}
	return s, s.Offset >= 0 && s.First <= s.Next
}

// endFile writes the end file. It belongs to the writer of the log.
type endFile struct {
	fs     vfs.FS
	dir    string
	last   Slot     // the last one written or read
	isHere bool     // the file can be overwritten
	isOpen bool     // the last slot does not say whether its group was acknowledged, and has no copy of it
	file   vfs.File // nil: it is not open
	buffer []byte
}

func (e *endFile) path() string { return filepath.Join(e.dir, EndName) }

// readEnd reads the last whole slot; false: there is none.
func (e *endFile) readEnd() (bool, error) {
	file, err := e.fs.Open(e.path())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	content := make([]byte, EndSlots*SlotBytes)
	n, err := file.ReadAt(content, 0)
	if err := errors.Join(ioError(err), file.Close()); err != nil {
		return false, err
	}
	content = content[:n]
	for len(content) > 0 {
		size := min(len(content), SlotBytes)
		if s, ok := ParseSlot(content[:size]); ok && (!e.isHere || s.Write > e.last.Write) {
			e.last, e.isHere = s, true
		}
		content = content[size:]
	}
	return e.isHere, nil
}

// makeEnd replaces the file by one that says that the log ends after the push before next.
func (e *endFile) makeEnd(next uint64, hash Hash) error {
	e.close()
	e.isHere = false
	temp := filepath.Join(e.dir, endTemp)
	file, err := e.fs.Create(temp)
	if err != nil {
		return err
	}
	slot := Slot{Write: e.last.Write + 1, First: next, Next: next, Hash: hash}
	content := make([]byte, EndSlots*SlotBytes)
	copy(content[slot.Place():], slot.AppendTo(nil))
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

// Place is the offset of the slot in the file.
func (s *Slot) Place() int64 { return int64(s.Write%EndSlots) * SlotBytes }

// prepareEnd opens the file. After a failed write it makes a new one: the old one might name a group that is
// missing.
func (e *endFile) prepareEnd(next uint64, hash Hash) (err error) {
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

// writeSlot writes a slot. Sync makes it durable.
func (e *endFile) writeSlot(slot Slot) error {
	slot.Write = e.last.Write + 1
	e.isOpen = slot.First < slot.Next && slot.Copy == nil
	e.buffer = slot.AppendTo(e.buffer[:0])
	for len(e.buffer)%endSector > 0 {
		e.buffer = append(e.buffer, 0)
	}
	slot.Copy = nil
	e.last = slot
	_, err := e.file.WriteAt(e.buffer, slot.Place())
	return err
}

// writeSynced durably notes that the last group was acknowledged.
func (e *endFile) writeSynced() error {
	slot := e.last
	slot.First = slot.Next
	if err := e.writeSlot(slot); err != nil {
		return err
	}
	return e.file.Sync()
}

// giveUpEnd stops using the file after a failed write.
func (e *endFile) giveUpEnd() {
	e.close()
	e.isHere, e.isOpen = false, false
}

func (e *endFile) close() {
	if e.file != nil {
		_ = e.file.Close() // everything that counts is synced
		e.file = nil
	}
}
