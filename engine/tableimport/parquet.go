package tableimport

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/auditlake/auditlake/engine/tableimport/parquet"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// parquetRows reads a Parquet file. Declared columns are found by name, without
// regard to letter case, and their values cast.
type parquetRows struct {
	opened *os.File
	file   *parquet.File
	wanted []metadata.Column
	cast   *caster
	row    int64 // from 1
}

func openParquet(r *Reader) (rowSource, error) {
	opened, err := os.Open(r.path)
	if err != nil {
		return nil, err
	}
	p := &parquetRows{opened: opened, cast: newCaster()}
	if err := p.open(r); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return p, nil
}

func (p *parquetRows) open(r *Reader) error {
	info, err := p.opened.Stat()
	if err != nil {
		return err
	}
	if p.file, err = parquet.Open(p.opened, info.Size()); err != nil {
		return err
	}
	var own []metadata.Column
	for _, c := range p.file.Columns() {
		own = append(own, metadata.Column{Name: strings.ToLower(c.Name), Type: c.Type})
	}
	from, err := r.matchColumns(own)
	if err != nil {
		return err
	}
	p.wanted = r.columns
	p.file.Select(from)
	return nil
}

func (p *parquetRows) next() ([]types.Value, error) {
	p.row++
	row, err := p.file.NextRow()
	if err != nil {
		return nil, err
	}
	for i, c := range p.wanted {
		if row[i], err = p.cast.cast(row[i], c.Type); err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return row, nil
}

func (p *parquetRows) where() string { return fmt.Sprint("row ", p.row) }

func (p *parquetRows) close() error { return p.opened.Close() }
