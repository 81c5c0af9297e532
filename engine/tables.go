package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/engine/tableimport"
	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Tables are the reference tables of a lake.
type Tables struct{ lake *Lake }

// Tables returns the lake's reference tables.
func (l *Lake) Tables() *Tables { return &Tables{l} }

// Table describes a reference table.
type Table struct {
	ID        string // lower-case UUID; also the name of its file
	Name      string // lower case, unique among tables
	Columns   []TableColumn
	Rows      int64
	Bytes     int64  // of its file
	SHA256    string // of its file, lower-case hex
	Source    string // the file it was made from
	CreatedAt time.Time
}

// TableColumn is a column of a reference table. Type is a Trino type, as text.
type TableColumn struct{ Name, Type string }

func tableOf(r *catalog.Table) *Table {
	t := &Table{ID: r.ID, Name: r.Name, Rows: r.Rows, Bytes: r.Bytes, SHA256: r.SHA256, Source: r.Source, CreatedAt: r.CreatedAt}
	for _, c := range r.Columns {
		t.Columns = append(t.Columns, TableColumn(c))
	}
	return t
}

// Errors of reference tables.
var (
	ErrTableExists   = store.ErrNameTaken
	ErrTableNotFound = errors.New("reference table not found")
)

// MaxTables is the maximum number of reference tables in a lake.
const MaxTables = 1000

// TableOptions describes a new reference table.
type TableOptions struct {
	Name string // 1 to 128 bytes of printable text, case-insensitive
	// Path is the source file. Its extension is the format: .csv, .tsv, .ndjson, .jsonl, .json (each with .gz or
	// not), .orc, .parquet.
	Path string
	// Columns are the columns with their Trino types, "id bigint, tags array(varchar)"; empty: as in the file,
	// inferred for text formats.
	Columns string
}

// Create copies a file into a new reference table, which queries can read like a store. Reading it costs no bytes
// scanned.
func (t *Tables) Create(ctx context.Context, options TableOptions) (*Table, error) {
	made, _, err := t.make(ctx, options, false)
	return made, err
}

// Replace is Create for a name that may be taken by a reference table. It also returns that table, nil if there was
// none. Queries read the old rows or the new ones, never none.
func (t *Tables) Replace(ctx context.Context, options TableOptions) (made, before *Table, err error) {
	return t.make(ctx, options, true)
}

func (t *Tables) make(ctx context.Context, options TableOptions, replaces bool) (made, before *Table, err error) {
	name, err := t.freeName(ctx, options.Name, replaces)
	if err != nil {
		return nil, nil, err
	}
	format, err := tableimport.FormatOf(options.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrInvalidParameter, err)
	}
	var columns []metadata.Column
	if options.Columns != "" {
		if columns, err = tableimport.ParseColumns(options.Columns); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrInvalidParameter, err)
		}
	}
	reader, err := tableimport.Open(options.Path, format, columns)
	if err != nil {
		return nil, nil, err
	}
	defer reader.Close()
	record := &catalog.Table{Name: name, Source: options.Path}
	for _, c := range reader.Columns() {
		record.Columns = append(record.Columns, catalog.TableColumn{Name: c.Name, Type: c.Type.String()})
	}
	var old *catalog.Table
	if replaces {
		old, err = t.lake.storage.ReplaceTable(ctx, record, reader.Schema(), reader.Records())
	} else {
		err = t.lake.storage.CreateTable(ctx, record, reader.Schema(), reader.Records())
	}
	switch {
	case errors.Is(err, catalog.ErrNameTaken):
		return nil, nil, fmt.Errorf("%w: %s", ErrTableExists, name)
	case err != nil:
		return nil, nil, err
	case old != nil:
		before = tableOf(old)
	}
	return tableOf(record), before, nil
}

// freeName checks the name of a new table. The name may be taken by another table only if replaces is set.
func (t *Tables) freeName(ctx context.Context, name string, replaces bool) (string, error) {
	if err := checkTableName(name); err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalidParameter, err)
	}
	if err := store.CheckNotReserved(name); err != nil {
		return "", err
	}
	name = strings.ToLower(name)
	stores, err := store.Records(ctx, t.lake.storage)
	if err != nil {
		return "", err
	}
	tables, err := t.List(ctx)
	if err != nil {
		return "", err
	}
	isTable := slices.ContainsFunc(tables, func(t *Table) bool { return t.Name == name })
	isStore := slices.ContainsFunc(stores, func(s *catalog.Store) bool { return strings.EqualFold(s.Name, name) || s.ID == name })
	switch {
	case isStore || isTable && !replaces:
		return "", fmt.Errorf("%w: %s", ErrTableExists, name)
	case !isTable && len(tables) >= MaxTables:
		return "", fmt.Errorf("a lake may have %d reference tables", MaxTables)
	}
	return name, nil
}

func checkTableName(name string) error {
	if len(name) == 0 || len(name) > 128 {
		return fmt.Errorf("table name %q must have 1 to 128 bytes", name)
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) || strings.TrimSpace(name) != name {
		return fmt.Errorf("table name %q must be printable text that neither begins nor ends with a space", name)
	}
	return nil
}

// DescribeColumns returns the columns of a table in the form of TableOptions.Columns.
func DescribeColumns(t *Table) string {
	parts := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		name := c.Name
		if !plainName().MatchString(name) {
			name = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
		parts[i] = name + " " + c.Type
	}
	return strings.Join(parts, ", ")
}

var plainName = lazyregexp.New(`^[a-z_][a-z0-9_]*$`)

// List returns the reference tables by name.
func (t *Tables) List(ctx context.Context) ([]*Table, error) {
	records, err := t.lake.storage.Tables()
	var out []*Table
	for _, r := range records {
		out = append(out, tableOf(r))
	}
	return out, errors.Join(err, ctx.Err())
}

// Drop removes a reference table. Running queries that read it are not disturbed.
func (t *Tables) Drop(ctx context.Context, name string) error {
	err := t.lake.storage.DropTable(ctx, strings.ToLower(name))
	if errors.Is(err, catalog.ErrNotFound) {
		return fmt.Errorf("%w: %s", ErrTableNotFound, name)
	}
	return err
}
