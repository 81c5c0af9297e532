package types

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// maxLambdaRounds bounds how often lambdas are analysed again because their result widened a type variable (reduce
// with a growing state).
const maxLambdaRounds = 4

// match is a signature bound to arguments.
type match struct {
	sig     *Signature
	args    []*Type
	returns *Type
}

// Resolve picks the overload of name that fits args, in Trino's order: an exact match without type variables, then
// an exact match with them, then the most specific match with coercions. All candidates must be called name. The
// error is a *Error without position (FUNCTION_NOT_FOUND, AMBIGUOUS_FUNCTION_CALL, INVALID_PARAMETER_USAGE) or the
// error of a lambda's analysis.
func Resolve(name string, candidates []*Signature, args []Arg) (*Resolved, error) {
	if len(candidates) == 0 {
		return nil, Errorf(FunctionNotFound, Pos{}, "Function '%s' not registered", name)
	}
	for _, phase := range []struct{ coerce, generic bool }{{false, false}, {false, true}} {
		found, err := matchAll(candidates, args, phase.coerce, func(s *Signature) bool { return (len(s.TypeVars) > 0) == phase.generic })
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			return pick(found)
		}
	}
	found, err := matchAll(candidates, args, true, func(*Signature) bool { return true })
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, noMatch(name, candidates, args)
	}
	return pick(mostSpecific(found, args))
}

func pick(found []*match) (*Resolved, error) {
	if len(found) > 1 {
		lines := make([]string, len(found))
		for i, m := range found {
			lines[i] = "\t * (" + typeList(m.args) + "):" + m.returns.String()
		}
		return nil, Errorf(AmbiguousFunctionCall, Pos{},
			"Could not choose a best candidate operator. Explicit type casts must be added.\nCandidates are:\n%s", strings.Join(lines, "\n"))
	}
	m := found[0]
	return &Resolved{Signature: m.sig, Args: m.args, Return: m.returns}, nil
}

func matchAll(candidates []*Signature, args []Arg, coerce bool, want func(*Signature) bool) ([]*match, error) {
	var found []*match
	for _, sig := range candidates {
		if !want(sig) {
			continue
		}
		m, err := tryMatch(sig, args, coerce)
		if err != nil {
			return nil, err
		}
		if m != nil {
			found = append(found, m)
		}
	}
	return found, nil
}

// tryMatch binds sig to args. If they do not fit it returns nil without an error.
func tryMatch(sig *Signature, args []Arg, coerce bool) (*match, error) {
	patterns, ok := expandArgs(sig, len(args))
	if !ok {
		return nil, nil
	}
	if coerce {
		args = withoutChar(sig, args)
	}
	b := newBinder(coerce)
	hasLambda := false
	for i, arg := range args {
		switch {
		case (arg.Lambda != nil) != (patterns[i].Kind == Func && (arg.Type == nil || arg.Type.Kind != Func)):
			return nil, nil
		case arg.Lambda != nil:
			hasLambda = true
		case !b.bind(patterns[i], arg.Type):
			return nil, nil
		}
	}
	if hasLambda {
		if ok, err := b.bindLambdas(patterns, args); err != nil || !ok {
			return nil, err
		}
	}
	if !b.satisfies(sig.TypeVars) {
		return nil, nil
	}
	m := &match{sig: sig, args: make([]*Type, len(args))}
	for i, arg := range args {
		m.args[i] = b.result(patterns[i], arg.Type)
	}
	m.returns = b.result(sig.Return, nil)
	if sig.ReturnOf != nil {
		returns, err := sig.ReturnOf(m.args)
		if err != nil {
			return nil, err
		}
		m.returns = returns
	}
	return m, nil
}

// withoutChar returns args as sig casts them: a char passed for a varchar becomes a varchar.
func withoutChar(sig *Signature, args []Arg) []Arg {
	i := sig.CharArg - 1
	if i < 0 || i >= len(args) || args[i].Type == nil || args[i].Type.Kind != Char {
		return args
	}
	out := slices.Clone(args)
	out[i].Type = VarcharOf(args[i].Type.Length)
	return out
}

// expandArgs lists variadic arguments individually, for n arguments.
func expandArgs(sig *Signature, n int) ([]*Type, bool) {
	if !sig.Variadic {
		return sig.Args, len(sig.Args) == n
	}
	fixed := len(sig.Args) - 1
	if n < fixed {
		return nil, false
	}
	patterns := append([]*Type{}, sig.Args[:fixed]...)
	for len(patterns) < n {
		patterns = append(patterns, sig.Args[fixed])
	}
	return patterns, true
}

