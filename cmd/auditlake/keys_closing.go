package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

// printClosed says what the first key besides the root's changes for clients, and how they connect from now on to
// the server that runs over the lake.
func (p *program) printClosed() error {
	fmt.Fprintln(p.err, "This is the first key besides the root key. From now on the server requires a key from every client: Trino clients without one\n"+
		"are refused. Trino's command line and JDBC driver send keys over TLS only (auditlake serve --tls-self-signed).")
	lines, err := p.page.connecting()
	if err != nil || lines == "" {
		return err
	}
	_, err = fmt.Fprint(p.err, "To connect to the running server:\n"+lines)
	return err
}

func (p *program) keysRevokeCommand() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID", Short: "Revoke an access key immediately and permanently", Args: usage(cobra.ExactArgs(1)),
		Long: "Revokes an access key immediately and permanently. After the root key is revoked, the next start\n" +
			"of serve creates a new one. After the last key is revoked, the server still requires a key from\n" +
			"every client, until `auditlake keys reopen`.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error { return p.revokeKey(cmd.Context(), lake, args[0]) })
		},
	}
}

func (p *program) revokeKey(ctx context.Context, lake *engine.Lake, id string) error {
	key, err := lake.Keys().Show(id)
	if err != nil {
		return err
	}
	if err := lake.Keys().Revoke(ctx, id); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(p.out, "revoked access key %s\n", id); err != nil || key.IsRoot {
		return err
	}
	working, err := lake.Keys().Working()
	if err != nil || len(working) > 0 {
		return err
	}
	_, err = fmt.Fprintln(p.err, "No key besides the root key is active. The server still requires a key from every client.\n"+
		"To let local programs connect without a key again: auditlake keys reopen")
	return err
}

func (p *program) keysReopenCommand() *cobra.Command {
	return &cobra.Command{
		Use: "reopen", Short: "Let local programs connect without a key again", Args: usage(cobra.NoArgs),
		Long: "Lets programs on this machine connect without a key again, as before the first key besides the\n" +
			"root key was created. Revoke all active keys first; expired keys are revoked automatically. A\n" +
			"server that runs with --require-keys still requires keys.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				wasClosed, err := lake.Keys().HasFurther()
				if err != nil {
					return err
				}
				err = lake.Keys().Reopen(cmd.Context())
				if errors.Is(err, engine.ErrKeysWork) {
					return fmt.Errorf("cannot reopen the lake: %w", err)
				}
				if err != nil {
					return err
				}
				said := "local programs can connect without a key again"
				if !wasClosed {
					said = "nothing to do: local programs can already connect without a key"
				}
				_, err = fmt.Fprintln(p.out, said)
				return err
			})
		},
	}
}
