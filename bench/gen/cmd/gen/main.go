// Command gen writes generated audit log files:
//
//	go run ./bench/gen/cmd/gen -events 1000000 -days 30 -seed 1 -out DIR
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/auditlake/auditlake/bench/gen"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run() error {
	var o gen.Options
	flag.Uint64Var(&o.Seed, "seed", 1, "the same seed gives the same bytes")
	flag.Int64Var(&o.Events, "events", 10_000, "number of events")
	flag.IntVar(&o.Days, "days", 30, "days the events cover")
	flag.IntVar(&o.Accounts, "accounts", 20, "number of accounts")
	flag.IntVar(&o.EventsPerFile, "per-file", 116, "mean number of events in a log file")
	end := flag.String("end", "2026-01-01", "exclusive last day, YYYY-MM-DD")
	out := flag.String("out", "", "folder for the log files; without it, NDJSON goes to stdout")
	flag.Parse()

	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	if o.Events < 1 || o.Days < 1 || o.Accounts < 1 || o.EventsPerFile < 1 {
		return errors.New("-events, -days, -accounts and -per-file must be at least 1")
	}
	var err error
	if o.End, err = time.Parse(time.DateOnly, *end); err != nil {
		return fmt.Errorf("-end: %w", err)
	}
	started := time.Now()
	var stats gen.Stats
	if *out == "" {
		stats, err = gen.WriteNDJSON(os.Stdout, o)
	} else {
		stats, err = gen.Write(*out, o)
	}
	if err != nil {
		return err
	}
	elapsed := time.Since(started).Seconds()
	fmt.Fprintf(os.Stderr, "%d events in %d files, %s to %s\n", stats.Events, stats.Files, stats.First.Format(time.RFC3339), stats.Last.Format(time.RFC3339))
	fmt.Fprintf(os.Stderr, "%d bytes of JSON (%d an event), %d compressed (%d an event)\n", stats.JSONBytes, stats.JSONBytes/stats.Events, stats.CompressedBytes, stats.CompressedBytes/stats.Events)
	fmt.Fprintf(os.Stderr, "%.1f s, %.0f events/s\n", elapsed, float64(stats.Events)/elapsed)
	return nil
}
