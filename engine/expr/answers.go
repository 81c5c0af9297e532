package expr

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/processors"
)

// answers caches a function's values for the latest dictionaries. Workers that reach a dictionary at the same time,
// as at the start of a stripe, compute its values together instead of each computing all of them.
type answers struct {
	mu sync.Mutex
	// latest has two dictionaries if both answers are short: some workers may be at the next dictionary while
	// others are still at the previous one.
	latest  [2]*dictionaryAnswer // mu; the newest first
	begun   []*answering         // mu
	forEach time.Duration        // mu; time per value in the latest piece; 0: none yet
}

// answering is the work on a dictionary, divided into pieces of its values.
type answering struct {
	dictionary arrow.Array
	next       int             // answers.mu; the first value that is not in a piece yet
	open       int             // answers.mu; pieces in flight
	pieces     []answeredPiece // answers.mu
	err        error           // answers.mu, until done is closed

	done   chan struct{}     // closed when all pieces are done
	answer *dictionaryAnswer // nil after an error
}

// answeredPiece holds the function's values for the dictionary's values [begin, end).
type answeredPiece struct {
	begin, end int
	given      batch.Vector
}

// A piece takes about pieceTime: workers then wait briefly for each other, and few pieces are joined. The first
// piece has firstValues values, because the time per value is still unknown. Tests change both.
var (
	pieceTime   = 50 * time.Microsecond
	firstValues = 64
)

// errUnfinished is the error for the other workers when a worker panics.
var errUnfinished = errors.New("a piece of a dictionary was not computed to its end")

// find returns the answer for a dictionary, nil if it is not known.
func (a *answers) find(dictionary arrow.ArrayData) *dictionaryAnswer {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.findLocked(dictionary)
}

func (a *answers) findLocked(dictionary arrow.ArrayData) *dictionaryAnswer {
	for _, known := range a.latest {
		if known != nil && known.dictionary == dictionary {
			return known
		}
	}
	return nil
}

// compute returns the answer for a dictionary; kernel computes the function for some of its values. kernel must
// return the same for all workers. An error may be that of a value that no row has.
func (a *answers) compute(env *function.Env, dictionary arrow.Array, kernel func(values arrow.Array) (batch.Vector, error)) (*dictionaryAnswer, error) {
	known, work := a.begin(dictionary)
	if known != nil {
		return known, nil
	}
	for {
		piece, ok := a.take(work)
		if !ok {
			break
		}
		a.computePiece(env, work, piece, kernel)
	}
	processors.ReceiveSoon(work.done) // the other workers compute a piece each and wait for nothing
	return work.answer, work.err
}

// computeAlone is compute for a kernel whose values hold only for the rows of the current batch.
func computeAlone(_ *function.Env, dictionary arrow.Array, kernel func(values arrow.Array) (batch.Vector, error)) (*dictionaryAnswer, error) {
	values, err := kernel(dictionary)
	if err != nil {
		return nil, err
	}
	return newAnswer(values), nil
}

// begin returns the answer for a dictionary, or else the work on it.
func (a *answers) begin(dictionary arrow.Array) (*dictionaryAnswer, *answering) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if known := a.findLocked(dictionary.Data()); known != nil {
		return known, nil
	}
	for _, work := range a.begun {
		if work.dictionary.Data() == dictionary.Data() {
			return nil, work
		}
	}
	work := &answering{dictionary: dictionary, done: make(chan struct{})}
	a.begun = append(a.begun, work)
	return nil, work
}

// take returns the next piece, false if there is none left.
func (a *answers) take(work *answering) (piece answeredPiece, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	values := work.dictionary.Len()
	if work.err != nil || work.next == values && len(work.pieces)+work.open > 0 {
		return piece, false
	}
	count := firstValues
	if a.forEach > 0 {
		count = max(1, int(pieceTime/a.forEach))
	}
	piece = answeredPiece{begin: work.next, end: values}
	if rest := values - work.next; rest > count {
		piece.end = work.next + min(count, (rest+1)/2)
	}
	work.next = piece.end
	work.open++
	return piece, true
}

// computePiece computes a piece that take returned. The worker that completes the last piece ends the work.
func (a *answers) computePiece(env *function.Env, work *answering, piece answeredPiece, kernel func(values arrow.Array) (batch.Vector, error)) {
	err, begun := errUnfinished, time.Now()
	defer func() {
		if a.notePiece(work, piece, err, time.Since(begun)) {
			a.end(env, work)
		}
	}()
	values := work.dictionary
	if piece.end-piece.begin < values.Len() {
		values = array.NewSlice(values, int64(piece.begin), int64(piece.end))
	}
	piece.given, err = kernel(values)
}

// notePiece adds a piece and the time that it took, and reports whether it is the last.
func (a *answers) notePiece(work *answering, piece answeredPiece, err error, took time.Duration) (isLast bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	work.open--
	work.pieces = append(work.pieces, piece)
	if err != nil {
		work.err = err
	}
	if values := piece.end - piece.begin; values > 0 { // an empty piece says nothing about the time per value
		a.forEach = max(1, took/time.Duration(values))
	}
	return work.open == 0 && (work.err != nil || work.next == work.dictionary.Len())
}

// end completes the work on a dictionary. No piece may be taken or in flight any more.
func (a *answers) end(env *function.Env, work *answering) {
	defer a.noteEnd(work)
	if work.err == nil {
		work.answer = newAnswer(work.joined(env))
		work.answer.dictionary = work.dictionary.Data()
	}
}

// joined returns the values of all pieces in order.
func (w *answering) joined(env *function.Env) batch.Vector {
	values := w.pieces[0].given
	if len(w.pieces) > 1 {
		slices.SortFunc(w.pieces, func(x, y answeredPiece) int { return cmp.Compare(x.begin, y.begin) })
		arrays := make([]arrow.Array, len(w.pieces))
		for i, p := range w.pieces {
			arrays[i] = env.Expand(p.given, p.end-p.begin)
		}
		values = batch.Vector{Array: env.Concat(arrays)}
	}
	return values
}

// noteEnd wakes the waiting workers, and caches the answer if it is short.
func (a *answers) noteEnd(work *answering) {
	a.mu.Lock()
	defer a.mu.Unlock()
	defer close(work.done)
	a.begun = slices.DeleteFunc(a.begun, func(other *answering) bool { return other == work })
	switch {
	case work.answer == nil && work.err == nil:
		work.err = errUnfinished
		return
	case work.answer == nil || work.answer.bytes() > maxKeptAnswerBytes:
		return
	}
	before := a.latest[0]
	if before != nil && before.bytes()+work.answer.bytes() > maxKeptAnswerBytes {
		before = nil
	}
	a.latest = [2]*dictionaryAnswer{work.answer, before}
}
