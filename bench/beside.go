package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// contender is a program or library that the table compares.
type contender struct {
	name string
	asked
	words func(question) string
	cold  func() (asked, error) // starts another process that has read nothing; nil: no cold runs
}

// measured is the median of the runs of one question.
type measured struct {
	answer
	failed         string // why there is no answer
	firstReadBytes int64  // ours, read from files by the run before the measured ones
	peakBytes      int64  // of resident memory over all runs, 0 if it is not known
}

// questions asks every question of all who are there and prints a line for each.
func (b *bench) questions() error {
	all, err := readQuestions(filepath.Join("testdata", "queries"))
	if err != nil {
		return err
	}
	contenders, known, err := b.contenders()
	if err != nil {
		return err
	}
	defer stopAll(contenders)
	t := newTable(contenders, b.cold)
	t.printHead()
	for _, q := range all {
		if !b.only.MatchString(q.ID) && !b.only.MatchString(q.Title) {
			continue
		}
		q.Trino, q.DuckDB, q.DuckDBMap = known.filled(q.Trino, "main"), known.filled(q.DuckDB, "main"), known.filled(q.DuckDBMap, "main")
		var warm, cold []measured
		for _, c := range contenders {
			m := b.warm(c.asked, c.words(q))
			if m.failed != "" && c.name == "serve" {
				return fmt.Errorf("%s: %s", q.ID, m.failed)
			}
			warm = append(warm, m)
		}
		if b.cold {
			for _, c := range contenders {
				if c.cold != nil {
					cold = append(cold, b.coldMedian(c, c.words(q)))
				}
			}
		}
		t.printRow(q, warm, cold)
	}
	if err := b.partRows(t, all); err != nil {
		return err
	}
	t.printFoot()
	return nil
}

// contenders starts all who are there; ClickHouse may be missing.
func (b *bench) contenders() ([]contender, constants, error) {
	known := constants{end: b.end}
	var out []contender
	add := func(name string, words func(question) string, open, cold func() (asked, error)) error {
		a, err := open()
		if err == nil {
			out = append(out, contender{name: name, asked: a, words: words, cold: cold})
		}
		return err
	}
	ours := func(q question) string { text, _, _ := q.words(); return text }
	duckDB := func(q question) string { _, text, _ := q.words(); return text }
	clickHouse := func(q question) string { _, _, text := q.words(); return text }
	native := b.duck.native(filepath.Join(b.dir, "native.duckdb"))
	ofLibrary := filepath.Join(b.dir, "library") // copies, as one process alone opens a lake
	err := copyFolder(b.lake, ofLibrary)
	if err == nil && b.cold {
		err = copyFolder(b.lake, b.coldLake())
	}
	if err != nil {
		return nil, known, err
	}
	serve := func(lake string) func() (asked, error) {
		return func() (asked, error) { return startService(b.program, lake) }
	}
	parquet := func() (asked, error) { return startPeer(b.duck.python, "duckdb", b.duck.parquet()) }
	err = add("serve", ours, serve(b.lake), serve(b.coldLake()))
	if err == nil {
		err = known.find(out[0])
	}
	if err == nil {
		err = add("library", ours, func() (asked, error) { return openLibrary(ofLibrary) }, nil)
	}
	if err == nil {
		err = add("DuckDB Parquet", duckDB, parquet, parquet)
	}
	if err == nil {
		err = add("DuckDB native", duckDB, func() (asked, error) { return startPeer(b.duck.python, "duckdb", native...) }, nil)
	}
	if err != nil {
		stopAll(out)
		return nil, known, err
	}
	if err := add("ClickHouse", clickHouse, func() (asked, error) { return startPeer(b.duck.python, "chdb", b.duck.clickHouse()) }, nil); err != nil {
		fmt.Printf("ClickHouse is not asked: %v\n\n", err)
	}
	return out, known, nil
}

func (b *bench) coldLake() string { return filepath.Join(b.dir, "cold") }

func stopAll(contenders []contender) {
	for _, c := range contenders {
		c.stop()
	}
}

// find asks for the constants: the id of some event, and a key that was used up to a hundred times on the tenth.
func (c *constants) find(a asked) error {
	for _, wanted := range []struct {
		to  *string
		sql string
	}{
		{&c.eventID, "SELECT min(eventid) FROM ev"},
		{&c.accessKeyID, "SELECT useridentity.accesskeyid FROM ev WHERE useridentity.accesskeyid LIKE 'AKIA%' AND eventtime >= TIMESTAMP '2024-01-10 00:00:00' AND " +
			"eventtime < TIMESTAMP '2024-01-11 00:00:00' GROUP BY 1 HAVING count(*) <= 100 ORDER BY count(*) DESC, 1 LIMIT 1"},
	} {
		got, err := a.ask(c.filled(wanted.sql, "main"))
		if err != nil {
			return err
		}
		if len(got.Rows) == 0 {
			return fmt.Errorf("no event answers %s", wanted.sql)
		}
		*wanted.to, _ = got.Rows[0][0].(string)
	}
	return nil
}

// warm asks once unmeasured and then for the median.
func (b *bench) warm(a asked, sql string) measured {
	var runs []*answer
	var firstReadBytes int64
	knowsPeak := forgetPeak(a.pid())
	for run := range b.runs + 1 {
		got, err := a.ask(sql)
		if err != nil {
			return measured{failed: err.Error()}
		}
		if run == 0 {
			firstReadBytes = got.readBytes
			continue
		}
		runs = append(runs, got)
	}
	m := measured{answer: *medianOf(runs), firstReadBytes: firstReadBytes}
	if knowsPeak {
		m.peakBytes = peakBytes(a.pid())
	}
	m.CPU = 0
	for _, run := range runs {
		m.CPU += run.CPU / float64(len(runs)) // the clock of processes is coarse
	}
	return m
}

// coldRuns is the number of cold processes per question; the median counts. One run is not enough: below the
// kernel, the disk of a virtual machine may cache files, as those that others read warm are.
const coldRuns = 3

// coldMedian asks several processes that have just started, each after the files' pages were dropped. Their start
// time does not count.
func (b *bench) coldMedian(c contender, sql string) measured {
	var runs []*answer
	for range coldRuns {
		got, err := b.coldRun(c, sql)
		if err != nil {
			return measured{failed: err.Error()}
		}
		runs = append(runs, got)
	}
	return measured{answer: *medianOf(runs)}
}

func (b *bench) coldRun(c contender, sql string) (*answer, error) {
	if err := errorsOf(dropPages(b.coldLake()), dropPages(b.duck.folder)); err != nil {
		return nil, err
	}
	a, err := c.cold()
	if err != nil {
		return nil, err
	}
	defer a.stop()
	return a.ask(sql)
}

// medianOf sorts answers by their time and returns the middle one.
func medianOf(runs []*answer) *answer {
	slices.SortFunc(runs, func(x, y *answer) int { return cmp.Compare(x.Seconds, y.Seconds) })
	return runs[len(runs)/2]
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// dropPages asks the kernel to drop the cached pages of all files in a folder.
func dropPages(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := file.Sync(); err != nil { // pages that are not written yet are not dropped
			return err
		}
		return unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED)
	})
}

// copyFolder replaces a folder by a copy of another.
func copyFolder(from, to string) error {
	return errorsOf(os.RemoveAll(to), os.CopyFS(to, os.DirFS(from)))
}
