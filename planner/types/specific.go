package types

// mostSpecific keeps the matches whose arguments every other match would accept too. With NULL arguments it prefers
// overloads that coerce nothing else. If all results have one type, any overload will do: the result is NULL
// anyway, and aggregates skip NULLs.
func mostSpecific(found []*match, args []Arg) []*match {
	best := undominated(found)
	if len(best) <= 1 || !anyUnknown(args) {
		return best
	}
	if only := unknownOnly(found, args); len(only) > 0 {
		best = only
	}
	for _, m := range best {
		if !m.returns.Equal(best[0].returns) || m.sig.NullCalled && m.sig.Kind == Scalar {
			return best
		}
	}
	return best[:1]
}

// undominated drops every match for which a more specific one exists.
func undominated(found []*match) []*match {
	var best []*match
	for _, m := range found {
		dominated := false
		for _, o := range best {
			if accepts(o.sig, m.args) {
				best, dominated = []*match{m}, true
				break
			}
			if accepts(m.sig, o.args) {
				dominated = true
				break
			}
		}
		if !dominated {
			best = append(best, m)
		}
	}
	return best
}

// accepts reports whether sig could be called with arguments of these types.
func accepts(sig *Signature, args []*Type) bool {
	patterns, ok := expandArgs(sig, len(args))
	if !ok {
		return false
	}
	b := newBinder(true)
	for i, t := range args {
		if !b.bind(patterns[i], t) {
			return false
		}
	}
	return b.satisfies(sig.TypeVars)
}

func anyUnknown(args []Arg) bool {
	for _, a := range args {
		if a.Type == nil {
			return false
		}
	}
	for _, a := range args {
		if a.Type.Kind == Unknown {
			return true
		}
	}
	return false
}

// unknownOnly keeps the matches that coerce only NULLs without a type. A bare varchar means text without a limit:
// other texts are coerced to it.
func unknownOnly(found []*match, args []Arg) []*match {
	var only []*match
	for _, m := range found {
		patterns, fits := expandArgs(m.sig, len(args))
		for i := 0; fits && i < len(args); i++ {
			t, bound := args[i].Type, m.args[i]
			if p := patterns[i]; p.Kind == Varchar && p.isPattern() && p.Name == "" {
				bound = VarcharType
			}
			fits = t.Kind == Unknown || t.Equal(bound)
		}
		if fits {
			only = append(only, m)
		}
	}
	return only
}
