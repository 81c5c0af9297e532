package function

import "math"

func distributionFunctions() []Function {
	return []Function{
		scalar("normal_cdf(double, double, double) -> double", "Returns the normal distribution of a mean and a deviation, up to a value.", ternary(normalCDF)),
		scalar("inverse_normal_cdf(double, double, double) -> double", "Returns the value up to which the normal distribution of a mean and a deviation has a probability.", ternary(inverseNormalCDF)),
		scalar("beta_cdf(double, double, double) -> double", "Returns the beta distribution of a and b, up to a value.", ternary(betaCDF)),
		scalar("inverse_beta_cdf(double, double, double) -> double", "Returns the value up to which the beta distribution of a and b has a probability.", ternary(inverseBetaCDF)),
		scalar("t_cdf(double, double) -> double", "Returns Student's distribution of so many degrees of freedom, up to a value.", binary(studentCDF)),
		scalar("t_pdf(double, double) -> double", "Returns the density of Student's distribution of so many degrees of freedom.", binary(studentPDF)),
		scalar("wilson_interval_lower(bigint, bigint, double) -> double", "Returns the lower end of Wilson's interval for successes and trials.", ternary(func(successes, trials int64, z float64) (float64, error) {
			return wilsonInterval(successes, trials, z, -1)
		})),
		scalar("wilson_interval_upper(bigint, bigint, double) -> double", "Returns the upper end of Wilson's interval for successes and trials.", ternary(func(successes, trials int64, z float64) (float64, error) {
			return wilsonInterval(successes, trials, z, +1)
		})),
	}
}

func normalCDF(mean, deviation, value float64) (float64, error) {
	if !(deviation > 0) {
		return 0, argumentError("standardDeviation must be > 0")
	}
	return 0.5 * (1 + math.Erf((value-mean)/(deviation*math.Sqrt2))), nil
}

func inverseNormalCDF(mean, deviation, p float64) (float64, error) {
	if !(p > 0 && p < 1) {
		return 0, argumentError("p must be 0 > p > 1")
	}
	if !(deviation > 0) {
		return 0, argumentError("standardDeviation must be > 0")
	}
	return mean + deviation*math.Sqrt2*math.Erfinv(2*p-1), nil
}

func checkBeta(a, b float64) error {
	if !(a > 0) || !(b > 0) {
		return argumentError("alpha and beta must be > 0")
	}
	return nil
}

func betaCDF(a, b, value float64) (float64, error) {
	if !(value >= 0 && value <= 1) {
		return 0, argumentError("value must be 0 >= v >= 1")
	}
	return regularBeta(value, a, b), checkBeta(a, b)
}

// inverseBetaCDF bisects the interval until it has no inner point.
func inverseBetaCDF(a, b, p float64) (float64, error) {
	if !(p >= 0 && p <= 1) {
		return 0, argumentError("p must be 0 >= p >= 1")
	}
	if err := checkBeta(a, b); err != nil {
		return 0, err
	}
	if p == 0 || p == 1 {
		return p, nil
	}
	return brentRoot(func(x float64) float64 { return regularBeta(x, a, b) - p }, 0, 1), nil
}

// The accuracies at which brentRoot stops: of the root, absolute and relative,
// and of the function's value.
const (
	rootAccuracy         = 1e-9
	relativeRootAccuracy = 1e-14
	valueAccuracy        = 1e-15
)

