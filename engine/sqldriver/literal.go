package sqldriver

import (
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// maxDecimalDigits is what Trino's decimals have at most.
const maxDecimalDigits = 38

// literal writes a value of a parameter as SQL.
func literal(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "NULL", nil
	case uuid.UUID:
		return "UUID '" + v.String() + "'", nil
	case driver.Valuer:
		if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer {
			if r.IsNil() {
				return "NULL", nil
			}
			if id, ok := value.(*uuid.UUID); ok {
				return literal(*id)
			}
		}
		plain, err := v.Value()
		if err != nil {
			return "", err
		}
		return literal(plain)
	case json.RawMessage:
		return "JSON " + quoted(string(v)), nil
	case []byte:
		if v == nil {
			return "NULL", nil
		}
		return "X'" + hex.EncodeToString(v) + "'", nil
	case time.Time:
		return timestampLiteral(v)
	case time.Duration:
		return intervalLiteral(v)
	case netip.Addr:
		if !v.IsValid() || v.Zone() != "" {
			return "", fmt.Errorf("%q is no address", v)
		}
		return "IPADDRESS '" + v.String() + "'", nil
	case net.IP:
		address, ok := netip.AddrFromSlice(v)
		if !ok {
			return "", fmt.Errorf("%d bytes are no address", len(v))
		}
		return literal(address.Unmap())
	case *big.Int:
		if v == nil {
			return "NULL", nil
		}
		return decimalLiteral(v.String())
	case big.Int:
		return decimalLiteral(v.String())
	}
	return kindLiteral(reflect.ValueOf(value))
}

// kindLiteral writes values of basic and nested kinds, whatever their types are called.
func kindLiteral(v reflect.Value) (string, error) {
	switch v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if v.Int() == math.MinInt64 {
			return "BIGINT '-9223372036854775808'", nil // a minus before a number that is too large
		}
		return strconv.FormatInt(v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.Uint() > math.MaxInt64 {
			return decimalLiteral(strconv.FormatUint(v.Uint(), 10))
		}
		return strconv.FormatUint(v.Uint(), 10), nil
	case reflect.Float32:
		return "REAL '" + floatText(v.Float(), 32) + "'", nil
	case reflect.Float64:
		return "DOUBLE '" + floatText(v.Float(), 64) + "'", nil
	case reflect.String:
		return quoted(v.String()), nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "NULL", nil
		}
		return literal(v.Elem().Interface())
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.IsNil() {
			return "NULL", nil
		}
		elements, err := literals(v.Len(), func(i int) reflect.Value { return v.Index(i) })
		return "ARRAY[" + elements + "]", err
	case reflect.Map:
		return mapLiteral(v)
	case reflect.Struct:
		return rowLiteral(v)
	}
	return "", fmt.Errorf("a value of type %s has no Trino type", v.Type())
}

// literals writes n values with commas between them.
func literals(n int, value func(i int) reflect.Value) (string, error) {
	texts := make([]string, n)
	for i := range texts {
		text, err := literal(value(i).Interface())
		if err != nil {
			return "", err
		}
		texts[i] = text
	}
	return strings.Join(texts, ", "), nil
}

// mapLiteral writes the entries in the order of their keys' texts.
func mapLiteral(v reflect.Value) (string, error) {
	if v.IsNil() {
		return "NULL", nil
	}
	type entry struct{ key, value string }
	var entries []entry
	for at := v.MapRange(); at.Next(); {
		key, err := literal(at.Key().Interface())
		if err != nil {
			return "", err
		}
		value, err := literal(at.Value().Interface())
		if err != nil {
			return "", err
		}
		entries = append(entries, entry{key, value})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	keys, values := make([]string, len(entries)), make([]string, len(entries))
	for i, e := range entries {
		keys[i], values[i] = e.key, e.value
	}
	return "MAP(ARRAY[" + strings.Join(keys, ", ") + "], ARRAY[" + strings.Join(values, ", ") + "])", nil
}

// rowLiteral writes the fields in their order; a row of Trino has places, not the names of Go.
func rowLiteral(v reflect.Value) (string, error) {
	if v.NumField() == 0 {
		return "", fmt.Errorf("a value of type %s has no Trino type: a row has a field", v.Type())
	}
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			return "", fmt.Errorf("a value of type %s has no Trino type: its field %s is not exported", v.Type(), v.Type().Field(i).Name)
		}
	}
	fields, err := literals(v.NumField(), v.Field)
	return "ROW(" + fields + ")", err
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func floatText(f float64, bits int) string {
	switch {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(f, 'E', -1, bits) // NaN is itself
}

func decimalLiteral(digits string) (string, error) {
	if len(strings.TrimPrefix(digits, "-")) > maxDecimalDigits {
		return "", fmt.Errorf("%s has more than %d digits", digits, maxDecimalDigits)
	}
	return "DECIMAL '" + digits + "'", nil
}

// timestampLiteral writes an instant in UTC, with no more digits of a second than it needs.
func timestampLiteral(t time.Time) (string, error) {
	t = t.UTC()
	if t.Year() < 0 || t.Year() > 9999 {
		return "", errors.New("a time must be in the years 0 to 9999")
	}
	layout := "2006-01-02 15:04:05.000"
	switch {
	case t.Nanosecond()%1000 != 0:
		layout += "000000"
	case t.Nanosecond()%1000000 != 0:
		layout += "000"
	}
	return "TIMESTAMP '" + t.Format(layout) + " UTC'", nil
}

// intervalLiteral writes a duration. Trino's intervals have milliseconds.
func intervalLiteral(d time.Duration) (string, error) {
	if d%time.Millisecond != 0 {
		return "", fmt.Errorf("%s is finer than the milliseconds of an interval", d)
	}
	sign, ms := "", d.Milliseconds()
	if ms < 0 {
		sign, ms = "-", -ms
	}
	return fmt.Sprintf("INTERVAL %s'%d.%03d' SECOND", sign, ms/1000, ms%1000), nil
}
