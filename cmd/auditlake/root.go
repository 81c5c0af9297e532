package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/auditlake/auditlake/cmd/auditlake/attach"
	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/buildinfo"
)

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// program is what the commands share: the flags of all of them, and what belongs
// to the process whose command line it is.
type program struct {
	streams
	args       []string
	command    string // its name without "auditlake", known when it runs
	lakeDir    string
	pricesPath string
	readOnly   bool
	dryRun     bool // the command changes nothing, whatever it usually does
	memory     string
	spillLimit string
	patience   time.Duration // with a silent holder

	input  *recordedInput
	files  map[string][]byte // small files that were read
	create func(name string) (attach.File, error)

	// secrets are secrets from the process of the command line, for the process that executes the command.
	// resolveSecrets finds them there; nil for most commands.
	secrets        []byte
	resolveSecrets func(ctx context.Context) ([]byte, error)

	background engine.Options // what the lake does by itself, and the functions that it calls

	page *servedPage // what the process serves to browsers

	asking *asking // the shell's, which executes this; else nil

	held *engine.Lake // the lake, when this executes for another process
	dir  string       // that process's folder
}

func newProgram(args []string, s streams) *program {
	input := &recordedInput{in: s.in}
	s.in = input
	return &program{streams: s, args: args, input: input, files: map[string][]byte{}, create: createOSFile, page: &servedPage{}}
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	return newProgram(args, s).execute(ctx)
}

func (p *program) execute(ctx context.Context) int {
	root := p.rootCommand()
	root.SetArgs(statementLast(p.args))
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	err := rootsError(root, root.ExecuteContext(ctx))
	var done reported
	if errors.As(err, &done) {
		return done.code
	}
	if ctx.Err() != nil && err != nil {
		err = errors.Join(context.Canceled, err)
	}
	return report(p.err, err)
}

func (p *program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "auditlake",
		Short: "SQL over years of audit events, on your own machine",
		Long: "auditlake imports audit events (CloudTrail log files) into a lake of columnar segments and queries\n" +
			"them with Trino SQL. Each answer comes with the bytes scanned and the price.",
		Version:       buildinfo.Current().String(),
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRun: func(cmd *cobra.Command, _ []string) {
			p.command = strings.TrimPrefix(cmd.CommandPath(), "auditlake ")
		},
	}
	root.PersistentFlags().StringVar(&p.lakeDir, "lake", "", "lake folder (default: $AUDITLAKE_DIR, otherwise $XDG_DATA_HOME/auditlake)")
	root.PersistentFlags().BoolVar(&p.readOnly, "read-only", false, "never write to the lake's folder (default if the folder is not writable)")
	root.PersistentFlags().StringVar(&p.memory, "memory", "", "memory limit for all queries of the lake together, such as 2GiB (default: half of the machine's memory, at least 256 MiB)")
	root.PersistentFlags().StringVar(&p.spillLimit, "spill-limit", "", "disk limit for sorts, groups and joins that do not fit in memory, for all queries together; 0: never use the disk (default: half of the free space, at most 20GiB)")
	root.PersistentFlags().StringVar(&p.pricesPath, "prices", "", "price list in TOML (default: the published us-east-1 prices)")
	root.PersistentFlags().DurationVar(&p.patience, "holder-timeout", attach.DefaultPatience,
		"how long to wait for an answer from another process that holds the lake")
	root.Flags().Bool("version", false, "print version and commit; the command version prints more")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usageError{unknownFlag(cmd, err)} })
	root.AddCommand(p.demoCommand(), p.storeCommand(), p.importCommand(), p.importsCommand(), p.queryCommand(), p.queriesCommand(), p.lookupCommand(),
		p.explainCommand(), p.describeCommand(), p.functionsCommand(), p.samplesCommand(), p.savedCommand(), p.usageCommand(), p.expireCommand(),
		p.compactCommand(), p.verifyCommand(), p.doctorCommand(), p.rebuildCommand(), p.serveCommand(), p.openCommand(), p.keysCommand(), p.tableCommand(), p.dashboardCommand(), p.shellCommand(), p.versionCommand(), p.manCommand())
	shortenHelp(root)
	p.completeGroups(root)
	if p.completes() {
		p.addCompletions(root)
	}
	return root
}

// completeGroups makes cobra's own commands treat wrong words as the others do.
func (p *program) completeGroups(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			asGroup(cmd)
		case "help":
			cmd.Run, cmd.RunE = nil, func(_ *cobra.Command, args []string) error { return p.help(root, args) }
		}
	}
}

// help explains the command that the words name. A word that names none is an error.
func (p *program) help(root *cobra.Command, words []string) error {
	cmd := root
	for _, word := range words {
		at := slices.IndexFunc(cmd.Commands(), func(c *cobra.Command) bool { return c.Name() == word || c.HasAlias(word) })
		if at < 0 {
			return usageError{unknownCommand(cmd, word)}
		}
		cmd = cmd.Commands()[at]
	}
	cmd.InitDefaultHelpFlag()
	return cmd.Help()
}

// group is a command of commands.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short}
	asGroup(cmd)
	cmd.AddCommand(commands...)
	return cmd
}

// asGroup makes a command that only has commands: alone it explains them, any other word is wrong.
func asGroup(cmd *cobra.Command) {
	cmd.Args = usage(func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return unknownCommand(cmd, args[0])
	})
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}

