package receipt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"sort"

	"github.com/auditlake/auditlake/storage/vfs"
)

// A run is a file of receipts, sorted by key, that never changes.
//
//	run   head, pages, filter (CRC-32C of the rest, 4 B; bits)
//	head  magic (8 B), CRC-32C of the rest (4 B), receipts (8 B), oldest (8 B), newest (8 B), bytes of the
//	      filter (8 B); zeros up to a page
//	page  receipts, pageReceipts of them but in the last one, zeros, CRC-32C of the page so far in the last 4 B
//
// oldest and newest are the instants of its receipts, in milliseconds since 1970.
const (
	runMagic     = "ALRCT 1\n"
	runHead      = len(runMagic) + 4 + 4*8
	pageBytes    = 4096
	pageReceipts = int64((pageBytes - 4) / Bytes)
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// run is an open file.
type run struct {
	path           string
	number         uint64 // from its name
	receipts       int64
	oldest, newest int64
	filterBytes    int64
	filter         filter // Memory.mu; nil: not in memory, each search reads the file
}

// errDamaged: the content of a file is not what was written.
var errDamaged = errors.New("a file of receipts is damaged")

func (r *run) pages() int64 { return (r.receipts + pageReceipts - 1) / pageReceipts }

// bytes is the size of the file.
func (r *run) bytes() int64 { return (1+r.pages())*pageBytes + 4 + r.filterBytes }

func (r *run) appendHead(to []byte) []byte {
	start := len(to)
	to = append(to, runMagic...)
	to = append(to, 0, 0, 0, 0)
	to = binary.BigEndian.AppendUint64(to, uint64(r.receipts))
	to = binary.BigEndian.AppendUint64(to, uint64(r.oldest))
	to = binary.BigEndian.AppendUint64(to, uint64(r.newest))
	to = binary.BigEndian.AppendUint64(to, uint64(r.filterBytes))
	binary.BigEndian.PutUint32(to[start+8:], crc32.Checksum(to[start+12:], castagnoli))
	return append(to, make([]byte, pageBytes-(len(to)-start))...)
}

// openRun reads the head and the filter of a file. If they are not what was written, the error is errDamaged.
func openRun(fs vfs.FS, path string, number uint64) (*run, error) {
	info, err := fs.Stat(path)
	if err != nil {
		return nil, err
	}
	file, err := fs.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	head := make([]byte, runHead)
	if err := readAt(file, head, 0, path); err != nil {
		return nil, err
	}
	if string(head[:8]) != runMagic || crc32.Checksum(head[12:], castagnoli) != binary.BigEndian.Uint32(head[8:]) {
		return nil, fmt.Errorf("%w: %s: its head", errDamaged, path)
	}
	r := &run{path: path, number: number, receipts: int64(binary.BigEndian.Uint64(head[12:])),
		oldest: int64(binary.BigEndian.Uint64(head[20:])), newest: int64(binary.BigEndian.Uint64(head[28:])),
		filterBytes: int64(binary.BigEndian.Uint64(head[36:]))}
	if r.receipts < 1 || r.filterBytes < 1 || r.receipts > info.Size() || r.filterBytes > info.Size() || r.bytes() != info.Size() {
		return nil, fmt.Errorf("%w: %s has %d bytes for %d receipts", errDamaged, path, info.Size(), r.receipts)
	}
	text := make([]byte, 4+r.filterBytes)
	if err := readAt(file, text, (1+r.pages())*pageBytes, path); err != nil {
		return nil, err
	}
	if crc32.Checksum(text[4:], castagnoli) != binary.BigEndian.Uint32(text) {
		return nil, fmt.Errorf("%w: %s: its filter", errDamaged, path)
	}
	r.filter = text[4:]
	return r, nil
}

func readAt(file vfs.ReadFile, to []byte, offset int64, path string) error {
	n, err := file.ReadAt(to, offset)
	if n < len(to) {
		if err := ioError(err); err != nil {
			return err
		}
		return fmt.Errorf("%w: %s ends before byte %d", errDamaged, path, offset+int64(len(to)))
	}
	return nil
}

// readPage reads the receipts of a page, counted from 0. buffer has pageBytes.
func (r *run) readPage(file vfs.ReadFile, page int64, buffer []byte) ([]byte, error) {
	if err := readAt(file, buffer, (1+page)*pageBytes, r.path); err != nil {
		return nil, err
	}
	if crc32.Checksum(buffer[:pageBytes-4], castagnoli) != binary.BigEndian.Uint32(buffer[pageBytes-4:]) {
		return nil, fmt.Errorf("%w: %s: page %d", errDamaged, r.path, page)
	}
	return buffer[:min(pageReceipts, r.receipts-page*pageReceipts)*int64(Bytes)], nil
}

// find searches for a key. Keys are hashes, so a key predicts its page within a few pages. Every third step
// halves the range instead, in case keys are not spread evenly.
func (r *run) find(file vfs.ReadFile, key Key, buffer []byte) (found Receipt, ok bool, err error) {
	low, high := int64(0), r.pages()-1
	lowKey, highKey := uint64(0), ^uint64(0)
	wanted := binary.BigEndian.Uint64(key[:])
	for step := 1; low <= high; step++ {
		page := low + int64(float64(wanted-lowKey)/(float64(highKey-lowKey)+1)*float64(high-low+1))
		if page = max(low, min(page, high)); step%3 == 0 {
			page = (low + high) / 2
		}
		text, err := r.readPage(file, page, buffer)
		if err != nil {
			return found, false, err
		}
		last := text[len(text)-Bytes:]
		switch {
		case bytes.Compare(key[:], text[:len(key)]) < 0:
			high, highKey = page-1, binary.BigEndian.Uint64(text)
		case bytes.Compare(key[:], last[:len(key)]) > 0:
			low, lowKey = page+1, binary.BigEndian.Uint64(last)
		default:
			n := len(text) / Bytes
			at := sort.Search(n, func(i int) bool { return bytes.Compare(text[i*Bytes:i*Bytes+len(key)], key[:]) >= 0 })
			found = parseOne(text[at*Bytes:])
			return found, found.Key == key, nil
		}
	}
	return found, false, nil
}
