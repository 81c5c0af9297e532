package function

import (
	"strconv"
	"sync"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/planner/types"
)

// pathOperators are the functions that paths can call, by name.
var pathOperators = sync.OnceValue(func() map[string][]Function {
	byName := map[string][]Function{}
	for _, family := range []func() []Function{arithmeticFunctions, comparisonFunctions, roundingFunctions} {
		for _, f := range family() {
			byName[f.Name] = append(byName[f.Name], f)
		}
	}
	return byName
})

// pathValues computes with values that paths find.
type pathValues struct{ env *Env }

func (p pathValues) Cast(v types.Value, to *types.Type) (types.Value, error) {
	return castValue(p.env, v, to)
}

// Call resolves and calls a function of pathOperators.
func (p pathValues) Call(name string, args ...types.Value) (types.Value, error) {
	candidates := pathOperators()[name]
	signatures := make([]*types.Signature, len(candidates))
	for i, f := range candidates {
		signatures[i] = f.Signature
	}
	offered := make([]types.Arg, len(args))
	for i, arg := range args {
		offered[i].Type = arg.Type
	}
	fn, err := types.Resolve(name, signatures, offered)
	if err != nil {
		return types.Value{}, err
	}
	for i := range args {
		if args[i], err = castValue(p.env, args[i], fn.Args[i]); err != nil {
			return types.Value{}, err
		}
	}
	for _, f := range candidates {
		if f.Signature == fn.Signature {
			return runKernel(p.env, f.Bind(fn), fn.Return, args...)
		}
	}
	return types.Value{}, errNull
}

// castValue casts one value.
func castValue(env *Env, v types.Value, to *types.Type) (types.Value, error) {
	if v.Type.Equal(to) {
		return v, nil
	}
	if n, ok := v.V.(int64); ok && v.Type.IsInteger() {
		switch {
		case to.Equal(types.VarcharType):
			return jsonpath.TextItem(strconv.FormatInt(n, 10)), nil
		case to.Kind == types.BigInt, to.Kind == types.Integer && n == int64(int32(n)):
			return types.Value{Type: to, V: n}, nil
		}
	}
	kernel, ok := castKernel(v.Type, to, false)
	if !ok {
		return types.Value{}, castError("Cannot cast %s to %s", v.Type, to)
	}
	return runKernel(env, kernel, to, v)
}

func runKernel(env *Env, kernel Kernel, result *types.Type, args ...types.Value) (types.Value, error) {
	vectors := make([]batch.Vector, len(args))
	for i, arg := range args {
		var err error
		if vectors[i], err = Constant(arg); err != nil {
			return types.Value{}, err
		}
	}
	out, err := kernel(env.showing(), vectors, make([]Lambda, len(args)), 1)
	if err != nil {
		return types.Value{}, err
	}
	return ValueAt(result, out.Array, 0), nil
}
