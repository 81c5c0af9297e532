package trail

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

// TestATrailIsItsRecord: no field of a record is lost on the way to those who see the trail, and back.
func TestATrailIsItsRecord(t *testing.T) {
	text, err := os.ReadFile("../../storage/catalog/testdata/records.json")
	require.NoError(t, err)
	var records struct{ Trail *catalog.Trail } // with a value in every field
	require.NoError(t, json.Unmarshal(text, &records))
	shown := fromRecord(records.Trail)
	require.Equal(t, records.Trail, record(shown))
	require.Equal(t, records.Trail.ARN(), shown.ARN())
	fields := reflect.ValueOf(*shown)
	for i := range fields.NumField() {
		require.False(t, fields.Field(i).IsZero(), fields.Type().Field(i).Name)
	}
}
