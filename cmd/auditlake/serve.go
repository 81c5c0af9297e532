package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
)

func (p *program) serveCommand() *cobra.Command {
	var listen string
	var work engine.Maintenance
	cmd := &cobra.Command{
		Use: "serve", Short: "Answer Trino clients over the network",
		Long: "Serve the lake to clients of Trino (its command line, Python, JDBC) until interrupted.\n" +
			"Any user is let in without a password, so the address must be a loopback one.\n" +
			"Meanwhile small segments are merged and days past retention removed; what was done is told on standard error.",
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			listener, err := server.Listen(cmd.Context(), listen)
			if errors.Is(err, server.ErrNotLoopback) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			defer listener.Close()
			p.background = engine.Options{Maintenance: work, Log: slog.New(slog.NewTextHandler(p.err, nil))}
			return p.withLake(cmd.Context(), false, func(lake *engine.Lake) error {
				p.printEndpoint(listener.Addr())
				return server.Serve(cmd.Context(), lake, listener)
			})
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8585", "loopback address and port; port 0 takes a free one")
	cmd.Flags().DurationVar(&work.CompactEvery, "compact-every", time.Hour, "how often small segments are merged; 0: never")
	cmd.Flags().DurationVar(&work.ExpireEvery, "expire-every", time.Hour, "how often days past retention are removed; 0: never")
	return cmd
}

// printEndpoint says where the server is and how to reach it.
func (p *program) printEndpoint(at net.Addr) {
	host, port, _ := net.SplitHostPort(at.String())
	fmt.Fprintf(p.out, `listening on http://%[1]s

  Trino CLI   trino --server http://%[1]s --catalog %[4]s --schema %[5]s
  Python      trino.dbapi.connect(host="%[2]s", port=%[3]s, user="me", catalog="%[4]s", schema="%[5]s")
  JDBC        jdbc:trino://%[1]s/%[4]s/%[5]s?user=me

stop with Ctrl-C
`, at, host, port, engine.CatalogName, engine.SchemaName)
}
