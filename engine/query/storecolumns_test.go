package query

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/storage/schema"
)

// TestColumnsOfStores: each category has the columns of its own table, made once.
func TestColumnsOfStores(t *testing.T) {
	for _, category := range schema.Categories() {
		table, ok := schema.ForCategory(category)
		require.True(t, ok, category)
		columns, err := columnsOf(table)
		require.NoError(t, err, category)
		require.Len(t, columns, len(table.Columns), category)
		for i, c := range columns {
			columnType, err := arrowtype.FromArrow(table.Columns[i].Type)
			require.NoError(t, err, category)
			require.Equal(t, table.Columns[i].Name, c.Name, category)
			require.True(t, columnType.Equal(c.Type), "%s: %s", category, c.Name)
		}
		again, err := columnsOf(table)
		require.NoError(t, err, category)
		require.Same(t, &columns[0], &again[0], category)
	}
}
