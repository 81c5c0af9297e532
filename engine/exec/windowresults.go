package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// runningResults gathers results of one value each. It joins them in groups, as an array takes many times the
// memory of its value.
type runningResults struct {
	memory          *account // holds the results
	joined, waiting []arrow.Array
	waitingBytes    int64
	count           int32
}

// joinedResults is the number of results that are joined at a time.
const joinedResults = 1 << 10

// addResult adds a result. It gets the next number, from 0.
func (r *runningResults) addResult(result arrow.Array) error {
	bytes := batch.HeldBytes(result)
	if err := r.memory.add(bytes + arrayBytes); err != nil {
		return err
	}
	r.waiting, r.waitingBytes = append(r.waiting, result), r.waitingBytes+bytes
	if r.count++; len(r.waiting) < joinedResults {
		return nil
	}
	done, err := r.memory.during(r.waitingBytes) // they exist twice
	if err != nil {
		return err
	}
	defer done()
	r.joined = append(r.joined, batch.Concat(r.waiting))
	r.memory.release(arrayBytes * int64(len(r.waiting)))
	r.waiting, r.waitingBytes = nil, 0
	return nil
}

// all returns the results by number; there must be one. The account holds both the array and its parts.
func (r *runningResults) all() (arrow.Array, error) {
	if err := r.memory.add(r.memory.UsedBytes() - arrayBytes*int64(len(r.waiting))); err != nil {
		return nil, err
	}
	return batch.Concat(append(r.joined, r.waiting...)), nil
}
