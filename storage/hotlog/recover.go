package hotlog

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

// CorruptError says where a log of pushed events is damaged. It is the cause of a DamagedError, which
// names the file.
type CorruptError struct {
	Offset int64
	Reason string
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("log of pushed events, byte %d: %s", e.Offset, e.Reason)
}

// ErrNoEnd: all of the log was read, but nothing says whether more is missing.
var ErrNoEnd = errors.New("the end file of the log of pushed events is missing or incomplete")

// Proof is what the catalog knows of the log.
type Proof struct {
	Flushed uint64 // sequence of the last push whose events are in segments
	// Sealed is the sequence of the last push that the log had when it was sealed, Hash the hash of its last group
	// then. 0: there is no seal, or a flush has passed it.
	Sealed uint64
	Hash   Hash
	// MayWrite: a group that was lost may be written back.
	MayWrite bool
	// IsSigned reports whether the lake's key has signed a message; nil: the lake is older than signatures of the
	// log and its end file.
	IsSigned func(message, signature []byte) (bool, error)
}

// Recover reads the pushes that are not flushed, in order, and prepares the log for the next one. Pushes missing at
// the end of the last file were never acknowledged, unless the end file, the seal or later groups show otherwise. A
// log that differs from what was written is a *vfs.DamagedError.
func (g *Log) Recover(ctx context.Context, proof Proof, yield func(*Push) error) error {
	firsts, err := g.ListFiles()
	if err != nil {
		return err
	}
	hasEnd := false
	if proof.IsSigned != nil {
		if hasEnd, err = g.end.readEnd(); err != nil {
			return err
		}
	}
	g.files, g.next = firsts, proof.Flushed+1
	c := &check{log: g, proof: proof, at: map[uint64]Hash{}}
	if hasEnd {
		c.at[g.end.last.Next] = g.end.last.Hash
	}
	if err := c.readFiles(ctx, firsts, yield); err != nil {
		return err
	}
	if hasEnd {
		if err := c.putBack(ctx, yield); err != nil {
			return err
		}
	}
	if err := c.checkSeal(); err != nil {
		return err
	}
	if proof.IsSigned != nil && !hasEnd {
		return ErrNoEnd
	}
	return nil
}

// ListFiles lists the files by the sequences of their first pushes.
func (g *Log) ListFiles() ([]uint64, error) {
	entries, err := g.fs.ReadDir(g.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a lake of an earlier version may have none
		return nil, err
	}
	var firsts []uint64
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), Suffix)
		if first, err := strconv.ParseUint(digits, 10, 64); ok && err == nil {
			firsts = append(firsts, first)
		}
	}
	return firsts, nil
}

// reader reads one file of the log.
type reader struct {
	file     vfs.ReadFile
	size     int64
	first    uint64 // its name
	expected uint64 // sequence of the next push
	end      uint64 // that of the next file
	wanted   uint64 // first push that is in no segment
	offset   int64
}

// readGroups calls yield with each group up to where the file ends or the next file begins.
func (r *reader) readGroups(yield func(*GroupHeader, []*Push) error) error {
	for r.expected < r.end {
		h, body, err := r.group(r.offset)
		if err != nil {
			return err
		}
		if body == nil {
			return r.checkEnd()
		}
		if h.Sequence != r.expected {
			return r.corrupt("push %d in the place of %d", h.Sequence, r.expected)
		}
		pushes, err := h.parsePushes(body)
		if err != nil {
			return r.corrupt("%v", err)
		}
		if len(pushes) == 0 {
			return r.checkReached()
		}
		if err := yield(&h, pushes); err != nil {
			return err
		}
		r.expected += uint64(len(pushes))
		r.offset += h.bytes()
	}
	return nil
}

// ReadGroups calls yield with each whole group in the content of a file; first is the file's name. It returns the
// sequence of the push after them. An error is one of yield, or a *CorruptError.
func ReadGroups(content []byte, first uint64, yield func(*GroupHeader, []*Push) error) (next uint64, err error) {
	r := &reader{file: memoryFile(content), size: int64(len(content)), first: first, expected: first, end: math.MaxUint64}
	err = r.readGroups(yield)
	return r.expected, err
}

