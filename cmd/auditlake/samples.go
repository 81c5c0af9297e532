package main

import (
	"cmp"
	"context"
	"errors"
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
	var store, theme string
	cmd := &cobra.Command{
		Use: "samples [PHRASE]", Short: "List the library of questions, or search it",
		Long: "Lists the library of questions by theme, security themes first. With PHRASE it lists the ten best matches, the best first.\n" +
			"A phrase can be words (console login without mfa), a term of the trade (lateral movement) or a MITRE ATT&CK technique (T1078).\n" +
			"The name of a question shows that question with its tags. --theme lists all questions of one theme. --sql prints statements\n" +
			"over a store: samples --sql 'Successful brute-force sign-ins' | auditlake query -",
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			found := securityFirst(engine.Samples())
			if len(args) == 1 {
				found = nil
				for _, f := range engine.SearchSamples(args[0]) {
					found = append(found, f.Sample)
				}
			}
			found, err := ofTheme(found, theme)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				found = found[:min(shownSamples, len(found))]
				if named := slices.IndexFunc(found, func(s *engine.Sample) bool { return strings.EqualFold(s.Name, args[0]) }); named >= 0 {
					found = found[named : named+1]
				}
			}
			switch {
			case len(found) == 0:
				return fmt.Errorf("no question matches %q; auditlake samples lists all questions", first(args))
			case showSQL && store != "":
				return p.paged(func() error { return p.printSampleStatements(found, func(string) string { return store }) })
			case showSQL:
				return p.printOverStores(cmd.Context(), found)
			}
			rows := make([][]string, len(found))
			for i, s := range found {
				rows[i] = []string{s.Theme, s.Name, s.Description}
			}
			if err := p.printTable(rows); err != nil {
				return err
			}
			if len(found) == 1 {
				if _, err := fmt.Fprintf(p.out, "tags: %s\n", strings.Join(found[0].Tags, ", ")); err != nil {
					return err
				}
			}
			_, err = fmt.Fprintf(p.err, "to run a question: auditlake samples --sql '%s' | auditlake query -\n", strings.ReplaceAll(found[0].Name, "'", `'\''`))
			return err
		},
	}
	cmd.Flags().StringVar(&theme, "theme", "", "list the questions of one theme, such as Identity or 'Security monitoring'")
	cmd.Flags().BoolVar(&showSQL, "sql", false, "print the SQL statements")
	cmd.Flags().StringVar(&store, "store", "", "store to read (default: a store of the category that the question needs, main if it fits)")
	return cmd
}

// firstThemes are the themes about security, in the order in which they are shown before all others.
var firstThemes = []string{
	"Security monitoring", "Identity", "Privilege", "Evidence", "Anomalies", "Network", "Data", "Encryption", "S3", "IAM activity", "User activity", "Errors",
}

// securityFirst returns the samples with those of firstThemes first, otherwise in their order.
func securityFirst(samples []*engine.Sample) []*engine.Sample {
	rank := func(s *engine.Sample) int {
		if at := slices.Index(firstThemes, s.Theme); at >= 0 {
			return at
		}
		return len(firstThemes)
	}
	samples = slices.Clone(samples)
	slices.SortStableFunc(samples, func(a, b *engine.Sample) int { return rank(a) - rank(b) })
	return samples
}

// ofTheme returns the samples of a theme, whose name is given in upper or lower case; "" is every theme.
func ofTheme(samples []*engine.Sample, theme string) (found []*engine.Sample, err error) {
	if theme == "" {
		return samples, nil
	}
	isKnown := false
	var themes []string
	for _, s := range securityFirst(engine.Samples()) {
		isKnown = isKnown || strings.EqualFold(s.Theme, theme)
		if !slices.Contains(themes, s.Theme) {
			themes = append(themes, s.Theme)
		}
	}
	if !isKnown {
		return nil, usageError{fmt.Errorf("unknown theme %q; the themes are %s", theme, strings.Join(themes, ", "))}
	}
	for _, s := range samples {
		if strings.EqualFold(s.Theme, theme) {
			found = append(found, s)
		}
	}
	return found, nil
}

// printOverStores writes the statements over stores of the lake that have such events, and names the categories that
// no store has.
func (p *program) printOverStores(ctx context.Context, found []*engine.Sample) error {
	byCategory := map[string]string{}
	err := p.withLake(ctx, false, func(lake *engine.Lake) (err error) {
		byCategory, err = storesByCategory(ctx, lake)
		return err
	})
	if err != nil && !errors.Is(err, engine.ErrNoLake) {
		return err // also where the process that holds the lake has done all of this
	}
	var missing []string
	err = p.printSampleStatements(found, func(category string) string {
		if byCategory[category] == "" {
			missing = append(missing, category)
			return cmp.Or(map[string]string{"Management": defaultStore, "Data": defaultStore}[category], strings.ToLower(category))
		}
		return byCategory[category]
	})
	slices.Sort(missing)
	for _, category := range slices.Compact(missing) {
		if err == nil {
			_, err = fmt.Fprintf(p.err, "the lake has no store for %s events; pass --store, or create one: auditlake store create NAME --category %s\n", category, category)
		}
	}
	return err
}

// storesByCategory returns the name of the store of the lake that the questions of each category read.
func storesByCategory(ctx context.Context, lake *engine.Lake) (map[string]string, error) {
	byCategory := map[string]string{}
	stores, err := lake.Stores().List(ctx)
	for _, s := range stores {
		if s.IsActivity || s.Status == engine.StorePendingDeletion {
			continue
		}
		if known := byCategory[s.Category]; known == "" || s.Name == defaultStore || known != defaultStore && s.Name < known {
			byCategory[s.Category] = s.Name
		}
	}
	if byCategory["Data"] == "" { // the selectors of a store of management events may take data events, too
		byCategory["Data"] = byCategory["Management"]
	}
	return byCategory, err
}

// defaultStore is the store that imports make in a lake without any.
const defaultStore = "main"

// printSampleStatements writes each statement after its title, description and tags, and ends it with a semicolon.
// storeOf names a store for a category.
func (p *program) printSampleStatements(found []*engine.Sample, storeOf func(category string) string) error {
	for i, s := range found {
		if i > 0 {
			if _, err := fmt.Fprintln(p.out); err != nil {
				return err
			}
		}
		store := storeOf(s.Category)
		name := store
		if strings.ContainsFunc(store, func(r rune) bool { return !isNameRune(r) }) {
			name = `"` + strings.ReplaceAll(store, `"`, `""`) + `"`
		}
		if _, err := fmt.Fprintf(p.out, "-- %s: %s\n-- tags: %s\n%s;\n", s.Name, s.Description, strings.Join(s.Tags, ", "), strings.TrimSuffix(s.SQL(name), ";")); err != nil {
			return err
		}
	}
	return nil
}

// isNameRune reports whether a name with the character needs no quotes.
func isNameRune(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
