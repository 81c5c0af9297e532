package catalog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

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
	manifest, _, err := badger.ReplayManifestFile(file, 0, badgerOptions(dir))
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
	return group.Wait()
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
	content, err := os.ReadFile(path)
	if err == nil {
		err = checkTableContent(content, compression)
	}
	if err != nil {
		return &DamagedError{Path: path, Err: err}
	}
	return nil
}

// checkTableContent reads a table: blocks, the index of their places, the index's length and checksum. A block
// ends with its checksum, too; it is that of the block before it was compressed.
func checkTableContent(content []byte, compression options.CompressionType) (err error) {
	defer func() {
		if p := recover(); p != nil { // lengths that lead out of the table
			err = fmt.Errorf("it is not whole: %v", p)
		}
	}()
	rest, checksum := cutLast(content)
	_, index := cutLast(rest)
	if err := checkSum(index, checksum); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	blocks := fb.GetRootAsTableIndex(index, 0)
	var place fb.BlockOffset
	var buffer []byte
	for i := range blocks.OffsetsLength() {
		blocks.Offsets(&place, i)
		block := content[place.Offset():][:place.Len()]
		if compression == options.Snappy {
			if buffer, err = snappy.Decode(buffer[:cap(buffer)], block); err != nil {
				return fmt.Errorf("block at byte %d: %w", place.Offset(), err)
			}
			block = buffer
		}
		if err := checkSum(cutLast(block)); err != nil {
			return fmt.Errorf("block at byte %d: %w", place.Offset(), err)
		}
	}
	return nil
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
