package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// seldomFlags are the flags of every command that its help leaves out; `auditlake help flags` explains them.
var seldomFlags = []string{"memory", "spill-limit", "prices", "holder-timeout"}

// shortenHelp leaves seldomFlags out of the help of each command, and adds the topic that explains them.
func shortenHelp(root *cobra.Command) {
	root.AddCommand(&cobra.Command{
		Use: "flags", Short: "Show the flags that every command accepts",
		Long: "Every command accepts these flags:\n\n" + root.PersistentFlags().FlagUsages(),
	})
	whole := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		for _, name := range seldomFlags {
			flag := root.PersistentFlags().Lookup(name)
			flag.Hidden = true
			defer func() { flag.Hidden = false }()
		}
		whole(cmd, args)
		if cmd.Runnable() {
			fmt.Fprintln(cmd.OutOrStdout(), "\n\"auditlake help flags\" shows the flags that every command accepts.")
		}
	})
}
