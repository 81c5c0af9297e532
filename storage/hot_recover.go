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

// errNoHotEnd: all of the log was read, but nothing says whether more should be there.
var errNoHotEnd = errors.New("the end file of the log of pushed events is missing or not whole")

// hotProof is what the catalog knows of the log.
type hotProof struct {
	flushed uint64 // sequence of the last push whose events are in segments
	// sealed is the sequence of the last push that the log had when it was sealed, hash that of its last group.
	// 0: there is no seal, or a flush has passed it.
	sealed uint64
	hash   hotHash
	// mayWrite: a group that was lost may be put back.
	mayWrite bool
	// isSigned reports whether the lake's key has signed a message; nil: the lake is from before the log was signed
	// and had an end file.
	isSigned func(message, signature []byte) (bool, error)
}

// recover reads the pushes that are not flushed, in order, and prepares the log for the next one. What the end of
// the last file lacks was never acknowledged, unless something follows it, or the end file or the seal says that there
// was more. A log that is not what was written is a *DamagedError.
func (g *hotLog) recover(ctx context.Context, proof hotProof, yield func(*hotPush) error) error {
	firsts, err := g.listFiles()
	if err != nil {
		return err
	}
	g.end.fs, g.end.dir = g.fs, g.dir
	hasEnd := false
	if proof.isSigned != nil {
		if hasEnd, err = g.end.readEnd(); err != nil {
			return err
		}
	}
	g.files, g.next = firsts, proof.flushed+1
	c := &hotCheck{log: g, proof: proof, at: map[uint64]hotHash{}}
	if hasEnd {
		c.at[g.end.last.next] = g.end.last.hash
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
	if proof.isSigned != nil && !hasEnd {
		return errNoHotEnd
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
func (r *hotReader) readGroups(yield func(*hotGroupHeader, []*hotPush) error) error {
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
		if err := yield(&h, pushes); err != nil {
			return err
		}
		r.expected += uint64(len(pushes))
		r.offset += h.bytes()
	}
	return nil
}

// group reads the group of this file at an offset; a nil body: there is no whole one.
func (r *hotReader) group(offset int64) (h hotGroupHeader, body []byte, err error) {
	head := make([]byte, hotGroupHead)
	n, err := r.file.ReadAt(head, offset)
	if err := ioError(err); err != nil {
		return h, nil, err
	}
	h, ok := parseHotHeader(head[:n])
	if !ok || h.file != r.first || int64(h.length) > r.size-offset-int64(h.headBytes) {
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
func (r *hotReader) readFrames(yield func(*hotGroupHeader, []*hotPush) error) error {
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
		if err := yield(&hotGroupHeader{sequence: p.sequence}, []*hotPush{p}); err != nil {
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
	p = readHotPush(body[8:], binary.BigEndian.Uint64(body))
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
