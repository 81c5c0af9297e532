package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

// shownSamples is how many samples a search shows.
const shownSamples = 10

func (p *program) samplesCommand() *cobra.Command {
	var showSQL bool
	var store string
	cmd := &cobra.Command{
		Use: "samples [PHRASE]", Short: "Questions to begin with, or those that a phrase is about",
		Long: "The library of questions by theme; with a PHRASE the ten that it is about most, the most relevant first:\n" +
			"samples 'console login without mfa'. With --sql their statements over --store; the name of a question is that one alone,\n" +
			"and samples --sql 'Guessed passwords' | auditlake query - asks it.",
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			found := engine.Samples()
			if len(args) == 1 {
				found = nil
				for _, f := range engine.SearchSamples(args[0]) {
					found = append(found, f.Sample)
				}
				found = found[:min(shownSamples, len(found))]
				if named := slices.IndexFunc(found, func(s *engine.Sample) bool { return strings.EqualFold(s.Name, args[0]) }); named >= 0 {
					found = found[named : named+1]
				}
			}
			switch {
			case len(found) == 0:
				return fmt.Errorf("no question of the library is about %q; auditlake samples lists them all", first(args))
			case showSQL:
				return p.printSampleStatements(found, store)
			}
			rows := make([][]string, len(found))
			for i, s := range found {
				rows[i] = []string{s.Theme, s.Name, s.Description}
			}
			if err := printColumns(p.out, rows); err != nil {
				return err
			}
			_, err := fmt.Fprintf(p.err, "to ask one: auditlake samples --sql '%s' | auditlake query -\n", strings.ReplaceAll(found[0].Name, "'", `'\''`))
			return err
		},
	}
	cmd.Flags().BoolVar(&showSQL, "sql", false, "show the statements")
	cmd.Flags().StringVar(&store, "store", "main", "store that the statements read")
	return cmd
}

// printSampleStatements writes each statement with what it is in front, divided by semicolons.
func (p *program) printSampleStatements(found []*engine.Sample, store string) error {
	for i, s := range found {
		if i > 0 {
			if _, err := fmt.Fprintln(p.out); err != nil {
				return err
			}
		}
		name := store
		if strings.ContainsFunc(store, func(r rune) bool { return !isNameRune(r) }) {
			name = `"` + strings.ReplaceAll(store, `"`, `""`) + `"`
		}
		if _, err := fmt.Fprintf(p.out, "-- %s: %s\n%s;\n", s.Name, s.Description, strings.TrimSuffix(s.SQL(name), ";")); err != nil {
			return err
		}
	}
	return nil
}

// isNameRune reports whether a name with the character needs no quotes.
func isNameRune(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
