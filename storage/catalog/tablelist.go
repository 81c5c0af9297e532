package catalog

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/badger/v4/y"
	"google.golang.org/protobuf/proto"
)

// maxDroppedTables is how many dropped tables a catalog's list of tables may name when it is opened. Each process
// that asks one question adds a table, and each opening reads the whole list, twice. Badger itself rewrites the
// list only after ten thousand.
const maxDroppedTables = 64

// Sizes in the list of tables: its magic, and the length and checksum before each of its changes.
const (
	tableListMagicBytes = 8
	tableListFrameBytes = 8
)

// shortenTableList rewrites the list of tables in path as one change that makes the existing tables, if it names
// many dropped ones. The old list stays until the new one is on disk, and if that cannot be written. end is where
// the last whole change ends: a list with bytes after it is left to Badger.
func shortenTableList(path string, file *os.File, manifest *badger.Manifest, end int64) error {
	if manifest.Deletions <= maxDroppedTables {
		return nil
	}
	info, err := file.Stat()
	if err != nil || info.Size() != end {
		return err
	}
	list := make([]byte, tableListMagicBytes+tableListFrameBytes)
	if _, err := file.ReadAt(list[:tableListMagicBytes], 0); err != nil {
		return err
	}
	changes, err := proto.Marshal(&pb.ManifestChangeSet{Changes: tablesMade(manifest)})
	if err != nil {
		return err
	}
	frame := list[tableListMagicBytes:]
	binary.BigEndian.PutUint32(frame, uint32(len(changes)))
	binary.BigEndian.PutUint32(frame[4:], crc32.Checksum(changes, y.CastagnoliCrcTable))
	return replaceTableList(path, append(list, changes...))
}

// tablesMade returns the changes that make the tables of a manifest, in order.
func tablesMade(manifest *badger.Manifest) []*pb.ManifestChange {
	made := make([]*pb.ManifestChange, 0, len(manifest.Tables))
	for id, t := range manifest.Tables {
		made = append(made, &pb.ManifestChange{
			Id: id, Op: pb.ManifestChange_CREATE, Level: uint32(t.Level), KeyId: t.KeyID, Compression: uint32(t.Compression),
		})
	}
	slices.SortFunc(made, func(a, b *pb.ManifestChange) int { return cmp.Compare(a.Id, b.Id) })
	return made
}

// nextTableList is the name of the new list until it replaces the old one. Badger uses the same name for its own,
// so either overwrites one that a killed process leaves.
const nextTableList = "MANIFEST-REWRITE"

// replaceTableList durably replaces the content of the list of tables in path.
func replaceTableList(path string, content []byte) (err error) {
	next := filepath.Join(filepath.Dir(path), nextTableList)
	defer func() {
		if err != nil {
			_ = os.Remove(next)
			err = fmt.Errorf("replace %s: %w", path, err)
		}
	}()
	file, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
