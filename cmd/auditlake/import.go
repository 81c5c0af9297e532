package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
)

func (p *program) importCommand() *cobra.Command {
	var options engine.ImportOptions
	var from, to, headFile string
	var keys []string
	cmd := &cobra.Command{
		Use: "import PATH…|-", Short: "Import log files (files, folders, globs, s3://bucket/prefix, -) into a store",
		Long: "Imports log files into a store. PATH is a file, a folder, a glob (** matches any folders),\n" +
			"s3://bucket/prefix, or - for standard input. auditlake recognizes these formats:\n\n" +
			"* CloudTrail log files (.json.gz or plain), NDJSON, JSON arrays, the output of lookup-events,\n" +
			"  EventBridge events\n" +
			"* exports of Splunk, Elasticsearch, Wazuh and Graylog that contain the original events\n" +
			"* CloudWatch Logs subscriptions and exports, and SNS messages, SQS messages and Kinesis records\n" +
			"  that contain events\n" +
			"* result files of the managed service (result_N.csv.gz), with an eventjson column or one column\n" +
			"  per field. The hashes in result_sign.json are checked if that file is in the same folder;\n" +
			"  --public-key also checks its signature.\n\n" +
			"A second import of the same files adds nothing, and it resumes an interrupted import. Without\n" +
			"--store, events go to the only store for CloudTrail events. A lake without stores gets one named\n" +
			"main, which drops duplicate events.\n\n" +
			"The exit code is 1 if a file could not be read completely, if a record could not be imported, or\n" +
			"if nothing was found. It is also 1 if more than half of the events are older than the store's\n" +
			"retention; --from excludes older events on purpose.\n\n" +
			"Buckets are read with the usual AWS credentials (environment, profile, role). With --from and\n" +
			"--to, only the folders of those days and of the next day are listed.",
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			args, remove, err := p.spoolInput(args)
			if err != nil {
				return err
			}
			defer remove()
			if options.Paths, err = p.paths(args); err != nil {
				return err
			}
			if from != "" {
				if options.From, err = parseSince(from, time.Now()); err != nil {
					return err
				}
			}
			if to != "" {
				if options.To, err = parseSince(to, time.Now()); err != nil {
					return err
				}
			}
			if options.MaxFailedRecords == 0 {
				options.MaxFailedRecords = -1
			}
			if options.Concurrency < 0 || options.Concurrency > engine.MaxImportConcurrency {
				return usageError{fmt.Errorf("--concurrency must be between 1 and %d", engine.MaxImportConcurrency)}
			}
			if options.PublicKeys, err = p.publicKeys(keys); err != nil {
				return err
			}
			if err := p.shareBuckets(&options); err != nil {
				return err
			}
			if options.DryRun {
				return p.withUnchangedLake(cmd.Context(), func(lake *engine.Lake) error { return p.runImport(cmd.Context(), lake, options) })
			}
			return p.withLake(cmd.Context(), true, func(lake *engine.Lake) error {
				if headFile == "" {
					return p.runImport(cmd.Context(), lake, options)
				}
				heads, err := p.openHeads(headFile)
				if err != nil {
					return err
				}
				defer heads.Close()
				err = p.runImport(cmd.Context(), lake, options)
				return errors.Join(err, appendHead(cmd.Context(), lake, heads))
			})
		},
	}
	cmd.Flags().StringVar(&options.Store, "store", "", "store to import into")
	cmd.Flags().StringVar(&from, "from", "", "only events from this time on"+timeHelp)
	cmd.Flags().StringVar(&to, "to", "", "only events before this time")
	cmd.Flags().StringVar(&options.Storage.EndpointURL, "endpoint-url", "", "server for s3:// paths, such as http://localhost:9000 (default: AWS)")
	cmd.Flags().StringVar(&options.Storage.Region, "region", "", "region for s3:// paths")
	cmd.Flags().Int64Var(&options.MaxFailedRecords, "max-failed-records", 100_000, "stop reading a file after this many failed records; 0: never")
	cmd.Flags().IntVar(&options.Concurrency, "concurrency", 0, "number of parallel requests for s3:// paths (default: adjusted automatically, at most 128)")
	cmd.Flags().BoolVar(&options.ApplySelectors, "apply-selectors", false, "skip events that the store's selectors do not match")
	cmd.Flags().StringArrayVar(&keys, "public-key", nil, "public key that signed result_sign.json: a file (PEM, or the output of aws cloudtrail list-public-keys) or base64; repeatable")
	cmd.Flags().StringVar(&headFile, "head-file", "", "append the chain's head after the import to this file; keep it where users who can write to the lake cannot")
	cmd.Flags().BoolVar(&options.DryRun, "dry-run", false, "show what would be imported without changing anything, --head-file included")
	return cmd
}

