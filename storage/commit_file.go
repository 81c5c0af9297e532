package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/auditlake/auditlake/storage/catalog"
)

// A commit file holds what is needed to rebuild the chain entries of one transaction. It lies next to the catalog
// and is written and synced before the transaction commits:
//
//	commit  magic (8 B), number of the first entry (8 B), count (4 B), the entries, CRC-32C of the commit so far (4 B)
//	entry   length (4 B), the entry as the catalog stores it, form of the ledger's changes (1 B): none, plain or zstd,
//	        their length (4 B), the length as stored (4 B), the changes as stored
//
// Many commits are packed one after the other into one file:
//
//	packed  magic (8 B), then for each commit: length (4 B), the commit as above
const (
	commitsFolder     = "commits"
	commitSuffix      = ".commit"
	packedSuffix      = ".commits"
	commitMagic       = "ALCMT 1\n"
	packedMagic       = "ALCMS 1\n"
	maxCommitBytes    = 256 << 20
	maxLedgerBytes    = 256 << 20
	maxCommitEntries  = 1 << 16
	packedLedgerBytes = 4 << 10 // ledger changes of at least this many bytes are compressed
	numberDigits      = 20

	ledgerNone  = 0
	ledgerPlain = 1
	ledgerZstd  = 2
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var (
	ledgerEncoder, _ = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	ledgerDecoder, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxLedgerBytes))
)

// commitRecord is the content of a commit file: the entries of one transaction.
type commitRecord struct {
	first   uint64 // number of the first entry
	entries []commitEntry
}

type commitEntry struct {
	stored *catalog.StoredChainEntry
	ledger []byte // in the form that catalog.DecodeLedger reads
}

