package function

import "math"

func varianceFunctions() []Function {
	list := []Function{}
	for _, f := range []struct {
		name, doc string
		value     func(*spread) (float64, bool, error)
	}{
		{"variance", "Returns the sample variance.", (*spread).sample},
		{"var_samp", "Returns the sample variance.", (*spread).sample},
		{"var_pop", "Returns the population variance.", (*spread).population},
		{"stddev", "Returns the sample standard deviation.", root((*spread).sample)},
		{"stddev_samp", "Returns the sample standard deviation.", root((*spread).sample)},
		{"stddev_pop", "Returns the population standard deviation.", root((*spread).population)},
	} {
		list = append(list,
			aggregate(f.name+"(bigint) -> double", f.doc, folding(addSpread[int64], (*spread).join, f.value)),
			aggregate(f.name+"(double) -> double", f.doc, folding(addSpread[float64], (*spread).join, f.value)))
	}
	for _, f := range []struct {
		name, doc string
		value     func(*moments) (float64, bool, error)
	}{
		{"skewness", "Returns the skewness.", (*moments).skewness},
		{"kurtosis", "Returns the excess kurtosis.", (*moments).kurtosis},
	} {
		list = append(list,
			aggregate(f.name+"(bigint) -> double", f.doc, folding(addMoment[int64], (*moments).join, f.value)),
			aggregate(f.name+"(double) -> double", f.doc, folding(addMoment[float64], (*moments).join, f.value)))
	}
	const doc = "Returns the geometric mean of the values."
	return append(list,
		aggregate("geometric_mean(bigint) -> double", doc, folding(addLog[int64], (*mean).join, (*mean).geometric)),
		aggregate("geometric_mean(double) -> double", doc, folding(addLog[float64], (*mean).join, (*mean).geometric)),
		aggregate("geometric_mean(real) -> real", doc, folding(addLog[float32], (*mean).join,
			func(m *mean) (float32, bool, error) {
				v, ok, err := m.geometric()
				return float32(v), ok, err
			})))
}

func addLog[T int64 | float32 | float64](m *mean, v T) error {
	return addDouble(m, math.Log(float64(v)))
}

func (m *mean) geometric() (float64, bool, error) {
	return math.Exp(m.sum / float64(m.count)), m.count > 0, nil
}

// spread is the count, mean and sum of squared differences from the mean of a set of numbers. It uses Welford's
// formulas, in the order of operations that gives Trino's last digits.
type spread struct {
	n, mean, m2 float64
}

func addSpread[T int64 | float64](s *spread, v T) error {
	s.n++
	delta := float64(v) - s.mean
	s.mean += delta / s.n
	s.m2 += delta * (float64(v) - s.mean)
	return nil
}

func (s *spread) join(o *spread) error {
	if o.n == 0 {
		return nil
	}
	n := s.n + o.n
	delta := o.mean - s.mean
	*s = spread{n: n, mean: (o.n*o.mean + s.n*s.mean) / n, m2: s.m2 + o.m2 + delta*delta*o.n*s.n/n}
	return nil
}

func (s *spread) sample() (float64, bool, error) { return s.m2 / (s.n - 1), s.n > 1, nil }

func (s *spread) population() (float64, bool, error) { return s.m2 / s.n, s.n > 0, nil }

func root(value func(*spread) (float64, bool, error)) func(*spread) (float64, bool, error) {
	return func(s *spread) (float64, bool, error) {
		v, ok, err := value(s)
		return math.Sqrt(v), ok, err
	}
}

// moments are the count, mean and central moments of a set of numbers, updated
// and merged with Pébay's formulas.
type moments struct {
	n, mean, m2, m3, m4 float64
}

func addMoment[T int64 | float64](m *moments, v T) error {
	n1 := m.n
	m.n++
	delta := float64(v) - m.mean
	deltaN := delta / m.n
	deltaN2 := deltaN * deltaN
	term := delta * deltaN * n1
	m.mean += deltaN
	m.m4 = m.m4 + term*deltaN2*(m.n*m.n-3*m.n+3) + 6*deltaN2*m.m2 - 4*deltaN*m.m3
	m.m3 = m.m3 + term*deltaN*(m.n-2) - 3*deltaN*m.m2
	m.m2 += term
	return nil
}

func (m *moments) join(o *moments) error {
	if o.n == 0 {
		return nil
	}
	if m.n == 0 {
		*m = *o
		return nil
	}
	n := m.n + o.n
	d := o.mean - m.mean
	d2, nn := d*d, m.n*o.n
	m4 := m.m4 + o.m4 + d2*d2*nn*(m.n*m.n-nn+o.n*o.n)/(n*n*n) +
		6*d2*(m.n*m.n*o.m2+o.n*o.n*m.m2)/(n*n) + 4*d*(m.n*o.m3-o.n*m.m3)/n
	m3 := m.m3 + o.m3 + d*d2*nn*(m.n-o.n)/(n*n) + 3*d*(m.n*o.m2-o.n*m.m2)/n
	*m = moments{n: n, mean: m.mean + d*o.n/n, m2: m.m2 + o.m2 + d2*nn/n, m3: m3, m4: m4}
	return nil
}

func (m *moments) skewness() (float64, bool, error) {
	return math.Sqrt(m.n) * m.m3 / threeHalves(m.m2), m.n > 2, nil
}

// threeHalves returns x to the power of 1.5, rounded once. math.Pow is less exact than Trino.
func threeHalves(x float64) float64 {
	root := math.Sqrt(x)
	product := x * root
	if root == 0 || math.IsInf(product, 0) || math.IsNaN(product) {
		return product
	}
	rest := math.FMA(-root, root, x) / (2 * root) // of the square root
	return product + (math.FMA(x, root, -product) + x*rest)
}

func (m *moments) kurtosis() (float64, bool, error) {
	n := m.n
	return (n-1)*n*(n+1)/((n-2)*(n-3))*m.m4/(m.m2*m.m2) - 3*((n-1)*(n-1))/((n-2)*(n-3)), n > 3, nil
}
