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

// maxDroppedTables is how many tables that are no more a catalog's list of tables may name when it is opened. Each
// process that asks one question adds a table, and each opening reads the whole list, twice; Badger writes it anew
// after ten thousand.
const maxDroppedTables = 64

// Parts of the list of tables: what it begins with, and what stands before each of its changes, their length and
// checksum.
const (
	tableListMagicBytes = 8
	tableListFrameBytes = 8
)

// shortenTableList writes the list of tables in path anew, as one change that makes the tables that there are, when
// it names many that are no more. The list before stays until the new one is on disk, and when that cannot be
// written. end is where the last whole change ends: a list with something behind it is left to Badger.
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

// tablesMade are the changes that make the tables of a manifest, in their order.
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

// nextTableList is the new list until it takes the place of the one before. It has the name that Badger uses for its
// own, so that one which a killed process leaves is written over by either.
const nextTableList = "MANIFEST-REWRITE"

// replaceTableList puts content durably in the place of that of the list of tables in path.
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
