package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/processors"
	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi"
	"github.com/auditlake/auditlake/server/console"
	"github.com/auditlake/auditlake/server/metrics"
	"github.com/auditlake/auditlake/server/trino"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	listen      []string
	hall        server.Options
	requireKeys bool
	accessLog   bool
	log         logFlags
	work        engine.Maintenance
	keeping     keepingFlags
	account     string
	region      string
	buckets     string
	lookupRate  int
	demo        bool
	lookupDays  string

	secretsNeedTLS bool
}

func (p *program) serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use: "serve", Short: "Answer browsers and clients of Trino and of the AWS API over the network",
		Long: "Serve the lake to browsers, to clients of Trino (its command line, Python, JDBC) and to clients of the AWS API of CloudTrail\n" +
			"Lake (command line, SDKs), until interrupted. A folder that is missing or empty becomes a new lake.\n" +
			"The first line printed is a URL for a browser on this machine: it signs in once, as the root; `auditlake open` prints more.\n" +
			"Then come the lines by which each kind of client connects to the server as it was started.\n" +
			"AWS clients sign with an access key of the lake. Trino clients on this machine need none until there is a key besides the\n" +
			"root's; from then on, or with --require-keys, every client shows a key: its id is the user, its secret the password. Secrets\n" +
			"come over TLS, or from this machine; Trino's command line and JDBC driver send them over TLS only.\n" +
			"Addresses that other machines reach need --require-keys.\n" +
			"The server also merges small segments and removes days past retention, and reports that on standard error.\n" +
			"GET /health answers 200 while requests are taken, GET /metrics in Prometheus's format what is going on.\n" +
			"The first start makes the root key, which may do everything; " + rootIDVariable + " and\n" +
			rootSecretVariable + " set another in its place.",
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.demo {
				return p.serveDemo(cmd.Context(), f)
			}
			return p.serve(cmd.Context(), f)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.listen, "listen", []string{"127.0.0.1:8585"}, "address and port; port 0 takes a free one; may repeat")
	flags.StringVar(&f.hall.TLSCert, "tls-cert", "", "certificate (PEM, with its chain): every address speaks TLS, 1.2 or later")
	flags.StringVar(&f.hall.TLSKey, "tls-key", "", "key of the certificate (PEM)")
	flags.BoolVar(&f.hall.SelfSigned, "tls-self-signed", false, "speak TLS with a certificate that the server makes and keeps in the lake's folder, tls.pem")
	flags.BoolVar(&f.requireKeys, "require-keys", false, "let nobody in without an access key, even before there is one besides the root's")
	flags.BoolVar(&f.secretsNeedTLS, "secrets-need-tls", false, "refuse secrets of keys that come without TLS from this machine, too")
	flags.BoolVar(&f.hall.InsecureHTTP, "insecure-http", false, "allow addresses that other machines reach without TLS")
	flags.StringVar(&f.hall.BaseURL, "base-url", "", "how clients reach the server, for links in answers (default: as the request says)")
	flags.BoolVar(&f.hall.TrustForwarded, "trust-forwarded", false, "take links' scheme and host from the X-Forwarded-Proto and X-Forwarded-Host of a proxy")
	flags.StringVar(&f.account, "account", "000000000000", "account that AWS clients see, 12 digits: of new stores and of the root key")
	flags.StringVar(&f.region, "region", "us-east-1", "region that AWS clients must sign for, and of new stores")
	flags.StringVar(&f.buckets, "buckets", "", "file (TOML) of the buckets and folders that AWS clients may name; without it none")
	flags.IntVar(&f.lookupRate, "lookup-rate", 0, "LookupEvents requests that an account may make each second, as the managed service limits them to 2; 0: any number")
	flags.StringVar(&f.lookupDays, "lookup-days", "90", "how many days back LookupEvents and the console's event history reach, or all")
	flags.BoolVar(&f.demo, "demo", false, "serve a lake of sample log files, which is gone when the server ends")
	flags.StringVar(&f.log.format, "log-format", "text", "how to write the log on standard error: text or json")
	flags.StringVar(&f.log.level, "log-level", "info", "the least important lines to log: debug, info, warn or error")
	flags.BoolVar(&f.accessLog, "access-log", false, "log each request on standard error")
	flags.DurationVar(&f.work.CompactEvery, "compact-every", time.Hour, "how often small segments are merged; 0: never")
	f.keeping.addTo(flags)
	flags.DurationVar(&f.work.ExpireEvery, "expire-every", time.Hour, "how often days past retention are removed; 0: never")
	return cmd
}

