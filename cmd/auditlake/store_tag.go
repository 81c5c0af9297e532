package main

import (
	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) storeTagCommand() *cobra.Command {
	return &cobra.Command{
		Use: "tag NAME KEY[=VALUE]…", Short: "Add tags to a store, or change their values", Args: usage(cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			tags, err := parseTags(args[1:])
			if err != nil {
				return err
			}
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				return lake.Stores().AddTags(cmd.Context(), args[0], tags...)
			})
		},
	}
}

func (p *program) storeUntagCommand() *cobra.Command {
	return &cobra.Command{
		Use: "untag NAME KEY…", Short: "Remove tags from a store", Args: usage(cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				return lake.Stores().RemoveTags(cmd.Context(), args[0], args[1:]...)
			})
		},
	}
}
