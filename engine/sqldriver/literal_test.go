package sqldriver_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"math/big"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// TestParameters: each Go type has the Trino type and value that it says.
func TestParameters(t *testing.T) {
	db := openDB(t)
	type name string
	berlin := time.FixedZone("", 3600)
	text := "it's"
	for _, c := range []struct {
		name  string
		value any
		typ   string
		want  string // the value as text
	}{
		{"bool", true, "boolean", "true"},
		{"int", -7, "integer", "-7"},
		{"int8", int8(3), "integer", "3"},
		{"large int64", int64(1) << 40, "bigint", "1099511627776"},
		{"least int64", int64(math.MinInt64), "bigint", "-9223372036854775808"},
		{"most uint64", uint64(math.MaxUint64), "decimal(20,0)", "18446744073709551615"},
		{"float32", float32(1.5), "real", "1.5"},
		{"float64", -0.1, "double", "-0.1"},
		{"NaN", math.NaN(), "double", "NaN"},
		{"infinite", math.Inf(-1), "double", "-Infinity"},
		{"string", "it's", "varchar(4)", "it's"},
		{"string type", name("x"), "varchar(1)", "x"},
		{"pointer", &text, "varchar(4)", "it's"},
		{"bytes", []byte{0, 255}, "varbinary", ""},
		{"time", time.Date(2026, 1, 31, 10, 0, 0, 0, berlin), "timestamp(3) with time zone", "2026-01-31 09:00:00.000 UTC"},
		{"microseconds", time.Date(2026, 1, 31, 10, 0, 0, 1000, time.UTC), "timestamp(6) with time zone", "2026-01-31 10:00:00.000001 UTC"},
		{"nanoseconds", time.Date(2026, 1, 31, 10, 0, 0, 1, time.UTC), "timestamp(9) with time zone", "2026-01-31 10:00:00.000000001 UTC"},
		{"duration", -90500 * time.Millisecond, "interval day to second", "-0 00:01:30.500"},
		{"big integer", big.NewInt(12), "decimal(2,0)", "12"},
		{"uuid", uuid.MustParse("123e4567-e89b-12d3-a456-426614174000"), "uuid", "123e4567-e89b-12d3-a456-426614174000"},
		{"pointer to a uuid", new(uuid.UUID), "uuid", "00000000-0000-0000-0000-000000000000"},
		{"address", netip.MustParseAddr("10.0.0.1"), "ipaddress", "10.0.0.1"},
		{"older address", net.ParseIP("10.0.0.1"), "ipaddress", "10.0.0.1"},
		{"JSON", json.RawMessage(`{"a":1}`), "json", ""},
		{"slice", []string{"a", "b"}, "array(varchar(1))", ""},
		{"array of times", [1]time.Duration{time.Second}, "array(interval day to second)", ""},
		{"map", map[string]int{"b": 2, "a": 1}, "map(varchar(1), integer)", ""},
		{"struct", struct {
			A int
			B string
		}{1, "x"}, "row(integer, varchar(1))", ""},
		{"valuer", sql.NullInt64{Int64: 5, Valid: true}, "integer", "5"},
		{"valuer without value", sql.NullString{}, "unknown", ""},
		{"nil", nil, "unknown", ""},
		{"nil pointer", (*string)(nil), "unknown", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var typ string
			require.NoError(t, db.QueryRow("SELECT typeof(?)", c.value).Scan(&typ))
			require.Equal(t, c.typ, typ)
			if c.want == "" {
				return
			}
			var got string
			require.NoError(t, db.QueryRow("SELECT CAST(? AS varchar)", c.value).Scan(&got))
			if typ == "double" || typ == "real" {
				var same bool
				require.NoError(t, db.QueryRow("SELECT ? IS NOT DISTINCT FROM CAST(? AS "+typ+")", c.value, c.want).Scan(&same))
				require.True(t, same, got)
				return
			}
			require.Equal(t, c.want, got)
		})
	}
}

// TestParametersInPlaces: values are values, whatever is in them, in the order of their places.
func TestParametersInPlaces(t *testing.T) {
	db := openDB(t)
	var got string
	require.NoError(t, db.QueryRow("SELECT a || ? FROM (VALUES 'x', 'y') AS t (a) WHERE a = ? ORDER BY 1 LIMIT ?", "' OR true --", "y", 1).Scan(&got))
	require.Equal(t, "y' OR true --", got)

	statement, err := db.Prepare("SELECT ? + 1")
	require.NoError(t, err)
	defer statement.Close()
	for _, n := range []int{1, 41} {
		var sum int
		require.NoError(t, statement.QueryRow(n).Scan(&sum))
		require.Equal(t, n+1, sum)
	}

	for _, c := range []struct {
		name  string
		sql   string
		args  []any
		error string
	}{
		{"too few", "SELECT ?, ?", []any{1}, "expected 2 but found 1"},
		{"too many", "SELECT ?", []any{1, 2}, "expected 1 but found 2"},
		{"no type", "SELECT ?", []any{make(chan int)}, "a value of type chan int has no Trino type"},
		{"no type inside", "SELECT ?", []any{[]any{1, func() {}}}, "a value of type func() has no Trino type"},
		{"hidden field", "SELECT ?", []any{struct{ a int }{1}}, "its field a is not exported"},
		{"too fine", "SELECT ?", []any{time.Nanosecond}, "finer than the milliseconds"},
		{"too long", "SELECT ?", []any{new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)}, "more than 38 digits"},
		{"named", "SELECT ?", []any{sql.Named("a", 1)}, "the parameter a is named"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, err := db.QueryContext(context.Background(), c.sql, c.args...)
			if err == nil {
				rows.Close()
			}
			require.ErrorContains(t, err, c.error)
		})
	}
}
