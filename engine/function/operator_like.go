package function

import (
	bytesof "encoding/binary"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/like"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

func likeFunctions() []Function {
	plain := likeBind(func(args []batch.Vector) func(i int) (*like.Matcher, error) {
		pattern, compiled := columnOf[string](args[1]), memo(func(p string) (*like.Matcher, error) { return like.Compile(p, "") })
		return func(i int) (*like.Matcher, error) { return compiled(pattern.at(i)) }
	})
	escaped := likeBind(func(args []batch.Vector) func(i int) (*like.Matcher, error) {
		pattern, escape := columnOf[string](args[1]), columnOf[string](args[2])
		return func(i int) (*like.Matcher, error) {
			// An escape character is one UTF-16 unit.
			if r, n := utf8.DecodeRuneInString(escape.at(i)); n == 0 || n < len(escape.at(i)) || r > 0xFFFF {
				return nil, argumentError("Escape string must be a single character")
			}
			return like.Compile(pattern.at(i), escape.at(i))
		}
	})
	return []Function{
		scalar(types.OpLike+"(varchar, varchar) -> boolean", "", plain),
		scalar(types.OpLike+"(char, varchar) -> boolean", "", plain),
		scalar(types.OpLike+"(varchar, varchar, varchar) -> boolean", "", escaped),
		scalar(types.OpLike+"(char, varchar, varchar) -> boolean", "", escaped),
	}
}

// likeBind matches texts with the pattern of each row. A constant pattern is compiled once per batch.
func likeBind(patterns func(args []batch.Vector) func(i int) (*like.Matcher, error)) Bind {
	byRow := rowBind(func(env *Env, args []batch.Vector) func(i int) (bool, error) {
		meter := meterOf(env)
		text, compiled := columnOf[string](args[0]), patterns(args)
		var fixed *like.Matcher
		if !allConst(args[1:]) {
			return func(i int) (bool, error) {
				m, err := compiled(i)
				return err == nil && m.Match(meter, text.at(i)), err
			}
		}
		return func(i int) (bool, error) {
			if fixed == nil {
				var err error
				if fixed, err = compiled(0); err != nil {
					return false, err
				}
			}
			return fixed.Match(meter, text.at(i)), nil
		}
	})
	return overTexts(byRow, func(env *Env, args []batch.Vector) *textTest {
		m, err := patterns(args)(0)
		if err != nil {
			return nil
		}
		if prefix, ok := m.Prefix(); ok {
			return testOfPrefix(prefix)
		}
		meter := meterOf(env)
		test := &textTest{holds: func(text string) bool { return m.Match(meter, text) }}
		if pieces, contains := m.PlainTexts(); contains {
			part := like.PlainPiece(pieces[0])
			test.part = &part
		}
		return test
	})
}

// startsWithBind reports whether texts begin with a prefix.
func startsWithBind() Bind {
	return overTexts(binaryPure(strings.HasPrefix), func(_ *Env, args []batch.Vector) *textTest {
		return testOfPrefix(columnOf[string](args[1]).at(0))
	})
}

func testOfPrefix(prefix string) *textTest { return &textTest{prefix: &prefix} }

// textTest is a boolean function of a text that never fails. If prefix is set, it is true for the texts that begin
// with it; if part is set, for the texts that contain it.
type textTest struct {
	holds  func(text string) bool
	prefix *string
	part   *like.Piece
}

// overTexts adapts a boolean function of a text and other arguments, mostly constant. The test that test returns,
// if not nil, reads a column of texts in place; byRow handles everything else.
func overTexts(byRow Bind, test func(env *Env, args []batch.Vector) *textTest) Bind {
	return func(fn *types.Resolved) Kernel {
		other := byRow(fn)
		return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
			column, ok := args[0].Array.(*array.String)
			if !ok || args[0].Const || !allConst(args[1:]) || anyNullConst(args[1:]) {
				return other(env, args, lambdas, rows)
			}
			t := test(env, args)
			if t == nil {
				return other(env, args, lambdas, rows)
			}
			return batch.Vector{Array: t.find(env, column)}, nil
		}
	}
}

func anyNullConst(args []batch.Vector) bool {
	for _, a := range args {
		if isNull(a, 0) {
			return true
		}
	}
	return false
}

