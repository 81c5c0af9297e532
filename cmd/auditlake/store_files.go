package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) storeFilesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "files [STORE]", Short: "List a store's segment files, relative to the lake's folder, for other ORC readers", Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				files, err := lake.Stores().SegmentFiles(cmd.Context(), first(args))
				for _, file := range files {
					fmt.Fprintln(p.out, file)
				}
				return err
			})
		},
	}
}
