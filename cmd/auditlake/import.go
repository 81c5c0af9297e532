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
		Use: "import PATH…|-", Short: "Copy log files (files, folders, globs, s3://bucket/prefix, -) into a store",
		Long: "Copy log files into a store, given as files, folders, globs (** stands for any folders),\n" +
			"s3://bucket/prefix, or - for standard input: CloudTrail log\n" +
			"files (.json.gz or plain), NDJSON, JSON arrays, the output of lookup-events, events of EventBridge,\n" +
			"exports of Splunk, Elasticsearch, Wazuh and Graylog that hold events as they were,\n" +
			"files of CloudWatch Logs (subscriptions and exports), messages of SNS and SQS and records of Kinesis that\n" +
			"hold events, and result files of the managed service (result_N.csv.gz: the column eventjson, or columns by\n" +
			"their names; checked by the hashes in result_sign.json beside them, and with --public-key by its signature).\n" +
			"Running it again adds nothing twice, and resumes what was interrupted. Without --store the lake's only\n" +
			"store of the events of trails is taken; a lake without stores gets one named main, which drops repeated\n" +
			"events.\n\n" +
			"It ends with 1 if a file could not be read whole, if a record could not be taken in, if there was\n" +
			"nothing to take, or if more than half of the events it read are older than the store keeps; --from\n" +
			"leaves older ones out on purpose.\n\n" +
			"Buckets are read with the credentials that other AWS clients use (environment, profile, role). With\n" +
			"--from and --to only the folders of those days and the next are listed.",
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
				return usageError{fmt.Errorf("--concurrency is from 1 to %d", engine.MaxImportConcurrency)}
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
	cmd.Flags().StringVar(&options.Store, "store", "", "the store to import into")
	cmd.Flags().StringVar(&from, "from", "", "only events from this time on"+timeHelp)
	cmd.Flags().StringVar(&to, "to", "", "only events before this time")
	cmd.Flags().StringVar(&options.Storage.EndpointURL, "endpoint-url", "", "server of s3:// paths, such as http://localhost:9000; without it AWS")
	cmd.Flags().StringVar(&options.Storage.Region, "region", "", "region of s3:// paths")
	cmd.Flags().Int64Var(&options.MaxFailedRecords, "max-failed-records", 100_000, "how many records of one file may fail before the rest of it is given up; 0: any number")
	cmd.Flags().IntVar(&options.Concurrency, "concurrency", 0, "how many objects of s3:// paths are asked for at the same time (default: as many as it takes, at most 128)")
	cmd.Flags().BoolVar(&options.ApplySelectors, "apply-selectors", false, "leave out events that the store's selectors do not select")
	cmd.Flags().StringArrayVar(&keys, "public-key", nil, "key that must have signed the result_sign.json of result files: a file (PEM, or the answer of aws cloudtrail list-public-keys), or base64; repeat it for several")
	cmd.Flags().StringVar(&headFile, "head-file", "", "append the chain's head behind the import to this file, which lies out of reach of who can write the lake")
	cmd.Flags().BoolVar(&options.DryRun, "dry-run", false, "say what would be imported; change nothing, not even --head-file")
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
			return errors.New("the credentials for buckets did not come with the command")
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

// openHeads opens the file of heads before an import begins, so that one that cannot be written is known.
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
