package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// runningResults gathers results of one value each. Some at a time are joined, as an array takes many times its value.
type runningResults struct {
	memory          *account // holds the results
	joined, waiting []arrow.Array
	waitingBytes    int64
	count           int32
}

// joinedResults is how many results wait for being joined.
const joinedResults = 1 << 10

// addResult adds a result, whose number is how many there were before.
func (r *runningResults) addResult(result arrow.Array) error {
	bytes := batch.HeldBytes(result)
	if err := r.memory.add(bytes + arrayBytes); err != nil {
		return err
	}
	r.waiting, r.waitingBytes = append(r.waiting, result), r.waitingBytes+bytes
	if r.count++; len(r.waiting) < joinedResults {
		return nil
	}
	done, err := r.memory.during(r.waitingBytes) // they are there twice
	if err != nil {
		return err
	}
	defer done()
	r.joined = append(r.joined, batch.Concat(r.waiting))
	r.memory.release(arrayBytes * int64(len(r.waiting)))
	r.waiting, r.waitingBytes = nil, 0
	return nil
}

// all returns the results, of which there is one at least, by number. The memory holds them and what they are made of.
func (r *runningResults) all() (arrow.Array, error) {
	if err := r.memory.add(r.memory.UsedBytes() - arrayBytes*int64(len(r.waiting))); err != nil {
		return nil, err
	}
	return batch.Concat(append(r.joined, r.waiting...)), nil
}
