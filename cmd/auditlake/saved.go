package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) savedCommand() *cobra.Command {
	return group("saved", "List, show, run and save questions", p.savedListCommand(), p.savedShowCommand(), p.savedSaveCommand(),
		p.savedRemoveCommand(), p.savedRunCommand())
}

// savedPerson is who asks with a command: the lake's owner, who sees all saved questions.
func savedPerson(lake *engine.Lake) engine.SavedPerson {
	return engine.SavedPerson{User: "arn:aws:iam::" + lake.AccountID() + ":root", IsOwner: true}
}

func (p *program) savedListCommand() *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use: "list", Short: "List saved questions by folder and name", Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				found, err := lake.SavedQuestions().List(cmd.Context(), savedPerson(lake))
				if err != nil {
					return err
				}
				rows := [][]string{{"question", "version", "changed", "by", "shared", "description"}}
				for _, q := range found {
					if folder == "" || q.Folder == folder || strings.HasPrefix(q.Folder, folder+"/") {
						rows = append(rows, []string{pathOf(q), strconv.Itoa(q.Version), q.ChangedAt.UTC().Format(time.RFC3339), q.ChangedBy, yesNo(q.IsShared), q.Description})
					}
				}
				return printColumns(p.out, rows)
			})
		},
	}
	cmd.Flags().StringVar(&folder, "folder", "", "only questions in this folder and its subfolders")
	return cmd
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// pathOf returns the folder and the name of a question, by which commands find it.
func pathOf(q *engine.SavedQuestion) string {
	if q.Folder == "" {
		return q.Name
	}
	return q.Folder + "/" + q.Name
}

// savedQuestion finds a question by its path, or its id, with a version of it, 0 for the newest.
func savedQuestion(ctx context.Context, lake *engine.Lake, reference string, number int) (*engine.SavedQuestion, *engine.SavedVersion, error) {
	all, err := lake.SavedQuestions().List(ctx, savedPerson(lake))
	if err != nil {
		return nil, nil, err
	}
	var found []*engine.SavedQuestion
	for _, q := range all {
		if q.ID == reference {
			found = []*engine.SavedQuestion{q}
			break
		}
		if pathOf(q) == reference {
			found = append(found, q)
		}
	}
	switch len(found) {
	case 0:
		return nil, nil, fmt.Errorf("%w: %s; auditlake saved list shows all", engine.ErrSavedNotFound, reference)
	case 1:
		return lake.SavedQuestions().Get(ctx, savedPerson(lake), found[0].ID, number)
	}
	var ids []string
	for _, q := range found {
		ids = append(ids, fmt.Sprintf("%s of %s", q.ID, q.Owner))
	}
	return nil, nil, fmt.Errorf("several questions are named %s; pass an id: %s", reference, strings.Join(ids, ", "))
}

func (p *program) savedShowCommand() *cobra.Command {
	var number int
	var onlySQL bool
	cmd := &cobra.Command{
		Use: "show QUESTION", Short: "Show a saved question", Args: usage(cobra.ExactArgs(1)),
		Long: "Shows a saved question, by its path (Folder/Name, as in saved list) or its id. To see its plan:\n" +
			"saved show --sql QUESTION | auditlake explain -",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				q, v, err := savedQuestion(cmd.Context(), lake, args[0], number)
				if err != nil {
					return err
				}
				if !onlySQL {
					rows := [][]string{{"question", pathOf(q)}, {"id", q.ID}, {"owner", q.Owner}, {"shared", yesNo(q.IsShared)},
						{"version", fmt.Sprintf("%d of %d, saved by %s at %s", v.Number, q.Version, v.By, v.At.UTC().Format(time.RFC3339))}, {"description", v.Description}}
					for _, parameter := range v.Parameters {
						rows = append(rows, []string{"parameter " + parameter.Name, parameter.Value})
					}
					if err := printColumns(p.out, rows); err != nil {
						return err
					}
					if _, err := fmt.Fprintln(p.out); err != nil {
						return err
					}
				}
				_, err = fmt.Fprintln(p.out, strings.TrimRight(v.Statement, "\n"))
				return err
			})
		},
	}
	cmd.Flags().IntVar(&number, "version", 0, "number of an earlier version")
	cmd.Flags().BoolVar(&onlySQL, "sql", false, "print only the statement")
	return cmd
}

