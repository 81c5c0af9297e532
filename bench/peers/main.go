// Command peers measures the program beside DuckDB in one run, on the same generated log files: an import
// with its compaction here against read_json to sorted Parquet by day with the same columns there, then
// audit questions on both. Stages and the use of two cores are measured against gzip. It prints Markdown
// tables with ratios, ours by theirs. run.sh starts it with a Python that has duckdb.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/bench/process"
)

func main() {
	events := flag.Int("events", 200_000, "events to generate")
	dir := flag.String("dir", "", "folder to work in (default: a temporary one, removed at the end)")
	python := flag.String("python", "python3", "a Python with duckdb")
	program := flag.String("program", "", "the program (default: built from this folder)")
	more := flag.Int("more", 0, "import this many times the events, too, for the peak memory")
	flag.Parse()
	if err := run(*dir, *python, *program, *events, *more); err != nil {
		log.Fatal("peers: ", err)
	}
}

func run(dir, python, program string, events, more int) error {
	if dir == "" {
		made, err := os.MkdirTemp("", "auditlake-peers-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		dir = made
	}
	b := &bench{dir: dir, program: program, lake: filepath.Join(dir, "lake"),
		duck: duck{python: python, folder: filepath.Join(dir, "parquet")}, end: time.Now().UTC().Truncate(24 * time.Hour)}
	for _, folder := range []string{b.lake, b.duck.folder, b.logs()} {
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
	}
	if b.program == "" {
		b.program = filepath.Join(dir, "auditlake")
		if _, _, err := process.Run("", "go", "build", "-trimpath", "-o", b.program, "./cmd/auditlake"); err != nil {
			return err
		}
	}
	stats, err := gen.Write(b.logs(), gen.Options{Seed: 1, Events: int64(events), Days: 30, End: b.end})
	if err != nil {
		return err
	}
	b.jsonBytes = stats.JSONBytes
	version, err := b.duck.version()
	if err != nil {
		return err
	}
	fmt.Printf("%d events, %d MB of JSON in %d files; DuckDB %s with two threads as it chooses.\n\n", events, stats.JSONBytes/1e6, stats.Files, version)
	if err := b.imports(events); err != nil {
		return err
	}
	if err := b.cores(); err != nil {
		return err
	}
	if more > 1 {
		if err := b.memory(events, more); err != nil {
			return err
		}
	}
	return b.questions()
}

// bench is where things lie.
type bench struct {
	dir, program, lake string
	duck               duck
	end                time.Time // of the events
	jsonBytes          int64
}

func (b *bench) logs() string { return filepath.Join(b.dir, "logs") }

func (b *bench) questions() error {
	from, to := b.end.AddDate(0, 0, -15).Format(time.DateOnly), b.end.AddDate(0, 0, -14).Format(time.DateOnly)
	fmt.Println("| question | auditlake, s | DuckDB, s | ratio | auditlake, CPU-s | DuckDB, CPU-s | ratio | answers |\n|---|---|---|---|---|---|---|---|")
	for _, q := range questions {
		ours, seconds, rows, err := b.ask(q.ours(from, to))
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		theirs, peerSeconds, peerRows, err := b.duck.ask(q.peers(from, to))
		if err != nil {
			return fmt.Errorf("%s in DuckDB: %w", q.name, err)
		}
		answers := "the same"
		if comparable(rows) != comparable(peerRows) {
			answers = "**differ**"
		}
		fmt.Printf("| %s | %.3f | %.3f | %.2f | %.2f | %.2f | %.2f | %s |\n", q.name, seconds, peerSeconds, seconds/peerSeconds,
			ours.CPU.Seconds(), theirs.CPU.Seconds(), ours.CPU.Seconds()/theirs.CPU.Seconds(), answers)
	}
	fmt.Println("\nSeconds are those of the statement, without start of the process; CPU-s those of the whole process.")
	return nil
}

// ask gives the seconds in the engine and the rows as CSV without its header.
func (b *bench) ask(sql string) (process.Usage, float64, string, error) {
	statistics := filepath.Join(b.dir, "stats.json")
	usage, out, err := process.Run("", b.program, "--lake", b.lake, "query", "--stats-file", statistics, "--format", "csv", sql)
	if err != nil {
		return usage, 0, "", err
	}
	text, err := os.ReadFile(statistics)
	if err != nil {
		return usage, 0, "", err
	}
	var s struct{ ElapsedMillis int64 }
	if err := json.Unmarshal(text, &s); err != nil {
		return usage, 0, "", err
	}
	_, rows, _ := strings.Cut(string(out), "\n")
	return usage, float64(s.ElapsedMillis) / 1000, rows, nil
}

// comparable drops what the two write differently: quotes, and the zero milliseconds of whole seconds.
func comparable(rows string) string {
	return strings.NewReplacer(`"`, "", ":00.000", ":00", ".000", "", "\r", "").Replace(rows)
}
