package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
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
// what it brings to gzip in the same run. The least of the warm runs counts.
func (b *bench) speedup() error {
	all, err := readQuestions(filepath.Join("testdata", "queries"))
	if err != nil {
		return err
	}
	var wanted []question
	for _, q := range all {
		if b.only.MatchString(q.ID) || b.only.MatchString(q.Title) {
			q.Trino = constants{end: b.end}.filled(q.Trino, "main")
			wanted = append(wanted, q)
		}
	}
	gzip, err := b.gzipSpeedup()
	if err != nil {
		return err
	}
	one, err := b.leastRuns(1, wanted)
	if err != nil {
		return err
	}
	two, err := b.leastRuns(2, wanted)
	if err != nil {
		return err
	}
	fmt.Printf("Two `gzip -dc` are %.2f × as fast as one.\n\n", gzip)
	fmt.Println("| question | one, ms | two, ms | speed-up | of gzip's | CPU of one and two, ms |\n|---|---|---|---|---|---|")
	for i, q := range wanted {
		if one[i].rows != two[i].rows {
			return fmt.Errorf("%s: two workers give other rows than one", q.ID)
		}
		ours := one[i].wall.Seconds() / two[i].wall.Seconds()
		fmt.Printf("| %s %s | %.1f | %.1f | %.2f | %.2f | %.0f, %.0f |\n", q.ID, q.Title, one[i].wall.Seconds()*1000, two[i].wall.Seconds()*1000,
			ours, ours/gzip, one[i].cpu.Seconds()*1000, two[i].cpu.Seconds()*1000)
	}
	return nil
}

// gzipSpeedup is how many times faster two gzip are than one, when the files are in memory.
func (b *bench) gzipSpeedup() (float64, error) {
	if _, err := b.gzip(2); err != nil {
		return 0, err
	}
	one, err := b.gzip(1)
	if err != nil {
		return 0, err
	}
	two, err := b.gzip(2)
	return one.Wall.Seconds() / two.Wall.Seconds(), err
}

// leastRuns asks questions with some processors.
func (b *bench) leastRuns(processors int, questions []question) ([]leastRun, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	l, err := openLibrary(b.lake)
	if err != nil {
		return nil, err
	}
	defer l.stop()
	var out []leastRun
	for _, q := range questions {
		rows, err := hashedAnswer(l.lake, q.Trino)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.ID, err)
		}
		least := leastRun{rows: rows, wall: time.Hour, cpu: time.Hour}
		for range b.runs {
			runtime.GC() // what the run before let go is not collected in this one
			before, err := processTime()
			if err != nil {
				return nil, err
			}
			a, err := l.ask(q.Trino)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", q.ID, err)
			}
			after, err := processTime()
			if err != nil {
				return nil, err
			}
			least.wall = min(least.wall, time.Duration(a.Seconds*float64(time.Second)))
			least.cpu = min(least.cpu, after-before)
		}
		out = append(out, least)
	}
	return out, nil
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