// bindLambdas analyses the lambdas from left to right. A result that widens a type variable starts another round.
// In the end each lambda must return exactly the type that its function wants: results of lambdas are not coerced.
func (b *binder) bindLambdas(patterns []*Type, args []Arg) (bool, error) {
	for round := 0; round < maxLambdaRounds; round++ {
		before := b.snapshot()
		results := make([]*Type, len(args))
		for i, arg := range args {
			if arg.Lambda == nil {
				continue
			}
			var err error
			if results[i], err = b.bindLambda(patterns[i], arg); err != nil || results[i] == nil {
				return false, err
			}
		}
		if !b.widened(before) {
			return b.exact(patterns, results), nil
		}
	}
	return false, nil
}

// exact reports whether the lambdas' results have the wanted types. A varchar may have any length.
func (b *binder) exact(patterns, results []*Type) bool {
	for i, result := range results {
		if result == nil || result.Kind == Varchar && patterns[i].Elem.Kind == Varchar {
			continue
		}
		if !result.Equal(b.result(patterns[i].Elem, nil)) {
			return false
		}
	}
	return true
}

// bindLambda returns the type of the lambda's result, nil if the lambda does not fit.
func (b *binder) bindLambda(pattern *Type, arg Arg) (*Type, error) {
	if arg.Params != len(pattern.Fields) {
		return nil, Errorf(InvalidParameterUsage, Pos{}, "Expected a lambda that takes %d argument(s) but got %d", len(pattern.Fields), arg.Params)
	}
	params := make([]*Type, len(pattern.Fields))
	for i, f := range pattern.Fields {
		params[i] = b.result(f.Type, nil)
	}
	result, err := arg.Lambda(params)
	if err != nil || !b.bind(pattern.Elem, result) {
		return nil, err
	}
	return result, nil
}

func (b *binder) snapshot() map[string]*Type {
	copied := make(map[string]*Type, len(b.vars))
	for name, t := range b.vars {
		copied[name] = t
	}
	return copied
}

// widened reports whether a variable changed that lambdas have already read.
func (b *binder) widened(before map[string]*Type) bool {
	for name, t := range b.vars {
		if old := before[name]; old != nil && !old.Equal(t) {
			return true
		}
	}
	return false
}

func (b *binder) satisfies(vars []TypeVar) bool {
	for _, v := range vars {
		t := b.vars[v.Name]
		if t == nil {
			continue
		}
		if v.Comparable && !t.IsComparable() || v.Orderable && !t.IsOrderable() || v.RowOnly && t.Kind != Row {
			return false
		}
	}
	return true
}

func noMatch(name string, candidates []*Signature, args []Arg) error {
	actual := make([]string, len(args))
	for i, a := range args {
		actual[i] = "<function>"
		if a.Lambda == nil {
			actual[i] = a.Type.String()
		}
	}
	expected := make([]string, len(candidates))
	for i, c := range candidates {
		expected[i] = c.Name + "(" + typeList(c.Args) + ")" + describeVars(c.TypeVars)
	}
	sort.Strings(expected)
	return Errorf(FunctionNotFound, Pos{}, "Unexpected parameters (%s) for function %s. Expected: %s%s",
		strings.Join(actual, ", "), name, strings.Join(expected, ", "), wrongCount(name, candidates, len(args)))
}

// wrongCount returns the number of arguments that a function takes, as the end of a message; "" if given is a right
// number.
func wrongCount(name string, candidates []*Signature, given int) string {
	counts := map[int]bool{}
	for _, c := range candidates {
		if c.Variadic || len(c.Args) == given {
			return ""
		}
		counts[len(c.Args)] = true
	}
	texts := make([]string, 0, len(counts))
	for _, n := range slices.Sorted(maps.Keys(counts)) {
		texts = append(texts, strconv.Itoa(n))
	}
	takes, noun := strings.Join(texts, " or "), "arguments"
	if takes == "1" {
		noun = "argument"
	}
	return fmt.Sprintf("; %s takes %s %s, not %d", name, takes, noun, given)
}

func typeList(list []*Type) string {
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = t.String()
	}
	return strings.Join(names, ", ")
}

func describeVars(vars []TypeVar) string {
	names := make([]string, len(vars))
	for i, v := range vars {
		names[i] = v.Name
		switch {
		case v.Orderable:
			names[i] += ":orderable"
		case v.Comparable:
			names[i] += ":comparable"
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " " + strings.Join(names, ", ")
}
