package difftest

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

// limits of a whole type.
func limits(t *types.Type) (low, high *big.Int) {
	if t == integer {
		return big.NewInt(math.MinInt32), big.NewInt(math.MaxInt32)
	}
	return big.NewInt(math.MinInt64), big.NewInt(math.MaxInt64)
}

// inRange fails on a number beyond a type.
func inRange(t *types.Type, v *big.Int) (any, error) {
	low, high := limits(t)
	if v.Cmp(low) < 0 || v.Cmp(high) > 0 {
		return nil, outOfRange
	}
	return v.Int64(), nil
}

func (g *generator) whole(t *types.Type) []maker {
	makers := []maker{
		func(s scope, d int) (expression, bool) { return g.wholeOperator(t, s, d) },
		func(s scope, d int) (expression, bool) { return g.wholeFunction(t, s, d) },
		func(s scope, d int) (expression, bool) { return g.greatest(t, s, d), true },
		func(s scope, d int) (expression, bool) { return g.nullIf(t, s, d), true },
	}
	if t == integer {
		return append(makers, g.element, g.subscript, g.field, g.wholeCast)
	}
	return append(makers, g.length, g.cardinality, g.widened, g.dateDiff, g.arrayPosition, g.dateField, g.timeField)
}

func (g *generator) wholeOperator(t *types.Type, s scope, d int) (expression, bool) {
	if !g.chance(g.faults * 4) {
		return expression{}, false
	}
	a, b := g.expression(t, s, d), g.expression(t, s, d)
	operator := pick(g, []string{"+", "-", "*", "/", "%"})
	return failing(call("("+a.sql+" "+operator+" "+b.sql+")", t, func(v []any) (any, error) {
		x, y := big.NewInt(v[0].(int64)), big.NewInt(v[1].(int64))
		if y.Sign() == 0 && (operator == "/" || operator == "%") {
			return nil, divisionByZero
		}
		switch operator {
		case "+":
			return inRange(t, x.Add(x, y))
		case "-":
			return inRange(t, x.Sub(x, y))
		case "*":
			return inRange(t, x.Mul(x, y))
		case "/":
			return inRange(t, x.Quo(x, y))
		}
		return x.Rem(x, y).Int64(), nil
	}, a, b)), true
}

func (g *generator) wholeFunction(t *types.Type, s scope, d int) (expression, bool) {
	a := g.expression(t, s, d)
	if g.chance(40) {
		return call("sign("+a.sql+")", t, func(v []any) (any, error) { return int64(big.NewInt(v[0].(int64)).Sign()), nil }, a), true
	}
	if !g.chance(g.faults * 4) {
		return expression{}, false
	}
	return failing(call("abs("+a.sql+")", t, func(v []any) (any, error) {
		x := big.NewInt(v[0].(int64))
		return inRange(t, x.Abs(x))
	}, a)), true
}

// greatest makes greatest and least.
func (g *generator) greatest(t *types.Type, s scope, d int) expression {
	list, sql := g.list(2+g.n(2), t, s, d)
	name, sense := "greatest", 1
	if g.chance(50) {
		name, sense = "least", -1
	}
	e := call(name+"("+sql+")", t, func(v []any) (any, error) {
		best := v[0]
		for _, x := range v[1:] {
			best = extreme(t, best, x, sense)
		}
		return best, nil
	}, list...)
	return evaluatingAll(e, list)
}

func (g *generator) nullIf(t *types.Type, s scope, d int) expression {
	a, b := g.expression(t, s, d), g.expression(t, s, d)
	e := choose("NULLIF("+a.sql+", "+b.sql+")", compare("=", a, b), constant("NULL", t, nil), a)
	return e
}

func (g *generator) wholeCast(s scope, d int) (expression, bool) {
	if !g.chance(g.faults * 4) {
		return expression{}, false
	}
	if g.chance(50) {
		a := g.expression(bigint, s, d)
		return failing(call("CAST("+a.sql+" AS integer)", integer, func(v []any) (any, error) {
			return inRange(integer, big.NewInt(v[0].(int64)))
		}, a)), true
	}
	a := g.expression(varchar, s, d)
	return failing(call("CAST("+a.sql+" AS integer)", integer, func(v []any) (any, error) {
		n, err := strconv.ParseInt(v[0].(string), 10, 32)
		if err != nil {
			return nil, invalidCast
		}
		return n, nil
	}, a)), true
}

func (g *generator) widened(s scope, d int) (expression, bool) {
	a := g.expression(integer, s, d)
	return call("CAST("+a.sql+" AS bigint)", bigint, func(v []any) (any, error) { return v[0], nil }, a), true
}

