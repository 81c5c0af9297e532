package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/auditlake/auditlake/engine/answer"
)

// printColumns writes rows with aligned columns.
func printColumns(w io.Writer, rows [][]string) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(out, "\t")
			}
			fmt.Fprint(out, answer.Printable(cell))
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}
