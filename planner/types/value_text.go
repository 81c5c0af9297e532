package types

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

// String returns the constant in a SQL-like form, for plans and messages.
func (v Value) String() string {
	if v.IsNull() {
		return "NULL"
	}
	switch x := v.V.(type) {
	case bool:
		return strconv.FormatBool(x)
	case string:
		return "'" + strings.ReplaceAll(x, "'", "''") + "'"
	case []byte:
		return "X'" + hex.EncodeToString(x) + "'"
	case float32:
		return strconv.FormatFloat(float64(x), 'E', -1, 32)
	case float64:
		return strconv.FormatFloat(x, 'E', -1, 64)
	case decimal128.Num:
		if v.Type.IsLong() {
			return "TIMESTAMP '" + longText(x, v.Type.Precision, time.UTC) + "'"
		}
		return x.ToString(int32(v.Type.Scale))
	case int64:
		return v.integerText(x)
	case Zoned:
		return v.zonedText(x)
	case LongZoned:
		return "TIMESTAMP '" + longText(x.Instant, v.Type.Precision, locationOf(x.Zone)) + " " + x.Zone + "'"
	case []Value:
		return valueList(x, v.Type.Kind)
	case MapValue:
		return "MAP(" + valueList(x.Keys, Array) + ", " + valueList(x.Values, Array) + ")"
	}
	return fmt.Sprint(v.V)
}

func valueList(values []Value, kind Kind) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.String()
	}
	if kind == Row {
		return "ROW(" + strings.Join(texts, ", ") + ")"
	}
	return "ARRAY[" + strings.Join(texts, ", ") + "]"
}

func (v Value) integerText(n int64) string {
	switch v.Type.Kind {
	case Date:
		return "DATE '" + time.Unix(n*secondsPerDay, 0).UTC().Format(time.DateOnly) + "'"
	case Time:
		return "TIME '" + unitsText("15:04:05", n, v.Type.Precision, time.UTC) + "'"
	case Timestamp:
		return "TIMESTAMP '" + unitsText(dateTimeLayout, n, v.Type.Precision, time.UTC) + "'"
	case IntervalDay:
		return "INTERVAL '" + strconv.FormatFloat(float64(n)/1000, 'f', 3, 64) + "' SECOND"
	case IntervalYear:
		return fmt.Sprintf("INTERVAL '%d' MONTH", n)
	}
	return strconv.FormatInt(n, 10)
}

func (v Value) zonedText(z Zoned) string {
	if v.Type.Kind == TimeTZ {
		return "TIME '" + unitsText("15:04:05", z.Instant, v.Type.Precision, locationOf(z.Zone)) + " " + z.Zone + "'"
	}
	return "TIMESTAMP '" + unitsText(dateTimeLayout, z.Instant, v.Type.Precision, locationOf(z.Zone)) + " " + z.Zone + "'"
}

func locationOf(zone string) *time.Location {
	location, _, err := LoadZone(zone)
	if err != nil {
		return time.UTC
	}
	return location
}

const dateTimeLayout = "2006-01-02 15:04:05"

// unitsText formats a time with p fraction digits in the zone place. n counts its stored units.
func unitsText(layout string, n int64, p int, place *time.Location) string {
	units := UnitsPerSecond(p)
	seconds := FloorDiv(n, units)
	return clockText(layout, seconds, (n-seconds*units)*(1e12/units), p, place)
}

// longText is unitsText for a long timestamp.
func longText(v decimal128.Num, p int, place *time.Location) string {
	micros, picos := SplitPicos(v)
	seconds := FloorDiv(micros, 1e6)
	return clockText(dateTimeLayout, seconds, (micros-seconds*1e6)*PicosPerMicro+picos, p, place)
}

// clockText formats seconds since 1970 and the picoseconds after them, with p fraction digits.
func clockText(layout string, seconds, picos int64, p int, place *time.Location) string {
	text := time.Unix(seconds, 0).In(place).Format(layout)
	if p == 0 {
		return text
	}
	return text + "." + fmt.Sprintf("%012d", picos)[:p]
}
