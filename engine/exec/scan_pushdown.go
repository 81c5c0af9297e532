package exec

import (
	"strings"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/predicate"
)

// pushdown translates a plan's domains for storage. It leaves out a domain with a value that storage cannot
// compare, as answers never depend on pruning.
func pushdown(domains []plan.Domain) predicate.Predicate {
	var p predicate.Predicate
	for _, d := range domains {
		if translated, ok := domainOf(d); ok {
			p.Domains = append(p.Domains, translated)
		}
	}
	return p
}

func domainOf(d plan.Domain) (predicate.Domain, bool) {
	out := predicate.Domain{Path: strings.Join(d.Path, "."), MapKey: d.MapKey, NullMatches: d.NullAllowed}
	for _, r := range d.Ranges {
		low, okLow := boundOf(r.Low)
		high, okHigh := boundOf(r.High)
		if !okLow || !okHigh {
			return predicate.Domain{}, false
		}
		out.Ranges = append(out.Ranges, predicate.Range{Low: low, High: high, LowIncl: r.LowIncl, HighIncl: r.HighIncl})
	}
	return out, true
}

// boundOf returns a bound in storage's terms, nil for an open end; false: storage cannot compare it.
func boundOf(v *types.Value) (any, bool) {
	if v == nil {
		return nil, true
	}
	switch x := v.V.(type) {
	case bool, string, float64, int64:
		return x, v.Type.Kind != types.Char
	case float32:
		return float64(x), true
	}
	return nil, false
}
