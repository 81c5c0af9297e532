// Command baseline measures the program end to end on generated log files: one
// import, its compaction and the questions below, each in a process of its own. It prints
// Markdown tables:
//
//	go run ./bench/baseline -events 1000000 -dir /tmp/baseline
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/bench/process"
)

// questions are the example queries of the README, and the extremes of a scan.
var questions = []struct{ name, sql string }{
	{"count of all events", "SELECT count(*) FROM main"},
	{"top event names", "SELECT eventname, count(*) AS n FROM main GROUP BY 1 ORDER BY 2 DESC LIMIT 10"},
	{"refused calls by caller", "SELECT useridentity.arn, eventname, count(*) AS n FROM main WHERE errorcode = 'AccessDenied' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 10"},
	{"one day of thirty", "SELECT count(DISTINCT eventname) FROM main WHERE eventtime >= '{from}' AND eventtime < '{to}'"},
	{"the same, unbounded", "SELECT count(DISTINCT eventname) FROM main"},
	{"deleted objects by bucket", "SELECT element_at(requestparameters, 'bucketName') AS bucket, count(*) AS n FROM main WHERE eventname LIKE 'DeleteObject%' GROUP BY 1 ORDER BY 2 DESC LIMIT 10"},
	{"sign-ins without MFA", "SELECT eventtime, useridentity.username, sourceipaddress FROM main WHERE eventname = 'ConsoleLogin' AND element_at(additionaleventdata, 'MFAUsed') = 'No' ORDER BY eventtime DESC LIMIT 20"},
	{"distinct addresses per caller", "SELECT useridentity.arn, count(DISTINCT sourceipaddress) AS n FROM main GROUP BY 1 ORDER BY 2 DESC LIMIT 10"},
	{"text search in all events", "SELECT count(*) FROM main WHERE eventjson LIKE '%192.0.2.66%'"},
}

func main() {
	events := flag.Int("events", 1_000_000, "events to generate")
	dir := flag.String("dir", "", "folder for logs, lake and program (kept; logs are used again)")
	flag.Parse()
	if *dir == "" {
		log.Fatal("baseline: give -dir")
	}
	if err := run(*dir, *events); err != nil {
		log.Fatal("baseline: ", err)
	}
}

func run(dir string, events int) error {
	logs, lake, program := filepath.Join(dir, "logs"), filepath.Join(dir, "lake"), filepath.Join(dir, "auditlake")
	end := time.Now().UTC().Truncate(24 * time.Hour)
	stats, err := logFiles(logs, events, end)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(lake); err != nil {
		return err
	}
	build := exec.Command("go", "build", "-trimpath", "-o", program, "./cmd/auditlake")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	peer, _, err := process.Run("", "sh", "-c", "find "+logs+" -name '*.gz' -print0 | xargs -0 gzip -dc > /dev/null")
	if err != nil {
		return err
	}
	imported, out, err := process.Run("", program, "--lake", lake, "import", logs)
	if err != nil {
		return err
	}
	compacted, said, err := process.Run("", program, "--lake", lake, "compact")
	if err != nil {
		return err
	}
	stored, err := process.FolderBytes(filepath.Join(lake, "stores"))
	if err != nil {
		return err
	}
	fmt.Printf("%s\n", out)
	fmt.Printf("| import of %d events | |\n|---|---|\n", events)
	seconds := imported.Wall.Seconds()
	fmt.Printf("| JSON | %.0f MB in %d files (%.0f MB gzip) |\n", mb(stats.JSONBytes), stats.Files, mb(stats.CompressedBytes))
	fmt.Printf("| wall, CPU | %.1f s, %.1f CPU-s |\n", seconds, imported.CPU.Seconds())
	fmt.Printf("| events/s, MB/s of JSON | %.0f, %.0f |\n", float64(events)/seconds, mb(stats.JSONBytes)/seconds)
	fmt.Printf("| `gzip -dc` of the same files, one process | %.1f s; import takes %.2f × as long |\n", peer.Wall.Seconds(), seconds/peer.Wall.Seconds())
	fmt.Printf("| its compaction | %s; %.1f s, %.1f CPU-s |\n", strings.TrimSpace(string(said)), compacted.Wall.Seconds(), compacted.CPU.Seconds())
	fmt.Printf("| peak memory | %.0f MiB |\n", float64(imported.PeakBytes)/(1<<20))
	fmt.Printf("| stored | %.0f MB, %.0f B an event |\n\n", mb(stored), float64(stored)/float64(events))
	fmt.Printf("| query | seconds in the engine | wall of the process | scanned | peak memory |\n|---|---|---|---|---|\n")
	window := strings.NewReplacer("{from}", day(end, -8), "{to}", day(end, -7))
	for _, q := range questions {
		if err := ask(program, lake, filepath.Join(dir, "stats.json"), q.name, window.Replace(q.sql)); err != nil {
			return err
		}
	}
	return nil
}

func day(end time.Time, days int) string { return end.AddDate(0, 0, days).Format(time.DateOnly) }

func mb(bytes int64) float64 { return float64(bytes) / 1e6 }

// logFiles generates the log files once.
func logFiles(logs string, events int, end time.Time) (gen.Stats, error) {
	note := filepath.Join(logs, "..", "logs.json")
	var stats gen.Stats
	if text, err := os.ReadFile(note); err == nil {
		if err := json.Unmarshal(text, &stats); err == nil && stats.Events == int64(events) {
			return stats, nil
		}
	}
	if err := os.RemoveAll(logs); err != nil {
		return stats, err
	}
	stats, err := gen.Write(logs, gen.Options{Seed: 1, Events: int64(events), Days: 30, End: end})
	if err != nil {
		return stats, err
	}
	text, err := json.Marshal(stats)
	if err != nil {
		return stats, err
	}
	return stats, os.WriteFile(note, text, 0o644)
}

// ask runs one query and prints its line.
func ask(program, lake, statsFile, name, sql string) error {
	u, _, err := process.Run("", program, "--lake", lake, "query", "--stats-file", statsFile, "--format", "csv", sql)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	text, err := os.ReadFile(statsFile)
	if err != nil {
		return err
	}
	var s struct{ ElapsedMillis, BytesScanned int64 }
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	fmt.Printf("| %s | %.3f | %.2f s | %.2f MB | %.0f MiB |\n", name, float64(s.ElapsedMillis)/1000, u.Wall.Seconds(), mb(s.BytesScanned), float64(u.PeakBytes)/(1<<20))
	return nil
}
