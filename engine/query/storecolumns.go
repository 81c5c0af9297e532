package query

import (
	"sync"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/storage/schema"
)

// columnsByTable caches the columns of stores as statements see them: []metadata.Column by *schema.Table.
var columnsByTable sync.Map

// columnsOf returns the columns of stores with a table. All statements share them: callers must not change them.
func columnsOf(table *schema.Table) ([]metadata.Column, error) {
	if columns, ok := columnsByTable.Load(table); ok {
		return columns.([]metadata.Column), nil
	}
	columns := make([]metadata.Column, len(table.Columns))
	for i, c := range table.Columns {
		columnType, err := arrowtype.FromArrow(c.Type)
		if err != nil {
			return nil, err
		}
		columns[i] = metadata.Column{Name: c.Name, Type: columnType, Comment: c.Description}
	}
	kept, _ := columnsByTable.LoadOrStore(table, columns)
	return kept.([]metadata.Column), nil
}
