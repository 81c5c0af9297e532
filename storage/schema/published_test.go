package schema

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
)

// publishedColumn is a column as the reference files describe it.
type publishedColumn struct {
	Column   string            `json:"column"`
	JSONKey  *string           `json:"json_key"`
	LakeType string            `json:"lake_type"`
	Fields   []publishedColumn `json:"fields"`
	Element  *publishedColumn  `json:"element"`
}

// addedEventJSON are the categories whose published columns lack eventjson though published queries ask for it.
var addedEventJSON = map[string]bool{"ConfigurationItem": true, "ActivityAuditLog": true}

// TestTablesMatchPublishedSchemas compares names, order, types and JSON keys
// with the reference schemas, where those are at hand.
func TestTablesMatchPublishedSchemas(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(material.Outside(t, "schemas"), "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	seen := map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		var published struct {
			Categories []string          `json:"event_categories"`
			Columns    []publishedColumn `json:"columns"`
		}
		require.NoError(t, json.Unmarshal(raw, &published))
		require.NotEmpty(t, published.Columns, file)
		for _, category := range published.Categories {
			seen[category] = true
			table, ok := ForCategory(category)
			require.True(t, ok, category)
			columns := table.Columns
			if addedEventJSON[category] {
				last := len(columns) - 1
				require.Equal(t, "eventjson", columns[last].Name)
				columns = columns[:last]
			}
			requireSameColumns(t, category, published.Columns, columns)
		}
	}
	require.Len(t, seen, len(Categories()))
}

func requireSameColumns(t *testing.T, path string, want []publishedColumn, got []Column) {
	t.Helper()
	require.Len(t, got, len(want), path)
	for i, w := range want {
		at := path + "." + w.Column
		require.Equal(t, w.Column, got[i].Name, at)
		require.Equal(t, w.LakeType, typeName(got[i]), at)
		key := ""
		if w.JSONKey != nil {
			key = *w.JSONKey
		}
		require.Equal(t, key, got[i].JSONKey, at)
		fields := w.Fields
		if w.Element != nil {
			fields = w.Element.Fields
		}
		requireSameColumns(t, at, fields, got[i].Fields)
	}
}