func (c *commitRecord) encode() []byte {
	b := []byte(commitMagic)
	b = binary.BigEndian.AppendUint64(b, c.first)
	b = binary.BigEndian.AppendUint32(b, uint32(len(c.entries)))
	for _, e := range c.entries {
		value := e.stored.Value()
		b = binary.BigEndian.AppendUint32(b, uint32(len(value)))
		b = append(b, value...)
		form, stored := byte(ledgerPlain), e.ledger
		switch {
		case len(e.ledger) == 0:
			form = ledgerNone
		case len(e.ledger) >= packedLedgerBytes:
			form, stored = ledgerZstd, ledgerEncoder.EncodeAll(e.ledger, nil)
		}
		b = append(b, form)
		b = binary.BigEndian.AppendUint32(b, uint32(len(e.ledger)))
		b = binary.BigEndian.AppendUint32(b, uint32(len(stored)))
		b = append(b, stored...)
	}
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

var errNoCommit = errors.New("the commit file is incomplete")

// parseCommit parses a commit, which shares the memory of content.
func parseCommit(content []byte) (*commitRecord, error) {
	end := len(content) - 4
	if end < 0 || !bytes.HasPrefix(content, []byte(commitMagic)) {
		return nil, errNoCommit
	}
	if crc32.Checksum(content[:end], castagnoli) != binary.BigEndian.Uint32(content[end:]) {
		return nil, fmt.Errorf("%w: its checksum does not match", errNoCommit)
	}
	r := &byteReader{rest: content[len(commitMagic):end]}
	c := &commitRecord{first: r.uint64()}
	count := r.uint32()
	if count > maxCommitEntries {
		return nil, errNoCommit
	}
	for i := range uint64(count) {
		e := commitEntry{stored: catalog.ParseChainEntry(c.first+i, r.cut(r.uint32()))}
		form, length := r.byte(), r.uint32()
		var err error
		if e.ledger, err = unpackLedger(form, length, r.cut(r.uint32())); err != nil {
			return nil, err
		}
		c.entries = append(c.entries, e)
	}
	if r.short || len(r.rest) > 0 || len(c.entries) == 0 {
		return nil, errNoCommit
	}
	return c, nil
}

func unpackLedger(form byte, length uint32, stored []byte) ([]byte, error) {
	var err error
	switch {
	case form == ledgerNone:
	case length > maxLedgerBytes:
		return nil, errNoCommit
	case form == ledgerZstd:
		stored, err = ledgerDecoder.DecodeAll(stored, nil)
	case form != ledgerPlain:
		return nil, errNoCommit
	}
	if err == nil && len(stored) != int(length) {
		err = errNoCommit
	}
	return stored, err
}

// byteReader cuts numbers and bytes off rest; short is set if there were too few.
type byteReader struct {
	rest  []byte
	short bool
}

func (r *byteReader) cut(n uint32) []byte {
	if r.short || uint64(n) > uint64(len(r.rest)) {
		r.short = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *byteReader) byte() byte {
	if b := r.cut(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *byteReader) uint32() uint32 {
	if b := r.cut(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *byteReader) uint64() uint64 {
	if b := r.cut(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (l *Lake) commitsPath() string { return filepath.Join(l.dir, commitsFolder) }

func (l *Lake) commitPath(first uint64) string {
	return filepath.Join(l.commitsPath(), fmt.Sprintf("%0*d%s", numberDigits, first, commitSuffix))
}

// putCommitFile durably writes the entries that a transaction adds. It replaces the file of a transaction that did
// not commit, which has the same name.
func (l *Lake) putCommitFile(appended []catalog.AppendedEntry) error {
	c := &commitRecord{first: appended[0].Stored.Number}
	for _, a := range appended {
		c.entries = append(c.entries, commitEntry{stored: a.Stored, ledger: a.Ledger})
	}
	if err := l.putFile(l.commitPath(c.first), c.encode()); err != nil {
		return fmt.Errorf("write the commit's file: %w", err)
	}
	return nil
}

// putEarlierCommits writes the chain of a lake from before commit files into one packed file.
func (l *Lake) putEarlierCommits(tx *catalog.Tx) error {
	content := []byte(packedMagic)
	next := uint64(0)
	for stored, err := range tx.Chain() {
		if err != nil {
			return err
		}
		commit := commitRecord{first: stored.Number, entries: []commitEntry{{stored: stored}}}
		content = appendPacked(content, commit.encode())
		next = stored.Number + 1
	}
	if err := l.putFile(l.packedPath(0, next-1), content); err != nil {
		return fmt.Errorf("write the files of earlier commits: %w", err)
	}
	return nil
}

func appendPacked(b, commit []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(commit)))
	return append(b, commit...)
}

func (l *Lake) packedPath(first, last uint64) string {
	return filepath.Join(l.commitsPath(), fmt.Sprintf("%0*d-%0*d%s", numberDigits, first, numberDigits, last, packedSuffix))
}

// commitFileName is a file of the folder commits/.
type commitFileName struct {
	name        string
	first, last uint64 // numbers of entries; last is first in a file of one commit
	isPacked    bool
}

func parseCommitName(name string) (f commitFileName, ok bool) {
	f.name = name
	digits, isSingle := strings.CutSuffix(name, commitSuffix)
	if !isSingle {
		var rest string
		if digits, ok = strings.CutSuffix(name, packedSuffix); !ok {
			return f, false
		}
		if digits, rest, ok = strings.Cut(digits, "-"); !ok || len(rest) != numberDigits {
			return f, false
		}
		f.isPacked = true
		last, err := strconv.ParseUint(rest, 10, 64)
		if err != nil {
			return f, false
		}
		f.last = last
	}
	first, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || len(digits) != numberDigits {
		return f, false
	}
	f.first = first
	if isSingle {
		f.last = first
	}
	return f, f.last >= f.first
}

// listCommitFiles lists the commit files by their first entries, packed ones before others.
func (l *Lake) listCommitFiles() ([]commitFileName, error) {
	entries, err := l.readFolder(l.commitsPath())
	if err != nil {
		return nil, err
	}
	var files []commitFileName
	for _, entry := range entries {
		if f, ok := parseCommitName(entry.Name()); ok && !entry.IsDir() {
			files = append(files, f)
		}
	}
	slices.SortStableFunc(files, func(a, b commitFileName) int {
		if a.first != b.first {
			if a.first < b.first {
				return -1
			}
			return 1
		}
		switch {
		case a.isPacked == b.isPacked:
			return 0
		case a.isPacked:
			return -1
		}
		return 1
	})
	return files, nil
}

// eachCommit yields the commits with entries from number from on, in order, each once. A file that cannot be read
// is a *DamagedError; if damaged is not nil, it is called with that error and the file is skipped.
func (l *Lake) eachCommit(from uint64, damaged func(error), yield func(*commitRecord) error) error {
	l.commitFiles.RLock()
	defer l.commitFiles.RUnlock()
	files, err := l.listCommitFiles()
	if err != nil {
		return err
	}
	for i, f := range files {
		if f.last < from && (f.isPacked || i+1 < len(files) && files[i+1].first <= from) {
			continue
		}
		err := l.readCommitFile(f, func(c *commitRecord) error {
			if next := c.first + uint64(len(c.entries)); next > from {
				from = next
				return yield(c)
			}
			return nil
		})
		if errors.As(err, new(*DamagedError)) && damaged != nil {
			damaged(err)
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readCommitFile yields the commits of a file.
func (l *Lake) readCommitFile(f commitFileName, yield func(*commitRecord) error) error {
	path := filepath.Join(l.commitsPath(), f.name)
	if f.isPacked {
		return l.readPacked(path, f, yield)
	}
	content, err := l.readSmallFile(path, maxCommitBytes)
	if err != nil {
		return err
	}
	c, err := parseCommit(content)
	if err == nil && c.first != f.first {
		err = fmt.Errorf("it holds the commit that begins with entry %d", c.first)
	}
	if err != nil {
		return &DamagedError{Path: path, Err: err}
	}
	return yield(c)
}

func (l *Lake) readPacked(path string, f commitFileName, yield func(*commitRecord) error) error {
	info, err := l.fs.Stat(path)
	if err != nil {
		return err
	}
	file, err := l.fs.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r := &packedReader{in: io.NewSectionReader(file, 0, info.Size()), next: f.first}
	if err := r.readMagic(); err != nil {
		return &DamagedError{Path: path, Err: err}
	}
	for {
		c, err := r.nextCommit()
		if errors.Is(err, io.EOF) && r.next == f.last+1 {
			return nil
		}
		if err != nil {
			return &DamagedError{Path: path, Err: fmt.Errorf("after entry %d: %w", r.next, err)}
		}
		if err := yield(c); err != nil {
			return err
		}
	}
}

// packedReader reads one commit after the other.
type packedReader struct {
	in   *io.SectionReader
	next uint64 // number of the entry that follows
}

func (r *packedReader) readMagic() error {
	magic := make([]byte, len(packedMagic))
	if _, err := io.ReadFull(r.in, magic); err != nil || string(magic) != packedMagic {
		return errors.Join(errNoCommit, err)
	}
	return nil
}

func (r *packedReader) nextCommit() (*commitRecord, error) {
	var length [4]byte
	if _, err := io.ReadFull(r.in, length[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(length[:])
	at, err := r.in.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	if int64(size) > min(maxCommitBytes, r.in.Size()-at) {
		return nil, errNoCommit
	}
	content := make([]byte, size)
	if _, err := io.ReadFull(r.in, content); err != nil {
		return nil, errors.Join(errNoCommit, err)
	}
	c, err := parseCommit(content)
	if err != nil {
		return nil, err
	}
	if c.first != r.next {
		return nil, fmt.Errorf("the commit of entry %d in the place of %d", c.first, r.next)
	}
	r.next += uint64(len(c.entries))
	return c, nil
}
