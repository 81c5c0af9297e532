package main

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) verifyCommand() *cobra.Command {
	var options engine.VerifyOptions
	cmd := &cobra.Command{
		Use: "verify [STORE]", Short: "Hash every segment anew and prove the chain of changes",
		Long: "Hash every segment anew and compare it with what was committed, and prove that the signed chain of\n" +
			"changes (imports, compactions, expiries, deletions) leads to these segments. Give --key and --head as noted\n" +
			"outside of this machine earlier: without --head, changes cut off at the end of the chain cannot be seen.",
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
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
	cmd.Flags().StringSliceVar(&options.Keys, "key", nil, "public key that may sign the chain, as store show printed it; repeat it for several")
	cmd.Flags().StringVar(&options.Head, "head", "", "head of the chain, as import and store show printed it")
	return cmd
}

// printVerification says what was proved and what not; problems make it an error.
func (p *program) printVerification(v *engine.Verification, options engine.VerifyOptions) error {
	fmt.Fprintf(p.out, "hashed %s, %s\n", plural(v.Segments, "segment"), humanBytes(v.Bytes))
	fmt.Fprintf(p.out, "chain of %s\nhead %s\nkey  %s\n", plural(int64(v.Chain.Entries), "change"), v.Chain.Head, v.Chain.PublicKey)
	if options.Head != "" && v.AfterHead >= 0 {
		fmt.Fprintf(p.out, "the head given is in it; %s since\n", plural(v.AfterHead, "change"))
	}
	for _, problem := range v.Problems {
		fmt.Fprintf(p.out, "PROBLEM %v\n", problem)
	}
	if len(options.Keys) == 0 {
		fmt.Fprintln(p.out, "without --key, a chain written anew with another key cannot be seen")
	}
	if options.Head == "" {
		fmt.Fprintln(p.out, "without --head, changes cut off at the end of the chain cannot be seen")
	}
	if n := len(v.Problems); n > 0 {
		return fmt.Errorf("%s found", plural(int64(n), "problem"))
	}
	fmt.Fprintln(p.out, "no problem found")
	return nil
}
