package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

func (a *analyzer) showSession(x *ast.Show) plan.Node {
	var rows [][]string
	for _, p := range a.session.Properties {
		rows = append(rows, []string{p.Name, p.Value, p.Default, p.Type, p.Description})
	}
	return a.boundedListing(x, []string{"Name", "Value", "Default", "Type", "Description"}, rows)
}

// showRoles returns no rows: a lake has no roles.
func (a *analyzer) showRoles(x *ast.Show, title string) plan.Node {
	if x.From != nil {
		catalog := strings.ToLower(x.From.Last().Name)
		if catalog != a.session.Catalog && len(a.systemSchemas(catalog)) == 0 {
			a.fail(types.CatalogNotFound, x, "Catalog '%s' not found", catalog)
		}
		a.fail(types.NotSupported, x, "Catalog '%s' does not support role management", catalog)
	}
	return a.listing(x, []string{title}, nil)
}

// showGrants returns no rows, because every reader of a lake reads all of it. A named table must exist.
func (a *analyzer) showGrants(x *ast.Show) plan.Node {
	if x.From != nil {
		a.shownColumns(x)
	}
	return a.listing(x, []string{
		"Grantor", "Grantor Type", "Grantee", "Grantee Type", "Catalog", "Schema", "Table", "Privilege", "Grantable", "With Hierarchy",
	}, nil)
}
