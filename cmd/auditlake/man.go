package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/auditlake/auditlake/engine/buildinfo"
)

func (p *program) manCommand() *cobra.Command {
	return &cobra.Command{
		Use: "man FOLDER", Short: "Write manual pages, one per command", Args: usage(cobra.ExactArgs(1)),
		Long: "Writes the manual pages, one per command, to an existing folder. man finds a user's own pages in\n" +
			"~/.local/share/man/man1 and the pages for all users in /usr/local/share/man/man1.",
		RunE: func(cmd *cobra.Command, args []string) error {
			build := buildinfo.Current()
			header := doc.GenManHeader{Section: "1", Source: "auditlake " + build.Version, Manual: "auditlake"}
			if date, err := time.Parse(time.RFC3339, build.CommitTime); err == nil {
				header.Date = &date
			}
			if err := p.writeManPages(args[0], cmd.Root(), header); err != nil {
				return fmt.Errorf("write manual pages: %w", err)
			}
			return nil
		},
	}
}

// writeManPages writes the manual pages of a command and the commands below it.
func (p *program) writeManPages(folder string, cmd *cobra.Command, header doc.GenManHeader) error {
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
	file, err := p.createFile(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	cmd.DisableAutoGenTag = true // a commit's pages do not depend on the day on which they are written
	if err := errors.Join(doc.GenMan(cmd, &header, file), file.Close()); err != nil {
		return err
	}
	for _, below := range cmd.Commands() {
		if !below.IsAvailableCommand() || below.IsAdditionalHelpTopicCommand() {
			continue
		}
		if err := p.writeManPages(folder, below, header); err != nil {
			return err
		}
	}
	return nil
}
