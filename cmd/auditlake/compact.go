package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) compactCommand() *cobra.Command {
	return &cobra.Command{
		Use: "compact", Short: "Merge the small segments of each day", Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				start := time.Now()
				done, err := lake.Compact(cmd.Context())
				if err == nil || done.Merged > 0 { // also what was merged before an error
					p.printCompacted(done, time.Since(start))
				}
				return err
			})
		},
	}
}

// printCompacted says what was merged.
func (p *program) printCompacted(done engine.Compacted, elapsed time.Duration) {
	if done.Merged == 0 {
		fmt.Fprintln(p.out, "nothing to merge")
		return
	}
	fmt.Fprintf(p.out, "merged %s into %d, %s, %s to %s, in %s\n", plural(int64(done.Merged), "segment"), done.Written,
		plural(done.Rows, "event"), humanBytes(done.BytesBefore), humanBytes(done.BytesAfter), seconds(elapsed))
}
