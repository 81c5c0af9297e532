package schema

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"
)

func TestForCategory(t *testing.T) {
	for _, name := range Categories() {
		table, ok := ForCategory(name)
		require.True(t, ok, name)
		require.Equal(t, name, table.Category)
		require.NotNil(t, table.Columns, name)
	}
	_, ok := ForCategory("management")
	require.False(t, ok, "categories are spelled as events spell them")
}

func TestStoredLeavesOutComputedColumns(t *testing.T) {
	table, _ := ForCategory("Management")
	require.Len(t, table.Stored(), len(table.Columns)-1)

	stored := table.Arrow()
	require.Equal(t, len(table.Columns)-1, stored.NumFields())
	require.False(t, stored.HasField("eventjsonchecksum"))
	for i, f := range stored.Fields() {
		require.Equal(t, table.Stored()[i].Name, f.Name)
		require.True(t, f.Nullable, f.Name)
	}
}

func TestNetworkActivityIsCloudTrailWithoutContext(t *testing.T) {
	cloud, _ := ForCategory("Management")
	network, _ := ForCategory("NetworkActivity")
	require.Equal(t, cloud.Columns[:len(cloud.Columns)-1], network.Columns)
	require.Equal(t, "eventcontext", cloud.Columns[len(cloud.Columns)-1].Name)
}

func TestLookup(t *testing.T) {
	table, _ := ForCategory("Data")
	for path, want := range map[string]struct {
		typ     arrow.DataType
		jsonKey string
		bloom   bool
	}{
		"eventtime":    {arrow.FixedWidthTypes.Timestamp_ms, "eventTime", false},
		"eventjson":    {arrow.BinaryTypes.String, "", false},
		"requestid":    {arrow.BinaryTypes.String, "requestID", true},
		"readonly":     {arrow.FixedWidthTypes.Boolean, "readOnly", false},
		"resources":    {nil, "resources", false},
		"useridentity": {nil, "userIdentity", false},
		"useridentity.sessioncontext.attributes.creationdate": {arrow.FixedWidthTypes.Timestamp_ms, "creationDate", false},
		"useridentity.accesskeyid":                            {arrow.BinaryTypes.String, "accessKeyId", true},
		"useridentity.sessioncontext.sessionissuer.username":  {arrow.BinaryTypes.String, "userName", false},
		"resources.element.arn":                               {arrow.BinaryTypes.String, "ARN", false},
		"requestparameters.key":                               {arrow.BinaryTypes.String, "", false},
		"requestparameters.value":                             {arrow.BinaryTypes.String, "", true},
		"eventcontext.tagcontext.resourcetags.element.tags.value": {
			arrow.BinaryTypes.String, "", false,
		},
	} {
		c, ok := table.Lookup(path)
		require.True(t, ok, path)
		require.Equal(t, want.jsonKey, c.JSONKey, path)
		require.Equal(t, want.bloom, c.Bloom, path)
		if typ, isTimestamp := c.Type.(*arrow.TimestampType); isTimestamp {
			require.Equal(t, arrow.Millisecond, typ.Unit, path)
			require.Empty(t, typ.TimeZone, path)
		} else if want.typ != nil {
			require.Equal(t, want.typ, c.Type, path)
		}
	}
	for _, path := range []string{"", ".", "evntname", "eventName", "eventname.x", "resources.arn", "requestparameters.bucketName", "useridentity.", "resources.element.key"} {
		_, ok := table.Lookup(path)
		require.False(t, ok, path)
	}
}

func TestAttributes(t *testing.T) {
	table, _ := ForCategory("Management")
	require.Equal(t, map[string]string{"iceberg.id": "37", "iceberg.required": "false"}, table.Attributes("eventtime"))
	require.Equal(t, map[string]string{"iceberg.id": "46", "iceberg.required": "true"}, table.Attributes("requestparameters.key"))
	require.Equal(t, map[string]string{"iceberg.id": "47", "iceberg.required": "false"}, table.Attributes("requestparameters.value"))
	require.Equal(t, map[string]string{"iceberg.id": "58", "iceberg.required": "false"}, table.Attributes("resources.element"))
	require.Nil(t, table.Attributes("nothing"))
}

func TestBloomColumnsAreText(t *testing.T) {
	for _, table := range tables {
		each(table, func(path string, c *Column) {
			if m, isMap := c.Type.(*arrow.MapType); c.Bloom && isMap {
				require.Equal(t, arrow.STRING, m.ItemType().ID(), path)
			} else if c.Bloom {
				require.Equal(t, arrow.STRING, c.Type.ID(), path)
			}
		})
	}
}

func TestEveryColumnIsDescribed(t *testing.T) {
	for _, table := range tables {
		each(table, func(path string, c *Column) {
			if c.JSONKey != "" {
				require.NotEmpty(t, c.Description, "%s %s", table.Category, path)
			}
		})
	}
}

// TestFieldIDs holds every id to the one recorded in testdata: an id once
// written into a segment keeps its meaning. New columns append a line.
func TestFieldIDs(t *testing.T) {
	for _, category := range []string{"Management", "Insight", "ConfigurationItem", "Evidence", "ActivityAuditLog"} {
		t.Run(category, func(t *testing.T) {
			table, _ := ForCategory(category)
			owner := map[int]string{}
			var current []string
			each(table, func(path string, c *Column) {
				require.Positive(t, c.ID, path)
				require.Empty(t, owner[c.ID], "id %d of %s is taken", c.ID, path)
				owner[c.ID] = path
				kind, _, _ := strings.Cut(typeName(*c), "<") // a struct may gain fields
				current = append(current, fmt.Sprintf("%d %s %s", c.ID, path, kind))
			})

			recorded, err := os.ReadFile(filepath.Join("testdata", category+".ids"))
			require.NoError(t, err)
			lines := strings.Split(strings.TrimSpace(string(recorded)), "\n")
			require.Subset(t, current, lines, "a recorded column changed or disappeared")
			require.Subset(t, lines, current, "append the new columns to testdata/%s.ids", category)
		})
	}
}

// each visits every path of a table, parents first, elements, keys and values included.
func each(t *Table, visit func(path string, c *Column)) {
	var walk func(path string, c *Column)
	walk = func(path string, c *Column) {
		visit(path, c)
		var steps []string
		switch c.Type.ID() {
		case arrow.STRUCT:
			for _, f := range c.Fields {
				steps = append(steps, f.Name)
			}
		case arrow.LIST:
			steps = []string{"element"}
		case arrow.MAP:
			steps = []string{"key", "value"}
		}
		for _, s := range steps {
			walk(path+"."+s, c.child(s))
		}
	}
	for i := range t.Columns {
		walk(t.Columns[i].Name, &t.Columns[i])
	}
}

// typeName is the type as the service's documentation writes it.
func typeName(c Column) string {
	switch c.Type.ID() {
	case arrow.STRING:
		return "string"
	case arrow.BOOL:
		return "boolean"
	case arrow.TIMESTAMP:
		return "timestamp"
	case arrow.FLOAT64:
		return "double"
	case arrow.INT32:
		return "int"
	case arrow.MAP:
		return "map<string,string>"
	case arrow.LIST:
		return "array<" + typeName(*c.child("element")) + ">"
	case arrow.STRUCT:
		fields := make([]string, len(c.Fields))
		for i, f := range c.Fields {
			fields[i] = f.Name + ":" + typeName(f)
		}
		return "struct<" + strings.Join(fields, ",") + ">"
	}
	panic("no name for " + strconv.Itoa(int(c.Type.ID())))
}
