package batch

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// Field returns field f of a struct array; it is NULL where the struct is.
func Field(a arrow.Array, f int) arrow.Array {
	field := a.(*array.Struct).Field(f)
	if a.NullN() == 0 {
		return field
	}
	rows := make([]int32, a.Len())
	for i := range rows {
		rows[i] = int32(i)
		if a.IsNull(i) {
			rows[i] = -1
		}
	}
	return Take(field, rows)
}
