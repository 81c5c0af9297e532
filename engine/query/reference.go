package query

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/catalog"
)

// referenceTable is the handle of a reference table, or of a kept result, that a statement reads.
type referenceTable struct{ file recordFile }

// recordFile is a file of rows that stays open while a statement reads it.
type recordFile interface {
	exec.Records
	Close() error
}

// reference finds a reference table and keeps its file open for the statement. It returns nil if none has the name.
func (v *view) reference(ctx context.Context, name string) (*metadata.Table, error) {
	name = strings.ToLower(name)
	if t, ok := v.opened[name]; ok {
		return t, nil
	}
	at := slices.IndexFunc(v.tables, func(t *catalog.Table) bool { return t.Name == name })
	if at < 0 {
		return nil, nil
	}
	record := v.tables[at]
	file, err := v.lake.OpenTable(ctx, record)
	if errors.Is(err, fs.ErrNotExist) { // it was replaced since the snapshot was taken
		if record = v.replaced(record); record != nil {
			file, err = v.lake.OpenTable(ctx, record)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reference table %s: %w", name, err)
	}
	t, err := describeReference(record)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	t.Handle = &referenceTable{file}
	v.opened[name] = t
	return t, nil
}

// replaced returns the table that has replaced old, or nil if there is none.
func (v *view) replaced(old *catalog.Table) *catalog.Table {
	now, err := v.lake.Tables()
	if err != nil {
		return nil
	}
	for _, t := range now {
		if t.Name == old.Name && t.ID != old.ID {
			return t
		}
	}
	return nil
}

// tablesRead returns, in order, the names of the reference tables that the statement names, even if the plan does
// not use them. It includes those of a kept result that the statement reads. isKnown is false if an earlier version
// recorded that result without them.
func (v *view) tablesRead() (names []string, isKnown bool) {
	isKnown = true
	for name := range v.opened {
		if name != OverResultName {
			names = append(names, name)
		}
	}
	if v.result != nil {
		names, isKnown = append(names, v.result.Tables...), v.result.KnowsTables
	}
	slices.Sort(names)
	return slices.Compact(names), isKnown
}

// describeReference returns the columns of a reference table.
func describeReference(record *catalog.Table) (*metadata.Table, error) {
	t := &metadata.Table{Name: record.Name, Rows: record.Rows}
	for _, c := range record.Columns {
		columnType, err := types.ParseType(c.Type)
		if err != nil {
			return nil, fmt.Errorf("reference table %s, column %s: %w", record.Name, c.Name, err)
		}
		t.Columns = append(t.Columns, metadata.Column{Name: c.Name, Type: columnType})
	}
	return t, nil
}
