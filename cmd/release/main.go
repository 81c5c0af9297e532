// Command release builds the archives of a release: for each system the program, its manual pages and the completions
// of shells, and the SHA-256 of every archive. Two runs on one commit with one version of Go write the same bytes.
// `make release VERSION=v1.2.3` runs it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	version := flag.String("version", "", "version of the release, such as v1.2.3")
	out := flag.String("out", "bin/release", "folder for the archives; it must be empty or missing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r := release{module: ".", command: "./cmd/auditlake", version: *version, out: *out, targets: targets, say: os.Stdout}
	if err := r.build(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
