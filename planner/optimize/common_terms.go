package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// maxCommonTerms limits how many terms of the first alternative are searched for in the others.
const maxCommonTerms = 32

// commonTerms factors out the terms that all alternatives of a condition share: a = b AND x OR a = b AND y becomes
// a = b AND (x OR y). Other rules can then find them. Terms that may fail stay in place, as they would be computed
// for more rows.
func commonTerms(_ *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.Filter:
			if predicate := withCommonTerms(n.Predicate); predicate != n.Predicate {
				c := *n
				c.Predicate = predicate
				return &c
			}
		case *plan.Join:
			if n.Residual == nil {
				return n
			}
			if residual := withCommonTerms(n.Residual); residual != n.Residual {
				c := *n
				c.Residual = residual
				return &c
			}
		}
		return n
	})
}

// withCommonTerms returns e itself if no term of e has common terms.
func withCommonTerms(e plan.Expr) plan.Expr {
	var out []plan.Expr
	isChanged := false
	for _, term := range plan.Conjuncts(e) {
		common, rest := splitAlternatives(term)
		out = append(out, common...)
		if rest != nil {
			out = append(out, rest)
		}
		isChanged = isChanged || len(common) > 0
	}
	if !isChanged {
		return e
	}
	return conjunction(out)
}

// splitAlternatives returns the terms that all alternatives of e share, and the condition that remains. Without
// common terms rest is e. If an alternative has no other terms, rest is nil.
func splitAlternatives(e plan.Expr) (common []plan.Expr, rest plan.Expr) {
	alternatives := plan.Disjuncts(e)
	if len(alternatives) < 2 {
		return nil, e
	}
	terms := make([][]plan.Expr, len(alternatives))
	for i, a := range alternatives {
		terms[i] = plan.Conjuncts(a)
	}
	for _, term := range terms[0][:min(len(terms[0]), maxCommonTerms)] {
		if !plan.IsDeterministic(term) || !cannotFail(term) || containsExpr(common, term) {
			continue
		}
		if !slices.ContainsFunc(terms[1:], func(other []plan.Expr) bool { return !containsExpr(other, term) }) {
			common = append(common, term)
		}
	}
	if len(common) == 0 {
		return nil, e
	}
	var left []plan.Expr
	for _, own := range terms {
		own = slices.DeleteFunc(own, func(term plan.Expr) bool { return containsExpr(common, term) })
		if len(own) == 0 {
			return common, nil
		}
		left = append(left, conjunction(own))
	}
	return common, &plan.Special{Form: plan.Or, Args: left, T: types.BooleanType}
}

func containsExpr(list []plan.Expr, e plan.Expr) bool {
	return slices.ContainsFunc(list, func(other plan.Expr) bool { return plan.Equal(other, e) })
}
