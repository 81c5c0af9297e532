package catalog

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// onDisk has every type that the catalog keeps as JSON, with the types inside of it.
var onDisk = []any{
	Store{}, Table{}, Segment{}, ImportedFile{}, AppliedSelectors{}, Expiry{}, ImportedLocation{}, Import{}, Failure{}, Query{}, Usage{},
	ChainEntry{}, ChainLog{}, AccessKey{}, SigningKey{}, Alias{}, Trail{}, Dashboard{}, SavedQuestion{}, SavedVersion{},
}

// TestRecordsKeepTheirNames: a renamed field must not rename what lies on disk.
func TestRecordsKeepTheirNames(t *testing.T) {
	got := map[string]json.RawMessage{}
	for _, record := range onDisk {
		filled := reflect.New(reflect.TypeOf(record)).Elem()
		fillRecord(t, filled)
		text, err := json.Marshal(filled.Interface())
		require.NoError(t, err)
		got[filled.Type().Name()] = text

		back := reflect.New(filled.Type())
		require.NoError(t, json.Unmarshal(text, back.Interface()))
		require.Equal(t, filled.Interface(), back.Elem().Interface())
	}
	text, err := json.MarshalIndent(got, "", "  ")
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/records.json")
	require.NoError(t, err)
	require.Equal(t, string(want), string(text)+"\n")
}

// fillRecord gives every field a value that is not its zero, and wants each named in a tag.
func fillRecord(t *testing.T, v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 1, 31, 10, 11, 12, 13, time.UTC)))
		return
	case json.RawMessage:
		v.Set(reflect.ValueOf(json.RawMessage(`{}`)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			require.NotEmpty(t, name, "%s.%s has no name of its own on disk", v.Type(), field.Name)
			fillRecord(t, v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillRecord(t, v.Index(0))
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"text": "text"}))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillRecord(t, v.Elem())
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8, reflect.Uint64:
		v.SetUint(7)
	default:
		t.Fatalf("a record has a %s", v.Type())
	}
}