// group reads the group of this file at an offset; a nil body: there is no whole one.
func (r *reader) group(offset int64) (h GroupHeader, body []byte, err error) {
	head := make([]byte, GroupHead)
	n, err := r.file.ReadAt(head, offset)
	if err := ioError(err); err != nil {
		return h, nil, err
	}
	h, ok := parseHeader(head[:n])
	if !ok || h.File != r.first || int64(h.length) > r.size-offset-int64(h.headBytes) {
		return h, nil, nil
	}
	body = make([]byte, h.length)
	if n, err := r.file.ReadAt(body, offset+int64(h.headBytes)); n < len(body) {
		return h, nil, ioError(err)
	}
	if !h.isWhole(head, body) {
		return h, nil, nil
	}
	return h, body, nil
}

// checkEnd fails if the file is damaged where it seems to end. No group of this file can follow its last one,
// because each group was written after those before it were synced.
func (r *reader) checkEnd() error {
	if err := r.checkReached(); err != nil {
		return err
	}
	for at := r.offset + AlignBytes; at < r.size; at += AlignBytes {
		h, body, err := r.group(at)
		if err != nil {
			return err
		}
		if body != nil && h.Sequence >= max(r.expected, r.wanted) {
			return r.corrupt("push %d cannot be read, while push %d at byte %d can", r.expected, h.Sequence, at)
		}
	}
	return nil
}

// checkReached fails if the file ends before the push that the next file begins with.
func (r *reader) checkReached() error {
	if r.end != math.MaxUint64 && r.expected < r.end {
		return r.corrupt("push %d cannot be read, the next file begins with push %d", r.expected, r.end)
	}
	return nil
}

func (r *reader) corrupt(format string, args ...any) error {
	return &CorruptError{Offset: r.offset, Reason: fmt.Sprintf(format, args...)}
}

// Version 1 of the files has no groups: after a magic of its own come frames, one per push:
//
//	frame  length of the rest (4 B), CRC-32C of the rest (4 B), sequence (8 B), store id (36 B),
//	       then each event: length (4 B), text
const (
	magic1           = "ALHOT 1\n"
	frame1Head       = 8
	frameBufferBytes = 256 << 10
	frame1Fixed      = 8 + StoreIDBytes
)

func (r *reader) isVersion1() bool {
	magic := make([]byte, len(magic1))
	n, _ := r.file.ReadAt(magic, 0)
	return string(magic[:n]) == magic1
}

// readFrames calls yield with each push of a file of version 1. An incomplete frame ends the file.
func (r *reader) readFrames(yield func(*GroupHeader, []*Push) error) error {
	r.offset = int64(len(magic1))
	in := bufio.NewReaderSize(io.NewSectionReader(r.file, r.offset, r.size-r.offset), frameBufferBytes)
	for r.expected < r.end {
		p, bytes, err := readFrame1(in)
		if err != nil {
			return err
		}
		if p == nil {
			return r.checkReached()
		}
		if p.Sequence != r.expected {
			return r.corrupt("push %d in the place of %d", p.Sequence, r.expected)
		}
		if err := yield(&GroupHeader{Sequence: p.Sequence}, []*Push{p}); err != nil {
			return err
		}
		r.expected++
		r.offset += bytes
	}
	return nil
}

func readFrame1(in *bufio.Reader) (p *Push, bytes int64, err error) {
	head := make([]byte, frame1Head)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, 0, ioError(err)
	}
	length := binary.BigEndian.Uint32(head)
	if length < frame1Fixed || length > MaxGroupBytes {
		return nil, 0, nil
	}
	body, err := io.ReadAll(io.LimitReader(in, int64(length)))
	if err != nil || len(body) < int(length) {
		return nil, 0, ioError(err)
	}
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(head[4:]) {
		return nil, 0, nil
	}
	p = readPush(body[8:], binary.BigEndian.Uint64(body))
	if _, ok := CutTexts(p.Text); !ok {
		return nil, 0, nil
	}
	return p, frame1Head + int64(length), nil
}

// ioError returns an error of reading, but nil for the end of the file.
func ioError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
