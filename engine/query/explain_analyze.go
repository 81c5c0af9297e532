package query

import (
	"fmt"
	"time"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
)

// runAnalyzed runs a statement to its end as a part of a query, and measures its steps. The returned answer is
// closed.
func (q *Queries) runAnalyzed(of *Query, s *statement) (*Rows, error) {
	o := of.request
	o.timing = true
	rows := q.newRows(of, s, o)
	rows.isPart = true
	if err := rows.open(); err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows, rows.Err()
}

// analyzedText returns the plan of a statement that ran, with what each step did.
func analyzedText(rows *Rows) string {
	root := rows.statement.root
	return plan.FormatNotes(root, func(n plan.Node) []string {
		var notes []string
		if n == root {
			notes = append(notes, totalNote(rows.Stats()))
		}
		if done, ok := rows.stats.Node(n); ok {
			note := fmt.Sprintf("%d rows, %s", done.Rows, done.Time.Round(10*time.Microsecond))
			if done.CPU > 0 {
				note += ", CPU " + done.CPU.Round(10*time.Microsecond).String()
			}
			if done.PeakMemoryBytes > 0 {
				note += ", memory " + memory.FormatBytes(done.PeakMemoryBytes)
			}
			if done.SpilledBytes > 0 {
				note += fmt.Sprintf(", spilled %d bytes", done.SpilledBytes)
			}
			notes = append(notes, note)
		}
		scan, ok := n.(*plan.Scan)
		if !ok {
			return notes
		}
		done, ok := rows.stats.Scan(scan)
		if !ok {
			return notes
		}
		if scan.Table.Store { // others are free
			notes = append(notes, prunedNote(prunedOf(done)),
				fmt.Sprintf("scanned %d bytes of %d, %d events", done.BytesScanned, done.BytesStored, done.EventsScanned))
		}
		for _, text := range rows.stats.RuntimeFilters(scan) {
			notes = append(notes, "dynamicFilter "+text)
		}
		return notes
	})
}

// totalNote summarizes the cost of the whole statement.
func totalNote(s Stats) string {
	note := fmt.Sprintf("in all %s, memory %s, %d of %d bytes scanned, %d read",
		s.Elapsed.Round(10*time.Microsecond), memory.FormatBytes(s.PeakMemoryBytes), s.BytesScanned, s.BytesStored, s.BytesRead)
	if s.SpilledBytes > 0 {
		note += fmt.Sprintf(", %d spilled", s.SpilledBytes)
	}
	return note
}

// analyzedPlan is the JSON form of a statement that ran.
type analyzedPlan struct {
	Statistics Stats     `json:"statistics"` // as --stats-file has them
	Plan       *planNode `json:"plan"`
}

// stepDone is what a step of a plan did.
type stepDone struct {
	Rows            int64     `json:"rows"`
	ElapsedMillis   float64   `json:"elapsedMillis"` // including its inputs
	CPUMillis       float64   `json:"cpuMillis"`     // its own; 0 if the system does not report it
	PeakMemoryBytes int64     `json:"peakMemoryBytes"`
	SpilledBytes    int64     `json:"spilledBytes"`
	Scan            *scanDone `json:"scan,omitempty"`
}

type scanDone struct {
	BytesScanned   int64    `json:"bytesScanned"`
	BytesRead      int64    `json:"bytesRead"`
	BytesStored    int64    `json:"bytesStored"`
	EventsScanned  int64    `json:"eventsScanned"`
	Pruned         Pruned   `json:"pruned"`
	DynamicFilters []string `json:"dynamicFilters"`
}

// analyzedJSON returns the plan of a statement that ran, with what each step did, as JSON.
func analyzedJSON(rows *Rows) (string, error) {
	p := &jsonPlanner{notes: func(plan.Node) []string { return nil }, done: rows.stepDone}
	return indented(analyzedPlan{rows.Stats(), p.node(rows.statement.root)})
}

// stepDone returns what a node's operator did, or nil if it was not measured because part of its work is done
// elsewhere.
func (r *Rows) stepDone(n plan.Node) *stepDone {
	done, ok := r.stats.Node(n)
	if !ok {
		return nil
	}
	out := &stepDone{Rows: done.Rows, ElapsedMillis: millis(done.Time), CPUMillis: millis(done.CPU), PeakMemoryBytes: done.PeakMemoryBytes, SpilledBytes: done.SpilledBytes}
	node, ok := n.(*plan.Scan)
	if !ok {
		return out
	}
	if scan, ok := r.stats.Scan(node); ok && node.Table.Store {
		out.Scan = &scanDone{
			BytesScanned: scan.BytesScanned, BytesRead: scan.BytesRead, BytesStored: scan.BytesStored, EventsScanned: scan.EventsScanned,
			Pruned: prunedOf(scan), DynamicFilters: append([]string{}, r.stats.RuntimeFilters(node)...),
		}
	}
	return out
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