// unknownCommand is the error of a word that is no command of a group.
func unknownCommand(group *cobra.Command, word string) error {
	return fmt.Errorf("unknown command %q for %q%s", word, group.CommandPath(), near(group, word, ""))
}

// rootsError makes errors of the root's command line like those of groups. The library's error of a word that is no
// command of the root has no type of its own.
func rootsError(root *cobra.Command, err error) error {
	var word string
	if err == nil {
		return nil
	}
	if n, _ := fmt.Sscanf(err.Error(), "unknown command %q for", &word); n == 0 || errors.As(err, new(usageError)) {
		return err
	}
	return usageError{unknownCommand(root, word)}
}

// unknownFlag adds the flags that are nearly so called to the error of a flag that a command does not have.
func unknownFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || len(unknown.GetSpecifiedName()) == 1 {
		return err
	}
	flags := &cobra.Command{} // the library compares words with the names of commands alone
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	return fmt.Errorf("%w%s", err, near(flags, unknown.GetSpecifiedName(), "--"))
}

// near suggests commands of a group for a mistyped word, as the end of a message; "" if none is likely.
func near(group *cobra.Command, word, prefix string) string {
	group.SuggestionsMinimumDistance = 2
	names := group.SuggestionsFor(word)
	if len(names) == 0 {
		return ""
	}
	return "; did you mean " + prefix + strings.Join(names, " or "+prefix) + "?"
}

// statementLast puts a statement that begins with a comment, -- like a flag,
// after all flags. No flag has white space in its name.
func statementLast(args []string) []string {
	for i, arg := range args {
		end := strings.IndexAny(arg, "= \t\r\n")
		if arg == "--" || strings.HasPrefix(arg, "--") && end > 0 && arg[end] != '=' {
			if slices.Contains(args, "--") {
				return args
			}
			return slices.Concat(args[:i], args[i+1:], []string{"--", arg})
		}
	}
	return args
}

// usageError is a command line that is wrong: exit code 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usage turns cobra's argument checks into usage errors. An error about the number of arguments names the argument
// and the usage line.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		switch {
		case err == nil:
		case strings.Contains(err.Error(), " arg(s), "), !cmd.HasSubCommands() && strings.HasPrefix(err.Error(), "unknown command"):
			return usageError{fmt.Errorf("%s; usage: %s",
				wrongArguments(cmd, args), strings.TrimSuffix(cmd.UseLine(), " [flags]"))}
		default:
			return usageError{err}
		}
		return nil
	}
}

// wrongArguments names the first argument that a command lacks or does not take, by the words of its usage line.
func wrongArguments(cmd *cobra.Command, args []string) string {
	words, _, _ := strings.Cut(cmd.Use, " --")
	names := strings.Fields(words)[1:]
	switch {
	case len(args) > len(names):
		return fmt.Sprintf("unexpected argument %q", args[len(names)])
	case len(args) == len(names):
		return fmt.Sprintf("wrong number of arguments: %d", len(args))
	}
	name, _, _ := strings.Cut(strings.TrimSuffix(names[len(args)], "…"), "…|")
	return "missing " + name
}

// lakePath is --lake, else $AUDITLAKE_DIR, else auditlake in the user's data folder.
func (p *program) lakePath() (string, error) {
	if p.lakeDir != "" {
		return p.lakeDir, nil
	}
	if dir := os.Getenv("AUDITLAKE_DIR"); dir != "" {
		return dir, nil
	}
	if data := os.Getenv("XDG_DATA_HOME"); data != "" {
		return filepath.Join(data, "auditlake"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", usageError{errors.New("no lake folder; pass --lake or set AUDITLAKE_DIR")}
	}
	return filepath.Join(home, ".local", "share", "auditlake"), nil
}

// open opens the lake the flags name; create makes the folder when it is missing.
func (p *program) open(ctx context.Context, create bool) (*engine.Lake, error) {
	dir, err := p.lakePath()
	if err != nil {
		return nil, err
	}
	prices, err := p.prices()
	if err != nil {
		return nil, err
	}
	options := p.background
	options.MustExist, options.Prices, options.ReadOnly = !create, prices, p.readOnly || p.dryRun
	options.OwnsProcess = true
	// A server would stay read-only once there is room.
	options.ReadOnlyIfFull = !changing[p.command] && p.command != "serve"
	if p.memory != "" {
		if options.LakeMemoryBytes, err = parseBytes(p.memory); err != nil {
			return nil, err
		}
	}
	if p.spillLimit != "" {
		if options.SpillLimitBytes, err = parseBytes(p.spillLimit); err != nil {
			return nil, err
		}
		if options.SpillLimitBytes == 0 {
			options.SpillLimitBytes = -1
		}
	}
	lake, err := engine.Open(ctx, dir, options)
	if errors.Is(err, engine.ErrNoLake) {
		err = fmt.Errorf("%w; to create one: auditlake --lake %s import PATH", err, shellQuoted(dir))
	}
	return lake, err
}

// prices is the price book of --prices, nil for the one inside the program.
func (p *program) prices() (*engine.Prices, error) {
	if p.pricesPath == "" {
		return nil, nil
	}
	text, err := p.readFile(p.pricesPath)
	if err != nil {
		return nil, fmt.Errorf("price book: %w", err)
	}
	prices, err := engine.ParsePrices(text)
	if err != nil {
		return nil, fmt.Errorf("price book %s: %w", p.pricesPath, err)
	}
	return prices, nil
}
