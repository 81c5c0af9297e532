package function

import (
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/javaregexp"
	"github.com/auditlake/auditlake/planner/types"
)

// regexpFunctions is the family of functions over regular expressions in
// Java's syntax. They search; they do not match the whole text.
func regexpFunctions() []Function {
	list := []Function{
		scalar("regexp_like(varchar, varchar) -> boolean", "Reports whether the pattern is found in the text.", patternBinary(func(env *Env, p *javaregexp.Pattern, s string) (bool, error) { return p.Matches(meterOf(env), s) })),
		scalar("regexp_count(varchar, varchar) -> bigint", "Returns how often the pattern is found.", patternBinary(countMatches)),
		scalar("regexp_extract(varchar(x), varchar) -> varchar(x)", "Returns the first match.", patternBinary(func(env *Env, p *javaregexp.Pattern, s string) (string, error) { return extractGroup(env, p, s, 0) })),
		scalar("regexp_extract(varchar(x), varchar, bigint) -> varchar(x)", "Returns a group of the first match.", patternTernary(extractGroup)),
		scalar("regexp_extract_all(varchar(x), varchar) -> array(varchar(x))", "Returns all matches.", extractAll),
		scalar("regexp_extract_all(varchar(x), varchar, bigint) -> array(varchar(x))", "Returns a group of all matches.", extractAll),
		scalar("regexp_split(varchar(x), varchar) -> array(varchar(x))", "Returns the pieces of the text between matches.", splitByPattern),
		scalar("regexp_position(varchar, varchar) -> integer", "Returns the position of the first match, -1 if there is none.", patternBinary(func(env *Env, p *javaregexp.Pattern, s string) (int32, error) {
			return positionOfMatch(env, p, s, 1, 1)
		})),
		scalar("regexp_position(varchar, varchar, integer) -> integer", "Returns the position of the first match from a position on, -1 if there is none.", patternTernary(func(env *Env, p *javaregexp.Pattern, s string, start int32) (int32, error) {
			return positionOfMatch(env, p, s, start, 1)
		})),
		scalar("regexp_position(varchar, varchar, integer, integer) -> integer", "Returns the position of the n-th match from a position on, -1 if there is none.", patternBind(func(env *Env, args []batch.Vector) func(i int, p *javaregexp.Pattern, text string) (int32, error) {
			start, occurrence := columnOf[int32](args[2]), columnOf[int32](args[3])
			return func(i int, p *javaregexp.Pattern, text string) (int32, error) {
				return positionOfMatch(env, p, text, start.at(i), occurrence.at(i))
			}
		})),
		scalar("regexp_replace(varchar(x), varchar) -> varchar(x)", "Returns the text without the matches.", patternBinary(func(env *Env, p *javaregexp.Pattern, s string) (string, error) { return replaceMatches(env, p, s, nil) })),
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

// patternBind adapts a function of a text and a pattern that, given all
// arguments, makes the function of a row.
func patternBind[R any](open func(env *Env, args []batch.Vector) func(i int, p *javaregexp.Pattern, text string) (R, error)) Bind {
	return func(fn *types.Resolved) Kernel {
		cache := &patternCache{}
		return rowBind(func(env *Env, args []batch.Vector) func(int) (R, error) {
			text, source := columnOf[string](args[0]), columnOf[string](args[1])
			compile, f := cache.openPatterns(meterOf(env)), open(env, args)
			return func(i int) (R, error) {
				p, err := compile(source.at(i))
				if err != nil {
					var none R
					return none, err
				}
				return f(i, p, text.at(i))
			}
		})(fn)
	}
}

// patternBinary adapts a function of a compiled pattern and a text.
func patternBinary[R any](f func(env *Env, p *javaregexp.Pattern, text string) (R, error)) Bind {
	return patternBind(func(env *Env, _ []batch.Vector) func(int, *javaregexp.Pattern, string) (R, error) {
		return func(_ int, p *javaregexp.Pattern, text string) (R, error) { return f(env, p, text) }
	})
}

// patternTernary is patternBinary with one more argument.
func patternTernary[C, R any](f func(env *Env, p *javaregexp.Pattern, text string, c C) (R, error)) Bind {
	return patternBind(func(env *Env, args []batch.Vector) func(int, *javaregexp.Pattern, string) (R, error) {
		c := columnOf[C](args[2])
		return func(i int, p *javaregexp.Pattern, text string) (R, error) { return f(env, p, text, c.at(i)) }
	})
}

func countMatches(env *Env, p *javaregexp.Pattern, text string) (int64, error) {
	count := int64(0)
	err := p.EachMatch(meterOf(env), text, func([]int) bool { count++; return true })
	return count, err
}

func checkGroup(p *javaregexp.Pattern, group int64) error {
	if group < 0 {
		return argumentError("Group cannot be negative")
	}
	if group > int64(p.Groups) {
		return argumentError("Pattern has %d groups. Cannot access group %d", p.Groups, group)
	}
	return nil
}

func extractGroup(env *Env, p *javaregexp.Pattern, text string, group int64) (string, error) {
	if err := checkGroup(p, group); err != nil {
		return "", err
	}
	loc, err := p.FirstMatch(meterOf(env), text, int(group))
	if err != nil {
		return "", err
	}
	if loc == nil || loc[2*group] < 0 {
		return "", errNull
	}
	return text[loc[2*group]:loc[2*group+1]], nil
}

func extractAll(fn *types.Resolved) Kernel {
	cache := &patternCache{}
	return textsBind(func(env *Env, args []batch.Vector, out *textList) func(int) error {
		compile := cache.openPatterns(meterOf(env))
		text, source, group := columnOf[string](args[0]), columnOf[string](args[1]), column[int64]{vals: []int64{0}}
		if len(args) > 2 {
			group = columnOf[int64](args[2])
		}
		return func(i int) error {
			p, err := compile(source.at(i))
			if err != nil {
				return err
			}
			s, g := text.at(i), group.at(i)
			if err := checkGroup(p, g); err != nil {
				return err
			}
			return p.EachMatch(out.meter, s, func(loc []int) bool {
				out.addGroup(s, loc, int(g))
				return true
			})
		}
	})(fn)
}

func splitByPattern(fn *types.Resolved) Kernel {
	cache := &patternCache{}
	return textsBind(func(env *Env, args []batch.Vector, out *textList) func(int) error {
		compile := cache.openPatterns(meterOf(env))
		text, source := columnOf[string](args[0]), columnOf[string](args[1])
		return func(i int) error {
			p, err := compile(source.at(i))
			if err != nil {
				return err
			}
			s, last := text.at(i), 0
			err = p.EachMatch(out.meter, s, func(loc []int) bool {
				out.add(s[last:loc[0]])
				last = loc[1]
				return true
			})
			out.add(s[last:])
			return err
		}
	})(fn)
}

func positionOfMatch(env *Env, p *javaregexp.Pattern, text string, start, occurrence int32) (int32, error) {
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
		err = p.EachMatch(meterOf(env), text, visit)
	} else {
		err = p.EachMatchFrom(meterOf(env), text, int(start-1), visit)
	}
	return position, err
}
