package function

import (
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/javaregexp"
	"github.com/auditlake/auditlake/planner/types"
)

// replaceMatches appends the text; add appends the replacement of each match, and uses the given number of groups.
func replaceMatches(env *Env, search *javaregexp.Search, dst []byte, text string, groups int, add func(dst []byte, loc []int) ([]byte, error)) ([]byte, error) {
	begin, last := len(dst), 0
	var failed error
	err := search.EachMatch(text, groups, func(loc []int) bool {
		dst, failed = add(batch.AppendText(dst, text[last:loc[0]]), loc)
		last = loc[1]
		if failed == nil {
			failed = env.checkLength(int64(len(dst) - begin))
		}
		return failed == nil
	})
	if failed != nil {
		err = failed
	}
	return batch.AppendText(dst, text[last:]), err
}

var removeMatches = patternAppend(itsBytes, func(env *Env, _ []batch.Vector) func([]byte, int, *javaregexp.Search, string) ([]byte, error) {
	return func(dst []byte, _ int, search *javaregexp.Search, text string) ([]byte, error) {
		return replaceMatches(env, search, dst, text, 0, func(dst []byte, _ []int) ([]byte, error) { return dst, nil })
	}
})

var replaceByTemplate = patternAppend(itsBytes, func(env *Env, args []batch.Vector) func([]byte, int, *javaregexp.Search, string) ([]byte, error) {
	template := columnOf[string](args[2])
	return func(dst []byte, i int, search *javaregexp.Search, text string) ([]byte, error) {
		begin := len(dst)
		return replaceMatches(env, search, dst, text, search.Groups, func(dst []byte, loc []int) ([]byte, error) {
			return appendTemplate(env, dst, begin, search, template.at(i), text, loc)
		})
	}
})

// appendTemplate appends a replacement to a text that begins at index begin of out. $n and ${name} are groups; a
// backslash escapes the next character.
func appendTemplate(env *Env, out []byte, begin int, search *javaregexp.Search, template, text string, loc []int) ([]byte, error) {
	for i := 0; i < len(template); i++ {
		switch template[i] {
		case '\\':
			if i++; i == len(template) {
				return out, argumentError("Illegal replacement sequence: %s", template)
			}
			out = append(out, template[i])
		case '$':
			group, size, err := templateGroup(search, template[i+1:])
			if err != nil {
				return out, err
			}
			i += size
			if loc[2*group] >= 0 {
				out = batch.AppendText(out, text[loc[2*group]:loc[2*group+1]])
			}
			if err := env.checkLength(int64(len(out) - begin)); err != nil {
				return out, err
			}
		default:
			out = append(out, template[i])
		}
	}
	return out, nil
}

// templateGroup reads the group after "$", and returns its length in bytes.
func templateGroup(search *javaregexp.Search, rest string) (group, size int, err error) {
	if strings.HasPrefix(rest, "{") {
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			return 0, 0, argumentError("Illegal replacement sequence: %s", rest)
		}
		group, ok := search.Names[rest[1:end]]
		if !ok {
			return 0, 0, argumentError("Illegal replacement sequence: unknown group { %s }", rest[1:end])
		}
		return group, end + 1, nil
	}
	for size < len(rest) && rest[size] >= '0' && rest[size] <= '9' {
		n, err := strconv.Atoi(rest[:size+1])
		if err != nil || size > 0 && n > search.Groups {
			break
		}
		group = n
		size++
	}
	if size == 0 {
		return 0, 0, argumentError("Illegal replacement sequence: %s", rest)
	}
	if group > search.Groups {
		return 0, 0, argumentError("Illegal replacement sequence: unknown group %d", group)
	}
	return group, size, nil
}

// replacedPatternLength bounds the length of the result: about half of a replacement may be references to the whole
// text.
func replacedPatternLength(args []*types.Type) (*types.Type, error) {
	x, y := int64(args[0].Length), int64(args[2].Length)
	if args[0].Length == types.Unbounded || args[2].Length == types.Unbounded || x*y > 1<<40 {
		return types.VarcharType, nil
	}
	if length := x + max(x*y/2, y)*(x+1); length <= maxVarcharLength {
		return types.VarcharOf(int(length)), nil
	}
	return types.VarcharType, nil
}

// bytesPerMatch is the memory that replaceByLambda needs for a match besides its groups, including the growth of
// lists.
const bytesPerMatch = 64

// replaceByLambda calls the lambda once for the matches of all rows.
func replaceByLambda(fn *types.Resolved) Kernel {
	cache := newPatternCache()
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		texts := args[:2]
		rows, _ = rowsToCompute(texts, rows)
		text := columnOf[string](args[0])
		searches, groups, offsets := cache.openSearches(env, args[1]), newTextList(env), []int32{0}
		var spans [][2]int // of each match
		var outer []int32
		p, err := pickRows(env, texts, rows, func(i int, idx []int32) ([]int32, error) {
			search, err := searches(i)
			if err != nil {
				return idx, err
			}
			s := text.at(i)
			var full error
			err = search.EachMatch(s, search.Groups, func(loc []int) bool {
				if full = meterOf(env).Grow(bytesPerMatch); full != nil {
					return false
				}
				for g := 1; g <= search.Groups; g++ {
					groups.addGroup(s, loc, g)
				}
				offsets = append(offsets, int32(groups.len()))
				idx, outer = append(idx, int32(len(spans))), append(outer, int32(i))
				spans = append(spans, [2]int{loc[0], loc[1]})
				return true
			})
			if err == nil {
				err = full
			}
			if err == nil {
				err = groups.check()
			}
			return idx, err
		})
		if err != nil {
			return batch.Vector{}, err
		}
		v, err := lambdas[2].Call(env, []batch.Vector{{Array: batch.FromLists(offsets, nil, groups.array())}}, outer, len(outer))
		if err != nil {
			return batch.Vector{}, err
		}
		replacement := env.Expand(v, len(outer))
		replacements := batch.Strings(replacement)
		return mapRows(env, arrowOf(fn), texts, rows, func(i int) (string, error) {
			s, last := text.at(i), 0
			var out []byte
			for m := p.offsets[i]; m < p.offsets[i+1]; m++ {
				if arrowdata.IsNull(replacement, int(m)) {
					return "", errNull
				}
				out = append(append(out, s[last:spans[m][0]]...), replacements[m]...)
				last = spans[m][1]
				if err := env.checkLength(int64(len(out))); err != nil {
					return "", err
				}
			}
			return string(append(out, s[last:]...)), nil
		})
	}
}
