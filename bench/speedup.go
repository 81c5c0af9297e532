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

// speedupRow is what a question took with one worker and with two.
type speedupRow struct {
	question
	one, two takenByRuns
	speedup  float64 // the median of all turns
	// atOnce is how many times faster two questions of one worker each are answered at once than one after the
	// other; a median, too.
	atOnce float64
}

// takenByRuns has the times of several runs.
type takenByRuns struct{ walls, cpus []time.Duration }

// speedup measures what a second processor brings. It asks the library in this process with one worker on one
// processor and with two on two. For comparison it measures the same of gzip, and of two lakes of one worker each
// that are asked at the same time. All are asked in turns, and gzip before each question, as the speed of a shared
// machine varies.
//
// Medians count: the least of many runs would show the moments when the machine is faster because only one
// processor works.
func (b *bench) speedup() error {
	all, err := readQuestions(filepath.Join("testdata", "queries"))
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
	beside, err := openWith(1, b.lake)
	if err != nil {
		return err
	}
	defer beside.stop()
	if _, err := b.gzip(2, filesInTurn); err != nil { // its files are in memory then
		return err
	}
	var rows []*speedupRow
	var ofGzip []float64
	for _, q := range all {
		if !b.only.MatchString(q.ID) && !b.only.MatchString(q.Title) {
			continue
		}
		gzip, err := b.gzipSpeedup()
		if err != nil {
			return err
		}
		row := &speedupRow{question: q}
		if err := row.ask(one, beside, two, constants{end: b.end}.filled(q.Trino, "main"), b.runs); err != nil {
			return fmt.Errorf("%s: %w", q.ID, err)
		}
		rows, ofGzip = append(rows, row), append(ofGzip, gzip)
	}
	if len(rows) == 0 {
		return errors.New("-only names no question")
	}
	printSpeedups(rows, median(ofGzip))
	return nil
}

func printSpeedups(rows []*speedupRow, gzip float64) {
	fmt.Printf("Two `gzip -dc` are %.2f × as fast as one.\n\n", gzip)
	fmt.Println("| question | one, ms | two, ms | speed-up | of gzip's | of two questions at once | CPU of one and two, ms |\n|---|---|---|---|---|---|---|")
	ms := func(d time.Duration) float64 { return d.Seconds() * 1000 }
	for _, r := range rows {
		fmt.Printf("| %s %s | %.1f | %.1f | %.2f | %.2f | %.2f | %.0f, %.0f |\n", r.ID, r.Title, ms(median(r.one.walls)), ms(median(r.two.walls)),
			r.speedup, r.speedup/gzip, r.speedup/r.atOnce, ms(median(r.one.cpus)), ms(median(r.two.cpus)))
	}
	printSpeedupOfLong(rows, gzip)
}

// From longWall on, one worker's time is hardly planning, opening and the end, which one goroutine does.
const longWall = 15 * time.Millisecond

// printSpeedupOfLong prints the speedup over all questions that take one worker long.
func printSpeedupOfLong(rows []*speedupRow, gzip float64) {
	const wanted = 0.9
	var ofGzip []quotient
	reached := 0
	for _, r := range rows {
		if median(r.one.walls) < longWall {
			continue
		}
		ofGzip = append(ofGzip, quotient{r.question, r.speedup / gzip})
		if r.speedup/gzip >= wanted {
			reached++
		}
	}
	if len(ofGzip) > 0 {
		fmt.Printf("\nOf gzip's where one takes %v or more: geometric mean %.2f of %d, %d reach %.1f.\n",
			longWall, summaryOf(ofGzip).mean, len(ofGzip), reached, wanted)
	}
}

// filesInTurn are the log files that gzip unpacks before each question, a second's work or so.
const filesInTurn = 1600

// gzipSpeedup is how many times faster two gzip are than one.
func (b *bench) gzipSpeedup() (float64, error) {
	alone, err := b.gzip(1, filesInTurn)
	if err != nil {
		return 0, err
	}
	both, err := b.gzip(2, filesInTurn)
	return alone.Wall.Seconds() / both.Wall.Seconds(), err
}

// libraryOn is the library with a lake of its own, limited to some processors.
type libraryOn struct {
	*library
	processors int
}

func openWith(processors int, lake string) (*libraryOn, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors)) // it has as many workers
	l, err := openLibrary(lake)
	return &libraryOn{library: l, processors: processors}, err
}

// ask asks libraries of one worker and of two a statement, runs times each, in turns, and compares their rows.
func (r *speedupRow) ask(one, beside, two *libraryOn, sql string, runs int) error {
	rows, err := hashedAnswer(one.lake, sql)
	if err != nil {
		return err
	}
	switch same, err := hashedAnswer(two.lake, sql); {
	case err != nil:
		return err
	case same != rows:
		return errors.New("two workers give other rows than one")
	}
	var ofTurns, ofAtOnce []float64
	for done := 0; done < runs; done += runsInTurn {
		alone, err := one.askInTurn(sql, min(runsInTurn, runs-done))
		if err != nil {
			return err
		}
		both, err := two.askInTurn(sql, min(runsInTurn, runs-done))
		if err != nil {
			return err
		}
		r.one.walls, r.one.cpus = append(r.one.walls, alone.walls...), append(r.one.cpus, alone.cpus...)
		r.two.walls, r.two.cpus = append(r.two.walls, both.walls...), append(r.two.cpus, both.cpus...)
		ofTurns = append(ofTurns, median(alone.walls).Seconds()/median(both.walls).Seconds())
		atOnce, err := askAtOnce(one, beside, sql, min(runsInTurn, runs-done))
		if err != nil {
			return err
		}
		ofAtOnce = append(ofAtOnce, 2*median(alone.walls).Seconds()/median(atOnce).Seconds())
	}
	r.speedup, r.atOnce = median(ofTurns), median(ofAtOnce)
	return nil
}

// askAtOnce asks two libraries a statement at the same time, once unmeasured and then runs times. It returns the
// time after which both had answered.
func askAtOnce(one, other *libraryOn, sql string, runs int) (walls []time.Duration, err error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(one.processors + other.processors))
	for run := range runs + 1 {
		runtime.GC()
		start := time.Now()
		asked := make(chan error)
		go func() {
			_, err := other.ask(sql)
			asked <- err
		}()
		_, err := one.ask(sql)
		if err = errors.Join(err, <-asked); err != nil {
			return nil, err
		}
		if run > 0 {
			walls = append(walls, time.Since(start))
		}
	}
	return walls, nil
}

// runsInTurn are the runs between two changes of the processors, at most.
const runsInTurn = 5

// askInTurn asks a statement runs times, after one unmeasured run in which Go divides its memory among the
// processors again.
func (l *libraryOn) askInTurn(sql string, runs int) (r takenByRuns, err error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(l.processors))
	if _, err := l.ask(sql); err != nil {
		return r, err
	}
	for range runs {
		wall, cpu, err := l.timed(sql)
		if err != nil {
			return r, err
		}
		r.walls, r.cpus = append(r.walls, wall), append(r.cpus, cpu)
	}
	return r, nil
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
