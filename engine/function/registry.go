package function

import (
	"slices"
	"strings"
	"sync"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// Function is one overload: its signature and its implementation.
type Function struct {
	*types.Signature
	Bind      Bind           // scalar functions
	Aggregate *AggregateImpl // aggregate functions
	// Dictionary: the kernel takes dictionary arrays. ReadsCodes: it also takes those over whose values the caller
	// cannot run it, see Impl.
	Dictionary, ReadsCodes bool
}

// Bind makes the kernel of a scalar function for bound argument types.
type Bind func(fn *types.Resolved) Kernel

// scalar declares a scalar function, see types.MustSignature for the text.
func scalar(signature, doc string, bind Bind, opts ...types.Option) Function {
	return Function{Signature: types.MustSignature(signature, append(opts, types.Doc(doc))...), Bind: bind}
}

// aggregate declares an aggregate function.
func aggregate(signature, doc string, impl *AggregateImpl, opts ...types.Option) Function {
	opts = append(opts, types.AggregateKind, types.NullCalled, types.Doc(doc))
	return Function{Signature: types.MustSignature(signature, opts...), Aggregate: impl}
}

// window declares a function that needs OVER; engine/exec runs it by name.
func window(signature, doc string, opts ...types.Option) Function {
	opts = append(opts, types.WindowKind, types.NullCalled, types.Doc(doc))
	return Function{Signature: types.MustSignature(signature, opts...)}
}

// families returns all functions of the library: operators, scalar functions by subject, aggregate functions by
// state, window functions. It is the only list of them.
func families() []func() []Function {
	return []func() []Function{
		arithmeticFunctions, temporalArithmeticFunctions, comparisonFunctions, concatFunctions, likeFunctions, subscriptFunctions,

		conditionalFunctions,
		stringCaseFunctions, stringSplitFunctions, stringCodeFunctions, humanFunctions, stringFunctions, regexpFunctions, urlFunctions,
		formatFunctions, stemFunctions, teradataFunctions, colorFunctions,
		mathFunctions, roundingFunctions, moduloFunctions, distributionFunctions, vectorFunctions, bitwiseFunctions, randomFunctions,
		dateTimeFunctions, dateFieldFunctions, dateArithmeticFunctions, dateTruncFunctions, unixTimeFunctions, isoTimeFunctions,
		zoneFunctions, mysqlDateFunctions, jodaDateFunctions, zonedTimeFunctions,
		jsonFunctions, jsonSQLFunctions, binaryFunctions, ipFunctions, versionFunctions,
		arrayFunctions, arrayFindFunctions, arraySetFunctions, arrayOrderFunctions, arrayZipFunctions, arrayJoinFunctions, sequenceFunctions,
		mapFunctions, lambdaFunctions, mapLambdaFunctions,

		countFunctions, sumFunctions, averageFunctions, extremeFunctions, extremeByFunctions, anyValueFunctions,
		arrayAggFunctions, mapAggFunctions, histogramFunctions, booleanAggFunctions, bitwiseAggFunctions,
		varianceFunctions, covarianceFunctions, approxDistinctFunctions, percentileFunctions, checksumFunctions,
		listAggFunctions, reduceFunctions, numericHistogramFunctions,
		approxSetFunctions, setDigestFunctions, qdigestFunctions, tdigestFunctions,

		windowFunctions,
	}
}

// Registry is the function library for the planner. It is immutable and safe for concurrent use.
type Registry struct {
	byName map[string][]*types.Signature
	impl   map[*types.Signature]Function
	list   []*types.Signature
}

var _ metadata.Functions = (*Registry)(nil)

// New returns the library.
func New() *Registry { return library() }

var library = sync.OnceValue(func() *Registry {
	r := &Registry{byName: map[string][]*types.Signature{}, impl: map[*types.Signature]Function{}}
	for _, family := range families() {
		for _, f := range family() {
			nameFirst(f)
			r.byName[f.Name] = append(r.byName[f.Name], f.Signature)
			r.impl[f.Signature] = f
			if !strings.HasPrefix(f.Name, "$") {
				r.list = append(r.list, f.Signature)
			}
		}
	}
	slices.SortStableFunc(r.list, func(a, b *types.Signature) int { return strings.Compare(a.Name, b.Name) })
	return r
})

// Resolve implements metadata.Functions.
func (r *Registry) Resolve(name string, args []types.Arg) (*types.Resolved, error) {
	name = strings.ToLower(name)
	if err := refuse(name); err != nil && len(r.byName[name]) == 0 {
		return nil, err
	}
	fn, err := types.Resolve(name, r.byName[name], args)
	if err != nil {
		return nil, err
	}
	f := r.impl[fn.Signature]
	switch {
	case f.Aggregate != nil:
		fn.Impl = f.Aggregate
	case f.Bind != nil:
		fn.Impl = &Impl{Kernel: f.Bind(fn), Dictionary: f.Dictionary, ReadsCodes: f.ReadsCodes}
	}
	return fn, nil
}

// ResolveCast implements metadata.Functions.
func (r *Registry) ResolveCast(from, to *types.Type, try bool) (*types.Resolved, bool) {
	kernel, ok := castKernel(from, to, try)
	if !ok {
		return nil, false
	}
	signature := castSignature
	if try {
		signature = tryCastSignature
	}
	readsCodes := isNested(from) && to.Kind == types.JSON
	return &types.Resolved{Signature: signature, Args: []*types.Type{from}, Return: to,
		Impl: &Impl{Kernel: kernel, Dictionary: readsCodes}}, true
}

var (
	castSignature    = &types.Signature{Name: types.OpCast}
	tryCastSignature = &types.Signature{Name: types.OpTryCast}
)

// IsAggregate implements metadata.Functions.
func (r *Registry) IsAggregate(name string) bool { return r.hasKind(name, types.Aggregate) }

// IsWindow implements metadata.Functions.
func (r *Registry) IsWindow(name string) bool { return r.hasKind(name, types.Window) }

func (r *Registry) hasKind(name string, kind types.FunctionKind) bool {
	return slices.ContainsFunc(r.byName[strings.ToLower(name)], func(s *types.Signature) bool { return s.Kind == kind })
}

// Exists implements metadata.Functions.
func (r *Registry) Exists(name string) bool { return len(r.byName[strings.ToLower(name)]) > 0 }

// List implements metadata.Functions.
func (r *Registry) List() []*types.Signature { return slices.Clone(r.list) }
