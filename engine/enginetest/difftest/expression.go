package difftest

import (
	"errors"

	"github.com/auditlake/auditlake/planner/types"
)

// expression is a scalar expression: its SQL, its type, and what it means for a
// row of its scope.
type expression struct {
	sql  string
	t    *types.Type
	eval func(row []any) (any, error)
	// fallible: some row can make it fail, so that where it stands in a filter or a
	// join the order of evaluation, which is free, shows.
	fallible bool
}

// column is a column of a relation.
type column struct {
	name string // as it is written in expressions over the relation
	t    *types.Type
}

// scope is what an expression can read: the columns of a row, in their order.
type scope []column

func (s scope) columnsOf(t *types.Type) []int {
	var out []int
	for i, c := range s {
		if c.t.Equal(t) {
			out = append(out, i)
		}
	}
	return out
}

func columnAt(s scope, i int) expression {
	return expression{sql: s[i].name, t: s[i].t, eval: func(row []any) (any, error) { return row[i], nil }}
}

func constant(sql string, t *types.Type, v any) expression {
	return expression{sql: sql, t: t, eval: func([]any) (any, error) { return v, nil }}
}

// call makes a function that is NULL when an argument is: those after the first
// NULL are not evaluated. args are expressions of the pieces of sql; f is called
// with values that are not NULL.
func call(sql string, t *types.Type, f func(args []any) (any, error), args ...expression) expression {
	e := expression{sql: sql, t: t, fallible: anyFallible(args)}
	e.eval = func(row []any) (any, error) {
		values := make([]any, len(args))
		for i, a := range args {
			v, err := a.eval(row)
			if err != nil || v == nil {
				return nil, err
			}
			values[i] = v
		}
		return f(values)
	}
	return e
}

// evaluatingAll makes e fail when any of its arguments does, also after a NULL.
func evaluatingAll(e expression, args []expression) expression {
	eval := e.eval
	e.eval = func(row []any) (any, error) {
		for _, a := range args {
			if _, err := a.eval(row); err != nil {
				return nil, err
			}
		}
		return eval(row)
	}
	return e
}

// failing marks an expression whose own function can fail.
func failing(e expression) expression {
	e.fallible = true
	return e
}

func anyFallible(list []expression) bool {
	for _, e := range list {
		if e.fallible {
			return true
		}
	}
	return false
}

// and, or and not implement three-valued logic. Both sides are evaluated until one decides.
func and(a, b expression) expression {
	return expression{sql: "(" + a.sql + " AND " + b.sql + ")", t: types.BooleanType, fallible: a.fallible || b.fallible,
		eval: func(row []any) (any, error) { return decide(row, a, b, false) }}
}

func or(a, b expression) expression {
	return expression{sql: "(" + a.sql + " OR " + b.sql + ")", t: types.BooleanType, fallible: a.fallible || b.fallible,
		eval: func(row []any) (any, error) { return decide(row, a, b, true) }}
}

func decide(row []any, a, b expression, deciding bool) (any, error) {
	x, err := a.eval(row)
	if err != nil || x == deciding {
		return x, err
	}
	y, err := b.eval(row)
	if err != nil || y == deciding {
		return y, err
	}
	if x == nil || y == nil {
		return nil, nil
	}
	return !deciding, nil
}

func not(a expression) expression {
	return call("(NOT "+a.sql+")", types.BooleanType, func(args []any) (any, error) { return !args[0].(bool), nil }, a)
}

func isNull(a expression) expression {
	return expression{sql: "(" + a.sql + " IS NULL)", t: types.BooleanType, fallible: a.fallible, eval: func(row []any) (any, error) {
		v, err := a.eval(row)
		return v == nil, err
	}}
}

// choose is CASE WHEN condition THEN yes ELSE no END in the form that sql has.
func choose(sql string, condition, yes, no expression) expression {
	return expression{sql: sql, t: yes.t, fallible: anyFallible([]expression{condition, yes, no}), eval: func(row []any) (any, error) {
		c, err := condition.eval(row)
		if err != nil {
			return nil, err
		}
		if c == true {
			return yes.eval(row)
		}
		return no.eval(row)
	}}
}

// try is NULL where its argument fails.
func try(a expression) expression {
	return expression{sql: "TRY(" + a.sql + ")", t: a.t, eval: func(row []any) (any, error) {
		v, err := a.eval(row)
		var f fault
		if errors.As(err, &f) {
			return nil, nil
		}
		return v, err
	}}
}
