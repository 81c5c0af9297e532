package function

import (
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/javaregexp"
	"github.com/auditlake/auditlake/planner/types"
)

// regexpFunctions is the family of functions over regular expressions in Java's syntax. They search; they do not
// match the whole text.
func regexpFunctions() []Function {
	list := []Function{
		scalar("regexp_like(varchar, varchar) -> boolean", "Reports whether the pattern is found in the text.", patternBinary((*javaregexp.Search).Matches)),
		scalar("regexp_count(varchar, varchar) -> bigint", "Returns how often the pattern is found.", patternBinary(countMatches)),
		scalar("regexp_extract(varchar(x), varchar) -> varchar(x)", "Returns the first match.", extractGroup),
		scalar("regexp_extract(varchar(x), varchar, bigint) -> varchar(x)", "Returns a group of the first match.", extractGroup),
		scalar("regexp_extract_all(varchar(x), varchar) -> array(varchar(x))", "Returns all matches.", extractAll),
		scalar("regexp_extract_all(varchar(x), varchar, bigint) -> array(varchar(x))", "Returns a group of all matches.", extractAll),
		scalar("regexp_split(varchar(x), varchar) -> array(varchar(x))", "Returns the pieces of the text between matches.", splitByPattern),
		scalar("regexp_position(varchar, varchar) -> integer", "Returns the position of the first match, -1 if there is none.", patternBinary(func(search *javaregexp.Search, s string) (int32, error) {
			return positionOfMatch(search, s, 1, 1)
		})),
		scalar("regexp_position(varchar, varchar, integer) -> integer", "Returns the position of the first match from a position on, -1 if there is none.", patternTernary(func(search *javaregexp.Search, s string, start int32) (int32, error) {
			return positionOfMatch(search, s, start, 1)
		})),
		scalar("regexp_position(varchar, varchar, integer, integer) -> integer", "Returns the position of the n-th match from a position on, -1 if there is none.", patternBind(func(args []batch.Vector) func(i int, search *javaregexp.Search, text string) (int32, error) {
			start, occurrence := columnOf[int32](args[2]), columnOf[int32](args[3])
			return func(i int, search *javaregexp.Search, text string) (int32, error) {
				return positionOfMatch(search, text, start.at(i), occurrence.at(i))
			}
		})),
		scalar("regexp_replace(varchar(x), varchar) -> varchar(x)", "Returns the text without the matches.", removeMatches),
		scalar("regexp_replace(varchar(x), varchar, varchar(y)) -> varchar", "Returns the text with matches replaced; $1 and ${name} stand for groups.", replaceByTemplate, types.ReturnOf(replacedPatternLength)),
		scalar("regexp_replace(varchar(x), varchar, function(array(varchar(x)), varchar)) -> varchar", "Returns the text with matches replaced by what the lambda makes of their groups.", replaceByLambda, types.ReturnOf(func([]*types.Type) (*types.Type, error) {
			return types.VarcharType, nil
		})),
	}
	for _, f := range list {
		types.TakesChar(2)(f.Signature)
	}
	return list
}

// patternBind adapts a function of a text and a pattern. open gets all arguments and returns the function of a row.
func patternBind[R any](open func(args []batch.Vector) func(i int, search *javaregexp.Search, text string) (R, error)) Bind {
	return func(fn *types.Resolved) Kernel {
		cache := newPatternCache()
		return rowBind(func(env *Env, args []batch.Vector) func(int) (R, error) {
			text, searches, f := columnOf[string](args[0]), cache.openSearches(env, args[1]), open(args)
			return func(i int) (R, error) {
				search, err := searches(i)
				if err != nil {
					var none R
					return none, err
				}
				return f(i, search, text.at(i))
			}
		})(fn)
	}
}

// patternBinary adapts a function of a pattern and a text.
func patternBinary[R any](f func(search *javaregexp.Search, text string) (R, error)) Bind {
	return patternBind(func([]batch.Vector) func(int, *javaregexp.Search, string) (R, error) {
		return func(_ int, search *javaregexp.Search, text string) (R, error) { return f(search, text) }
	})
}

// patternTernary is patternBinary with one more argument.
func patternTernary[C, R any](f func(search *javaregexp.Search, text string, c C) (R, error)) Bind {
	return patternBind(func(args []batch.Vector) func(int, *javaregexp.Search, string) (R, error) {
		c := columnOf[C](args[2])
		return func(i int, search *javaregexp.Search, text string) (R, error) { return f(search, text, c.at(i)) }
	})
}

