// Package tableimport reads the files that reference tables are made of: CSV,
// NDJSON, ORC and Parquet, with declared or inferred Trino types.
//
// Every format becomes rows of types.Value. Text becomes a value as a cast
// from varchar makes it (CAST('2026-01-31' AS date)), whatever the format; times
// may also be of ISO 8601 (2026-01-31T10:00:00Z).
package tableimport

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/klauspost/compress/gzip"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// Limits of what a file may hold.
const (
	maxColumns     = 10_000
	maxLineBytes   = 16 << 20
	maxRecordBytes = 32 << 20 // of decoded values that wait to become a record, about
)

// Format is the format of a file.
type Format string

// The formats.
const (
	CSV     Format = "csv"
	TSV     Format = "tsv"
	NDJSON  Format = "ndjson"
	ORC     Format = "orc"
	Parquet Format = "parquet"
)

var extensions = map[string]Format{
	".csv": CSV, ".tsv": TSV, ".ndjson": NDJSON, ".jsonl": NDJSON, ".json": NDJSON, ".orc": ORC, ".parquet": Parquet,
}

// FormatOf returns a file's format, by its name. CSV, TSV and NDJSON may be gzipped, with .gz after the extension.
func FormatOf(path string) (Format, error) {
	name := strings.ToLower(path)
	plain := strings.TrimSuffix(name, ".gz")
	for extension, format := range extensions {
		if !strings.HasSuffix(plain, extension) {
			continue
		}
		if plain != name && (format == ORC || format == Parquet) {
			return "", fmt.Errorf("%s: an %s file must not be gzipped", path, format)
		}
		return format, nil
	}
	return "", fmt.Errorf("%s: the name must end with .csv, .tsv, .ndjson, .jsonl or .json (or these with .gz), .orc or .parquet", path)
}

// ParseColumns reads declared columns, "id bigint, tags array(varchar)".
func ParseColumns(text string) ([]metadata.Column, error) {
	t, err := types.ParseType("row(" + text + ")")
	if err != nil {
		return nil, fmt.Errorf("columns %q: %w", text, err)
	}
	var columns []metadata.Column
	for i, f := range t.Fields {
		if f.Name == "" {
			return nil, fmt.Errorf("columns %q: column %d needs a name and a type", text, i+1)
		}
		columns = append(columns, metadata.Column{Name: strings.ToLower(f.Name), Type: f.Type})
	}
	return columns, checkColumns(columns)
}

func checkColumns(columns []metadata.Column) error {
	if len(columns) == 0 {
		return errors.New("a table needs a column")
	}
	if len(columns) > maxColumns {
		return fmt.Errorf("a table of %d columns is above the limit of %d", len(columns), maxColumns)
	}
	seen := map[string]bool{}
	for _, c := range columns {
		if c.Name == "" {
			return errors.New("a column has no name")
		}
		if seen[c.Name] {
			return fmt.Errorf("two columns have the name %s", c.Name)
		}
		seen[c.Name] = true
	}
	return nil
}

// rowSource is a file being read. Rows have a value for each column, of its
// type.
type rowSource interface {
	// next returns the next row, io.EOF at the end. where says in an error which
	// row it is.
	next() (row []types.Value, err error)
	where() string
	close() error
}

// Reader reads a file once.
type Reader struct {
	path    string
	columns []metadata.Column
	rows    rowSource
}

// Open opens a file. Without declared columns the types of text formats are
// inferred, for which the whole file is read before. The caller closes the
// reader.
func Open(path string, format Format, declared []metadata.Column) (r *Reader, err error) {
	r = &Reader{path: path, columns: declared}
	defer batch.Recover(&err)
	switch format {
	case CSV, TSV:
		r.rows, err = openCSV(r, format)
	case NDJSON:
		r.rows, err = openNDJSON(r)
	case ORC:
		r.rows, err = openORC(r)
	case Parquet:
		r.rows, err = openParquet(r)
	default:
		err = fmt.Errorf("unknown format %q", format)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// matchColumns finds the declared columns among a file's own, whose names are in
// lower case; the file's are taken if none are declared.
func (r *Reader) matchColumns(own []metadata.Column) (from []int, err error) {
	if r.columns == nil {
		if err := checkColumns(own); err != nil {
			return nil, err
		}
		r.columns = own
	}
	at := map[string]int{}
	for i, c := range own {
		at[c.Name] = i
	}
	for _, c := range r.columns {
		i, ok := at[c.Name]
		if !ok {
			return nil, fmt.Errorf("there is no column %s", c.Name)
		}
		from = append(from, i)
	}
	return from, nil
}

// Columns are the table's columns: those declared, or as the file has them.
func (r *Reader) Columns() []metadata.Column { return r.columns }

// Close ends the reading.
func (r *Reader) Close() error { return r.rows.close() }

// Schema is the Arrow schema of the records.
func (r *Reader) Schema() *arrow.Schema {
	fields := make([]arrow.Field, len(r.columns))
	for i, c := range r.columns {
		fields[i] = arrow.Field{Name: c.Name, Type: arrowtype.Of(c.Type), Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

// Records gives the rows in the layout of engine/arrowtype, up to batch.Rows
// rows a record. An error names file, row and column, and ends them.
func (r *Reader) Records() iter.Seq2[arrow.Record, error] {
	return func(yield func(arrow.Record, error) bool) {
		for {
			record, err := r.record()
			if err == io.EOF || !yield(record, err) || err != nil {
				return
			}
		}
	}
}

func (r *Reader) record() (record arrow.Record, err error) {
	defer batch.Recover(&err)
	columns := make([][]types.Value, len(r.columns))
	rows, size := 0, int64(0)
	for ; rows < batch.Rows && size < maxRecordBytes; rows++ {
		row, err := r.rows.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", r.path, r.rows.where(), err)
		}
		for c, v := range row {
			columns[c] = append(columns[c], v)
			size += valueBytes(v)
		}
	}
	if rows == 0 {
		return nil, io.EOF
	}
	arrays := make([]arrow.Array, len(r.columns))
	for c := range columns {
		if arrays[c], err = function.ArrayOf(r.columns[c].Type, columns[c]); err != nil {
			return nil, fmt.Errorf("%s: column %s: %w", r.path, r.columns[c].Name, err)
		}
	}
	return array.NewRecord(r.Schema(), arrays, int64(rows)), nil
}

// valueBytes is about what a value takes.
func valueBytes(v types.Value) int64 {
	const box = 32
	size := int64(box)
	switch x := v.V.(type) {
	case string:
		size += int64(len(x))
	case []byte:
		size += int64(len(x))
	case []types.Value:
		for _, item := range x {
			size += valueBytes(item)
		}
	case types.MapValue:
		for i := range x.Keys {
			size += valueBytes(x.Keys[i]) + valueBytes(x.Values[i])
		}
	}
	return size
}

// openText opens a text file, unzipped if its name says so.
func openText(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(strings.ToLower(path), ".gz") {
		return file, nil
	}
	zipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return gzipFile{zipped, file}, nil
}

type gzipFile struct {
	*gzip.Reader
	file *os.File
}

func (f gzipFile) Close() error { return errors.Join(f.Reader.Close(), f.file.Close()) }