// find returns for which texts the test is true. It ends the evaluation by batch.Fail once the statement has ended.
func (t *textTest) find(env *Env, column *array.String) arrow.Array {
	offsets, data := batch.Text(column)
	bits, valid := arrowdata.NewBitmap(column.Len()), arrowdata.Validity(column)
	if t.part != nil {
		region := viewText(data[offsets[0]:offsets[len(offsets)-1]])
		eachTextWith(meterOf(env), offsets, region, t.part, func(i, _ int) { arrowdata.SetBit(bits, i) })
		return batch.FromBits(bits, column.Len(), valid)
	}
	if t.prefix != nil {
		markPrefixed(bits, offsets, data, *t.prefix)
		return batch.FromBits(bits, column.Len(), valid)
	}
	for i := range column.Len() {
		if err := env.Stopped(); err != nil {
			batch.Fail(err)
		}
		if arrowdata.IsValid(valid, i) && t.holds(viewText(data[offsets[i]:offsets[i+1]])) {
			arrowdata.SetBit(bits, i)
		}
	}
	return batch.FromBits(bits, column.Len(), valid)
}

// markPrefixed sets the bits of the texts that begin with prefix. It compares the first eight bytes as a number.
func markPrefixed(bits []byte, offsets []int32, data []byte, prefix string) {
	const wordBytes = 8
	var word [wordBytes]byte
	head := copy(word[:], prefix)
	wanted, mask := bytesof.LittleEndian.Uint64(word[:]), ^uint64(0)>>(8*(wordBytes-head))
	rest := prefix[head:]
	for i := range len(offsets) - 1 {
		lo, hi := int(offsets[i]), int(offsets[i+1])
		if lo > len(data)-wordBytes {
			if strings.HasPrefix(viewText(data[lo:hi]), prefix) {
				arrowdata.SetBit(bits, i)
			}
			continue
		}
		begins := bit((bytesof.LittleEndian.Uint64(data[lo:])^wanted)&mask == 0) & bit(hi-lo >= len(prefix))
		if begins != 0 && rest != "" {
			begins = bit(string(data[lo+head:lo+len(prefix)]) == rest)
		}
		bits[i>>3] |= begins << (i & 7)
	}
}

// eachTextWith calls found for each text of a column that contains part, in ascending order, with the part's first
// position in it. Text i is between offsets i and i+1, counted from the first; region begins there. It ends the
// evaluation by batch.Fail once the statement of meter has ended.
func eachTextWith(meter *memory.Meter, offsets []int32, region string, part *like.Piece, found func(i, at int)) {
	const fewHits, denseShare = 16, 8
	first, hits := int(offsets[0]), 0
	for from, i := 0, 0; ; {
		if hits > fewHits && hits*denseShare > i { // reading one text after another costs less now
			for i++; i < len(offsets)-1; i++ {
				if at := placeOfPart(meter, region[int(offsets[i])-first:int(offsets[i+1])-first], part); at >= 0 {
					found(i, at)
				}
			}
			return
		}
		at := indexFrom(meter, region, from, part)
		if at < 0 {
			return
		}
		i += endsBefore(offsets[i+1:], int32(first+at))
		begin, end := int(offsets[i])-first, int(offsets[i+1])-first
		if at+len(part.Plain) > end { // it begins in one text and ends in the next
			from = at + 1
			continue
		}
		found(i, at-begin)
		hits++
		from = end
	}
}

// placeOfPart returns the position of part in text, -1 if it is not there. In a short text the standard library's
// search is the fastest.
func placeOfPart(meter *memory.Meter, text string, part *like.Piece) int {
	const shortBytes = 64
	if len(text) <= shortBytes && !part.AnyCase {
		return strings.Index(text, part.Plain)
	}
	return indexFrom(meter, text, 0, part)
}

// indexFrom returns the position of part in text from index from on, -1 if it is not there.
func indexFrom(meter *memory.Meter, text string, from int, part *like.Piece) int {
	const step = 1 << 20
	for ; from < len(text); from += step {
		if err := meter.Stopped(); err != nil {
			batch.Fail(err)
		}
		if at := part.Index(text[from:min(from+step+len(part.Plain)-1, len(text))]); at >= 0 {
			return from + at
		}
	}
	return -1
}
