package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) describeCommand() *cobra.Command {
	var profile bool
	cmd := &cobra.Command{
		Use: "describe [STORE]", Short: "Show the columns of a store or table: types, meaning and frequent values", Args: usage(cobra.MaximumNArgs(1)),
		Long: "Shows the size and time span of a store or reference table. It also shows each column and field\n" +
			"with its type, its meaning and the most frequent values in a few thousand rows.\n\n" +
			"--profile reads all rows. It shows how many rows have a value, the number of distinct values, and\n" +
			"the smallest and largest value. The bytes scanned are printed on standard error, as after a query,\n" +
			"and count in usage.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				d, err := p.described(cmd.Context(), lake, first(args))
				if err != nil {
					return err
				}
				return p.printDescription(cmd.Context(), lake, d, profile)
			})
		},
	}
	cmd.Flags().BoolVar(&profile, "profile", false, "read all rows and show a profile of each column")
	return cmd
}

// description is what describe says of a store or reference table.
type description struct {
	title  string
	table  string // its name in SQL
	rows   int64  // that statements read
	fields []describedField
}

// describedField is a column, or a field of a column, under its name in SQL.
type describedField struct {
	path             []string
	typ              string
	meaning, example string
	isInside         bool // of the rows of an array, so it has no single name
	isRow            bool // its fields follow
}

// name is how a statement writes the field; of an array's rows, that of the first one.
func (f describedField) name() string { return strings.Join(f.path, ".") }

// described finds a store, or the reference table of that name.
func (p *program) described(ctx context.Context, lake *engine.Lake, name string) (*description, error) {
	d, err := lake.Stores().Describe(ctx, name)
	if errors.Is(err, engine.ErrStoreNotFound) && name != "" {
		tables, listErr := lake.Tables().List(ctx)
		if i := slices.IndexFunc(tables, func(t *engine.Table) bool { return strings.EqualFold(t.Name, name) }); i >= 0 {
			return describedTable(tables[i]), nil
		}
		return nil, errors.Join(err, listErr)
	}
	if err != nil {
		return nil, err
	}
	title := fmt.Sprintf("%s: %s, %s in %s\n", d.Store.Name, plural(d.Events, "event"), humanBytes(d.StoredBytes), plural(d.Segments, "segment"))
	if d.Events > 0 {
		title += fmt.Sprintf("event times %s to %s\n", d.MinTime.Format(time.RFC3339), d.MaxTime.Format(time.RFC3339))
	}
	out := &description{title: title, table: d.Store.Name, rows: d.Events, fields: appendFields(nil, nil, d.Columns, false)}
	if d.Store.Status == engine.StorePendingDeletion {
		out.rows = 0 // no statement reads them
	}
	return out, nil
}

func describedTable(t *engine.Table) *description {
	d := &description{title: fmt.Sprintf("%s: %s, %s, a reference table from %s\n", t.Name, plural(t.Rows, "row"), humanBytes(t.Bytes), t.Source), table: t.Name, rows: t.Rows}
	for _, c := range t.Columns {
		d.fields = append(d.fields, describedField{path: []string{c.Name}, typ: c.Type})
	}
	return d
}

// appendFields lists columns, each before its fields.
func appendFields(fields []describedField, parent []string, columns []engine.ColumnInfo, isInside bool) []describedField {
	for _, c := range columns {
		f := describedField{path: append(slices.Clone(parent), c.Name), typ: c.Type, meaning: c.Description, example: c.Example, isInside: isInside}
		isArray := strings.HasPrefix(c.Type, "array(")
		if f.isRow = len(c.Fields) > 0 && !isArray; f.isRow {
			f.typ, f.example = "row", ""
		}
		if isArray && len(c.Fields) > 0 {
			f.typ = "array(row)"
		}
		fields = append(fields, f)
		inner := slices.Clone(f.path)
		if isArray {
			inner[len(inner)-1] += "[1]"
		}
		fields = appendFields(fields, inner, c.Fields, isInside || isArray)
	}
	return fields
}

func (p *program) printDescription(ctx context.Context, lake *engine.Lake, d *description, profile bool) error {
	values, stats, err := fieldValues(ctx, lake, d, profile)
	if err != nil {
		return err
	}
	if stats != nil { // the examples are a question like any other, and cost what it scans
		defer func() {
			of := "values"
			if stats.EventsScanned > 0 {
				of = fmt.Sprintf("values of %s of %s", grouped(stats.EventsScanned), plural(d.rows, "event"))
			}
			fmt.Fprintf(p.err, "%s: %s\n", of, bytesLine(*stats))
		}()
	}
	return p.paged(func() error { return p.printFields(d, values, profile) })
}

// printFields writes the fields with their values, one for each field, nil where none is shown.
func (p *program) printFields(d *description, values []*values, profile bool) error {
	fmt.Fprintln(p.out, d.title)
	if profile {
		rows := [][]string{{"column", "type", "filled", "distinct, about", "least", "greatest", "most frequent"}}
		for i, f := range d.fields {
			if v := values[i]; v != nil {
				rows = append(rows, []string{f.name(), f.typ, v.filled(d.rows), v.distinct(), short(v.Least), short(v.Greatest), v.frequent()})
			}
		}
		return p.printTable(rows)
	}
	rows := [][]string{{"column", "type", "meaning", "values"}}
	for i, f := range d.fields {
		shown := ""
		if v := values[i]; v != nil {
			shown = v.frequent()
		}
		if shown == "" && f.example != "" {
			shown = "such as " + short(f.example)
		}
		rows = append(rows, []string{f.name(), f.typ, f.meaning, shown})
	}
	return p.printTable(rows)
}
