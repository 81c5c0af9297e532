package expr

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// spreadCodedLists is spread of lists of texts, which become a dictionary: no text is copied. It returns nil where
// the answers are something else, have NULLs, or are longer than a value may be.
func (n *dictionaryAnswer) spreadCodedLists(env *function.Env, codes []int32, valid []byte) (arrow.Array, error) {
	lists, ok := n.values.Array.(*array.List)
	if !ok || n.values.Const || lists.NullN() > 0 {
		return nil, nil
	}
	from, elements := batch.Lists(lists)
	texts, ok := elements.(*array.String)
	if !ok || texts.NullN() > 0 {
		return nil, nil
	}
	if function.CheckValues(lists, env.Limits) != nil {
		return nil, nil // the error is that of a row which has such a list, if there is one
	}
	offsets, count := make([]int32, len(codes)+1), 0
	for row, code := range codes {
		if arrowdata.IsValid(valid, row) {
			count += int(from[code+1] - from[code])
		}
		if count > math.MaxInt32 {
			return nil, nil
		}
		offsets[row+1] = int32(count)
	}
	const codeBytes = 4
	if err := env.Grow(int64(len(offsets)+count) * codeBytes); err != nil {
		return nil, err
	}
	ofTexts := make([]int32, 0, count)
	for row, code := range codes {
		if arrowdata.IsValid(valid, row) {
			for at := from[code]; at < from[code+1]; at++ {
				ofTexts = append(ofTexts, at)
			}
		}
	}
	return batch.FromLists(offsets, valid, batch.FromCodes(ofTexts, nil, texts)), nil
}
