package engine

import (
	"context"

	"github.com/auditlake/auditlake/engine/systemtable"
	"github.com/auditlake/auditlake/planner/metadata"
)

var _ metadata.SystemTables = (*view)(nil)

// SystemCatalogs implements metadata.SystemTables.
func (v *view) SystemCatalogs() []string { return systemtable.Catalogs() }

// SystemSchemas implements metadata.SystemTables.
func (v *view) SystemSchemas(catalog string) []metadata.SystemSchema {
	return systemtable.Schemas(catalog, CatalogName)
}

// SystemTable implements metadata.SystemTables.
func (v *view) SystemTable(ctx context.Context, _, schema, name string) (*metadata.SystemTable, error) {
	tables, err := v.Tables(ctx)
	if err != nil {
		return nil, err
	}
	return systemtable.Lake{Catalog: CatalogName, Schema: SchemaName, Tables: tables}.Find(schema, name)
}
