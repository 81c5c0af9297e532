package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"github.com/auditlake/auditlake/storage/vfs"
)

// hotCheck reads a log and holds it against what the end file and the catalog know of it.
type hotCheck struct {
	log   *hotLog
	proof hotProof
	at    map[uint64]hotHash // what the hash must be before the push with a sequence, if the log has that push's place

	path    string // of the file that was read last
	offset  int64  // where the groups that were read end in it
	hash    hotHash
	isKnown bool            // hash is that of the last group before log.next
	last    *hotGroupHeader // the last group that is not flushed; nil: none
}

// readFiles reads the files of the log.
func (c *hotCheck) readFiles(ctx context.Context, firsts []uint64, yield func(*hotPush) error) error {
	if c.proof.sealed > c.proof.flushed {
		c.at[c.proof.sealed+1] = c.proof.hash
	}
	g := c.log
	for i, first := range firsts {
		end := uint64(math.MaxUint64) // where the next file goes on
		if i+1 < len(firsts) {
			end = firsts[i+1]
		}
		if end <= c.proof.flushed+1 {
			continue
		}
		if first > g.next {
			return &DamagedError{Path: g.path(g.next), Err: fmt.Errorf("pushes %d to %d are missing: %w", g.next, first-1, fs.ErrNotExist)}
		}
		if err := c.readFile(ctx, first, end, yield); err != nil {
			return err
		}
	}
	g.hash = c.hash
	return nil
}

// readFile reads the pushes of a file that come before sequence end.
func (c *hotCheck) readFile(ctx context.Context, first, end uint64, yield func(*hotPush) error) error {
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
	r := &hotReader{file: file, size: info.Size(), first: first, expected: first, end: end, wanted: g.next}
	read := r.readGroups
	if r.isVersion1() {
		read = r.readFrames
	}
	err = read(func(h *hotGroupHeader, pushes []*hotPush) error {
		if err := c.addGroup(h, pushes); err != nil {
			return r.corrupt("%v", err)
		}
		return c.yieldUnflushed(ctx, pushes, yield)
	})
	c.path, c.offset = path, r.offset
	var corrupt *CorruptLogError
	if errors.As(err, &corrupt) {
		return &DamagedError{Path: path, Err: err}
	}
	return err
}

// addGroup checks that a group follows the one before it.
func (c *hotCheck) addGroup(h *hotGroupHeader, pushes []*hotPush) error {
	if h.signature != nil {
		if c.isKnown && h.before != c.hash {
			return fmt.Errorf("push %d does not follow the one before it: that one was replaced", h.sequence)
		}
		c.hash = h.before
	}
	c.hash, c.isKnown = hotHashAfter(c.hash, h.sequence, pushes), true
	next := h.sequence + uint64(len(pushes))
	for at, want := range c.at {
		if h.sequence < at && at <= next && (at < next || want != c.hash) {
			return fmt.Errorf("push %d is not the one that was acknowledged", at-1)
		}
	}
	if next > c.proof.flushed+1 {
		c.last = h
	}
	return nil
}

func (c *hotCheck) yieldUnflushed(ctx context.Context, pushes []*hotPush, yield func(*hotPush) error) error {
	for _, p := range pushes {
		if p.sequence < c.log.next {
			continue
		}
		c.log.next = p.sequence + 1
		if err := errors.Join(ctx.Err(), yield(p)); err != nil {
			return err
		}
	}
	return nil
}

// putBack compares the log with where the end file says that it ends. A last group of which the end file has a
// copy is put back.
func (c *hotCheck) putBack(ctx context.Context, yield func(*hotPush) error) error {
	g, end := c.log, &c.log.end.last
	if end.next <= g.next {
		if c.last == nil && end.next == g.next {
			g.hash = end.hash
		}
		return nil
	}
	r := &hotReader{file: memoryFile(end.copy), size: int64(len(end.copy)), first: end.file, expected: g.next, end: math.MaxUint64, wanted: g.next}
	h, body, err := r.group(0)
	if err != nil {
		return err
	}
	if len(end.copy) == 0 && end.first == g.next && end.first < end.next {
		g.end.isHere = false // the group was being written; another one takes its place
		return nil
	}
	if body == nil || h.sequence != g.next || !c.isPlaceOf(end) {
		return c.damaged(end.next)
	}
	pushes, err := h.parseHotPushes(body)
	if err != nil {
		return c.damaged(end.next)
	}
	if err := c.addGroup(&h, pushes); err != nil {
		return &DamagedError{Path: g.end.path(), Err: err}
	}
	if c.proof.mayWrite {
		err = c.writeCopy(end)
	}
	if err != nil {
		return fmt.Errorf("put pushed events back: %w", err)
	}
	g.hash = c.hash
	return c.yieldUnflushed(ctx, pushes, yield)
}

// damaged says that the log ends before the push with sequence next, where it should go on.
func (c *hotCheck) damaged(next uint64) error {
	g := c.log
	if c.path == "" {
		return &DamagedError{Path: g.path(g.next), Err: fmt.Errorf("pushes %d to %d are missing: %w", g.next, next-1, fs.ErrNotExist)}
	}
	return &DamagedError{Path: c.path, Err: &CorruptLogError{Offset: c.offset, Reason: fmt.Sprintf("pushes %d to %d are missing", g.next, next-1)}}
}

// isPlaceOf reports whether the log goes on where the end file has its last group from.
func (c *hotCheck) isPlaceOf(end *hotSlot) bool {
	g := c.log
	if n := len(g.files); n > 0 && g.files[n-1] == end.file {
		return c.path == g.path(end.file) && c.offset == end.offset
	}
	return end.offset == 0 && end.file == g.next
}

// writeCopy writes the copy of the last group into the log.
func (c *hotCheck) writeCopy(end *hotSlot) error {
	g := c.log
	var file vfs.File
	var err error
	path := g.path(end.file)
	isNew := len(g.files) == 0 || g.files[len(g.files)-1] != end.file
	if isNew {
		if file, err = g.fs.Create(path); err == nil {
			g.files = append(g.files, end.file)
		}
	} else {
		file, err = g.fs.Reopen(path)
	}
	if err != nil {
		return err
	}
	_, err = file.WriteAt(end.copy, end.offset)
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

// checkSeal checks that the log goes as far as its seal, and that its last group is vouched for: by its signature, or
// by the seal.
func (c *hotCheck) checkSeal() error {
	g := c.log
	if c.proof.sealed >= g.next {
		return c.damaged(c.proof.sealed + 1)
	}
	if c.proof.isSigned == nil || c.last == nil || c.proof.sealed+1 == g.next {
		return nil
	}
	isSigned, err := c.proof.isSigned(hotSigned(c.hash), c.last.signature)
	if err != nil || isSigned {
		return err
	}
	return &DamagedError{Path: c.path, Err: fmt.Errorf("the lake's key has not signed pushes %d to %d: they were replaced", c.proof.flushed+1, g.next-1)}
}

// memoryFile is a file in memory.
func memoryFile(content []byte) vfs.ReadFile { return readOnlyBytes{bytes.NewReader(content)} }

type readOnlyBytes struct{ *bytes.Reader }

// Close implements io.Closer.
func (readOnlyBytes) Close() error { return nil }
