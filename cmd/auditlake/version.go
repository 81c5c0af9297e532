package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/buildinfo"
)

func (p *program) versionCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use: "version", Short: "Print the version, commit, Go version and file formats", Args: usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			build, formats := buildinfo.Current(), engine.Formats()
			switch format {
			case "json":
				encoder := json.NewEncoder(p.out)
				encoder.SetIndent("", "  ")
				return encoder.Encode(struct {
					buildinfo.Info
					Formats engine.FormatVersions `json:"formats"`
				}{build, formats})
			case "text":
				return p.printVersion(build, formats)
			}
			return usageError{fmt.Errorf("--format must be text or json, not %q", format)}
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func (p *program) printVersion(build buildinfo.Info, formats engine.FormatVersions) error {
	commit := "not known"
	if build.Commit != "" {
		commit = build.Commit + " of " + build.CommitTime
	}
	if build.IsModified {
		commit += ", with uncommitted changes"
	}
	_, err := fmt.Fprintf(p.out, "auditlake %s\ncommit   %s\ngo       %s %s/%s\nformats  catalog and manifest %d, segment %d, log %d, kept result %d\n",
		build.Version, commit, build.Go, build.OS, build.Arch, formats.Catalog, formats.Segment, formats.Log, formats.KeptResult)
	return err
}
