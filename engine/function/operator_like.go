package function

import (
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/like"
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
			if r, n := utf8.DecodeRuneInString(escape.at(i)); n == 0 || n < len(escape.at(i)) || r > 0xFFFF { // one unit of UTF-16
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

// likeBind matches texts with the pattern of each row, compiled once per batch when
// it is constant.
func likeBind(patterns func(args []batch.Vector) func(i int) (*like.Matcher, error)) Bind {
	return rowBind(func(env *Env, args []batch.Vector) func(i int) (bool, error) {
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
}
