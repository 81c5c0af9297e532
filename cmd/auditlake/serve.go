package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	work        engine.Maintenance
	keeping     keepingFlags
	account     string
	region      string
	buckets     string
	lookupRate  int
	demo        bool
}

func (p *program) serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use: "serve", Short: "Answer browsers and clients of Trino and of the AWS API over the network",
		Long: "Serve the lake to clients of Trino (its command line, Python, JDBC), and to those of the AWS API of CloudTrail Lake\n" +
			"(command line, SDKs), until interrupted. AWS clients sign with an access key of the lake.\n" +
			"/console/ is a page for browsers: whoever signs in there with a key may do what the key may. The URL that is printed, and\n" +
			"those of `auditlake open`, sign in once as the root.\n" +
			"Any user of Trino on this machine is let in without a password until there is an access key besides the root's; from\n" +
			"then on, or with --require-keys, everybody needs one: its id is the user and its secret the password, sent over TLS.\n" +
			"Addresses that other machines reach need --require-keys.\n" +
			"Meanwhile small segments are merged and days past retention removed; what was done is reported on standard error.\n" +
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
	flags.BoolVar(&f.hall.SelfSigned, "tls-self-signed", false, "speak TLS with a certificate made for this run, which is printed")
	flags.BoolVar(&f.requireKeys, "require-keys", false, "let nobody in without an access key, even before there is one besides the root's")
	flags.BoolVar(&f.hall.InsecureHTTP, "insecure-http", false, "allow addresses that other machines reach without TLS")
	flags.StringVar(&f.hall.BaseURL, "base-url", "", "how clients reach the server, for links in answers (default: as the request says)")
	flags.BoolVar(&f.hall.TrustForwarded, "trust-forwarded", false, "take links' scheme and host from the X-Forwarded-Proto and X-Forwarded-Host of a proxy")
	flags.StringVar(&f.account, "account", "000000000000", "account that AWS clients see, 12 digits: of new stores and of the root key")
	flags.StringVar(&f.region, "region", "us-east-1", "region that AWS clients must sign for, and of new stores")
	flags.StringVar(&f.buckets, "buckets", "", "file (TOML) of the buckets and folders that AWS clients may name; without it none")
	flags.IntVar(&f.lookupRate, "lookup-rate", 0, "LookupEvents requests that an account may make each second, as the managed service limits them to 2; 0: any number")
	flags.BoolVar(&f.demo, "demo", false, "serve a lake of sample log files, which is gone when the server ends")
	flags.BoolVar(&f.accessLog, "access-log", false, "log each request on standard error")
	flags.DurationVar(&f.work.CompactEvery, "compact-every", time.Hour, "how often small segments are merged; 0: never")
	f.keeping.addTo(flags)
	flags.DurationVar(&f.work.ExpireEvery, "expire-every", time.Hour, "how often days past retention are removed; 0: never")
	return cmd
}

func (p *program) serve(ctx context.Context, f serveFlags) error {
	log := slog.New(slog.NewTextHandler(p.err, nil))
	f.hall.Log = log
	if !f.accessLog {
		f.hall.Log = slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
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
	return p.withLake(ctx, f.demo, func(lake *engine.Lake) error {
		if f.demo {
			if err := p.fillDemo(ctx, lake); err != nil {
				return err
			}
		}
		printRoot, err := p.rootKey(ctx, lake)
		if err != nil {
			return err
		}
		if err := lake.Imports().Resume(ctx); err != nil {
			return err
		}
		api, err := awsapi.New(lake, awsapi.Options{Log: log, LookupsPerSecond: f.lookupRate, Answered: func(a awsapi.Answered) { figures.Answered(a.Operation, a.Status, a.Took) }})
		if err != nil {
			return err
		}
		if err := figures.Watch(lake); err != nil {
			return err
		}
		gate := access.New(lake, f.requireKeys)
		page, err := p.serveConsole(ctx, lake, console.Options{Gate: gate, BaseURL: f.hall.BaseURL, Log: log}, hall, addresses)
		if err != nil {
			return err
		}
		printEndpoints(p.out, hall, addresses, lake.Region())
		fmt.Fprintf(p.out, "  Browser     %s\n", p.page.next())
		printSelfSigned(p.out, hall.SelfSigned())
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

// printEndpoints writes where the server is and how to reach it.
func printEndpoints(out io.Writer, hall *server.Hall, addresses []net.Addr, region string) {
	for _, at := range addresses {
		fmt.Fprintf(out, "listening on %s\n", hall.URL(at))
	}
	host, port, _ := net.SplitHostPort(addresses[0].String())
	pythonTLS, jdbcTLS := "", ""
	if hall.HasTLS() {
		pythonTLS, jdbcTLS = `, http_scheme="https"`, "&SSL=true"
	}
	fmt.Fprintf(out, `
  Trino CLI   trino --server %[1]s --catalog %[5]s --schema %[6]s
  Python      trino.dbapi.connect(host="%[2]s", port=%[3]s, user="me", catalog="%[5]s", schema="%[6]s"%[7]s)
  JDBC        jdbc:trino://%[4]s/%[5]s/%[6]s?user=me%[8]s
  AWS CLI     aws --endpoint-url %[1]s --region %[9]s cloudtrail list-event-data-stores
`, hall.URL(addresses[0]), host, port, addresses[0], engine.CatalogName, engine.SchemaName, pythonTLS, jdbcTLS, region)
}

// printSelfSigned writes the certificate that the server has made, nil for none, for clients to trust.
func printSelfSigned(out io.Writer, made *server.SelfSigned) {
	if made == nil {
		return
	}
	fmt.Fprintf(out, "\n  certificate made for this run, until %s; SHA-256 %s\n%s", made.NotAfter.Format(time.DateOnly), made.Fingerprint, made.PEM)
}
