package storage

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"iter"
	"path/filepath"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/google/uuid"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/tablefile"
)

const tableSuffix = ".arrow"

func (l *Lake) tablesPath() string { return filepath.Join(l.dir, tablesFolder) }

func (l *Lake) tablePath(id string) string { return filepath.Join(l.tablesPath(), id+tableSuffix) }

// CreateTable writes a reference table of all records. The caller sets name, columns and source of t; CreateTable
// sets the rest. After a nil error the table is durable and visible. catalog.ErrNameTaken: a table or store has its
// name.
func (l *Lake) CreateTable(ctx context.Context, t *catalog.Table, schema *arrow.Schema, records iter.Seq2[arrow.Record, error]) error {
	return l.makeTable(ctx, t, schema, records, func(tx *catalog.Tx) error { return tx.AddTable(t) })
}

// ReplaceTable is CreateTable for a name that another table may have. One transaction adds the new table and
// removes the old one, which ReplaceTable returns (nil: none), so that readers see one or the other.
func (l *Lake) ReplaceTable(ctx context.Context, t *catalog.Table, schema *arrow.Schema, records iter.Seq2[arrow.Record, error]) (before *catalog.Table, err error) {
	err = l.makeTable(ctx, t, schema, records, func(tx *catalog.Tx) (err error) {
		before, err = tx.ReplaceTable(t)
		return err
	})
	if err != nil || before == nil {
		return nil, err
	}
	return before, l.fs.Remove(l.tablePath(before.ID))
}

// makeTable writes the file of a table, and its record with commit.
func (l *Lake) makeTable(ctx context.Context, t *catalog.Table, schema *arrow.Schema, records iter.Seq2[arrow.Record, error], commit func(*catalog.Tx) error) (err error) {
	if err := l.checkChangeable(); err != nil {
		return err
	}
	t.ID, t.CreatedAt = uuid.NewString(), l.now().UTC()
	path := l.tablePath(t.ID)
	written := filepath.Join(l.tablesPath(), tempPrefix+t.ID+tableSuffix+".tmp")
	defer func() {
		if err != nil && written != "" {
			_ = l.fs.Remove(written) // otherwise opening the lake removes it
		}
	}()
	if err := l.writeTable(ctx, t, written, schema, records); err != nil {
		return err
	}
	if err := l.fs.Rename(written, path); err != nil {
		return err
	}
	written = path
	if err := l.fs.SyncDir(l.tablesPath()); err != nil {
		return err
	}
	err = l.catalog.Update(ctx, commit)
	if unknown := (*catalog.CommitError)(nil); errors.As(err, &unknown) {
		written = "" // the record may exist
	}
	return err
}

// writeTable writes and syncs the file of a table.
func (l *Lake) writeTable(ctx context.Context, t *catalog.Table, path string, schema *arrow.Schema, records iter.Seq2[arrow.Record, error]) error {
	file, err := l.fs.Create(path)
	if err != nil {
		return err
	}
	hash, size := sha256.New(), &byteCount{}
	buffered := bufio.NewWriterSize(file, fileBufferBytes)
	t.Rows, err = tablefile.Write(ctx, io.MultiWriter(buffered, hash, size), schema, records)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = file.Sync()
	}
	t.Bytes, t.SHA256 = size.bytes, hex.EncodeToString(hash.Sum(nil))
	return errors.Join(err, file.Close())
}

// byteCount counts what is written to it.
type byteCount struct{ bytes int64 }

func (c *byteCount) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return len(p), nil
}

// Tables lists the reference tables by name. The caller must change neither the records nor the list.
func (l *Lake) Tables() (all []*catalog.Table, err error) {
	err = l.catalog.View(func(tx *catalog.Tx) error {
		all, err = tx.KeptTables()
		return err
	})
	return all, err
}

// OpenTable opens the file of a reference table. It stays readable if the table is dropped meanwhile. Damage is a
// *DamagedError.
func (l *Lake) OpenTable(ctx context.Context, t *catalog.Table) (*tablefile.File, error) {
	path := l.tablePath(t.ID)
	file, err := l.fs.Open(path)
	if err != nil {
		return nil, err
	}
	if err := l.checkTable(ctx, t, file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return tablefile.Open(file, t.Bytes, path)
}

// checkTable compares a file with its hash, once while the lake is open.
func (l *Lake) checkTable(ctx context.Context, t *catalog.Table, file io.ReaderAt) error {
	if _, known := l.checkedTables.Load(t.ID); known {
		return nil
	}
	if err := checkHash(ctx, io.NewSectionReader(file, 0, t.Bytes), l.tablePath(t.ID), t.SHA256); err != nil {
		return err
	}
	l.checkedTables.Store(t.ID, true)
	return nil
}

// VerifyTable reads a table's file completely and compares it with its record: *DamagedError if it is not, byte for
// byte, what was written.
func (l *Lake) VerifyTable(ctx context.Context, t *catalog.Table) error {
	path := l.tablePath(t.ID)
	file, err := l.fs.Open(path)
	if err != nil {
		return readError(path, err)
	}
	l.checkedTables.Delete(t.ID)
	return errors.Join(l.checkTable(ctx, t, file), file.Close())
}

// DropTable removes a reference table.
func (l *Lake) DropTable(ctx context.Context, name string) error {
	var t *catalog.Table
	err := l.catalog.Update(ctx, func(tx *catalog.Tx) (err error) {
		if t, err = tx.Table(name); err != nil {
			return err
		}
		return tx.DeleteTable(name)
	})
	if err != nil {
		return err
	}
	return l.fs.Remove(l.tablePath(t.ID))
}

// sweepTableOrphans brings back the table files that were set aside and that a record names. It sets aside those
// without a record, and removes the temporary files of writers.
func (l *Lake) sweepTableOrphans(ctx context.Context) error {
	entries, err := l.fs.ReadDir(l.tablesPath())
	if err != nil {
		return err
	}
	tables, err := l.Tables()
	if err != nil {
		return err
	}
	missing := map[string]*catalog.Table{}
	for _, t := range tables {
		missing[t.ID+tableSuffix] = t
	}
	for _, entry := range entries {
		if _, isNamed := missing[entry.Name()]; isNamed {
			delete(missing, entry.Name())
			continue
		}
		if err := l.sweepTableFile(entry.Name()); err != nil {
			return err
		}
	}
	for name, t := range missing {
		from := filepath.Join(l.tablesPath(), orphanedFolder, name)
		if err := l.bringBack(ctx, from, filepath.Join(l.tablesPath(), name), t.Bytes, t.SHA256); err != nil {
			return err
		}
	}
	return nil
}

// sweepTableFile treats a file that no record names. Files with names unlike a table's are left alone.
func (l *Lake) sweepTableFile(name string) error {
	path := filepath.Join(l.tablesPath(), name)
	id, isTemporary := strings.CutSuffix(name, tableSuffix+".tmp")
	if !isTemporary {
		id = strings.TrimSuffix(name, tableSuffix)
	}
	switch _, err := uuid.Parse(strings.TrimPrefix(id, tempPrefix)); {
	case err != nil:
		return nil
	case isTemporary:
		return l.fs.Remove(path)
	}
	return l.setAside(path, l.tablesPath(), reasonUnnamedTable, 0)
}
