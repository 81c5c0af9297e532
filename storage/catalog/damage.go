package catalog

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/fb"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/badger/v4/y"
	"github.com/golang/snappy"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"
)

// checkTables reads the tables and logs of a catalog that no process has open and verifies their checksums. Its
// error is a *DamagedError.
//
// Badger takes a block that it cannot read for the end of the data: the manifest would be shorter, and the files
// missing from it deleted. A table that was cut off makes Badger end the process.
func checkTables(dir string, opts Options) error {
	unlock, err := lockFolder(dir)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	if err != nil {
		return err
	}
	err = checkTablesOf(dir)
	if err == nil && !opts.acceptsLogs {
		err = checkLogs(dir, opts.ChainEntries)
	}
	return errors.Join(err, unlock())
}

func checkTablesOf(dir string) error {
	path := filepath.Join(dir, badger.ManifestFilename)
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	manifest, end, err := badger.ReplayManifestFile(file, 0, badgerOptions(dir))
	if err != nil {
		return &DamagedError{Path: path, Err: err}
	}
	if len(manifest.Tables) == 0 {
		return checkNoTables(dir)
	}
	var group errgroup.Group
	group.SetLimit(compactors)
	for id, t := range manifest.Tables {
		group.Go(func() error { return checkTable(table.NewFilename(id, dir), t.Compression) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	_ = shortenTableList(path, file, &manifest, end) // a failure leaves the long list, which is as good
	return nil
}

// checkNoTables returns an error if there are tables that no list names, because Badger would delete them. A
// catalog with tables that was not closed has a log of records that are in no table.
func checkNoTables(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var tables, logs int
	for _, e := range entries {
		switch filepath.Ext(e.Name()) {
		case ".sst":
			tables++
		case ".mem":
			logs++
		}
	}
	if tables > 0 && logs == 0 {
		return &DamagedError{Path: filepath.Join(dir, badger.ManifestFilename), Err: fmt.Errorf("names none of %d tables", tables)}
	}
	return nil
}

func checkTable(path string, compression options.CompressionType) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return &DamagedError{Path: path, Err: err}
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil {
		err = checkTableContent(file, info.Size(), compression)
	}
	if err != nil {
		return &DamagedError{Path: path, Err: err}
	}
	return nil
}

// checkTableContent reads a table of size bytes: blocks, the index of their places, the index's length and
// checksum. It checks the blocks in parallel: most of a catalog is in one table.
func checkTableContent(file io.ReaderAt, size int64, compression options.CompressionType) (err error) {
	defer recoverNotWhole(&err)
	checksum, end, err := readLast(file, size)
	if err != nil {
		return err
	}
	index, end, err := readLast(file, end)
	if err != nil {
		return err
	}
	if err := checkSum(index, checksum); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	blocks := fb.GetRootAsTableIndex(index, 0)
	count := blocks.OffsetsLength()
	shares := min(compactors, count)
	errs := make([]error, shares)
	var running sync.WaitGroup
	for i := range shares {
		running.Go(func() { errs[i] = checkBlocks(file, blocks, count*i/shares, count*(i+1)/shares, end, compression) })
	}
	running.Wait()
	return cmp.Or(errs...) // that of the first block
}

// recoverNotWhole turns a panic into an error: lengths that point out of a table cause it.
func recoverNotWhole(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("it is not whole: %v", p)
	}
}

// checkBlocks checks the blocks [from, to) of a table, which end before byte end. A block ends with its checksum,
// computed before the block was compressed. Several blocks at a time are read into the same memory: fresh memory
// for a whole table takes longer than its checksums.
func checkBlocks(file io.ReaderAt, blocks *fb.TableIndex, from, to int, end int64, compression options.CompressionType) (err error) {
	defer recoverNotWhole(&err)
	var place fb.BlockOffset
	var content []byte
	window := fileWindow{file: file, end: end}
	for i := from; i < to; i++ {
		blocks.Offsets(&place, i)
		if int64(place.Offset())+int64(place.Len()) > end {
			return fmt.Errorf("it is not whole: block at byte %d has %d bytes", place.Offset(), place.Len())
		}
		stored, err := window.at(int64(place.Offset()), int(place.Len()))
		if err != nil {
			return fmt.Errorf("block at byte %d: %w", place.Offset(), err)
		}
		block := stored
		if compression == options.Snappy {
			if content, err = snappy.Decode(content[:cap(content)], stored); err != nil {
				return fmt.Errorf("block at byte %d: %w", place.Offset(), err)
			}
			block = content
		}
		if err := checkSum(cutLast(block)); err != nil {
			return fmt.Errorf("block at byte %d: %w", place.Offset(), err)
		}
	}
	return nil
}

// fileWindow reads a file up to a byte, from its beginning on, much at a time.
type fileWindow struct {
	file io.ReaderAt
	end  int64
	from int64
	read []byte // bytes of the file from offset from on
}

// windowBytes is how much is read at once: the blocks of a table are a few kilobytes each.
const windowBytes = 128 << 10

// at returns size bytes from an offset on, valid until the next call. They must end before the window's end.
func (w *fileWindow) at(offset int64, size int) ([]byte, error) {
	if offset < w.from || offset+int64(size) > w.from+int64(len(w.read)) {
		ahead := max(size, int(min(windowBytes, w.end-offset)))
		w.from, w.read = offset, slices.Grow(w.read[:0], ahead)[:ahead]
		if _, err := w.file.ReadAt(w.read, offset); err != nil {
			w.read = w.read[:0]
			return nil, err
		}
	}
	return w.read[offset-w.from:][:size], nil
}

// readLast reads a part of a file and returns where it begins. The four bytes after it, which end at end, are its
// length.
func readLast(file io.ReaderAt, end int64) (last []byte, begin int64, err error) {
	var length [4]byte
	begin = end - int64(len(length))
	if begin < 0 {
		return nil, 0, errors.New("it is not whole: it ends before a length")
	}
	if _, err := file.ReadAt(length[:], begin); err != nil {
		return nil, 0, err
	}
	size := int64(binary.BigEndian.Uint32(length[:]))
	if size > begin {
		return nil, 0, fmt.Errorf("it is not whole: %d bytes of a part of %d", begin, size)
	}
	last = make([]byte, size)
	begin -= size
	_, err = file.ReadAt(last, begin)
	return last, begin, err
}

// cutLast cuts off the last part, whose length is in the last four bytes.
func cutLast(b []byte) (rest, last []byte) {
	end := len(b) - 4
	start := end - int(binary.BigEndian.Uint32(b[end:]))
	return b[:start], b[start:end]
}

func checkSum(b, checksum []byte) error {
	var want pb.Checksum
	if err := proto.Unmarshal(checksum, &want); err != nil {
		return fmt.Errorf("checksum: %w", err)
	}
	return y.VerifyChecksum(b, &want)
}