func (g *generator) length(s scope, d int) (expression, bool) {
	a := g.expression(varchar, s, d)
	if g.chance(50) {
		return call("length("+a.sql+")", bigint, func(v []any) (any, error) { return int64(utf8.RuneCountInString(v[0].(string))), nil }, a), true
	}
	b := g.expression(varchar, s, d)
	return call("strpos("+a.sql+", "+b.sql+")", bigint, func(v []any) (any, error) {
		at := strings.Index(v[0].(string), v[1].(string))
		if at < 0 {
			return int64(0), nil
		}
		return int64(utf8.RuneCountInString(v[0].(string)[:at]) + 1), nil
	}, a, b), true
}

func (g *generator) cardinality(s scope, d int) (expression, bool) {
	if g.chance(60) {
		a := g.expression(integers, s, d)
		return call("cardinality("+a.sql+")", bigint, func(v []any) (any, error) { return int64(len(v[0].([]types.Value))), nil }, a), true
	}
	a := g.expression(texts, s, d)
	return call("cardinality("+a.sql+")", bigint, func(v []any) (any, error) { return int64(len(v[0].(types.MapValue).Keys)), nil }, a), true
}

func (g *generator) doubles() []maker {
	return []maker{
		func(s scope, d int) (expression, bool) {
			a, b := g.expression(double, s, d), g.expression(double, s, d)
			operator := pick(g, []string{"+", "-", "*", "/"})
			return call("("+a.sql+" "+operator+" "+b.sql+")", double, func(v []any) (any, error) {
				x, y := v[0].(float64), v[1].(float64)
				switch operator {
				case "+":
					return x + y, nil
				case "-":
					return x - y, nil
				case "*":
					return x * y, nil
				}
				return x / y, nil
			}, a, b), true
		},
		func(s scope, d int) (expression, bool) {
			a := g.expression(double, s, d)
			name := pick(g, []string{"floor", "ceil", "abs", "-"})
			return call(name+"("+a.sql+")", double, func(v []any) (any, error) {
				x := v[0].(float64)
				switch name {
				case "floor":
					return math.Floor(x), nil
				case "ceil":
					return math.Ceil(x), nil
				case "abs":
					return math.Abs(x), nil
				}
				return -x, nil
			}, a), true
		},
		func(s scope, d int) (expression, bool) {
			a := g.expression(pick(g, []*types.Type{integer, bigint}), s, d)
			return call("CAST("+a.sql+" AS double)", double, func(v []any) (any, error) { return float64(v[0].(int64)), nil }, a), true
		},
		func(s scope, d int) (expression, bool) { return g.nullIf(double, s, d), true },
	}
}

func (g *generator) decimals() []maker {
	return []maker{
		func(s scope, d int) (expression, bool) { return g.greatest(decimal, s, d), true },
		func(s scope, d int) (expression, bool) { return g.nullIf(decimal, s, d), true },
		func(s scope, d int) (expression, bool) {
			a := g.expression(decimal, s, d)
			return call("abs("+a.sql+")", decimal, func(v []any) (any, error) {
				return decimal128.FromBigInt(new(big.Int).Abs(v[0].(decimal128.Num).BigInt())), nil
			}, a), true
		},
		func(s scope, d int) (expression, bool) {
			if !g.chance(g.faults * 4) {
				return expression{}, false
			}
			a, b := g.expression(decimal, s, d), g.expression(decimal, s, d)
			operator := pick(g, []string{"+", "-"})
			return failing(call("CAST(("+a.sql+" "+operator+" "+b.sql+") AS decimal(10,2))", decimal, func(v []any) (any, error) {
				x, y := v[0].(decimal128.Num).BigInt(), v[1].(decimal128.Num).BigInt()
				if operator == "+" {
					x = new(big.Int).Add(x, y)
				} else {
					x = new(big.Int).Sub(x, y)
				}
				return decimalInRange(x)
			}, a, b)), true
		},
		func(s scope, d int) (expression, bool) {
			if !g.chance(g.faults * 4) {
				return expression{}, false
			}
			a := g.expression(bigint, s, d)
			return failing(call("CAST("+a.sql+" AS decimal(10,2))", decimal, func(v []any) (any, error) {
				return decimalInRange(new(big.Int).Mul(big.NewInt(v[0].(int64)), big.NewInt(100)))
			}, a)), true
		},
	}
}

func decimalInRange(v *big.Int) (any, error) {
	if new(big.Int).Abs(v).Cmp(big.NewInt(10_000_000_000)) >= 0 {
		return nil, invalidCast
	}
	return decimal128.FromBigInt(v), nil
}
