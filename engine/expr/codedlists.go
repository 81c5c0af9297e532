package expr

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// spreadCodedLists is spread for lists of texts. Their elements become a dictionary, so that no text is copied. It
// returns nil if the answers are of another type, have NULLs, or are longer than a value may be.
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
		return nil, nil // only a row that has such a list may raise the error
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
