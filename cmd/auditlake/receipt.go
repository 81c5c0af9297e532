package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) queriesReceiptCommand() *cobra.Command {
	return &cobra.Command{
		Use: "receipt ID", Short: "Print the signed receipt of a kept result",
		Long: "Prints the receipt of a result that query --keep has kept. A receipt is signed JSON: the\n" +
			"statement, the head of the lake's chain at that time, and a hash of the rows. verify --receipt\n" +
			"checks it.",
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				text, err := lake.IssueReceipt(cmd.Context(), args[0], "")
				if err != nil {
					return err
				}
				_, err = p.out.Write(text)
				return err
			})
		},
	}
}

// verifyReceipt verifies the file of a receipt by the lake or, if there is none, by the keys.
func (p *program) verifyReceipt(ctx context.Context, name string, keys []string) error {
	text, err := p.readFile(name)
	if err != nil {
		return err
	}
	err = p.withLake(ctx, false, func(lake *engine.Lake) error {
		checked, err := lake.CheckReceipt(ctx, text, keys, func(*engine.QueryInfo) bool { return true })
		if err != nil {
			return receiptError(err)
		}
		return p.printReceipt(checked, true)
	})
	if !errors.Is(err, engine.ErrNoLake) || len(keys) == 0 {
		return err
	}
	checked, err := engine.CheckReceiptSignature(text, keys)
	if err != nil {
		return receiptError(err)
	}
	return p.printReceipt(checked, false)
}

func receiptError(err error) error {
	if errors.Is(err, engine.ErrInvalidParameter) {
		return usageError{err}
	}
	return err
}

// printReceipt prints a receipt's contents and what was verified. It returns an error if any check failed.
func (p *program) printReceipt(checked *engine.CheckedReceipt, hasLake bool) error {
	r := checked.Receipt
	fmt.Fprintf(p.out, "query     %s\nstatement %q\n", r.QueryID, r.Statement)
	for _, argument := range r.Arguments {
		fmt.Fprintf(p.out, "argument  %q\n", argument)
	}
	fmt.Fprintf(p.out, "asked     %s %q\nissued    %s %q\n", r.Instant.Format(time.RFC3339), r.Asker, r.IssuedAt.Format(time.RFC3339), r.IssuedTo)
	fmt.Fprintf(p.out, "rows      %s, SHA-256 %s\n", grouped(r.Rows), r.RowsSHA256)
	fmt.Fprintf(p.out, "head      %s\nkey       %s\n", r.ChainHead, checked.Key)
	if r.IsPartial {
		fmt.Fprintln(p.out, "the query timed out: these are the rows that it had returned by then")
	}
	var problems []error
	say := func(isRight bool, right, wrong string) {
		if isRight {
			fmt.Fprintln(p.out, right)
			return
		}
		problems = append(problems, errors.New(wrong))
	}
	say(checked.IsSigned, "the signature is valid", "the signature is not valid")
	say(checked.IsTrusted, "the key is trusted", "the key is not trusted")
	if hasLake {
		say(checked.IsInChain, "the head is in the lake's chain", "the head is not in the lake's chain")
		say(checked.Rows != engine.KeptRowsDiffer, map[engine.KeptRows]string{
			engine.KeptRowsSame: "the kept rows match the receipt", engine.KeptRowsGone: "the rows are no longer kept",
		}[checked.Rows], "the kept rows do not match the receipt")
	} else {
		fmt.Fprintln(p.out, "there is no lake here, so its chain and rows were not checked")
	}
	for _, problem := range problems {
		fmt.Fprintf(p.out, "PROBLEM %v\n", problem)
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s found", plural(int64(len(problems)), "problem"))
	}
	fmt.Fprintln(p.out, "no problem found")
	return nil
}
