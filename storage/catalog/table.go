package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// Table is a reference table: rows that users keep beside their events, in one file of the lake.
type Table struct {
	ID        string        `json:"ID"`   // lower-case UUID; also the name of its file
	Name      string        `json:"Name"` // lower case, unique among tables
	Columns   []TableColumn `json:"Columns"`
	Rows      int64         `json:"Rows"`
	Bytes     int64         `json:"Bytes"`  // of the file
	SHA256    string        `json:"SHA256"` // of the file, lower-case hex
	Source    string        `json:"Source"` // what it was made from
	CreatedAt time.Time     `json:"CreatedAt"`
}

// TableColumn is a column of a reference table. Type is a Trino type, as text.
type TableColumn struct {
	Name string `json:"Name"`
	Type string `json:"Type"`
}

// AddTable writes a new table. ErrNameTaken: a table or store has its name.
func (tx *Tx) AddTable(t *Table) error {
	_, err := tx.getRaw(tableKey(t.Name))
	switch {
	case err == nil:
		return fmt.Errorf("%w: %s", ErrNameTaken, t.Name)
	case !errors.Is(err, badger.ErrKeyNotFound):
		return fmt.Errorf("catalog: read %s: %w", tableKey(t.Name), err)
	}
	return tx.putTable(t)
}

// ReplaceTable writes a table and returns the table of its name that it replaces, nil if there was none.
// ErrNameTaken: a store has its name.
func (tx *Tx) ReplaceTable(t *Table) (before *Table, err error) {
	if before, err = tx.Table(t.Name); err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	return before, tx.putTable(t)
}

// putTable writes a table. No store may have its name.
func (tx *Tx) putTable(t *Table) error {
	stores, err := tx.Stores()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(stores, func(s *Store) bool { return strings.EqualFold(s.Name, t.Name) }) {
		return fmt.Errorf("%w: %s", ErrNameTaken, t.Name)
	}
	tx.changesTables = true
	return put(tx, tableKey(t.Name), t)
}

// Table reads a table by its name.
func (tx *Tx) Table(name string) (*Table, error) {
	return get[Table](tx, tableKey(name), "reference table", name)
}

// Tables lists all tables by name.
func (tx *Tx) Tables() ([]*Table, error) { return collect(scan[Table](tx, tablePrefix, "")) }

// DeleteTable removes the record of a table.
func (tx *Tx) DeleteTable(name string) error {
	tx.changesTables = true
	return tx.delete(tableKey(name))
}
