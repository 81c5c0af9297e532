package function

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func covarianceFunctions() []Function {
	list := []Function{}
	for _, f := range []struct {
		name, doc string
		value     func(*comoments) (float64, bool)
	}{
		{"covar_pop", "Returns the population covariance.", func(c *comoments) (float64, bool) { return c.cXY / c.n, c.n > 0 }},
		{"covar_samp", "Returns the sample covariance.", func(c *comoments) (float64, bool) { return c.cXY / (c.n - 1), c.n > 1 }},
		{"corr", "Returns the correlation coefficient.", func(c *comoments) (float64, bool) { return finite(c.cXY / math.Sqrt(c.m2X) / math.Sqrt(c.m2Y)) }},
		{"regr_slope", "Returns the slope of the regression line of y (first) over x (second).",
			func(c *comoments) (float64, bool) { return finite(c.slope()) }},
		{"regr_intercept", "Returns the intercept of the regression line of y (first) over x (second).",
			func(c *comoments) (float64, bool) { return finite(c.meanY - c.slope()*c.meanX) }},
	} {
		list = append(list,
			aggregate(f.name+"(double, double) -> double", f.doc, &AggregateImpl{
				New: func(fn *types.Resolved, _ *Env, _ []Lambda) Accumulator {
					return &pairFold[float64]{value: f.value, result: arrowtype.Of(fn.Return)}
				}}),
			aggregate(f.name+"(real, real) -> real", f.doc, &AggregateImpl{
				New: func(fn *types.Resolved, _ *Env, _ []Lambda) Accumulator {
					return &pairFold[float32]{value: f.value, result: arrowtype.Of(fn.Return)}
				}}))
	}
	return list
}

func finite(v float64) (float64, bool) { return v, !math.IsNaN(v) && !math.IsInf(v, 0) }

// comoments are the means and second moments of pairs (y, x).
type comoments struct {
	n, meanX, meanY, m2X, m2Y, cXY float64
}

func (c *comoments) slope() float64 { return c.cXY / c.m2X }

func (c *comoments) add(y, x float64) {
	c.n++
	dX, dY := x-c.meanX, y-c.meanY
	c.meanX += dX / c.n
	c.meanY += dY / c.n
	c.m2X += dX * (x - c.meanX)
	c.m2Y += dY * (y - c.meanY)
	c.cXY += dX * (y - c.meanY)
}

func (c *comoments) join(o *comoments) {
	if o.n == 0 {
		return
	}
	n := c.n + o.n
	dX, dY, weight := o.meanX-c.meanX, o.meanY-c.meanY, c.n*o.n/n
	c.m2X += o.m2X + dX*dX*weight
	c.m2Y += o.m2Y + dY*dY*weight
	c.cXY += o.cXY + dX*dY*weight
	c.meanX += dX * o.n / n
	c.meanY += dY * o.n / n
	c.n = n
}

// pairFold is an accumulator of pairs of numbers. It ignores pairs with a NULL.
type pairFold[T float32 | float64] struct {
	value  func(*comoments) (float64, bool)
	result arrow.DataType
	states []comoments
}

// Resize implements Accumulator.
func (p *pairFold[T]) Resize(groups int) { p.states = grown(p.states, groups) }

// Add implements Accumulator.
func (p *pairFold[T]) Add(groups []int32, args []batch.Vector, rows int) error {
	ys, xs := columnOf[T](args[0]), columnOf[T](args[1])
	valid := validOf(args, rows)
	for row, group := range groups[:rows] {
		if arrowdata.IsValid(valid, row) {
			p.states[group].add(float64(ys.at(row)), float64(xs.at(row)))
		}
	}
	return nil
}

// Merge implements Accumulator.
func (p *pairFold[T]) Merge(other Accumulator, mapping []int32) error {
	from := other.(*pairFold[T]).states
	for i := range from {
		p.states[mapping[i]].join(&from[i])
	}
	return nil
}

// Result implements Accumulator.
func (p *pairFold[T]) Result() (arrow.Array, error) {
	return resultOf(p.result, p.states, func(c *comoments) (T, bool, error) {
		v, ok := p.value(c)
		return T(v), ok, nil
	})
}

// SizeBytes implements Accumulator.
func (p *pairFold[T]) SizeBytes() int64 { return statesBytes(p.states) }
