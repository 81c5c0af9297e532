package exec

import (
	"context"
	"hash/maphash"
	"math/rand/v2"
	"slices"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// useTextRows assigns codes by row to the keys in texts, which hardly repeat.
func (t *joinTable) useTextRows(ctx context.Context, keys []batch.Vector, texts []int, memory *account) error {
	for _, i := range texts {
		column := keys[i].Array.(*array.String)
		rows, codes, err := t.textRowsOf(ctx, column, memory)
		if err != nil {
			return err
		}
		t.ids.known[i], t.coded[i] = rows, codes
	}
	return nil
}

// hardlyRepeat estimates whether a column of more than insertedRows rows has at least a quarter as many texts as
// rows. The fewer texts there are, the more of a sample of insertedRows rows are equal. The sample is random over
// the whole column, as adjacent rows may be more alike than others, or less.
func hardlyRepeat(texts *array.String) bool {
	n := texts.Len()
	random, seed := rand.New(rand.NewPCG(1, uint64(n))), maphash.MakeSeed()
	hashes := make([]uint64, 0, insertedRows)
	for i := range insertedRows {
		from, to := i*n/insertedRows, (i+1)*n/insertedRows
		if row := from + random.IntN(to-from); texts.IsValid(row) {
			hashes = append(hashes, maphash.String(seed, texts.Value(row)))
		}
	}
	slices.Sort(hashes)
	known, different := len(hashes), len(slices.Compact(hashes))
	return different > insertedRows/2 && known-different <= 2*known*known/n
}

// textRowsOf makes the TextRows of a column, and returns the codes of its rows. endCoded gives the memory of the
// codes back.
func (t *joinTable) textRowsOf(ctx context.Context, column *array.String, memory *account) (*batch.TextRows, []int32, error) {
	const hashBytes = 4
	n := column.Len()
	if err := memory.add(int64(n) * (hashBytes + codeBytes)); err != nil {
		return nil, nil, err
	}
	rows, codes := batch.NewTextRows(column, t.parts), make([]int32, n)
	err := t.inBlocks(ctx, n, func(part, from, to int) {
		size := to - from
		rows.Hash(from+part*size/t.parts, from+(part+1)*size/t.parts)
	})
	if err != nil {
		return nil, nil, err
	}
	if err := memory.add(rows.RoomBytes()); err != nil {
		return nil, nil, err
	}
	rows.MakeRoom()
	err = t.inBlocks(ctx, n, func(part, from, to int) { rows.InsertPart(part, from, to, codes) })
	rows.EndInsert()
	memory.release(int64(n) * hashBytes)
	return rows, codes, err
}

// codeBytes is the size of a row's code.
const codeBytes = 4

// hashedRows is the number of rows hashed or inserted between two checks of the context.
const hashedRows = 1 << 16

// inBlocks calls do for every part with rows [from, to), hashedRows rows at a time, and checks ctx between.
func (t *joinTable) inBlocks(ctx context.Context, rows int, do func(part, from, to int)) error {
	for from := 0; from < rows; from += hashedRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		t.by(t.parts, func(part int) { do(part, from, min(rows, from+hashedRows)) })
	}
	return nil
}

// codedKey returns the codes that the rows of a key have from the beginning; nil: they are looked up.
func (t *joinTable) codedKey(key int) []int32 {
	if t.coded == nil {
		return nil
	}
	return t.coded[key]
}

// endCoded gives up the codes that keys had from the beginning.
func (t *joinTable) endCoded(memory *account) {
	for _, codes := range t.coded {
		memory.release(int64(len(codes)) * codeBytes)
	}
	t.coded = nil
}