// patternAppend adapts a function of a text and a pattern. open gets all arguments and returns a function that
// appends the text of a row, as in appendBindErr.
func patternAppend(bytesOf func(args []batch.Vector, rows int) int64, open func(env *Env, args []batch.Vector) func(dst []byte, i int, search *javaregexp.Search, text string) ([]byte, error)) Bind {
	return func(fn *types.Resolved) Kernel {
		cache := newPatternCache()
		return appendBindEnv(bytesOf, func(env *Env, args []batch.Vector) func([]byte, int) ([]byte, error) {
			text, searches, appendTo := columnOf[string](args[0]), cache.openSearches(env, args[1]), open(env, args)
			return func(dst []byte, i int) ([]byte, error) {
				search, err := searches(i)
				if err != nil {
					return dst, err
				}
				return appendTo(dst, i, search, text.at(i))
			}
		})(fn)
	}
}

func countMatches(search *javaregexp.Search, text string) (int64, error) {
	count := int64(0)
	err := search.EachMatch(text, 0, func([]int) bool { count++; return true })
	return count, err
}

func checkGroup(search *javaregexp.Search, group int64) error {
	if group < 0 {
		return argumentError("Group cannot be negative")
	}
	if group > int64(search.Groups) {
		return argumentError("Pattern has %d groups. Cannot access group %d", search.Groups, group)
	}
	return nil
}

// extractGroup is regexp_extract.
func extractGroup(fn *types.Resolved) Kernel {
	const extractedBytes = 16 // in most rows
	return patternAppend(eachTakes(extractedBytes), func(_ *Env, args []batch.Vector) func([]byte, int, *javaregexp.Search, string) ([]byte, error) {
		group := groupOf(args)
		return func(dst []byte, i int, search *javaregexp.Search, text string) ([]byte, error) {
			g := group.at(i)
			if err := checkGroup(search, g); err != nil {
				return dst, err
			}
			loc, err := search.FirstMatch(text, int(g))
			if err != nil {
				return dst, err
			}
			if loc == nil || loc[2*g] < 0 {
				return dst, errNull
			}
			return batch.AppendText(dst, text[loc[2*g]:loc[2*g+1]]), nil
		}
	})(fn)
}

// groupOf returns the third argument, or the whole match without one.
func groupOf(args []batch.Vector) column[int64] {
	if len(args) > 2 {
		return columnOf[int64](args[2])
	}
	return column[int64]{vals: []int64{0}}
}

func extractAll(fn *types.Resolved) Kernel {
	cache := newPatternCache()
	return textsBind(func(env *Env, args []batch.Vector, out *textList) func(int) error {
		text, searches, group := columnOf[string](args[0]), cache.openSearches(env, args[1]), groupOf(args)
		return func(i int) error {
			search, err := searches(i)
			if err != nil {
				return err
			}
			s, g := text.at(i), group.at(i)
			if err := checkGroup(search, g); err != nil {
				return err
			}
			return search.EachMatch(s, int(g), func(loc []int) bool {
				out.addGroup(s, loc, int(g))
				return true
			})
		}
	})(fn)
}

func splitByPattern(fn *types.Resolved) Kernel {
	cache := newPatternCache()
	return textsBind(func(env *Env, args []batch.Vector, out *textList) func(int) error {
		text, searches := columnOf[string](args[0]), cache.openSearches(env, args[1])
		return func(i int) error {
			search, err := searches(i)
			if err != nil {
				return err
			}
			s, last := text.at(i), 0
			err = search.EachMatch(s, 0, func(loc []int) bool {
				out.add(s[last:loc[0]])
				last = loc[1]
				return true
			})
			out.add(s[last:])
			return err
		}
	})(fn)
}

func positionOfMatch(search *javaregexp.Search, text string, start, occurrence int32) (int32, error) {
	if start < 1 {
		return 0, argumentError("start position cannot be smaller than 1")
	}
	if occurrence < 1 {
		return 0, argumentError("occurrence cannot be smaller than 1")
	}
	if int64(start) > codePoints(text) {
		return -1, nil
	}
	position := int32(-1)
	visit := func(loc []int) bool {
		if occurrence--; occurrence == 0 {
			position = int32(codePoints(text[:loc[0]])) + 1
		}
		return occurrence > 0
	}
	var err error
	if start == 1 {
		err = search.EachMatch(text, 0, visit)
	} else {
		err = search.EachMatchFrom(text, int(start-1), visit)
	}
	return position, err
}
