// Command decode measures the first half of an import alone: from the stored bytes of log files to Arrow columns,
// on one core, one step after another. It compares each step with what the machine can do with the same bytes:
//
//	go run ./bench/decode -rounds 3 FOLDER
//
// Times are CPU seconds, of the best round.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"

	"github.com/auditlake/auditlake/bench/process"
)

func main() {
	rounds := flag.Int("rounds", 3, "times each step runs")
	profile := flag.String("profile", "", "write a CPU profile of all steps to this file")
	only := flag.String("only", "", "run this step alone")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("decode: give one folder of .json.gz files")
	}
	if err := run(flag.Arg(0), *only, *profile, *rounds); err != nil {
		log.Fatal("decode: ", err)
	}
}

// measured is the best round of a step.
type measured struct {
	cpu     time.Duration
	mallocs uint64
	totals
}

// totals counts what a step has processed.
type totals struct{ jsonBytes, events int64 }

func run(dir, only, profile string, rounds int) error {
	files, err := logFiles(dir)
	if err != nil {
		return err
	}
	runtime.GOMAXPROCS(1)
	if profile != "" {
		to, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer to.Close()
		if err := pprof.StartCPUProfile(to); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	best := make([]measured, len(steps))
	var gzip time.Duration
	for range rounds {
		for i, s := range steps {
			if only != "" && s.name != only {
				continue
			}
			m, err := measure(s, files)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if best[i].cpu == 0 || m.cpu < best[i].cpu {
				best[i] = m
			}
		}
		u, _, err := process.Run(strings.Join(files, "\x00"), "xargs", "-0", "sh", "-c", `gzip -dc "$@" > /dev/null`, "sh")
		if err != nil {
			return err
		}
		if gzip == 0 || u.CPU < gzip {
			gzip = u.CPU
		}
	}
	report(best, gzip, copySpeed(256<<20))
	return nil
}

func logFiles(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".json.gz") {
			files = append(files, path)
		}
		return err
	})
	return files, err
}

// measure runs a step over all files.
func measure(s step, files []string) (measured, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := cpuTime()
	seen, err := s.run(files)
	m := measured{cpu: cpuTime() - start, totals: seen}
	runtime.ReadMemStats(&after)
	m.mallocs = after.Mallocs - before.Mallocs
	return m, err
}

// cpuTime is what this process has taken so far, user and system.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // only a wrong argument fails
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// copySpeed is how many bytes a second one core copies in memory, size bytes at a time.
func copySpeed(size int) float64 {
	from, to := make([]byte, size), make([]byte, size)
	for i := range from { // brings the pages in
		from[i], to[i] = byte(i), byte(i)
	}
	best := time.Duration(0)
	for range 3 {
		start := cpuTime()
		copy(to, from)
		if d := cpuTime() - start; best == 0 || d < best {
			best = d
		}
	}
	return float64(len(from)) / best.Seconds()
}

func report(best []measured, gzip time.Duration, copied float64) {
	var all totals
	for _, m := range best {
		all.jsonBytes, all.events = max(all.jsonBytes, m.jsonBytes), max(all.events, m.events)
	}
	fmt.Printf("%d events, %d bytes of JSON; copying in memory: %.1f GB/s\n\n", all.events, all.jsonBytes, copied/1e9)
	fmt.Printf("| up to and with | µs CPU an event | MB/s of JSON | events/s | × `gzip -dc` | allocations an event |\n|---|---|---|---|---|---|\n")
	line := func(name string, cpu time.Duration, mallocs uint64) {
		seconds := cpu.Seconds()
		fmt.Printf("| %s | %.2f | %.0f | %.0f | %.2f | %.3f |\n", name, seconds*1e6/float64(all.events), float64(all.jsonBytes)/seconds/1e6,
			float64(all.events)/seconds, gzip.Seconds()/seconds, float64(mallocs)/float64(all.events))
	}
	line("`gzip -dc`", gzip, 0)
	for i, s := range steps {
		if best[i].cpu > 0 {
			line(s.name, best[i].cpu, best[i].mallocs)
		}
	}
}
