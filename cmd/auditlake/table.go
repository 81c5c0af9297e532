package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) tableCommand() *cobra.Command {
	return group("table", "Manage reference tables: your own lists to join with events",
		p.tableCreateCommand(), p.tableListCommand(), p.tableDropCommand())
}

func (p *program) tableCreateCommand() *cobra.Command {
	var options engine.TableOptions
	var replaces bool
	cmd := &cobra.Command{
		Use: "create NAME --from FILE", Short: "Create a table from a CSV, NDJSON, ORC or Parquet file", Args: usage(cobra.ExactArgs(1)),
		Long: "Copies a file into a table, which queries can join with the stores. Reading a table costs nothing.\n\n" +
			"The file name extension sets the format: .csv, .tsv, .ndjson, .jsonl, .json (each also with .gz),\n" +
			".orc or .parquet.\n\n" +
			"Without --schema, names and types come from the file. Types of text formats are inferred from all\n" +
			"values. Numbers with leading zeros or beyond bigint, and columns of 12-digit account ids, become\n" +
			"varchar. Empty CSV fields are NULL.",
		Example: "  auditlake table create owners --from owners.csv\n" +
			"  auditlake table create tickets --from tickets.ndjson --schema 'id bigint, tags array(varchar), opened timestamp(3)'",
		RunE: func(cmd *cobra.Command, args []string) error {
			if options.Path == "" {
				return usageError{errors.New("missing --from FILE")}
			}
			options.Name = args[0]
			var err error
			if options.Path, err = p.path(options.Path); err != nil {
				return err
			}
			return p.withLake(cmd.Context(), true, func(lake *engine.Lake) error {
				t, what, err := makeTable(cmd.Context(), lake, options, replaces)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(p.out, "%s table %s: %s, %s\n  %s\n", what, t.Name, plural(t.Rows, "row"), humanBytes(t.Bytes), engine.DescribeColumns(t))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&options.Path, "from", "", "the file")
	cmd.Flags().BoolVar(&replaces, "replace", false, "replace an existing table; running queries read either its old or its new rows")
	cmd.Flags().StringVar(&options.Columns, "schema", "", "columns with Trino types, such as 'id bigint, tags array(varchar)'")
	return cmd
}

// makeTable copies a file into a table, and says in a word what it did.
func makeTable(ctx context.Context, lake *engine.Lake, options engine.TableOptions, replaces bool) (t *engine.Table, what string, err error) {
	if !replaces {
		t, err = lake.Tables().Create(ctx, options)
		if errors.Is(err, engine.ErrTableExists) {
			err = fmt.Errorf("%w; pass --replace to replace it", err)
		}
		return t, "created", err
	}
	t, before, err := lake.Tables().Replace(ctx, options)
	if before != nil {
		return t, "replaced", err
	}
	return t, "created", err
}

func (p *program) tableListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the reference tables", Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				tables, err := lake.Tables().List(cmd.Context())
				if err != nil {
					return err
				}
				rows := [][]string{{"name", "rows", "bytes", "created", "from", "columns"}}
				for _, t := range tables {
					rows = append(rows, []string{
						t.Name, strconv.FormatInt(t.Rows, 10), humanBytes(t.Bytes), t.CreatedAt.Format(time.RFC3339), t.Source, engine.DescribeColumns(t),
					})
				}
				return printColumns(p.out, rows)
			})
		},
	}
}

func (p *program) tableDropCommand() *cobra.Command {
	return &cobra.Command{
		Use: "drop NAME", Short: "Remove a reference table", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				if err := lake.Tables().Drop(cmd.Context(), args[0]); err != nil {
					return err
				}
				_, err := fmt.Fprintf(p.out, "dropped table %s\n", args[0])
				return err
			})
		},
	}
}
