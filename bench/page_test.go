package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadPage: pages are read as encoding/json reads them.
func TestReadPage(t *testing.T) {
	for _, text := range []string{
		`{"id":"1","nextUri":"http://x/1","stats":{"state":"QUEUED","processedBytes":0},"warnings":[]}`,
		`{"columns":[{"name":"a","type":"bigint"},{"name":"B"}],"stats":{"processedBytes":12345678901,"physicalInputBytes":12345678902},"data":[]}`,
		` { "data" : [ [1, -2.5e3, "a\"\u00e9\\", null, true], [[], {}, {"k":[false, {"x":null}]}, "", 1.0E10] ] } `,
		`{"error":{"message":"no \"such\" table","errorCode":1},"stats":{}}`,
	} {
		var want struct {
			NextURI string
			Columns []struct{ Name string }
			Data    [][]any
			Stats   struct{ ProcessedBytes, PhysicalInputBytes int64 }
			Error   struct{ Message string }
		}
		require.NoError(t, json.Unmarshal([]byte(text), &want))
		got, err := readPage(text)
		require.NoError(t, err, text)
		require.Equal(t, want.NextURI, got.nextURI)
		require.Equal(t, want.Stats.ProcessedBytes, got.processedBytes)
		require.Equal(t, want.Stats.PhysicalInputBytes, got.readBytes)
		require.Equal(t, want.Error.Message, got.failure)
		require.Len(t, got.names, len(want.Columns))
		for i, column := range want.Columns {
			require.Equal(t, column.Name, got.names[i])
		}
		require.Len(t, got.rows, len(want.Data))
		for i, row := range want.Data {
			require.Equal(t, row, got.rows[i])
		}
	}
	for _, text := range []string{"", "[]", "502 Bad Gateway", `{"data":1}`, `{"data":[1]}`, `{"data":[[1]`, `{"data":[[nul]]}`} {
		_, err := readPage(text)
		require.Error(t, err, text)
	}
}
