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
		Use: "serve", Short: "Serve the lake to browsers, Trino clients and AWS API clients",
		Long: "Serves the lake until interrupted: to browsers, to Trino clients (command line, Python, JDBC), and\n" +
			"to clients of the CloudTrail Lake API (AWS command line, SDKs). If the folder is missing or empty,\n" +
			"serve creates a new lake.\n\n" +
			"The first line printed is a URL for a browser on this machine. It signs in once, as the root user;\n" +
			"`auditlake open` prints new ones. Then serve prints how each kind of client connects.\n\n" +
			"AWS clients sign their requests with an access key of the lake. Trino clients on this machine need\n" +
			"no key until you create one. After that, or with --require-keys, every Trino client must sign in\n" +
			"with a key: id as user name, secret as password. Secrets are accepted over TLS or from this\n" +
			"machine; Trino's command line and JDBC driver send them over TLS only. Addresses that other\n" +
			"machines can reach need --require-keys.\n\n" +
			"The server also merges small segments and removes days past retention, and logs that on standard\n" +
			"error. GET /health returns 200 while the server accepts requests; GET /metrics returns metrics in\n" +
			"Prometheus format.\n\n" +
			"The first start creates the root key, which has all permissions. " + rootIDVariable + " and\n" +
			rootSecretVariable + " replace it.",
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.demo {
				return p.serveDemo(cmd.Context(), f)
			}
			return p.serve(cmd.Context(), f)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.listen, "listen", []string{"127.0.0.1:8585"}, "address and port to listen on; port 0: any free port; repeatable")
	flags.StringVar(&f.hall.TLSCert, "tls-cert", "", "TLS certificate with its chain (PEM); all addresses then require TLS 1.2 or later")
	flags.StringVar(&f.hall.TLSKey, "tls-key", "", "private key of the certificate (PEM)")
	flags.BoolVar(&f.hall.SelfSigned, "tls-self-signed", false, "use TLS with a self-signed certificate, created and kept in the lake's folder (tls.pem)")
	flags.BoolVar(&f.requireKeys, "require-keys", false, "require an access key from every client, even if the root key is the only one")
	flags.BoolVar(&f.secretsNeedTLS, "secrets-need-tls", false, "refuse secrets without TLS, even from this machine")
	flags.BoolVar(&f.hall.InsecureHTTP, "insecure-http", false, "allow addresses that other machines can reach without TLS")
	flags.StringVar(&f.hall.BaseURL, "base-url", "", "URL at which clients reach the server, for links in answers (default: from the request)")
	flags.BoolVar(&f.hall.TrustForwarded, "trust-forwarded", false, "build links from a proxy's X-Forwarded-Proto and X-Forwarded-Host headers")
	flags.StringVar(&f.account, "account", "000000000000", "12-digit account id for new stores and the root key")
	flags.StringVar(&f.region, "region", "us-east-1", "region that AWS clients must use, also for new stores")
	flags.StringVar(&f.buckets, "buckets", "", "file (TOML) with the buckets and folders that AWS clients may use (default: none)")
	flags.IntVar(&f.lookupRate, "lookup-rate", 0, "maximum LookupEvents requests per account and second; the managed service allows 2; 0: no limit")
	flags.StringVar(&f.lookupDays, "lookup-days", "90", "how many days back LookupEvents and the console's event history go, or all")
	flags.BoolVar(&f.demo, "demo", false, "serve a lake of sample log files and remove it when the server ends")
	flags.StringVar(&f.log.format, "log-format", "text", "log format on standard error: text or json")
	flags.StringVar(&f.log.level, "log-level", "info", "minimum log level: debug, info, warn or error")
	flags.BoolVar(&f.accessLog, "access-log", false, "log each request on standard error")
	flags.DurationVar(&f.work.CompactEvery, "compact-every", time.Hour, "how often to merge small segments; 0: never")
	f.keeping.addTo(flags)
	flags.DurationVar(&f.work.ExpireEvery, "expire-every", time.Hour, "how often to remove days past retention; 0: never")
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
		return usageError{fmt.Errorf("--account must have 12 digits, not be %q", f.account)}
	}
	if !engine.IsRegion(f.region) {
		return usageError{fmt.Errorf("--region must be a region such as us-east-1, not %q", f.region)}
	}
	if f.lookupRate < 0 {
		return usageError{fmt.Errorf("--lookup-rate must be 0 (no limit) or more, not %d", f.lookupRate)}
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
