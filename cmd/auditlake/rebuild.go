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
				return usageError{fmt.Errorf("rebuild changes the lake, --read-only forbids it")}
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
		source = "files of " + plural(int64(r.Entries), "change")
	}
	fmt.Fprintf(p.out, "catalog made from the %s: %s, %s, %s\n", source, plural(int64(r.Stores), "store"), plural(r.Segments, "segment"), plural(r.Events, "event"))
	for _, missing := range r.Missing {
		fmt.Fprintf(p.out, "missing  %s\n", missing)
	}
	switch {
	case r.KeysUnknown:
		fmt.Fprintln(p.out, "doors    closed: nothing says whether the lake had access keys, so callers without a key are refused.\n"+
			"         Make keys with auditlake keys create, or let programs on this machine in without one: auditlake keys reopen")
	case r.KeysRequired:
		fmt.Fprintln(p.out, "doors    closed as before: the lake had access keys, so callers without a key are refused.\n"+
			"         Make new keys with auditlake keys create, or let programs on this machine in without one: auditlake keys reopen")
	}
	for _, path := range r.Replaced {
		fmt.Fprintf(p.out, "kept     %s\n", path)
	}
}
