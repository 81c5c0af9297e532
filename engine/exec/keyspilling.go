package exec

import (
	"sync"

	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// keySpilling spills the rows of keys for which an operator has no memory. A nil *keySpilling means that the
// operator cannot spill.
type keySpilling struct {
	spiller    *spill.Spiller
	memory     *account // of spiller, and of rows that are being divided
	newAccount func() *account
	newSpiller func(*account) *spill.Spiller
	gathering  gathering

	adding   sync.Mutex              // held while rows are added to runs
	runs     map[*spill.Run]struct{} // open
	accounts []*account              // made by account
	results  []*sortedRuns           // all that were made
}

// keySpilling returns the keySpilling of a node's operator, nil if nothing can be spilled.
func (b *builder) keySpilling(node plan.Node, operator string) *keySpilling {
	if b.env.Spill == nil {
		return nil
	}
	pool := b.memory()
	s := &keySpilling{
		newAccount: func() *account { return &account{pool.Account(operator)} },
		newSpiller: func(a *account) *spill.Spiller { return b.spiller(node, a) },
		gathering:  b.gathering(), runs: map[*spill.Run]struct{}{},
	}
	s.memory = s.newAccount()
	s.spiller = s.newSpiller(s.memory)
	return s
}

// account returns another account of the operator. close closes it.
func (s *keySpilling) account() *account {
	a := s.newAccount()
	s.accounts = append(s.accounts, a)
	return a
}

// isNeeded reports whether an operator should spill rows of further keys instead of reserving bytes. held is the
// account of its keys.
func (s *keySpilling) isNeeded(held *account, bytes int64) bool {
	return s != nil && held.ShouldSpill(bytes)
}

// canDivide reports whether rows could still be divided if held reserved bytes more.
func (s *keySpilling) canDivide(held *account, bytes int64) bool {
	if s == nil {
		return true
	}
	// Runs hold what they pack; the rows to be written are in memory as a table, then as records of a run.
	dividing := s.divisionRuns()*(openRunRecords+3)*s.spiller.RecordBytes() + s.spiller.WritingBytes()
	const roomShare = 8 // left for what scan workers read ahead meanwhile; they check for room in parallel
	return held.HasRoom(bytes+dividing, roomShare)
}

// divisionRuns returns the number of runs among which rows are divided.
func (s *keySpilling) divisionRuns() int64 {
	runs := int64(maxDivisions)
	if limit := s.memory.LimitBytes(); limit > 0 {
		runs = min(runs, max(2, limit/16/(openRunRecords*s.spiller.RecordBytes())))
	}
	return runs
}

// resultsOf returns runs of rows with this many columns, sorted by a number in the column after them.
func (s *keySpilling) resultsOf(columns int) *sortedRuns {
	return s.sortedBy(sortKey{position: columns, valueType: types.BigIntType})
}

// sortedBy returns runs that sort rows by key.
func (s *keySpilling) sortedBy(key sortKey) *sortedRuns {
	memory := s.newAccount()
	r := &sortedRuns{keys: []sortKey{key}, gathering: s.gathering, memory: memory, spiller: s.newSpiller(memory)}
	s.results = append(s.results, r)
	return r
}

// close removes all files. Close the readers first. It may be called again.
func (s *keySpilling) close() {
	if s == nil {
		return
	}
	for _, r := range s.results {
		r.close()
	}
	for run := range s.runs {
		run.Close()
	}
	clear(s.runs)
	for _, a := range s.accounts {
		a.close()
	}
	s.memory.close()
}

// openRunRecords is the number of records whose memory an open run holds: the record and its packed form.
const openRunRecords = 2

// newRun begins a run. The memory of its records is reserved in s.memory.
func (s *keySpilling) newRun() (*spill.Run, error) {
	if err := s.memory.add(openRunRecords * s.spiller.RecordBytes()); err != nil {
		return nil, err
	}
	run, err := s.spiller.NewRun()
	if err != nil {
		return nil, err
	}
	s.runs[run] = struct{}{}
	return run, nil
}

// drop removes a run that is no longer needed.
func (s *keySpilling) drop(run *spill.Run) {
	run.Close()
	delete(s.runs, run)
}
