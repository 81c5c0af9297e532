package answer

import (
	"fmt"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// nanoDigits are the most fraction digits that Arrow and Parquet have times of.
const nanoDigits = 9

// isPublicText reports whether values of t leave the engine as texts: times that are finer
// than all of Arrow's.
func isPublicText(t *types.Type) bool {
	switch t.Kind {
	case types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ:
		return t.Precision > nanoDigits
	}
	return false
}

// textData shows the values of a column as texts.
func textData(t *types.Type, data arrow.ArrayData) arrow.ArrayData {
	values := array.MakeFromData(data)
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.Reserve(values.Len())
	var text []byte
	for i := range values.Len() {
		if values.IsNull(i) {
			b.AppendNull()
			continue
		}
		text = AppendText(text[:0], t, values, i)
		b.Append(string(text))
	}
	return b.NewArray().Data()
}

// nanosData converts long timestamps of up to nine digits to Arrow's. It returns an error for a timestamp before
// 1677 or after 2262.
func nanosData(t *types.Type, data arrow.ArrayData) (arrow.ArrayData, error) {
	column := array.MakeFromData(data)
	instants := column
	if t.Kind == types.TimestampTZ {
		instants = batch.Fields(column)[0]
	}
	out := make([]int64, column.Len())
	for i, v := range instants.(*array.Decimal128).Values() {
		if column.IsNull(i) {
			continue
		}
		micros, picos := types.SplitPicos(v)
		if micros > math.MaxInt64/1000-1 || micros < math.MinInt64/1000+1 {
			return nil, fmt.Errorf("%s '%s' is outside the range of nanosecond timestamps in Arrow and Parquet, 1677 to 2262: cast it to timestamp(6), or to varchar",
				t, AppendText(nil, t, column, i))
		}
		out[i] = micros*1000 + picos/1000
	}
	return batch.FromValues(publicType(t), out, arrowdata.Validity(column)).Data(), nil
}

// nanosType is the Arrow type of nanosData.
func nanosType(t *types.Type) arrow.DataType {
	if t.Kind == types.TimestampTZ {
		return &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: arrowtype.ZoneKey}
	}
	return &arrow.TimestampType{Unit: arrow.Nanosecond}
}
