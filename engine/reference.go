package engine

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/tableimport"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Table is a reference table.
type Table = catalog.Table

// Errors of reference tables.
var (
	ErrTableExists   = errors.New("a table or event data store of this name exists")
	ErrTableNotFound = errors.New("reference table not found")
)

// MaxTables is how many reference tables a lake may have.
const MaxTables = 1000

// TableOptions describes a new reference table.
type TableOptions struct {
	Name string // 1 to 128 bytes of printable text; letter case does not count
	// Path is the file it is made from, whose name tells the format: .csv, .tsv,
	// .ndjson, .jsonl, .json (each with .gz or not), .orc, .parquet.
	Path string
	// Columns are the columns with their Trino types, "id bigint, tags
	// array(varchar)"; empty: as the file has them, inferred for text formats.
	Columns string
}

// CreateTable copies a file into a new reference table, which queries see
// beside the stores. It costs no bytes scanned.
func (l *Lake) CreateTable(ctx context.Context, options TableOptions) (*Table, error) {
	name, err := l.tableName(ctx, options.Name)
	if err != nil {
		return nil, err
	}
	format, err := tableimport.FormatOf(options.Path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidParameter, err)
	}
	var columns []metadata.Column
	if options.Columns != "" {
		if columns, err = tableimport.ParseColumns(options.Columns); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalidParameter, err)
		}
	}
	reader, err := tableimport.Open(options.Path, format, columns)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	t := &Table{Name: name, Source: options.Path}
	for _, c := range reader.Columns() {
		t.Columns = append(t.Columns, catalog.TableColumn{Name: c.Name, Type: c.Type.String()})
	}
	if err := l.storage.CreateTable(ctx, t, reader.Schema(), reader.Records()); err != nil {
		if errors.Is(err, catalog.ErrNameTaken) {
			err = fmt.Errorf("%w: %s", ErrTableExists, name)
		}
		return nil, err
	}
	return t, nil
}

// tableName checks the name of a new table.
func (l *Lake) tableName(ctx context.Context, name string) (string, error) {
	if err := checkTableName(name); err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalidParameter, err)
	}
	name = strings.ToLower(name)
	stores, err := l.Stores(ctx)
	if err != nil {
		return "", err
	}
	tables, err := l.Tables(ctx)
	if err != nil {
		return "", err
	}
	if len(tables) >= MaxTables {
		return "", fmt.Errorf("a lake may have %d reference tables", MaxTables)
	}
	taken := slices.ContainsFunc(stores, func(s *Store) bool { return strings.EqualFold(s.Name, name) || s.ID == name }) ||
		slices.ContainsFunc(tables, func(t *Table) bool { return t.Name == name })
	if taken {
		return "", fmt.Errorf("%w: %s", ErrTableExists, name)
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

// DescribeColumns is what TableOptions.Columns would be for a table.
func DescribeColumns(t *Table) string {
	parts := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		name := c.Name
		if !plainName.MatchString(name) {
			name = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
		parts[i] = name + " " + c.Type
	}
	return strings.Join(parts, ", ")
}

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// Tables lists the reference tables by name.
func (l *Lake) Tables(ctx context.Context) ([]*Table, error) {
	tables, err := l.storage.Tables()
	return tables, errors.Join(err, ctx.Err())
}

// DropTable removes a reference table. Queries that read it go on.
func (l *Lake) DropTable(ctx context.Context, name string) error {
	err := l.storage.DropTable(ctx, strings.ToLower(name))
	if errors.Is(err, catalog.ErrNotFound) {
		return fmt.Errorf("%w: %s", ErrTableNotFound, name)
	}
	return err
}