// shareBuckets lets the process that executes the import read buckets as this
// command's own process would: with its server, region and credentials.
func (p *program) shareBuckets(options *engine.ImportOptions) error {
	if !slices.ContainsFunc(options.Paths, func(path string) bool { return strings.HasPrefix(path, "s3://") }) {
		return nil
	}
	if p.held != nil {
		if err := json.Unmarshal(p.secrets, &options.Storage); err != nil {
			return errors.New("the command did not send its credentials for buckets")
		}
		return nil
	}
	p.resolveSecrets = func(ctx context.Context) ([]byte, error) {
		storage, err := engine.ResolveObjectStorage(ctx, options.Storage)
		if err != nil {
			return nil, usageError{err}
		}
		return json.Marshal(storage)
	}
	return nil
}

// openHeads opens the file of heads before an import begins, so that the import fails early if the file cannot be
// written.
func (p *program) openHeads(name string) (*os.File, error) {
	path, err := p.path(name)
	if err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
}

// appendHead adds a line with the time, the chain's head and how many entries lead to it.
func appendHead(ctx context.Context, lake *engine.Lake, heads *os.File) error {
	chain, err := lake.Chain(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(heads, "%s %s %d\n", time.Now().UTC().Format(time.RFC3339), chain.Head, chain.Entries)
	return errors.Join(err, heads.Sync())
}

// importGCPercent is how much garbage there may be beside what is in use during an import: rows take
// hundreds of MiB that cost next to nothing to mark.
const importGCPercent = 50

// runImport imports with progress and prints the counts.
func (p *program) runImport(ctx context.Context, lake *engine.Lake, options engine.ImportOptions) error {
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(importGCPercent))
	}
	var latest atomic.Pointer[engine.ImportProgress]
	start := time.Now()
	warned := false
	lastLine := start
	left := newTimeLeft(time.Now)
	plain := !terminal(p.err)
	options.Progress = func(progress engine.ImportProgress) {
		latest.Store(&progress)
		if progress.Warning != "" && !warned {
			warned = true
			fmt.Fprintf(p.err, "warning: %s\n", progress.Warning)
		}
		if plain && time.Since(lastLine) > 5*time.Second {
			lastLine = time.Now()
			fmt.Fprintln(p.err, importLine(progress, time.Since(start), left.describe(progress.Bytes, progress.BytesTotal)))
		}
	}
	stop := startTicker(p.err, func() string {
		progress := latest.Load()
		if progress == nil {
			return "listing files"
		}
		return importLine(*progress, time.Since(start), left.describe(progress.Bytes, progress.BytesTotal))
	})
	r, err := lake.Imports().Run(ctx, options)
	stop()
	if errors.Is(err, engine.ErrStoreNeeded) {
		return usageError{fmt.Errorf("%w; pass --store NAME", err)}
	}
	if r == nil {
		return err
	}
	p.printImport(r, time.Since(start), options.DryRun)
	if !options.DryRun {
		if chain, chainErr := lake.Chain(context.WithoutCancel(ctx)); chainErr == nil {
			fmt.Fprintf(p.out, "chain head %s\n", chain.Head)
		}
	}
	if err != nil {
		return err
	}
	return r.Problem()
}

// importLine is the progress of a running import.
func importLine(progress engine.ImportProgress, elapsed time.Duration, left string) string {
	if !progress.Listed {
		return fmt.Sprintf("listing files: %s, %s", grouped(progress.FilesTotal), humanBytes(progress.BytesTotal))
	}
	rate := float64(progress.Events) / elapsed.Seconds()
	line := fmt.Sprintf("%s of %s, %s of %s, %s, %s/s", grouped(progress.Files), plural(progress.FilesTotal, "file"),
		humanBytes(progress.Bytes), humanBytes(progress.BytesTotal), plural(progress.Events, "event"), grouped(int64(rate)))
	if left != "" {
		line += ", " + left
	}
	return line
}