func (p *program) serve(ctx context.Context, f serveFlags) error {
	log, err := f.log.logger(p.err, slog.LevelDebug)
	if err != nil {
		return err
	}
	f.hall.Log = log
	if !f.accessLog {
		if f.hall.Log, err = f.log.logger(p.err, slog.LevelWarn); err != nil {
			return err
		}
	}
	if err := f.checkNames(); err != nil {
		return err
	}
	buckets, err := f.loadBuckets()
	if err != nil {
		return err
	}
	defer buckets.Close()
	processors.BesideWork()
	figures := metrics.New()
	p.background = engine.Options{
		Maintenance: f.work, Log: log, AccountID: f.account, Region: f.region, Buckets: buckets, QueryEnded: figures.QueryEnded, Flushed: figures.Flushed,
		Activity: true,
	}
	if p.background.EventHistoryAge, err = parseLookupDays(f.lookupDays); err != nil {
		return err
	}
	if err := f.keeping.set(&p.background); err != nil {
		return err
	}
	for _, address := range f.listen {
		if host, _, err := net.SplitHostPort(address); err == nil {
			f.hall.SelfSignedHosts = append(f.hall.SelfSignedHosts, host)
		}
	}
	f.hall.FrontPage = console.Path
	hall, err := server.NewHall(f.hall)
	if err != nil {
		return usageError{err}
	}
	defer hall.Close()
	addresses, err := listenAll(ctx, hall, f)
	if err != nil {
		return err
	}
	isNew, err := p.isNewLake(f.demo)
	if err != nil {
		return err
	}
	return p.withLake(ctx, isNew, func(lake *engine.Lake) error {
		if f.demo {
			if err := p.fillDemo(ctx, lake); err != nil {
				return err
			}
		}
		printRoot, err := p.rootKey(ctx, lake)
		if err != nil {
			return err
		}
		if err := keepCertificate(hall, lake); err != nil {
			return err
		}
		if err := lake.Imports().Resume(ctx); err != nil {
			return err
		}
		gate := access.New(lake, f.requireKeys)
		if f.secretsNeedTLS {
			gate.NeedTLS()
		}
		api, err := awsapi.New(lake, awsapi.Options{Log: log, Gate: gate, LookupsPerSecond: f.lookupRate, Answered: func(a awsapi.Answered) { figures.Answered(a.Operation, a.Status, a.Took) }})
		if err != nil {
			return err
		}
		if err := figures.Watch(lake); err != nil {
			return err
		}
		hall.CheckHealth(healthOf(lake))
		page, err := p.serveConsole(ctx, lake, console.Options{Gate: gate, BaseURL: f.hall.BaseURL, Log: log}, hall, addresses)
		if err != nil {
			return err
		}
		if err := p.printServing(f, hall, addresses, lake, gate, isNew && !f.demo); err != nil {
			return err
		}
		printRoot(p.out)
		fmt.Fprint(p.out, "\nstop with Ctrl-C\n")
		return hall.Serve(ctx, trino.New(lake, trino.Options{Log: log, Gate: gate}), api, figures.Door(lake, gate, log), page)
	})
}

var accountText = lazyregexp.New(`^[0-9]{12}$`)

// checkNames refuses an account or a region that no ARN can have, and a negative rate.
func (f *serveFlags) checkNames() error {
	if !accountText().MatchString(f.account) {
		return usageError{fmt.Errorf("--account %q: want 12 digits", f.account)}
	}
	if !engine.IsRegion(f.region) {
		return usageError{fmt.Errorf("--region %q: want a region such as us-east-1", f.region)}
	}
	if f.lookupRate < 0 {
		return usageError{fmt.Errorf("--lookup-rate %d: want a number of requests, or 0 for no limit", f.lookupRate)}
	}
	return nil
}

// loadBuckets reads the file of buckets, nil if there is none.
func (f *serveFlags) loadBuckets() (*engine.Buckets, error) {
	if f.buckets == "" {
		return nil, nil
	}
	buckets, err := engine.LoadBuckets(f.buckets)
	if err != nil {
		return nil, usageError{err}
	}
	return buckets, nil
}

// listenAll opens the addresses, which the Trino door must be allowed to serve:
// there is no other.
func listenAll(ctx context.Context, hall *server.Hall, f serveFlags) (addresses []net.Addr, err error) {
	for _, address := range f.listen {
		at, err := hall.Listen(ctx, address)
		if err == nil && !f.requireKeys {
			err = trino.CheckAddress(at)
		}
		if errors.Is(err, server.ErrNoTLS) || errors.Is(err, server.ErrNotLoopback) {
			return nil, usageError{err}
		}
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, at)
	}
	return addresses, nil
}
