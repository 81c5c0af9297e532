package function

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func stringSplitFunctions() []Function {
	return []Function{
		scalar("split(varchar(x), varchar) -> array(varchar(x))", "Returns the pieces of a text between delimiters.", splitText),
		scalar("split(varchar(x), varchar, bigint) -> array(varchar(x))", "Returns at most n pieces of a text between delimiters; the last keeps the rest.", splitText),
		scalar("split_part(varchar(x), varchar, bigint) -> varchar(x)", "Returns the n-th piece between delimiters, NULL past the end.", ternary(splitPart)),
		scalar("split_to_map(varchar, varchar, varchar) -> map(varchar, varchar)", "Returns the map of a text of entries, given the delimiters of entries and of key and value.", splitToMap),
		scalar("split_to_multimap(varchar, varchar, varchar) -> map(varchar, array(varchar))", "Returns the map from each key of a text of entries to all its values.", splitToMultimap),
		readingCodes(scalar("concat_ws(varchar, varchar...) -> varchar", "Returns the texts with a separator between them; NULLs are left out.", concatWithSeparator, types.NullCalled)),
		scalar("concat_ws(varchar, array(varchar)) -> varchar", "Returns the array's texts with a separator between them; NULLs are left out.", joinArrayTexts),
	}
}

func splitText(fn *types.Resolved) Kernel {
	return textsBind(func(_ *Env, args []batch.Vector, out *textList) func(int) error {
		text, delimiter := columnOf[string](args[0]), columnOf[string](args[1])
		limit := column[int64]{vals: []int64{1 << 62}}
		if len(args) > 2 {
			limit = columnOf[int64](args[2])
		}
		if by, ok := expectPieces(out, args); ok {
			return splitAtByte(args[0], by, out)
		}
		return func(i int) error {
			rest, by, pieces := text.at(i), delimiter.at(i), limit.at(i)
			if by == "" {
				return argumentError("The delimiter may not be the empty string")
			}
			if pieces <= 0 {
				return argumentError("Limit must be positive")
			}
			if len(args) > 2 && pieces > math.MaxInt32 {
				return argumentError("Limit is too large")
			}
			for ; pieces > 1; pieces-- {
				at := strings.Index(rest, by)
				if at < 0 {
					break
				}
				out.add(rest[:at])
				rest = rest[at+len(by):]
			}
			out.add(rest)
			return nil
		}
	})(fn)
}

// expectPieces makes room in out for all pieces of a column of texts with one delimiter, unless the texts are long:
// many long ones may be under NULLs. ok: there is room for splitAtByte, and the delimiter is one byte.
func expectPieces(out *textList, args []batch.Vector) (by byte, ok bool) {
	texts, delimiter := args[0], args[1]
	if len(args) > 2 || texts.Const || !delimiter.Const || isNull(delimiter, 0) {
		return 0, false
	}
	between := columnOf[string](delimiter).at(0)
	if between == "" {
		return 0, false
	}
	offsets, data := batch.Text(texts.Array)
	data = data[offsets[0]:offsets[len(offsets)-1]]
	if len(data) > mostJoinedBytes {
		return 0, false
	}
	out.expect(len(offsets)+bytes.Count(data, []byte(between)), len(data)+wordBytes)
	return between[0], len(between) == 1 && out.err == nil
}

// splitPart is split_part. An empty delimiter splits between all code points.
func splitPart(s, delimiter string, n int64) (string, error) {
	if n <= 0 {
		return "", argumentError("Index must be greater than zero")
	}
	if delimiter == "" {
		rest, ok := skip(s, n-1)
		if !ok || rest == "" {
			return "", errNull
		}
		_, size := utf8.DecodeRuneInString(rest)
		return rest[:size], nil
	}
	for ; n > 1; n-- {
		_, after, found := strings.Cut(s, delimiter)
		if !found {
			return "", errNull
		}
		s = after
	}
	piece, _, _ := strings.Cut(s, delimiter)
	return piece, nil
}

// mostJoinedBytes limits the expected bytes of joined texts: many may be NULL.
const mostJoinedBytes = 16 << 20

// joinArrayTexts is array_join with the separator first.
func joinArrayTexts(fn *types.Resolved) Kernel {
	swapped := *fn
	swapped.Args = []*types.Type{fn.Args[1], fn.Args[0]}
	join := joinArray(&swapped)
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		return join(env, []batch.Vector{args[1], args[0]}, lambdas, rows)
	}
}
