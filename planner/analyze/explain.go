package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

func (a *analyzer) explain(x *ast.Explain) plan.Node {
	if x.Analyze && x.Verbose {
		panic(a.notSupported(x, "EXPLAIN ANALYZE VERBOSE"))
	}
	if x.Type == "VALIDATE" {
		a.statement(x.Statement)
		out := a.rowsOf([]string{"Valid"}, types.BooleanType)
		out.add(types.Value{Type: types.BooleanType, V: true})
		return out.Output
	}
	form, ok := explainForm(x)
	if !ok {
		panic(a.notSupported(x, "EXPLAIN (FORMAT "+x.Format+")"))
	}
	input, ok := a.statement(x.Statement).(*plan.Output)
	if !ok {
		panic(a.notSupported(x.Statement, "EXPLAIN of EXPLAIN"))
	}
	return &plan.Explain{Input: input, Analyze: x.Analyze, Verbose: x.Verbose, Form: form, Cols: []*plan.Column{a.newColumn("Query Plan", types.VarcharType)}}
}

// explainForm returns false for an unknown format. As in Trino, TYPE IO is JSON in either format, and JSON without
// a type shows fragments.
func explainForm(x *ast.Explain) (plan.ExplainForm, bool) {
	switch {
	case x.Format == "GRAPHVIZ":
		return 0, false
	case x.Type == "IO":
		return plan.ExplainInputOutput, true
	case x.Format == "JSON" && x.Type == "LOGICAL":
		return plan.ExplainJSON, true
	case x.Format == "JSON":
		return plan.ExplainFragments, true
	}
	return plan.ExplainText, true
}
