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

// checkTables reads the tables and logs of a catalog that nobody has open and compares all that they hold with its
// checksums: *DamagedError.
//
// Badger takes the lack of a block that it cannot read for the end of what there is: the manifest would be
// shorter, and files that it does not name are deleted. At a table that was cut off it ends the process.
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
	_ = shortenTableList(path, file, &manifest, end) // a long one is as good
	return nil
}

// checkNoTables refuses tables that nothing names, which Badger would delete: a catalog with tables that was not
// closed has a log of what is in none of them.
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

// checkTableContent reads a table of so many bytes: blocks, the index of their places, the index's length and
// checksum. The blocks are checked in shares at the same time: most of a catalog is in one table.
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

// recoverNotWhole makes an error of the panic that lengths lead to which point out of a table.
func recoverNotWhole(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("it is not whole: %v", p)
	}
}

// checkBlocks checks the blocks of a table from one on, up to another; they end before byte end. A block ends with
// its checksum, too; it is that of the block before it was compressed. Blocks are read, some at once, into the same
// memory: that of a whole table, fresh from the system, takes longer than its checksums.
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

// fileWindow reads a file up to a byte, from its beginning on and much at once.
type fileWindow struct {
	file io.ReaderAt
	end  int64
	from int64
	read []byte // from from on
}

// windowBytes is how much is read at once: the blocks of a table are a few kilobytes each.
const windowBytes = 128 << 10

// at gives size bytes from an offset on, valid until the next call. They end before the window's end.
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

// readLast reads what stands before its own length at the end of the first bytes of a file, and returns where it
// begins.
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

// cutLast cuts off what stands before its own length.
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