// brentRoot finds a root of an increasing function in an interval by Brent's method, starting in the middle. It
// takes the same steps as the Trino server, which determine the last digits.
func brentRoot(f func(float64) float64, low, high float64) float64 {
	middle := (low + high) / 2
	atMiddle := f(middle)
	if math.Abs(atMiddle) <= valueAccuracy {
		return middle
	}
	a, fa, b, fb := middle, atMiddle, high, f(high)
	if atMiddle > 0 {
		a, fa, b, fb = low, f(low), middle, atMiddle
	}
	c, fc := a, fa
	d := b - a
	e := d
	for {
		if math.Abs(fc) < math.Abs(fb) {
			a, b, c = b, c, b
			fa, fb, fc = fb, fc, fb
		}
		tolerance := 2*relativeRootAccuracy*math.Abs(b) + rootAccuracy
		half := (c - b) / 2
		if math.Abs(half) <= tolerance || fb == 0 {
			return b
		}
		if step, ok := brentStep(a, fa, b, fb, c, fc, e, half, tolerance); ok {
			d, e = step, d
		} else {
			d, e = half, half
		}
		a, fa = b, fb
		switch {
		case math.Abs(d) > tolerance:
			b += d
		case half > 0:
			b += tolerance
		default:
			b -= tolerance
		}
		if fb = f(b); (fb > 0) == (fc > 0) {
			c, fc = a, fa
			d = b - a
			e = d
		}
	}
}

// brentStep returns the interpolation step. It returns false if bisecting the interval is better. e is the step
// before last.
func brentStep(a, fa, b, fb, c, fc, e, half, tolerance float64) (step float64, ok bool) {
	if math.Abs(e) < tolerance || math.Abs(fa) <= math.Abs(fb) {
		return 0, false
	}
	s := fb / fa
	var p, q float64
	if a == c {
		p, q = 2*half*s, 1-s
	} else {
		r := fb / fc
		q = fa / fc
		p = s * (2*half*q*(q-r) - (b-a)*(r-1))
		q = (q - 1) * (r - 1) * (s - 1)
	}
	if p > 0 {
		q = -q
	} else {
		p = -p
	}
	if p >= 1.5*half*q-math.Abs(tolerance*q) || p >= math.Abs(0.5*e*q) {
		return 0, false
	}
	return p / q, true
}

// regularBeta is the regularised incomplete beta function.
func regularBeta(x, a, b float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	}
	if x > (a+1)/(a+b+2) {
		return 1 - betaFraction(1-x, b, a)
	}
	return betaFraction(x, a, b)
}

// betaFraction evaluates the continued fraction from the front (Lentz). It converges for x below the mean.
func betaFraction(x, a, b float64) float64 {
	const tiny, epsilon, most = 1e-300, 1e-16, 10000
	lnA, _ := math.Lgamma(a)
	lnB, _ := math.Lgamma(b)
	lnSum, _ := math.Lgamma(a + b)
	front := math.Exp(a*math.Log(x)+b*math.Log1p(-x)+lnSum-lnA-lnB) / a
	nonzero := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/nonzero(1-(a+b)*x/(a+1))
	result := d
	for m := 1.0; m < most; m++ {
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d = 1 / nonzero(1+even*d)
		c = nonzero(1 + even/c)
		result *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d = 1 / nonzero(1+odd*d)
		c = nonzero(1 + odd/c)
		step := d * c
		result *= step
		if math.Abs(step-1) < epsilon {
			break
		}
	}
	return front * result
}

func checkFreedom(df float64) error {
	if df < 1 {
		return argumentError("degrees of freedom must be greater than or equal to 1")
	}
	return nil
}

func studentCDF(x, df float64) (float64, error) {
	tail := 0.5 * regularBeta(df/(df+x*x), df/2, 0.5)
	if x > 0 {
		tail = 1 - tail
	}
	return tail, checkFreedom(df)
}

func studentPDF(x, df float64) (float64, error) {
	ln1, _ := math.Lgamma((df + 1) / 2)
	ln2, _ := math.Lgamma(df / 2)
	return math.Exp(ln1 - ln2 - 0.5*math.Log(df*math.Pi) - (df+1)/2*math.Log1p(x*x/df)), checkFreedom(df)
}

func wilsonInterval(successes, trials int64, z, side float64) (float64, error) {
	switch {
	case successes < 0:
		return 0, argumentError("number of successes must not be negative")
	case trials <= 0:
		return 0, argumentError("number of trials must be positive")
	case successes > trials:
		return 0, argumentError("number of successes must not be larger than number of trials")
	case !(z >= 0):
		return 0, argumentError("z-score must not be negative")
	}
	n := float64(trials)
	p := float64(successes) / n
	return (p + z*z/(2*n) + side*z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))) / (1 + z*z/n), nil
}
