package dashboards

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

// TestADashboardIsItsRecord: no field of a record is lost on the way to those who see the dashboard, and back.
func TestADashboardIsItsRecord(t *testing.T) {
	text, err := os.ReadFile("../../storage/catalog/testdata/records.json")
	require.NoError(t, err)
	var records struct{ Dashboard *catalog.Dashboard } // with a value in every field
	require.NoError(t, json.Unmarshal(text, &records))
	shown := fromRecord(records.Dashboard)
	require.Equal(t, records.Dashboard, record(shown))
	require.Equal(t, records.Dashboard.ARN(), shown.ARN())
	fields := reflect.ValueOf(*shown)
	for i := range fields.NumField() {
		require.True(t, fields.Type().Field(i).Name == "IsManaged" || !fields.Field(i).IsZero(), fields.Type().Field(i).Name)
	}
}
