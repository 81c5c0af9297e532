package main

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) verifyCommand() *cobra.Command {
	var options engine.VerifyOptions
	var receipt string
	cmd := &cobra.Command{
		Use: "verify [STORE]", Short: "Verify all segments and the signed chain of changes",
		Long: "Hashes every segment and compares it with the committed hash. It also verifies the signed chain of\n" +
			"changes: imports, compactions, expiries and store settings must lead to these segments, these\n" +
			"settings and this import ledger. Files that were set aside, and files that do not belong to the\n" +
			"lake, are listed.\n\n" +
			"Pass --key and --head as you noted them earlier, outside this machine. Without --head, verify\n" +
			"cannot detect changes that were cut off at the end of the chain.\n\n" +
			"With --receipt, verify checks only the receipt of a result: its signature, that the chain had its\n" +
			"head, and the rows if they are still kept. With --key, that needs no lake.",
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if receipt != "" {
				if len(args) > 0 || options.Head != "" {
					return usageError{errors.New("--receipt cannot be combined with STORE or --head")}
				}
				return p.verifyReceipt(cmd.Context(), receipt, options.Keys)
			}
			options.Store = first(args)
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				var hashed, total atomic.Int64
				options.Progress = func(done, of int64) { hashed.Store(done); total.Store(of) }
				stop := startTicker(p.err, func() string {
					return fmt.Sprintf("hashed %s of %s", humanBytes(hashed.Load()), humanBytes(total.Load()))
				})
				v, err := lake.Verify(cmd.Context(), options)
				stop()
				if errors.Is(err, engine.ErrInvalidParameter) {
					return usageError{err}
				}
				if err != nil {
					return err
				}
				return p.printVerification(v, options)
			})
		},
	}
	cmd.Flags().StringSliceVar(&options.Keys, "key", nil, "public key of the chain, as printed by store show; repeatable")
	cmd.Flags().StringVar(&options.Head, "head", "", "head of the chain, as printed by import and store show")
	cmd.Flags().StringVar(&receipt, "receipt", "", "receipt file to verify, as printed by queries receipt")
	return cmd
}

// printVerification says what was proved and what not; problems make it an error.
func (p *program) printVerification(v *engine.Verification, options engine.VerifyOptions) error {
	fmt.Fprintf(p.out, "hashed %s, %s\n", plural(v.Segments, "segment"), humanBytes(v.Bytes))
	fmt.Fprintf(p.out, "chain of %s\nhead %s\nkey  %s\n", plural(int64(v.Chain.Entries), "change"), v.Chain.Head, v.Chain.PublicKey)
	if options.Head != "" && v.AfterHead >= 0 {
		fmt.Fprintf(p.out, "the given head is in the chain; %s since\n", plural(v.AfterHead, "change"))
	}
	for _, problem := range v.Problems {
		fmt.Fprintf(p.out, "PROBLEM %v\n", problem)
	}
	for _, file := range v.SetAside {
		fmt.Fprintf(p.out, "set aside %s\n", describeSetAside(file))
	}
	for _, path := range v.Foreign {
		fmt.Fprintf(p.out, "not the lake's %s: other ORC readers take it for a segment\n", path)
	}
	if n := len(v.Problems); n > 0 {
		return fmt.Errorf("%s found", plural(int64(n), "problem"))
	}
	switch {
	case len(options.Keys) == 0 && options.Head == "":
		fmt.Fprintln(p.out, "to also detect a re-signed or truncated chain, keep key and head elsewhere and pass --key and --head")
	case len(options.Keys) == 0:
		fmt.Fprintln(p.out, "to also detect a re-signed chain, keep the key elsewhere and pass --key")
	case options.Head == "":
		fmt.Fprintln(p.out, "to also detect a truncated chain, keep the head elsewhere and pass --head")
	}
	fmt.Fprintln(p.out, "no problem found")
	return nil
}

// describeSetAside says what was set aside, when and why.
func describeSetAside(file engine.SetAsideFile) string {
	if file.At.IsZero() {
		return fmt.Sprintf("%s (%s)", file.Path, humanBytes(file.Bytes))
	}
	return fmt.Sprintf("%s (%s) on %s: %s", file.Path, humanBytes(file.Bytes), file.At.Format(time.RFC3339), file.Reason)
}
