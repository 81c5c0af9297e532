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
	"math"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/storage/vfs"
)

// CorruptLogError says where a log of pushed events is damaged. It is the cause of a DamagedError, which
// names the file.
type CorruptLogError struct {
	Offset int64
	Reason string
}

func (e *CorruptLogError) Error() string {
	return fmt.Sprintf("log of pushed events, byte %d: %s", e.Offset, e.Reason)
}

// recover reads the pushes after flushed, in order, and prepares the log for the next one. What the end
// of the last file lacks was never acknowledged, unless something follows it.
func (g *hotLog) recover(ctx context.Context, flushed uint64, yield func(*hotPush) error) error {
	firsts, err := g.listFiles()
	if err != nil {
		return err
	}
	g.files, g.next = firsts, flushed+1
	for i, first := range firsts {
		end := uint64(math.MaxUint64) // where the next file goes on
		if i+1 < len(firsts) {
			end = firsts[i+1]
		}
		if end <= flushed+1 {
			continue
		}
		if first > g.next {
			return &DamagedError{Path: g.path(g.next), Err: fmt.Errorf("pushes %d to %d are missing: %w", g.next, first-1, fs.ErrNotExist)}
		}
		if err := g.readFile(ctx, first, end, yield); err != nil {
			return err
		}
	}
	return nil
}

// listFiles lists the files by the sequences of their first pushes.
func (g *hotLog) listFiles() ([]uint64, error) {
	entries, err := g.fs.ReadDir(g.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a lake of an earlier version may have none
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

// readFile reads the pushes of a file that come before sequence end.
func (g *hotLog) readFile(ctx context.Context, first, end uint64, yield func(*hotPush) error) error {
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
	err = read(func(pushes []*hotPush) error {
		for _, p := range pushes {
			if p.sequence < g.next { // flushed
				continue
			}
			g.next = p.sequence + 1
			if err := errors.Join(ctx.Err(), yield(p)); err != nil {
				return err
			}
		}
		return nil
	})
	var corrupt *CorruptLogError
	if errors.As(err, &corrupt) {
		return &DamagedError{Path: path, Err: err}
	}
	return err
}

// hotReader reads one file of the log.
type hotReader struct {
	file     vfs.ReadFile
	size     int64
	first    uint64 // its name
	expected uint64 // sequence of the next push
	end      uint64 // that of the next file
	wanted   uint64 // first push that is in no segment
	offset   int64
}

// readGroups hands out the groups up to where the file ends or the next one goes on.
func (r *hotReader) readGroups(yield func([]*hotPush) error) error {
	for r.expected < r.end {
		h, body, err := r.group(r.offset)
		if err != nil {
			return err
		}
		if body == nil {
			return r.checkEnd()
		}
		if h.sequence != r.expected {
			return r.corrupt("push %d in the place of %d", h.sequence, r.expected)
		}
		pushes, err := h.parseHotPushes(body)
		if err != nil {
			return r.corrupt("%v", err)
		}
		if len(pushes) == 0 {
			return r.checkReached()
		}
		if err := yield(pushes); err != nil {
			return err
		}
		r.expected += uint64(len(pushes))
		r.offset += h.bytes()
	}
	return nil
}

// group reads the group of this file at an offset; a nil body: there is no whole one.
func (r *hotReader) group(offset int64) (h hotGroupHeader, body []byte, err error) {
	var head [hotGroupHead]byte
	if _, err := r.file.ReadAt(head[:], offset); err != nil {
		return h, nil, ioError(err)
	}
	h, ok := parseHotHeader(head[:])
	if !ok || h.file != r.first || int64(h.length) > r.size-offset-hotGroupHead {
		return h, nil, nil
	}
	body = make([]byte, h.length)
	if n, err := r.file.ReadAt(body, offset+hotGroupHead); n < len(body) {
		return h, nil, ioError(err)
	}
	if !h.isWhole(head[:], body) {
		return h, nil, nil
	}
	return h, body, nil
}

// checkEnd tells the end of the file from damage: behind the last group there is none of this file, as
// each was written when those before it were synced.
func (r *hotReader) checkEnd() error {
	if err := r.checkReached(); err != nil {
		return err
	}
	for at := r.offset + hotAlignBytes; at < r.size; at += hotAlignBytes {
		h, body, err := r.group(at)
		if err != nil {
			return err
		}
		if body != nil && h.sequence >= max(r.expected, r.wanted) {
			return r.corrupt("push %d cannot be read, while push %d at byte %d can", r.expected, h.sequence, at)
		}
	}
	return nil
}

// checkReached tells whether the file goes up to where the next one begins.
func (r *hotReader) checkReached() error {
	if r.end != math.MaxUint64 && r.expected < r.end {
		return r.corrupt("push %d cannot be read, the next file begins with push %d", r.expected, r.end)
	}
	return nil
}

func (r *hotReader) corrupt(format string, args ...any) error {
	return &CorruptLogError{Offset: r.offset, Reason: fmt.Sprintf(format, args...)}
}

// Version 1 of the files has no groups: after a magic of its own come frames, one per push:
//
//	frame  length of the rest (4 B), CRC-32C of the rest (4 B), sequence (8 B), store id (36 B),
//	       then each event: length (4 B), text
const (
	hotMagic1      = "ALHOT 1\n"
	hotFrame1Head  = 8
	hotFrame1Fixed = 8 + hotStoreIDBytes
)

func (r *hotReader) isVersion1() bool {
	magic := make([]byte, len(hotMagic1))
	n, _ := r.file.ReadAt(magic, 0)
	return string(magic[:n]) == hotMagic1
}

// readFrames hands out the pushes of a file of version 1. A frame that is not whole ends it.
func (r *hotReader) readFrames(yield func([]*hotPush) error) error {
	r.offset = int64(len(hotMagic1))
	in := bufio.NewReaderSize(io.NewSectionReader(r.file, r.offset, r.size-r.offset), fileBufferBytes)
	for r.expected < r.end {
		p, bytes, err := readFrame1(in)
		if err != nil {
			return err
		}
		if p == nil {
			return r.checkReached()
		}
		if p.sequence != r.expected {
			return r.corrupt("push %d in the place of %d", p.sequence, r.expected)
		}
		if err := yield([]*hotPush{p}); err != nil {
			return err
		}
		r.expected++
		r.offset += bytes
	}
	return nil
}

func readFrame1(in *bufio.Reader) (p *hotPush, bytes int64, err error) {
	head := make([]byte, hotFrame1Head)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, 0, ioError(err)
	}
	length := binary.BigEndian.Uint32(head)
	if length < hotFrame1Fixed || length > maxHotGroupBytes {
		return nil, 0, nil
	}
	body, err := io.ReadAll(io.LimitReader(in, int64(length)))
	if err != nil || len(body) < int(length) {
		return nil, 0, ioError(err)
	}
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(head[4:]) {
		return nil, 0, nil
	}
	p = &hotPush{storeID: string(body[8:hotFrame1Fixed]), text: body[hotFrame1Fixed:], sequence: binary.BigEndian.Uint64(body)}
	if _, ok := cutHotTexts(p.text); !ok {
		return nil, 0, nil
	}
	return p, hotFrame1Head + int64(length), nil
}

// ioError is an error of reading that is not the end of the file.
func ioError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
