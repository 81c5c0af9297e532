// Package parts measures parts of the program beside the libraries that do the same: readers of ORC files, and parsers.
package parts

import (
	"errors"
	"fmt"
	"time"
)

// Part is something that we do, and a library.
type Part struct {
	Title, Peer string
	// ours and theirs do it once, and return what must be alike.
	ours, theirs func() (result, error)
}

// result is what was done, and how long it took. Of rows it counts values that are not NULL.
type result struct {
	took   time.Duration
	values int64
}

// Measured has the least time of several runs of ours and of theirs.
type Measured struct{ Ours, Theirs time.Duration }

// Measure does both in turns. An error says who does it otherwise.
func (p Part) Measure(runs int) (Measured, error) {
	var out Measured
	for range max(1, runs) {
		ours, err := p.ours()
		if err != nil {
			return out, fmt.Errorf("%s: %w", p.Title, err)
		}
		theirs, err := p.theirs()
		if err != nil {
			return out, fmt.Errorf("%s: %s: %w", p.Title, p.Peer, err)
		}
		if ours.values != theirs.values {
			return out, fmt.Errorf("%s: we find %d, %s %d", p.Title, ours.values, p.Peer, theirs.values)
		}
		if ours.values == 0 {
			return out, errors.New(p.Title + ": nothing was read")
		}
		out.Ours, out.Theirs = least(out.Ours, ours.took), least(out.Theirs, theirs.took)
	}
	return out, nil
}

func least(a, b time.Duration) time.Duration {
	if a == 0 {
		return b
	}
	return min(a, b)
}

// timed returns how long do took, and what it counted.
func timed(do func() (int64, error)) (result, error) {
	start := time.Now()
	values, err := do()
	return result{time.Since(start), values}, err
}
