package types

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

// String is the constant in a SQL-like form, for plans and messages.
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
		return x.ToString(int32(v.Type.Scale))
	case int64:
		return v.integerText(x)
	case Zoned:
		return v.zonedText(x)
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
		return "DATE '" + civilTime(n*secondsPerDay, 1).Format("2006-01-02") + "'"
	case Time:
		return "TIME '" + civilTime(n, UnitsPerSecond(v.Type.Precision)).Format("15:04:05"+fractionLayout(v.Type.Precision)) + "'"
	case Timestamp:
		return "TIMESTAMP '" + civilTime(n, UnitsPerSecond(v.Type.Precision)).Format("2006-01-02 15:04:05"+fractionLayout(v.Type.Precision)) + "'"
	case IntervalDay:
		return "INTERVAL '" + strconv.FormatFloat(float64(n)/1000, 'f', 3, 64) + "' SECOND"
	case IntervalYear:
		return fmt.Sprintf("INTERVAL '%d' MONTH", n)
	}
	return strconv.FormatInt(n, 10)
}

func (v Value) zonedText(z Zoned) string {
	location, _, err := LoadZone(z.Zone)
	if err != nil {
		location = time.UTC
	}
	local := civilTime(z.Instant, UnitsPerSecond(v.Type.Precision)).In(location)
	if v.Type.Kind == TimeTZ {
		return "TIME '" + local.Format("15:04:05"+fractionLayout(v.Type.Precision)) + " " + z.Zone + "'"
	}
	return "TIMESTAMP '" + local.Format("2006-01-02 15:04:05"+fractionLayout(v.Type.Precision)) + " " + z.Zone + "'"
}

func fractionLayout(p int) string {
	if p == 0 {
		return ""
	}
	return "." + strings.Repeat("0", p)
}
