package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) rebuildCommand() *cobra.Command {
	var options engine.RebuildOptions
	cmd := &cobra.Command{
		Use: "rebuild", Short: "Rebuild a lost, damaged or outdated catalog from the lake's other files",
		Long: "Rebuilds the catalog from the commit files in the lake's folder, or from the segments if the lake\n" +
			"has no commit files. The old catalog is kept in the folder under another name, and segments are\n" +
			"not changed. rebuild prints what cannot be recovered. Run verify afterwards.",
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if p.readOnly {
				return usageError{fmt.Errorf("rebuild changes the lake and cannot run with --read-only")}
			}
			dir, err := p.lakePath()
			if err != nil {
				return err
			}
			rebuilt, err := engine.Rebuild(cmd.Context(), dir, options)
			if err != nil {
				return err
			}
			p.printRebuilt(rebuilt)
			return nil
		},
	}
	cmd.Flags().BoolVar(&options.FromSegments, "from-segments", false, "use only the segments, even if there are commit files")
	return cmd
}

func (p *program) printRebuilt(r *engine.Rebuilt) {
	source := "segments"
	if r.Entries > 0 {
		source = "commit files of " + plural(int64(r.Entries), "change")
	}
	fmt.Fprintf(p.out, "catalog rebuilt from the %s: %s, %s, %s\n",
		source, plural(int64(r.Stores), "store"), plural(r.Segments, "segment"), plural(r.Events, "event"))
	for _, missing := range r.Missing {
		fmt.Fprintf(p.out, "missing  %s\n", missing)
	}
	switch {
	case r.KeysUnknown:
		fmt.Fprintln(p.out, "access   keys required: it is unknown whether the lake had access keys, so clients without a key are refused.\n"+
			"         Create keys with auditlake keys create, or let local programs connect without one: auditlake keys reopen")
	case r.KeysRequired:
		fmt.Fprintln(p.out, "access   keys required, as before: the lake had access keys, so clients without a key are refused.\n"+
			"         Create new keys with auditlake keys create, or let local programs connect without one: auditlake keys reopen")
	}
	for _, path := range r.Replaced {
		fmt.Fprintf(p.out, "kept     %s\n", path)
	}
}
