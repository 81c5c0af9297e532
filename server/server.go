// Package server is the network server over a lake: it listens, shuts down in
// order, and keeps strangers out. What it serves is in the packages below.
package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/trino"
)

// ErrNotLoopback means that a server was asked to listen where others than this
// machine could reach it, while anybody who can is let in.
var ErrNotLoopback = errors.New("the Trino protocol is served without passwords, so only on a loopback address such as 127.0.0.1:8585")

const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = time.Minute
	keepAliveTimeout  = 2 * time.Minute
	// shutdownTimeout is for answers that are being sent when the server stops.
	shutdownTimeout = 5 * time.Second
)

// Listen opens an address such as 127.0.0.1:8585, which must be a loopback one.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen address %q: %w (want host:port)", address, err)
	}
	var config net.ListenConfig
	if !isLoopback(host) {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, ErrNotLoopback)
	}
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if at, ok := listener.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() { // a name may mean anything
		return nil, errors.Join(fmt.Errorf("cannot listen on %s: %w", address, ErrNotLoopback), listener.Close())
	}
	return listener, nil
}

// isLoopback reports whether a host's name or address is one of this machine.
func isLoopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// Serve answers requests until ctx is done, then ends open queries and returns
// nil. It closes the listener; the lake stays open.
func Serve(ctx context.Context, lake *engine.Lake, listener net.Listener) error {
	door := trino.New(lake, trino.Options{})
	server := &http.Server{
		Handler: localOnly(door), ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, IdleTimeout: keepAliveTimeout,
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		door.Close()
		return err
	case <-ctx.Done():
	}
	door.Close()
	grace, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}

// localOnly refuses what a web page of elsewhere makes a browser on this
// machine ask: requests by a name that is not this machine's (a name that was
// bound to its address), and requests from pages of other origins.
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if !isLoopback(host) {
			http.Error(w, "this server answers to loopback names only, not to "+r.Host, http.StatusForbidden)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
				http.Error(w, "requests from pages of other origins are refused", http.StatusForbidden)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}
