package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) storeTrinoCommand() *cobra.Command {
	var at, table string
	cmd := &cobra.Command{
		Use: "trino [STORE]", Short: "Print the CREATE TABLE statement for a store's segments in Trino's Hive connector", Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if at == "" {
				return usageError{errors.New("missing --at: the location of the lake's folder for Trino, such as local:///lake or s3://bucket/lake")}
			}
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				d, err := lake.Stores().Describe(cmd.Context(), first(args))
				if err != nil {
					return err
				}
				if table == "" {
					table = d.Store.Name
				}
				fmt.Fprint(p.out, trinoTable(d, at, table))
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&at, "at", "", "location of the lake's folder for Trino, such as local:///lake or s3://bucket/lake")
	cmd.Flags().StringVar(&table, "table", "", "name of the table (default: the store's name)")
	return cmd
}

// projectedDays spans every day that a store may hold, the longest retention and some days for the clocks
// of other machines: days without a folder have no rows.
const projectedDays = `partition_projection_type = 'date', partition_projection_format = 'yyyy-MM-dd', partition_projection_range = ARRAY['NOW-3660DAYS', 'NOW+2DAYS']`

// trinoTable is the statement that makes a table of a store's segments. Trino computes the partitions
// from the day, so that new days need no statement.
func trinoTable(d *engine.Description, at, table string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "CREATE TABLE %s (\n", quotedName(table))
	for _, c := range d.Columns {
		fmt.Fprintf(&out, "   %s %s,\n", quotedName(c.Name), c.Type)
	}
	fmt.Fprintf(&out, "   eventday date WITH (%s)\n) WITH (\n   format = 'ORC',\n   external_location = %s,\n", projectedDays,
		"'"+strings.ReplaceAll(strings.TrimSuffix(at, "/")+"/stores/"+d.Store.ID, "'", "''")+"'")
	out.WriteString("   partitioned_by = ARRAY['eventday'],\n   partition_projection_enabled = true\n);\n")
	return out.String()
}

func quotedName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