func (p *program) savedSaveCommand() *cobra.Command {
	var file, description string
	var params []string
	var isShared bool
	cmd := &cobra.Command{
		Use: "save QUESTION [SQL]", Short: "Save a question, or a new version of it",
		Long: "Saves a statement from the argument, from -f FILE, or from standard input (-) as Name or\n" +
			"Folder/Name. If that question exists, the statement becomes its next version. Description, default\n" +
			"values and sharing stay as they are unless flags change them.",
		Args: usage(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			sql, err := p.statement(args[1:], file)
			if err != nil {
				return err
			}
			values, err := parseParameters(params)
			if err != nil {
				return err
			}
			if _, err := engine.ParseStatement(sql); err != nil && len(engine.Placeholders(sql)) == 0 {
				return err
			}
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				draft := engine.SavedDraft{Statement: sql}
				q, before, err := savedQuestion(cmd.Context(), lake, args[0], 0)
				isNew := errors.Is(err, engine.ErrSavedNotFound)
				switch {
				case isNew:
					at := strings.LastIndexByte(args[0], '/')
					draft.Folder, draft.Name = args[0][:max(0, at)], args[0][at+1:]
				case err != nil:
					return err
				default:
					draft.Folder, draft.Name, draft.Description, draft.Parameters, draft.IsShared = q.Folder, q.Name, before.Description, before.Parameters, q.IsShared
				}
				if cmd.Flags().Changed("description") {
					draft.Description = description
				}
				if cmd.Flags().Changed("share") {
					draft.IsShared = isShared
				}
				if cmd.Flags().Changed("param") {
					draft.Parameters = values.saved()
				}
				if isNew {
					q, err = lake.SavedQuestions().Save(cmd.Context(), savedPerson(lake), draft)
				} else {
					q, err = lake.SavedQuestions().Change(cmd.Context(), savedPerson(lake), q.ID, q.Version, draft)
				}
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(p.out, "saved version %d of %s\n", q.Version, pathOf(q))
				return err
			})
		},
	}
	cmd.Flags().StringVarP(&file, "file", "f", "", "read the statement from a file (-: standard input)")
	cmd.Flags().StringVar(&description, "description", "", "description of the question")
	cmd.Flags().BoolVar(&isShared, "share", false, "let all users see and change the question; --share=false: only its owner")
	cmd.Flags().StringArrayVar(&params, "param", nil, "default value of a parameter: name=value for :name, 1=value for the first question mark; repeatable")
	return cmd
}

func (p *program) savedRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "remove QUESTION", Short: "Remove a saved question and all its versions", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				q, _, err := savedQuestion(cmd.Context(), lake, args[0], 0)
				if err != nil {
					return err
				}
				if _, err := lake.SavedQuestions().Delete(cmd.Context(), savedPerson(lake), q.ID); err != nil {
					return err
				}
				_, err = fmt.Fprintf(p.out, "removed %s\n", pathOf(q))
				return err
			})
		},
	}
}

func (p *program) savedRunCommand() *cobra.Command {
	f := queryFlags{stats: "all"}
	var number int
	cmd := &cobra.Command{
		Use: "run QUESTION", Short: "Run a saved question", Args: usage(cobra.ExactArgs(1)),
		Long: "Runs a saved question, by its path or its id, with its saved parameter values. --param overrides\n" +
			"them. Rows go to standard output; time, bytes scanned and price go to standard error.",
		RunE: func(cmd *cobra.Command, args []string) error {
			given, err := parseParameters(f.params)
			if err != nil {
				return err
			}
			if err := f.chooseFormat(cmd.Flags().Changed("format")); err != nil {
				return err
			}
			var found *engine.SavedVersion
			err = p.withLake(cmd.Context(), false, func(lake *engine.Lake) (err error) {
				_, found, err = savedQuestion(cmd.Context(), lake, args[0], number)
				return err
			})
			if err != nil {
				return err // also where the process that holds the lake has done all of this
			}
			places := placesOf(found.Statement)
			for _, saved := range found.Parameters {
				if _, isGiven := given[saved.Name]; !isGiven && places[saved.Name] {
					f.params = append(f.params, saved.Name+"="+saved.Value)
				}
			}
			return p.query(cmd.Context(), found.Statement, f)
		},
	}
	cmd.Flags().IntVar(&number, "version", 0, "number of an earlier version")
	cmd.Flags().StringVar(&f.format, "format", "table", formatsHelp)
	cmd.Flags().StringVarP(&f.output, "output", "o", "", outputHelp)
	cmd.Flags().StringVar(&f.maxBytes, "max-bytes", "", "stop the query before it scans more than this, such as 2GB")
	cmd.Flags().StringArrayVar(&f.params, "param", nil, paramHelp)
	cmd.Flags().DurationVar(&f.timeout, "timeout", time.Hour, "stop the query after this time")
	cmd.Flags().BoolVar(&f.keep, "keep", false, "keep the result in the lake; queries results ID shows it again")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "show what the statement would scan and cost without running it")
	return cmd
}

// placesOf returns the names of a statement's parameters; question marks are named 1, 2 and so on.
func placesOf(sql string) map[string]bool {
	out := map[string]bool{}
	marks := 0
	for _, place := range engine.Placeholders(sql) {
		if place.Name == "" {
			marks++
			out[strconv.Itoa(marks)] = true
			continue
		}
		out[place.Name] = true
	}
	return out
}

// saved returns the values as a saved question has them, by name.
func (p parameters) saved() (out []engine.SavedParameter) {
	for _, name := range slices.Sorted(maps.Keys(p)) {
		out = append(out, engine.SavedParameter{Name: name, Value: p[name]})
	}
	return out
}
