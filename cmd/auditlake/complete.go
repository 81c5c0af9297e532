package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// completionPatience is how long a shell waits for names when the lake does not answer.
const completionPatience = 2 * time.Second

// The commands whose answers' first columns are the names to complete.
var (
	storeNames = []string{"store", "list"}
	tableNames = []string{"table", "list"}
	importIDs  = []string{"imports", "list"}
	keyIDs     = []string{"keys", "list"}
)

// completes reports whether the user's shell asks for completions. Only then they are made, because cobra keeps the
// completions of flags for the life of the process, which may execute many command lines.
func (p *program) completes() bool {
	return slices.Contains(p.args, cobra.ShellCompRequestCmd) || slices.Contains(p.args, cobra.ShellCompNoDescRequestCmd)
}

// addCompletions gives the user's shell the values of arguments and flags.
func (p *program) addCompletions(root *cobra.Command) {
	for path, list := range map[string][]string{
		"store show": storeNames, "store update": storeNames, "store delete": storeNames, "store restore": storeNames,
		"store stop": storeNames, "store start": storeNames, "describe": storeNames, "verify": storeNames,
		"table drop": tableNames, "imports show": importIDs, "imports failures": importIDs, "imports stop": importIDs,
		"keys show": keyIDs, "keys revoke": keyIDs,
	} {
		commandAt(root, path).ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return p.names(cmd.Context(), list, typed), cobra.ShellCompDirectiveNoFileComp
		}
	}
	completeFlag(commandAt(root, "import"), "store", func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return p.names(cmd.Context(), storeNames, typed), cobra.ShellCompDirectiveNoFileComp
	})
	// A policy is one of these names or a file.
	completeFlag(commandAt(root, "keys create"), "policy", cobra.FixedCompletions(policy.ManagedNames(), cobra.ShellCompDirectiveDefault))
	for _, choice := range []struct {
		path, flag string
		values     []string
	}{
		{"query", "format", answer.Formats()}, {"query", "chart", []string{"bar", "line"}}, {"lookup", "format", []string{"table", "csv", "json"}}, {"lookup", "category", []string{"management", "insight"}}, {"query", "stats", statsParts},
		{"store create", "billing", []string{"extendable", "fixed"}}, {"store update", "billing", []string{"extendable", "fixed"}},
		{"store create", "dedupe", []string{dedupeEventID}}, {"store update", "dedupe", []string{dedupeEventID, "none"}}, {"store create", "eventjson", []string{"rebuilt", "text"}},
	} {
		completeFlag(commandAt(root, choice.path), choice.flag, cobra.FixedCompletions(choice.values, cobra.ShellCompDirectiveNoFileComp))
	}
}

func commandAt(root *cobra.Command, path string) *cobra.Command {
	cmd, rest, err := root.Find(strings.Fields(path))
	if err != nil || len(rest) > 0 {
		panic("no command " + path)
	}
	return cmd
}

func completeFlag(cmd *cobra.Command, flag string, complete cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err)
	}
}

// names returns the names that begin with what was typed; none when there is no lake yet.
func (p *program) names(ctx context.Context, list []string, typed string) []string {
	ctx, stop := context.WithTimeout(ctx, completionPatience)
	defer stop()
	var out, ignored bytes.Buffer
	if p.runLine(ctx, streams{in: bytes.NewReader(nil), out: &out, err: &ignored}, list...) != exitDone {
		return nil
	}
	var names []string
	for _, line := range strings.Split(out.String(), "\n")[1:] { // below the head
		name, _, _ := strings.Cut(line, "  ")
		if name != "" && strings.HasPrefix(name, typed) {
			names = append(names, name)
		}
	}
	return names
}
