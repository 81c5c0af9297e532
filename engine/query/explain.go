package query

import (
	"context"
	"fmt"
	"strings"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// ExplainAsJSON makes Explain return JSON: the tree of EXPLAIN (TYPE LOGICAL, FORMAT JSON) or, with analyze, an
// analyzedPlan.
func ExplainAsJSON() Option { return func(o *request) { o.explainsAsJSON = true } }

// Explain shows how a statement would run: the plan as a tree, and for each scan what it skips. With analyze it
// runs the statement and shows rows, time, memory and bytes of every step. It is recorded as a query, the EXPLAIN
// of the statement.
func (q *Queries) Explain(ctx context.Context, sql string, analyze bool, options ...Option) (text string, err error) {
	verb := "EXPLAIN "
	switch words := strings.Fields(sql); {
	case len(words) > 0 && strings.EqualFold(words[0], "EXPLAIN"):
		verb = ""
	case analyze:
		verb = "EXPLAIN ANALYZE "
	}
	s, err := q.Submit(ctx, sql, append(options, Written(verb+sql))...)
	if err != nil {
		return "", err
	}
	defer func() {
		err = s.translate(err)
		s.end(err)
	}()
	if err := s.begin(); err != nil {
		return "", err
	}
	planned, err := q.plan(s.ctx, sql, s.request)
	if err != nil {
		return "", err
	}
	form := plan.ExplainText
	var rules []string
	if e, ok := planned.root.(*plan.Explain); ok {
		planned.root, analyze, form, rules = e.Input, analyze || e.Analyze, e.Form, e.Rules
	}
	if len(rules) > 0 && (analyze || s.request.explainsAsJSON) {
		planned.view.close()
		return "", types.Errorf(types.NotSupported, types.Pos{}, "EXPLAIN VERBOSE does not run the statement, and has no JSON; leave VERBOSE out")
	}
	if form == plan.ExplainText && s.request.explainsAsJSON {
		form = plan.ExplainJSON
	}
	s.notePlan(planned)
	if !analyze {
		defer planned.view.close()
		return q.explain(s.ctx, planned, form, rules)
	}
	rows, err := q.runAnalyzed(s, planned)
	if err != nil {
		return "", err
	}
	if form != plan.ExplainText {
		return analyzedJSON(rows)
	}
	return analyzedText(rows), nil
}

// explain returns a plan as text. rules are the applied rules that EXPLAIN VERBOSE shows.
func (q *Queries) explain(ctx context.Context, s *statement, form plan.ExplainForm, rules []string) (string, error) {
	if form == plan.ExplainInputOutput {
		return q.explainInputOutput(s)
	}
	e, err := estimateOf(ctx, s, map[*plan.Scan]*Estimate{})
	if err != nil {
		return "", err
	}
	notes := func(n plan.Node) []string {
		scan, _ := n.(*plan.Scan)
		part, ok := e.scans[scan]
		if !ok {
			return nil
		}
		return []string{prunedNote(part.Pruned), wouldScan(part)}
	}
	if form == plan.ExplainText {
		text := plan.FormatNotes(s.root, notes)
		if len(rules) > 0 {
			text += "Rules: " + strings.Join(rules, ", ") + "\n"
		}
		return text, nil
	}
	return explainJSON(s.root, form == plan.ExplainFragments, notes)
}

// wouldScan formats the bytes of an estimate as the command's --dry-run does.
func wouldScan(part *Estimate) string {
	low, high := answer.Bytes(part.LowBytes), answer.Bytes(part.HighBytes)
	if low != high {
		low += " to " + high
	}
	return fmt.Sprintf("would scan %s of %s", low, answer.Bytes(part.BytesStored))
}

func prunedNote(p Pruned) string {
	return fmt.Sprintf("pruned %d of %d days, %d of %d segments, %d of %d row groups",
		p.Partitions, p.PartitionsTotal, p.Segments, p.SegmentsTotal, p.RowGroups, p.RowGroupsTotal)
}

// explainRows answers an EXPLAIN statement with its text in one column. With ANALYZE the answer has the statistics
// of the run.
func (q *Queries) explainRows(of *Query, s *statement, e *plan.Explain) (*Rows, error) {
	var text string
	var analyzed *Rows
	var err error
	s.root = e.Input
	if e.Analyze {
		if analyzed, err = q.runAnalyzed(of, s); err == nil {
			text = analyzedText(analyzed)
		}
	} else {
		text, err = q.explain(of.ctx, s, e.Form, e.Rules)
		s.view.close()
	}
	if err != nil {
		return nil, err
	}
	view, err := q.newView(of.ctx, s.session.Now, nil)
	if err != nil {
		return nil, err
	}
	value := &plan.Const{Value: types.Value{Type: types.VarcharType, V: text}}
	answer := &statement{sql: s.sql, view: view, session: s.session, root: &plan.Output{
		Input: &plan.Values{Cols: e.Cols, Rows: [][]plan.Expr{{value}}}, Names: []string{"Query Plan"}, Cols: e.Cols,
	}}
	rows := q.newRows(of, answer, request{})
	rows.analyzed = analyzed
	if err := rows.open(); err != nil {
		return nil, err
	}
	return rows, nil
}
