// Command bench measures auditlake beside its peers, on the same generated events and the same machine, compares the
// answers and prints Markdown tables:
//
//	go run ./bench [-events N] [-dir DIR] [-imports=false] [-only REGEXP] [-runs 5] [-cold] [-speedup]
//	go run ./bench -curve 1000000,5000000,20000000 -dir DIR
//	go run ./bench -oneshot COMMIT [-events N] [-dir DIR] [-runs 5]
//
// Imports and their stages stand beside DuckDB's, which reads the log files to sorted Parquet by day with the same
// columns, and beside gzip. The questions of testdata/queries are then asked of several programs: `auditlake
// serve`, the library in this process, DuckDB over its Parquet files and over its native file, and ClickHouse
// (chdb) over the same Parquet files.
//
// The peak of resident memory of each process covers all runs of a question; bytes read are those of its first run,
// or of the cold process that counts. Parts have a row each, beside the libraries that do the same: decoding
// segments, a file compressed by zlib, and parsing.
//
// -curve asks `auditlake serve` alone, in a lake for each number of events, how time grows with them. -oneshot asks
// the command of another commit and of this one in turns, in a process for each question.
//
// run.sh starts it with a Python that has duckdb, chdb and pyarrow. Figures belong into bench/RESULTS.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

func main() {
	log.SetFlags(0)
	b := &bench{end: time.Now().UTC().Truncate(24 * time.Hour)}
	flag.IntVar(&b.events, "events", 200_000, "events to generate")
	flag.StringVar(&b.dir, "dir", "", "folder to work in (default: a temporary one, removed at the end)")
	flag.StringVar(&b.duck.python, "python", "python3", "a Python with duckdb, and with chdb if ClickHouse is to be asked")
	flag.StringVar(&b.program, "program", "", "the program (default: built from this folder)")
	flag.IntVar(&b.more, "more", 0, "import this many times the events, too, for the peak memory")
	flag.BoolVar(&b.measuresImports, "imports", true, "measure imports; without, what is in -dir is asked")
	only := flag.String("only", "", "ask only the questions whose id or title matches this regular expression")
	flag.IntVar(&b.runs, "runs", 5, "warm runs of each question, of which the median counts; 0: no questions")
	flag.BoolVar(&b.cold, "cold", false, "ask also three processes that have just begun, with no page of the files in memory, for the median")
	flag.Var(&b.curve, "curve", "ask us alone how time grows, in lakes of these `sizes` (events, with commas between), made below -dir unless they are there;\none size with -imports=false: in the lake of -dir")
	flag.BoolVar(&b.asksSpeedup, "speedup", false, "ask us alone, in this process, with one processor and with two")
	flag.StringVar(&b.commit, "oneshot", "", "ask the first twenty questions of the program at this commit, too, and of us, in a process for each; no imports are measured")
	flag.Parse()
	var err error
	if b.only, err = regexp.Compile(*only); err != nil {
		log.Fatal("bench: -only: ", err)
	}
	if err := b.run(); err != nil {
		log.Fatal("bench: ", err)
	}
}

// bench is what a run is asked for, and where things lie.
type bench struct {
	events, more, runs         int
	measuresImports, cold      bool
	curve                      curveSizes
	asksSpeedup                bool
	only                       *regexp.Regexp
	dir, program, lake, commit string
	duck                       duck
	end                        time.Time // of the events
	jsonBytes                  int64
}

func (b *bench) logs() string { return filepath.Join(b.dir, "logs") }

func (b *bench) run() error {
	if b.dir == "" {
		made, err := os.MkdirTemp("", "auditlake-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		b.dir = made
	}
	b.lake, b.duck.folder = filepath.Join(b.dir, "lake"), filepath.Join(b.dir, "parquet")
	if b.program == "" {
		b.program = filepath.Join(b.dir, "auditlake")
		program, err := filepath.Abs(b.program)
		if err == nil {
			err = buildProgram(".", program)
		}
		if err != nil {
			return err
		}
	}
	if !b.measuresImports || b.commit != "" {
		if err := b.readNote(); err != nil {
			return err
		}
	}
	if b.commit != "" {
		return b.oneShot()
	}
	if len(b.curve) > 0 {
		return b.growth()
	}
	if b.measuresImports {
		if err := b.importsBeside(); err != nil {
			return err
		}
	}
	switch {
	case b.runs == 0:
		return nil
	case b.asksSpeedup:
		return b.speedup()
	}
	return b.questions()
}

// importsBeside makes the events, and both imports of them. It does not touch folders that exist: one may be a
// user's lake.
func (b *bench) importsBeside() error {
	for _, folder := range []string{b.lake, b.duck.folder, b.logs()} {
		if _, err := os.Lstat(folder); err == nil {
			return fmt.Errorf("%s is there: ask it with -imports=false, or remove it", folder)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	stats, err := b.makeLogs()
	if err != nil {
		return err
	}
	b.jsonBytes = stats.JSONBytes
	version, err := b.duck.version()
	if err != nil {
		return err
	}
	fmt.Printf("%d events, %d MB of JSON in %d files; DuckDB %s with two threads as it chooses.\n\n", b.events, stats.JSONBytes/1e6, stats.Files, version)
	if err := b.imports(b.events); err != nil {
		return err
	}
	if err := b.cores(); err != nil {
		return err
	}
	if b.more > 1 {
		return b.memory(b.events, b.more)
	}
	return nil
}
