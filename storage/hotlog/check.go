package hotlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"github.com/auditlake/auditlake/storage/vfs"
)

// check reads a log and compares it with the end file and the catalog.
type check struct {
	log   *Log
	proof Proof
	at    map[uint64]Hash // by sequence: the hash that the log must have before that push

	path    string // of the last file read
	offset  int64  // end in that file of the groups read
	hash    Hash
	isKnown bool         // hash is that of the last group before log.next
	last    *GroupHeader // the last group that is not flushed; nil: none
}

// readFiles reads the files of the log.
func (c *check) readFiles(ctx context.Context, firsts []uint64, yield func(*Push) error) error {
	if c.proof.Sealed > c.proof.Flushed {
		c.at[c.proof.Sealed+1] = c.proof.Hash
	}
	g := c.log
	for i, first := range firsts {
		end := uint64(math.MaxUint64) // where the next file begins
		if i+1 < len(firsts) {
			end = firsts[i+1]
		}
		if end <= c.proof.Flushed+1 {
			continue
		}
		if first > g.next {
			return &vfs.DamagedError{Path: g.path(g.next), Err: fmt.Errorf("pushes %d to %d are missing: %w", g.next, first-1, fs.ErrNotExist)}
		}
		if err := c.readFile(ctx, first, end, yield); err != nil {
			return err
		}
	}
	g.hash = c.hash
	return nil
}

// readFile reads the pushes of a file that come before sequence end.
func (c *check) readFile(ctx context.Context, first, end uint64, yield func(*Push) error) error {
	g := c.log
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
	r := &reader{file: file, size: info.Size(), first: first, expected: first, end: end, wanted: g.next}
	read := r.readGroups
	if r.isVersion1() {
		read = r.readFrames
	}
	err = read(func(h *GroupHeader, pushes []*Push) error {
		if err := c.addGroup(h, pushes); err != nil {
			return r.corrupt("%v", err)
		}
		return c.yieldUnflushed(ctx, pushes, yield)
	})
	c.path, c.offset = path, r.offset
	var corrupt *CorruptError
	if errors.As(err, &corrupt) {
		return &vfs.DamagedError{Path: path, Err: err}
	}
	return err
}

// addGroup checks that a group follows the one before it.
func (c *check) addGroup(h *GroupHeader, pushes []*Push) error {
	if h.Signature != nil {
		if c.isKnown && h.Before != c.hash {
			return fmt.Errorf("push %d does not follow the one before it: that one was replaced", h.Sequence)
		}
		c.hash = h.Before
	}
	c.hash, c.isKnown = HashAfter(c.hash, h.Sequence, pushes), true
	next := h.Sequence + uint64(len(pushes))
	for at, want := range c.at {
		if h.Sequence < at && at <= next && (at < next || want != c.hash) {
			return fmt.Errorf("push %d is not the one that was acknowledged", at-1)
		}
	}
	if next > c.proof.Flushed+1 {
		c.last = h
	}
	return nil
}

func (c *check) yieldUnflushed(ctx context.Context, pushes []*Push, yield func(*Push) error) error {
	for _, p := range pushes {
		if p.Sequence < c.log.next {
			continue
		}
		c.log.next = p.Sequence + 1
		if err := errors.Join(ctx.Err(), yield(p)); err != nil {
			return err
		}
	}
	return nil
}

// putBack compares the end of the log with the end that the end file notes. If the last group is missing and the
// end file has a copy of it, putBack writes the group back.
func (c *check) putBack(ctx context.Context, yield func(*Push) error) error {
	g, end := c.log, &c.log.end.last
	if end.Next <= g.next {
		if c.last == nil && end.Next == g.next {
			g.hash = end.Hash
		}
		return nil
	}
	r := &reader{file: memoryFile(end.Copy), size: int64(len(end.Copy)), first: end.File, expected: g.next, end: math.MaxUint64, wanted: g.next}
	h, body, err := r.group(0)
	if err != nil {
		return err
	}
	if len(end.Copy) == 0 && end.First == g.next && end.First < end.Next {
		g.end.isHere = false // the group was being written; another one replaces it
		return nil
	}
	if body == nil || h.Sequence != g.next || !c.isPlaceOf(end) {
		return c.damaged(end.Next)
	}
	pushes, err := h.parsePushes(body)
	if err != nil {
		return c.damaged(end.Next)
	}
	if err := c.addGroup(&h, pushes); err != nil {
		return &vfs.DamagedError{Path: g.end.path(), Err: err}
	}
	if c.proof.MayWrite {
		err = c.writeCopy(end)
	}
	if err != nil {
		return fmt.Errorf("put pushed events back: %w", err)
	}
	g.hash = c.hash
	return c.yieldUnflushed(ctx, pushes, yield)
}

// damaged returns the error that the log ends before the push with sequence next.
func (c *check) damaged(next uint64) error {
	g := c.log
	if c.path == "" {
		return &vfs.DamagedError{Path: g.path(g.next), Err: fmt.Errorf("pushes %d to %d are missing: %w", g.next, next-1, fs.ErrNotExist)}
	}
	return &vfs.DamagedError{Path: c.path, Err: &CorruptError{Offset: c.offset, Reason: fmt.Sprintf("pushes %d to %d are missing", g.next, next-1)}}
}

// isPlaceOf reports whether the log ends where its last group begins according to the end file.
func (c *check) isPlaceOf(end *Slot) bool {
	g := c.log
	if n := len(g.files); n > 0 && g.files[n-1] == end.File {
		return c.path == g.path(end.File) && c.offset == end.Offset
	}
	return end.Offset == 0 && end.File == g.next
}

// writeCopy writes the copy of the last group into the log.
func (c *check) writeCopy(end *Slot) error {
	g := c.log
	var file vfs.File
	var err error
	path := g.path(end.File)
	isNew := len(g.files) == 0 || g.files[len(g.files)-1] != end.File
	if isNew {
		if file, err = g.fs.Create(path); err == nil {
			g.files = append(g.files, end.File)
		}
	} else {
		file, err = g.fs.Reopen(path)
	}
	if err != nil {
		return err
	}
	_, err = file.WriteAt(end.Copy, end.Offset)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if isNew {
		return g.fs.SyncDir(g.dir)
	}
	return nil
}

// checkSeal checks that the log reaches its seal, and that its signature or the seal vouches for its last group.
func (c *check) checkSeal() error {
	g := c.log
	if c.proof.Sealed >= g.next {
		return c.damaged(c.proof.Sealed + 1)
	}
	if c.proof.IsSigned == nil || c.last == nil || c.proof.Sealed+1 == g.next {
		return nil
	}
	isSigned, err := c.proof.IsSigned(signed(c.hash), c.last.Signature)
	if err != nil || isSigned {
		return err
	}
	return &vfs.DamagedError{Path: c.path, Err: fmt.Errorf("pushes %d to %d are not signed by the lake's key: they were replaced", c.proof.Flushed+1, g.next-1)}
}

// memoryFile is a file in memory.
func memoryFile(content []byte) vfs.ReadFile { return readOnlyBytes{bytes.NewReader(content)} }

type readOnlyBytes struct{ *bytes.Reader }

// Close implements io.Closer.
func (readOnlyBytes) Close() error { return nil }
