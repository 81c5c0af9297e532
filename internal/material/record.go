package material

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// Record checks that no field of a catalog record is lost on the way to the user and back. show and store convert
// it there and back; name is the record's key in storage/catalog/testdata/records.json, which has a value in every
// field. Fields of the shown struct may be zero only if listed in derived. It returns both.
func Record[R, S any](t testing.TB, name string, show func(*R) *S, store func(*S) *R, derived ...string) (record *R, shown *S) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Module(t), "storage", "catalog", "testdata", "records.json"))
	if err != nil {
		t.Fatal(err)
	}
	var records map[string]json.RawMessage
	if err := json.Unmarshal(text, &records); err != nil {
		t.Fatal(err)
	}
	record = new(R)
	if err := json.Unmarshal(records[name], record); err != nil {
		t.Fatalf("record %s: %v", name, err)
	}
	shown = show(record)
	if back := store(shown); !reflect.DeepEqual(record, back) {
		t.Fatalf("the record is\n%+v\nwhat is shown of it becomes\n%+v", *record, *back)
	}
	fields := reflect.ValueOf(*shown)
	for i := range fields.NumField() {
		field := fields.Type().Field(i).Name
		if fields.Field(i).IsZero() && !slices.Contains(derived, field) {
			t.Fatalf("%s is not shown", field)
		}
	}
	return record, shown
}
