package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) compactCommand() *cobra.Command {
	rewriteOld := false
	cmd := &cobra.Command{
		Use: "compact", Short: "Merge the small segments of each day and drop duplicate events in stores with --dedupe", Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				start := time.Now()
				compact := lake.Compact
				if rewriteOld {
					compact = lake.RewriteOld
				}
				done, err := compact(cmd.Context())
				if err == nil || done.Merged > 0 { // also if some segments were merged before an error
					p.printCompacted(done, time.Since(start))
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&rewriteOld, "rewrite-old", false, "also rewrite segments of earlier versions, so that Trino can read them")
	return cmd
}

// printCompacted says what was merged.
func (p *program) printCompacted(done engine.Compacted, elapsed time.Duration) {
	if done.Repeats > 0 {
		fmt.Fprintf(p.out, "dropped %s\n", plural(done.Repeats, "duplicate event"))
	}
	if done.Merged == 0 {
		fmt.Fprintln(p.out, "nothing to merge")
		return
	}
	fmt.Fprintf(p.out, "merged %s into %d, %s, %s to %s, in %s\n", plural(int64(done.Merged), "segment"), done.Written,
		plural(done.Rows, "event"), humanBytes(done.BytesBefore), humanBytes(done.BytesAfter), seconds(elapsed))
}
