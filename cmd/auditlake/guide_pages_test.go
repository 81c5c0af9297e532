package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/material"
)

// TestGuideIsCurrent: the pages of the guide that the program writes are as it writes them now. With AUDITLAKE_WRITE_GUIDE it writes them.
func TestGuideIsCurrent(t *testing.T) {
	for _, page := range []struct {
		file, after string // what comes after this text is written by the program
		text        string
	}{
		{"commands.md", "## Every command\n\n", commandsPage()},
		{"fields.md", "[SQL for audit events](sql.md).\n\n", fieldsPage(t)},
	} {
		path := filepath.Join(material.Module(t), "docs", "guide", page.file)
		there, err := os.ReadFile(path)
		require.NoError(t, err)
		head, tail, found := strings.Cut(string(there), page.after)
		require.True(t, found, "%s has no %q", page.file, page.after)
		if os.Getenv("AUDITLAKE_WRITE_GUIDE") != "" {
			require.NoError(t, os.WriteFile(path, []byte(head+page.after+page.text), 0o644))
			continue
		}
		require.Equal(t, page.text, tail, "docs/guide/%s is not as the program has it: make guide", page.file)
	}
}

// commandsPage describes each command, one after the other in the order of help.
func commandsPage() string {
	p := newProgram(nil, streams{in: strings.NewReader(""), out: &bytes.Buffer{}, err: &bytes.Buffer{}})
	root := p.rootCommand()
	root.InitDefaultCompletionCmd()
	var out strings.Builder
	out.WriteString("Every command accepts these flags:\n\n")
	writeFlags(&out, root.PersistentFlags())
	for _, cmd := range root.Commands() {
		writeCommand(&out, cmd)
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

func writeCommand(out *strings.Builder, cmd *cobra.Command) {
	if !cmd.IsAvailableCommand() {
		return
	}
	if cmd.HasAvailableSubCommands() {
		for _, below := range cmd.Commands() {
			writeCommand(out, below)
		}
		return
	}
	fmt.Fprintf(out, "### %s\n\n```\n%s\n```\n\n", cmd.CommandPath(), cmd.UseLine())
	if cmd.Long == "" || cmd.Parent().Name() == "completion" { // cobra's own texts are long
		fmt.Fprintf(out, "%s.\n\n", cmd.Short)
	} else {
		fmt.Fprintf(out, "```\n%s\n```\n\n", strings.TrimSpace(cmd.Long))
	}
	writeFlags(out, cmd.NonInheritedFlags())
}

func writeFlags(out *strings.Builder, flags *pflag.FlagSet) {
	var lines []string
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		kind, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if kind != "" {
			name += " " + kind
		}
		switch f.DefValue {
		case "", "false", "0", "[]", "0s":
		default:
			usage += " (default " + f.DefValue + ")"
		}
		lines = append(lines, fmt.Sprintf("| `%s` | %s |\n", name, strings.ReplaceAll(strings.ReplaceAll(usage, "|", `\|`), "*", `\*`)))
	})
	if len(lines) > 0 {
		out.WriteString("| flag | |\n|---|---|\n" + strings.Join(lines, "") + "\n")
	}
}

// fieldsPage describes the columns of a store of each category, as describe does.
func fieldsPage(t *testing.T) string {
	ctx := context.Background()
	lake, err := engine.Open(ctx, t.TempDir(), engine.Options{})
	require.NoError(t, err)
	defer lake.Close()
	var out strings.Builder
	for _, category := range []struct{ title, category, says string }{
		{"Management and data events", "Management", "What CloudTrail's trails deliver: `eventcategory` says which of the two an event is. A store of network activity has the same columns but `eventcontext`."},
		{"Insights events", "Insight", "Unusual rates of calls or errors, as CloudTrail Insights finds them."},
		{"Configuration items", "ConfigurationItem", "States of resources, as AWS Config records them."},
		{"Evidence", "Evidence", "What AWS Audit Manager collects."},
		{"Events from outside of AWS", "ActivityAuditLog", "What channels take in."},
	} {
		store, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: category.category, Category: category.category})
		require.NoError(t, err)
		d, err := lake.Stores().Describe(ctx, store.Name)
		require.NoError(t, err)
		fmt.Fprintf(&out, "## %s\n\n%s\n\n| column | type | meaning | such as |\n|---|---|---|---|\n", category.title, category.says)
		for _, f := range appendFields(nil, nil, d.Columns, false) {
			example := ""
			if f.example != "" {
				example = "`" + f.example + "`"
			}
			fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", f.name(), f.typ, f.meaning, example)
		}
		out.WriteByte('\n')
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}
