package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/bench/process"
)

// imports measures an import and its compaction beside DuckDB's, and the stages of ours.
func (b *bench) imports(events int) error {
	ours, err := b.importInto(b.lake, nil)
	if err != nil {
		return err
	}
	imported, err := process.FolderBytes(filepath.Join(b.lake, "stores"))
	if err != nil {
		return err
	}
	compaction, said, err := process.Run("", b.program, "--lake", b.lake, "compact")
	if err != nil {
		return err
	}
	compacted, err := process.FolderBytes(filepath.Join(b.lake, "stores"))
	if err != nil {
		return err
	}
	theirs, err := b.duck.importLogs(b.logs())
	if err != nil {
		return err
	}
	parquet, err := process.FolderBytes(b.duck.folder)
	if err != nil {
		return err
	}
	fmt.Println("| import | auditlake | its compaction | DuckDB | both / DuckDB | asked |\n|---|---|---|---|---|---|")
	both := process.Usage{Wall: ours.Wall + compaction.Wall, CPU: ours.CPU + compaction.CPU, PeakBytes: max(ours.PeakBytes, compaction.PeakBytes)}
	for _, row := range []struct {
		name, asked string
		of          func(process.Usage) float64
	}{
		{"wall, s", "≤ 0.25", func(u process.Usage) float64 { return u.Wall.Seconds() }},
		{"CPU, s", "≤ 0.25", func(u process.Usage) float64 { return u.CPU.Seconds() }},
		{"CPU, µs an event", "", func(u process.Usage) float64 { return u.CPU.Seconds() * 1e6 / float64(events) }},
		{"peak memory, MiB", "< 1024 MiB", mib},
	} {
		fmt.Printf("| %s | %.1f | %.1f | %.1f | %.2f | %s |\n", row.name, row.of(ours), row.of(compaction), row.of(theirs), row.of(both)/row.of(theirs), row.asked)
	}
	each := func(bytes int64) float64 { return float64(bytes) / float64(events) }
	fmt.Printf("| stored, B an event | %.0f | %.0f | %.0f | %.2f | ≤ 1 |\n\n", each(imported), each(compacted), each(parquet), each(compacted)/each(parquet))
	fmt.Printf("%.0f events/s; compaction: %s.\n\n", float64(events)/ours.Wall.Seconds(), strings.TrimSpace(string(said)))
	return b.stages(events, ours)
}

// importInto imports the log files into a new lake.
func (b *bench) importInto(lake string, environment []string, more ...string) (process.Usage, error) {
	if err := os.RemoveAll(lake); err != nil {
		return process.Usage{}, err
	}
	args := append([]string{"--lake", lake, "import"}, more...)
	u, _, err := process.RunIn(environment, "", b.program, append(args, b.logs())...)
	return u, err
}

// stages measures reading and decoding alone, as a dry run does, against gzip. The rest of the import is sorting,
// encoding and committing.
func (b *bench) stages(events int, whole process.Usage) error {
	decoding, err := b.importInto(filepath.Join(b.dir, "dry"), nil, "--dry-run")
	if err != nil {
		return err
	}
	unzipping, err := b.gzip(1, allFiles)
	if err != nil {
		return err
	}
	each := func(d time.Duration) float64 { return d.Seconds() * 1e6 / float64(events) }
	fmt.Println("| stage | CPU, µs an event | by `gzip -dc` |\n|---|---|---|")
	for _, row := range []struct {
		name string
		cpu  time.Duration
	}{
		{"`gzip -dc` of the files", unzipping.CPU},
		{"unzip and decode to columns", decoding.CPU},
		{"sort, encode, commit", whole.CPU - decoding.CPU},
	} {
		fmt.Printf("| %s | %.1f | %.2f |\n", row.name, each(row.cpu), row.cpu.Seconds()/unzipping.CPU.Seconds())
	}
	fmt.Printf("| copying a byte of JSON once more in memory, for scale | %.2f | |\n\n", b.copying()*1e6/float64(events))
	return nil
}

// allFiles are more log files than there are.
const allFiles = 1 << 30

// gzip unpacks the first log files, at most the given number, in several processes in parallel.
func (b *bench) gzip(processes, files int) (process.Usage, error) {
	command := fmt.Sprintf("find '%s' -name '*.gz' -print0 | sort -z | head -z -n %d | xargs -0 -n 200 -P %d gzip -dc > /dev/null",
		b.logs(), files, processes)
	u, _, err := process.Run("", "sh", "-c", command)
	return u, err
}

// copying is the time in seconds to copy as many bytes as the JSON has.
func (b *bench) copying() float64 {
	from, to := make([]byte, 64<<20), make([]byte, 64<<20)
	copy(to, from) // the pages are there
	start := time.Now()
	for done := int64(0); done < b.jsonBytes; done += int64(len(from)) {
		copy(to, from)
	}
	return time.Since(start).Seconds()
}

// cores measures what the second core gives, to an import and to gzip.
func (b *bench) cores() error {
	lake := filepath.Join(b.dir, "cores")
	one, err := b.importInto(lake, []string{"GOMAXPROCS=1"})
	if err != nil {
		return err
	}
	two, err := b.importInto(lake, []string{"GOMAXPROCS=2"})
	if err != nil {
		return err
	}
	oneZip, err := b.gzip(1, allFiles)
	if err != nil {
		return err
	}
	twoZips, err := b.gzip(2, allFiles)
	if err != nil {
		return err
	}
	ours, theirs := one.Wall.Seconds()/two.Wall.Seconds(), oneZip.Wall.Seconds()/twoZips.Wall.Seconds()
	fmt.Println("| two cores | one, s | two, s | speed-up | of gzip's | asked |\n|---|---|---|---|---|---|")
	fmt.Printf("| import | %.1f | %.1f | %.2f | %.2f | ≥ 0.95 |\n", one.Wall.Seconds(), two.Wall.Seconds(), ours, ours/theirs)
	fmt.Printf("| `gzip -dc`, one and two processes | %.1f | %.1f | %.2f | | |\n\n", oneZip.Wall.Seconds(), twoZips.Wall.Seconds(), theirs)
	return os.RemoveAll(lake)
}

// memory measures the peak of an import of more events.
func (b *bench) memory(events, times int) error {
	large := &bench{dir: filepath.Join(b.dir, "large"), program: b.program, end: b.end}
	defer os.RemoveAll(large.dir)
	if _, err := gen.Write(large.logs(), gen.Options{Seed: 2, Events: int64(events) * int64(times), Days: 30, End: b.end}); err != nil {
		return err
	}
	few, err := b.importInto(filepath.Join(large.dir, "few"), nil)
	if err != nil {
		return err
	}
	many, err := large.importInto(filepath.Join(large.dir, "many"), nil)
	if err != nil {
		return err
	}
	fmt.Println("| peak memory of imports, MiB | | by the first | asked |\n|---|---|---|---|")
	fmt.Printf("| %d events | %.0f | | < 1024 |\n", events, mib(few))
	fmt.Printf("| %d events | %.0f | %.2f | 0.9 to 1.1 |\n\n", events*times, mib(many), mib(many)/mib(few))
	return nil
}

func mib(u process.Usage) float64 { return float64(u.PeakBytes) / (1 << 20) }
