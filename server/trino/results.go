package trino

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/auditlake/auditlake/engine"
)

// results is the protocol's answer to a request, without the rows, which are appended as text.
type results struct {
	ID               string          `json:"id"`
	InfoURI          string          `json:"infoUri"`
	PartialCancelURI string          `json:"partialCancelUri,omitempty"`
	NextURI          string          `json:"nextUri,omitempty"`
	Columns          json.RawMessage `json:"columns,omitempty"`
	Stats            statistics      `json:"stats"`
	Error            *queryError     `json:"error,omitempty"`
	UpdateType       string          `json:"updateType,omitempty"`
	Warnings         []string        `json:"warnings"`
}

// statistics is the progress of a query. A split is a row group.
type statistics struct {
	State                     string  `json:"state"`
	Queued                    bool    `json:"queued"`
	Scheduled                 bool    `json:"scheduled"`
	ProgressPercentage        float64 `json:"progressPercentage"`
	RunningPercentage         float64 `json:"runningPercentage"`
	Nodes                     int     `json:"nodes"`
	TotalSplits               int64   `json:"totalSplits"`
	QueuedSplits              int64   `json:"queuedSplits"`
	RunningSplits             int64   `json:"runningSplits"`
	CompletedSplits           int64   `json:"completedSplits"`
	PlanningTimeMillis        int64   `json:"planningTimeMillis"`
	AnalysisTimeMillis        int64   `json:"analysisTimeMillis"`
	CPUTimeMillis             int64   `json:"cpuTimeMillis"`
	WallTimeMillis            int64   `json:"wallTimeMillis"`
	QueuedTimeMillis          int64   `json:"queuedTimeMillis"`
	ElapsedTimeMillis         int64   `json:"elapsedTimeMillis"`
	FinishingTimeMillis       int64   `json:"finishingTimeMillis"`
	PhysicalInputTimeMillis   int64   `json:"physicalInputTimeMillis"`
	ProcessedRows             int64   `json:"processedRows"`
	ProcessedBytes            int64   `json:"processedBytes"`
	PhysicalInputBytes        int64   `json:"physicalInputBytes"`
	PhysicalWrittenBytes      int64   `json:"physicalWrittenBytes"`
	InternalNetworkInputBytes int64   `json:"internalNetworkInputBytes"`
	PeakMemoryBytes           int64   `json:"peakMemoryBytes"`
	SpilledBytes              int64   `json:"spilledBytes"`
}

// rowGroupRows is the most rows that a split has.
const rowGroupRows = 8192

// status returns what an answer says besides its rows.
func (q *query) status() (s statistics, columns json.RawMessage, failure error) {
	q.mu.Lock()
	rows, state, ended := q.rows, q.stateLocked(), q.ended
	columns, failure = q.columns, q.err
	q.mu.Unlock()
	if ended.IsZero() {
		ended = time.Now()
	}
	s = statistics{State: state, Queued: state == stateQueued, Nodes: 1, ElapsedTimeMillis: ended.Sub(q.created).Milliseconds()}
	if rows != nil {
		s.add(rows.Stats())
	}
	if state == stateFinished {
		s.ProgressPercentage = 100
	}
	return s, columns, failure
}

// add sets the engine's figures.
func (s *statistics) add(e engine.Stats) {
	s.Scheduled = true
	s.TotalSplits = e.Pruned.RowGroupsTotal - e.Pruned.RowGroups
	s.CompletedSplits = min(s.TotalSplits, (e.EventsScanned+rowGroupRows-1)/rowGroupRows)
	if s.State == stateRunning {
		s.RunningSplits = s.TotalSplits - s.CompletedSplits
		if s.TotalSplits > 0 {
			s.ProgressPercentage = 100 * float64(s.CompletedSplits) / float64(s.TotalSplits)
			s.RunningPercentage = 100 - s.ProgressPercentage
		}
	}
	s.WallTimeMillis, s.QueuedTimeMillis = e.Elapsed.Milliseconds(), max(0, s.ElapsedTimeMillis-e.Elapsed.Milliseconds())
	s.ProcessedRows, s.ProcessedBytes, s.PhysicalInputBytes = e.EventsScanned, e.BytesScanned, e.BytesRead
	s.PeakMemoryBytes, s.SpilledBytes = e.PeakMemoryBytes, e.SpilledBytes
}

// reply is the text of an answer, in parts.
type reply [][]byte

// encode writes the answer with its rows; rows is nil if there are none.
func (r *results) encode(rows rows) (reply, error) {
	text, err := json.Marshal(r)
	if err != nil || rows == nil {
		return reply{text}, err
	}
	out := append(make(reply, 0, len(rows)+2), append(text[:len(text)-1], `,"data":[`...))
	return append(append(out, rows...), []byte("]}")), nil
}

// send sends the reply.
func (r reply) send(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(rows(r).bytes()))
	for _, piece := range r {
		if _, err := w.Write(piece); err != nil {
			return // a client that is gone asks again
		}
	}
}
