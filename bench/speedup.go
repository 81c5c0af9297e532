package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/auditlake/auditlake/engine"
)

// leastRun is the run of a question that took least, and what all its rows are.
type leastRun struct {
	wall, cpu time.Duration
	rows      uint64
}

// speedup asks the library in this process with one worker on one processor and with two on two, and prints what the second brings, beside
// what it brings to gzip in the same run. Both are asked in turns, as a shared machine is not equally fast at all times, and the least of the
// warm runs counts.
func (b *bench) speedup() error {
	all, err := readQuestions(filepath.Join("testdata", "queries"))
	if err != nil {
		return err
	}
	gzip, err := b.gzipSpeedup()
	if err != nil {
		return err
	}
	one, err := openWith(1, b.lake)
	if err != nil {
		return err
	}
	defer one.stop()
	two, err := openWith(2, b.lake)
	if err != nil {
		return err
	}
	defer two.stop()
	fmt.Printf("Two `gzip -dc` are %.2f × as fast as one.\n\n", gzip)
	fmt.Println("| question | one, ms | two, ms | speed-up | of gzip's | CPU of one and two, ms |\n|---|---|---|---|---|---|")
	for _, q := range all {
		if !b.only.MatchString(q.ID) && !b.only.MatchString(q.Title) {
			continue
		}
		least, err := leastRuns([]*libraryOn{one, two}, constants{end: b.end}.filled(q.Trino, "main"), b.runs)
		if err != nil {
			return fmt.Errorf("%s: %w", q.ID, err)
		}
		if least[0].rows != least[1].rows {
			return fmt.Errorf("%s: two workers give other rows than one", q.ID)
		}
		ours := least[0].wall.Seconds() / least[1].wall.Seconds()
		fmt.Printf("| %s %s | %.1f | %.1f | %.2f | %.2f | %.0f, %.0f |\n", q.ID, q.Title, least[0].wall.Seconds()*1000, least[1].wall.Seconds()*1000,
			ours, ours/gzip, least[0].cpu.Seconds()*1000, least[1].cpu.Seconds()*1000)
	}
	return nil
}

// gzipSpeedup is how many times faster two gzip are than one, when the files are in memory: the least of some runs of each, in turns.
func (b *bench) gzipSpeedup() (float64, error) {
	const runs = 3
	if _, err := b.gzip(2); err != nil {
		return 0, err
	}
	one, two := math.Inf(1), math.Inf(1)
	for range runs {
		alone, err := b.gzip(1)
		if err != nil {
			return 0, err
		}
		both, err := b.gzip(2)
		if err != nil {
			return 0, err
		}
		one, two = min(one, alone.Wall.Seconds()), min(two, both.Wall.Seconds())
	}
	return one / two, nil
}

// libraryOn is the library with a lake of its own, which is asked on some processors.
type libraryOn struct {
	*library
	processors int
}

func openWith(processors int, lake string) (*libraryOn, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors)) // it has as many workers
	l, err := openLibrary(lake)
	return &libraryOn{library: l, processors: processors}, err
}

// leastRuns asks each of some libraries a statement so many times, in turns.
func leastRuns(of []*libraryOn, sql string, runs int) ([]leastRun, error) {
	least := make([]leastRun, len(of))
	for i, l := range of {
		rows, err := hashedAnswer(l.lake, sql)
		if err != nil {
			return nil, err
		}
		least[i] = leastRun{rows: rows, wall: time.Hour, cpu: time.Hour}
	}
	for done := 0; done < runs; done += runsInTurn {
		for i, l := range of {
			if err := least[i].askIn(l, sql, min(runsInTurn, runs-done)); err != nil {
				return nil, err
			}
		}
	}
	return least, nil
}

// runsInTurn are the runs between two changes of the processors, at most.
const runsInTurn = 5

// askIn asks a statement so many times, and once before, as Go's memory is divided among the processors anew then.
func (r *leastRun) askIn(l *libraryOn, sql string, runs int) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(l.processors))
	if _, err := l.ask(sql); err != nil {
		return err
	}
	for range runs {
		wall, cpu, err := l.timed(sql)
		if err != nil {
			return err
		}
		r.wall, r.cpu = min(r.wall, wall), min(r.cpu, cpu)
	}
	return nil
}

// timed asks a statement.
func (l *libraryOn) timed(sql string) (wall, cpu time.Duration, err error) {
	runtime.GC() // what the run before let go is not collected in this one
	before, err := processTime()
	if err != nil {
		return 0, 0, err
	}
	a, err := l.ask(sql)
	if err != nil {
		return 0, 0, err
	}
	after, err := processTime()
	return time.Duration(a.Seconds * float64(time.Second)), after - before, err
}

// hashedAnswer is a hash of the rows of a statement in their order.
func hashedAnswer(lake *engine.Lake, sql string) (uint64, error) {
	rows, err := lake.Queries().Query(context.Background(), sql)
	if err != nil {
		return 0, err
	}
	hash := fnv.New64a()
	for rows.Next() && err == nil {
		var list []json.RawMessage // rows come together in any number
		if text, failed := rows.Record().MarshalJSON(); failed != nil {
			err = failed
		} else if err = json.Unmarshal(text, &list); err == nil {
			for _, row := range list {
				hash.Write(row) // which cannot fail
			}
		}
	}
	return hash.Sum64(), errors.Join(err, rows.Err(), rows.Close())
}

// processTime is what this process took of the processors so far.
func processTime() (time.Duration, error) {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}
