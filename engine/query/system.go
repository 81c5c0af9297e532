package query

import (
	"context"

	"github.com/auditlake/auditlake/engine/systemtable"
	"github.com/auditlake/auditlake/planner/metadata"
)

// The types of what system.runtime shows of a server.
type (
	Server            = systemtable.Server
	ServerQuery       = systemtable.Query
	ServerTransaction = systemtable.Transaction
)

// InServer sets what system.runtime shows; without it the tables there are empty. state is called when a statement
// that names a system table is planned.
func InServer(state func() *Server) Option { return func(o *request) { o.server = state } }

var _ metadata.SystemTables = (*view)(nil)

// SystemCatalogs implements metadata.SystemTables.
func (v *view) SystemCatalogs() []string { return systemtable.Catalogs() }

// SystemSchemas implements metadata.SystemTables.
func (v *view) SystemSchemas(catalog string) []metadata.SystemSchema {
	return systemtable.Schemas(catalog, CatalogName)
}

// SystemTable implements metadata.SystemTables.
func (v *view) SystemTable(ctx context.Context, catalog, schema, name string) (*metadata.SystemTable, error) {
	tables, err := v.Tables(ctx)
	if err != nil {
		return nil, err
	}
	lake := systemtable.Lake{Catalog: CatalogName, Schema: SchemaName, Tables: tables}
	if v.server != nil {
		lake.Server = v.server()
	}
	return lake.Find(catalog, schema, name)
}
