package batch

import (
	"fmt"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"
)

// TestFindersShareWhatTheyFind: finders at work on the same dictionaries at once find what each would alone, also where there are more
// dictionaries than are kept, and after the Interner got more values.
func TestFindersShareWhatTheyFind(t *testing.T) {
	const dictionaries, entries = 7, 300
	var columns []*array.Dictionary
	for d := range dictionaries {
		texts, codes := array.NewStringBuilder(memory.DefaultAllocator), make([]int32, entries)
		for i := range codes {
			texts.Append(fmt.Sprint(d*100 + i))
			codes[i] = int32(entries - 1 - i)
		}
		columns = append(columns, FromCodes(codes, nil, texts.NewArray()))
	}
	in := NewInterner(arrow.BinaryTypes.String)
	for known := range dictionaries {
		require.NoError(t, in.Insert(Vector{Array: columns[known]}, entries, make([]int32, entries)))
		var running sync.WaitGroup
		for worker := range 3 {
			f := in.Finder()
			running.Go(func() {
				for n := range 2 * dictionaries {
					column := columns[(worker+n)%dictionaries]
					found, alone := make([]int32, entries), make([]int32, entries)
					if f.Find(Vector{Array: column}, entries, found) != nil {
						panic("an error")
					}
					for i := range alone {
						alone[i] = codeOf(in.texts, column, i)
					}
					if fmt.Sprint(found) != fmt.Sprint(alone) {
						t.Errorf("%d dictionaries inserted: other codes than in the Interner's table", known+1)
					}
				}
			})
		}
		running.Wait()
	}
}

// codeOf is the code of a row's value, which is looked up without regard to dictionaries.
func codeOf(table *TextTable, column *array.Dictionary, row int) int32 {
	text := column.Dictionary().(*array.String).Value(column.GetValueIndex(row))
	return found(table.Find([]byte(text)))
}
