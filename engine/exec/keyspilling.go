package exec

import (
	"sync"

	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// keySpilling is with what an operator spills the rows of keys that it has no memory for. A nil one stands
// for an operator that cannot.
type keySpilling struct {
	spiller    *spill.Spiller
	memory     *account // of spiller, and for rows that are being divided
	newAccount func() *account
	newSpiller func(*account) *spill.Spiller
	gathering  gathering

	adding   sync.Mutex              // is held while rows are added to runs
	runs     map[*spill.Run]struct{} // open
	accounts []*account              // made, besides memory
	results  []*sortedRuns           // made
}

// keySpilling returns what an operator of a node spills with, nil where nothing can be spilled.
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

// account returns one more account of the operator. It is closed with the others.
func (s *keySpilling) account() *account {
	a := s.newAccount()
	s.accounts = append(s.accounts, a)
	return a
}

// isNeeded reports whether an operator, whose keys are in an account, should spill rows of others instead of
// reserving bytes.
func (s *keySpilling) isNeeded(held *account, bytes int64) bool {
	return s != nil && held.ShouldSpill(bytes)
}

// canDivide reports whether, with bytes more in an account, rows could still be divided.
func (s *keySpilling) canDivide(held *account, bytes int64) bool {
	if s == nil {
		return true
	}
	// Runs hold what they pack; rows wait for being written, as a table then and those of a run.
	dividing := s.divisionRuns()*(openRunRecords+3)*s.spiller.RecordBytes() + s.spiller.WritingBytes()
	const roomShare = 8 // for what the workers of scans, which look for room one beside the other, read ahead meanwhile
	return held.HasRoom(bytes+dividing, roomShare)
}

// divisionRuns is among how many runs rows are divided.
func (s *keySpilling) divisionRuns() int64 {
	runs := int64(maxDivisions)
	if limit := s.memory.LimitBytes(); limit > 0 {
		runs = min(runs, max(2, limit/16/(openRunRecords*s.spiller.RecordBytes())))
	}
	return runs
}

// resultsOf returns what puts rows of so many columns in the order of the number that follows them.
func (s *keySpilling) resultsOf(columns int) *sortedRuns {
	return s.sortedBy(sortKey{position: columns, valueType: types.BigIntType})
}

// sortedBy returns what puts rows in the order of a key.
func (s *keySpilling) sortedBy(key sortKey) *sortedRuns {
	memory := s.newAccount()
	r := &sortedRuns{keys: []sortKey{key}, gathering: s.gathering, memory: memory, spiller: s.newSpiller(memory)}
	s.results = append(s.results, r)
	return r
}

// close removes all files. Readers are closed before. It may be called again.
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

// openRunRecords is how many times the bytes of a record a run holds while it is written: the record, and what is
// packed of it.
const openRunRecords = 2

// newRun begins a run, of which the account holds the records.
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

// drop removes a run that is of no more use.
func (s *keySpilling) drop(run *spill.Run) {
	run.Close()
	delete(s.runs, run)
}
