package query

import (
	"context"
	"fmt"
	"time"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// Explain shows how a statement would run: the plan as a tree, and for each
// scan what is left out. With analyze it runs the statement and shows rows,
// time and bytes of every step.
func (q *Queries) Explain(ctx context.Context, sql string, analyze bool) (string, error) {
	s, err := q.plan(ctx, sql, request{})
	if err != nil {
		return "", err
	}
	form := plan.ExplainText
	if e, ok := s.root.(*plan.Explain); ok {
		s.root, analyze, form = e.Input, analyze || e.Analyze, e.Form
	}
	if analyze {
		text, _, err := q.explainAnalyze(ctx, s, request{})
		return text, err
	}
	defer s.view.close()
	return q.explain(ctx, s, form)
}

func (q *Queries) explain(ctx context.Context, s *statement, form plan.ExplainForm) (string, error) {
	if form == plan.ExplainInputOutput {
		return q.explainInputOutput(s)
	}
	e := &Estimate{scans: map[*plan.Scan]*Estimate{}}
	if err := e.add(ctx, s.view, s.root, true); err != nil {
		return "", err
	}
	notes := func(n plan.Node) []string {
		scan, _ := n.(*plan.Scan)
		part, ok := e.scans[scan]
		if !ok {
			return nil
		}
		return []string{prunedNote(part.Pruned), fmt.Sprintf("would scan %d to %d bytes of %d", part.LowBytes, part.HighBytes, part.BytesStored)}
	}
	if form == plan.ExplainText {
		return plan.FormatNotes(s.root, notes), nil
	}
	return explainJSON(s.root, form == plan.ExplainFragments, notes)
}

func prunedNote(p Pruned) string {
	return fmt.Sprintf("pruned %d of %d days, %d of %d segments, %d of %d row groups",
		p.Partitions, p.PartitionsTotal, p.Segments, p.SegmentsTotal, p.RowGroups, p.RowGroupsTotal)
}

// explainAnalyze runs a statement within the limits of o, and tells what it did.
func (q *Queries) explainAnalyze(ctx context.Context, s *statement, o request) (string, Stats, error) {
	o.timing = true
	rows, err := q.start(ctx, s, o)
	if err != nil {
		return "", Stats{}, err
	}
	for rows.Next() {
	}
	if err := rows.Err(); err != nil {
		rows.Close()
		return "", Stats{}, err
	}
	text := plan.FormatNotes(s.root, func(n plan.Node) []string {
		var notes []string
		if done, ok := rows.stats.Node(n); ok {
			notes = append(notes, fmt.Sprintf("%d rows, %s", done.Rows, done.Time.Round(10*time.Microsecond)))
		}
		if scan, ok := n.(*plan.Scan); ok {
			if done, ok := rows.stats.Scan(scan); ok {
				if scan.Table.Store { // others are free
					notes = append(notes, prunedNote(prunedOf(done)),
						fmt.Sprintf("scanned %d bytes of %d, %d events", done.BytesScanned, done.BytesStored, done.EventsScanned))
				}
				for _, text := range rows.stats.RuntimeFilters(scan) {
					notes = append(notes, "dynamicFilter "+text)
				}
			}
		}
		return notes
	})
	return text, rows.Stats(), rows.Close()
}

// explainRows answers an EXPLAIN statement with its text in one column. With
// ANALYZE its statistics are those of the run, which is in the lake's records.
func (q *Queries) explainRows(ctx context.Context, s *statement, e *plan.Explain, o request) (*Rows, error) {
	var text string
	var analyzed *Stats
	var err error
	s.root = e.Input
	if e.Analyze {
		analyzed = new(Stats)
		text, *analyzed, err = q.explainAnalyze(ctx, s, o)
	} else {
		text, err = q.explain(ctx, s, e.Form)
		s.view.close()
	}
	if err != nil {
		return nil, err
	}
	view, err := q.newView(ctx, s.session.Now)
	if err != nil {
		return nil, err
	}
	s.view = view
	value := &plan.Const{Value: types.Value{Type: types.VarcharType, V: text}}
	s.root = &plan.Output{Input: &plan.Values{Cols: e.Cols, Rows: [][]plan.Expr{{value}}}, Names: []string{"Query Plan"}, Cols: e.Cols}
	rows, err := q.start(ctx, s, request{})
	if err != nil {
		return nil, err
	}
	rows.analyzed = analyzed
	return rows, nil
}
