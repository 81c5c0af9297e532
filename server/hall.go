// Package server is the network server of a lake.
//
// It listens, speaks TLS, sets limits, logs requests and shuts down in order. Doors, in the packages below, serve
// the requests. A door decides which clients may enter it, with middleware such as LocalOnly.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// Door is a protocol that clients speak.
type Door interface {
	// Mount adds the door's paths. They must not meet those of another door.
	Mount(mux *http.ServeMux)
	// Close ends what runs for the door's clients, and waits for it. Requests may still arrive afterwards; the door
	// refuses them.
	Close()
}

// Options are the settings of a Hall. The zero value serves loopback addresses without TLS.
type Options struct {
	// TLSCert and TLSKey are the files of a certificate, with its chain, and of its key, in PEM.
	// With them every listener speaks TLS.
	TLSCert, TLSKey string
	// SelfSigned makes a certificate instead, for this machine's names and those of SelfSignedHosts.
	// Hall.KeepSelfSigned saves it for the next hall.
	SelfSigned      bool
	SelfSignedHosts []string
	// InsecureHTTP allows addresses that other machines reach without TLS.
	InsecureHTTP bool
	// BaseURL is the URL at which clients reach the server, for the links in answers. If it is empty, the request
	// says it.
	BaseURL string
	// TrustForwarded takes scheme and host of the links in answers from
	// X-Forwarded-Proto and X-Forwarded-Host, which a proxy must set or remove.
	TrustForwarded bool
	// FrontPage is the path to which browsers that ask for the bare address are redirected; "": no redirect.
	FrontPage string
	// Log gets a line for each request, and the errors of serving it. Nil: no log.
	Log *slog.Logger

	// Now is the clock by which a self-signed certificate is renewed; nil: time.Now.
	Now func() time.Time

	MaxHeaderBytes int   // of a request; 0: 256 KiB
	MaxBodyBytes   int64 // of a request; doors allow less; 0: 16 MiB
	// MaxConnections limits the open connections of all listeners, see connections. 0: 1,000, or a quarter of the
	// process's limit of open files if that is less; the other files are left for segments, logs and sockets.
	MaxConnections int
}

const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = time.Minute
	keepAliveTimeout  = 2 * time.Minute
	// writeTimeout is how long a client may take to read an answer. A door that streams moves its own deadline.
	writeTimeout = 5 * time.Minute
	// shutdownTimeout is how long a stopping server waits for answers that are being sent.
	shutdownTimeout = 5 * time.Second
	// maxStreams limits the open requests of one HTTP/2 connection.
	maxStreams = 100
)

// ErrNoTLS means that Listen was called without TLS for an address that other machines reach.
var ErrNoTLS = errors.New("without TLS, other machines could read and change the traffic: pass --tls-cert and --tls-key, --tls-self-signed (makes a certificate), or --insecure-http")

// Hall listens and passes requests to doors. Its methods must not be called concurrently.
type Hall struct {
	options     Options
	base        *url.URL // of Options.BaseURL, nil for none
	tls         *tls.Config
	own         *ownCertificate // nil: the hall did not make its certificate
	connections *connections
	listeners   []net.Listener
	stopping    atomic.Bool
	deep        *deepHealth // nil: health checks only the server itself
}

// NewHall checks the options and reads the certificate. The caller closes the hall.
func NewHall(options Options) (*Hall, error) {
	setDefault(&options.MaxHeaderBytes, 256<<10)
	setDefault(&options.MaxBodyBytes, 16<<20)
	setDefault(&options.MaxConnections, defaultConnections())
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	h := &Hall{options: options, connections: newConnections(options.MaxConnections, time.Now)}
	var err error
	if h.base, err = parseBaseURL(options.BaseURL); err != nil {
		return nil, err
	}
	switch {
	case !options.SelfSigned:
		h.tls, err = readCertificate(options.TLSCert, options.TLSKey)
	case options.TLSCert != "" || options.TLSKey != "":
		err = errors.New("pass either --tls-self-signed or a certificate of your own, not both")
	default:
		h.own = newOwnCertificate(options.SelfSignedHosts, options.Now, options.Log)
		h.tls = &tls.Config{GetCertificate: h.own.get, MinVersion: tls.VersionTLS12}
	}
	if err != nil {
		return nil, err
	}
	return h, nil
}

func setDefault[T int | int64](option *T, value T) {
	if *option == 0 {
		*option = value
	}
}

// readCertificate returns the TLS settings, nil if there is no certificate.
func readCertificate(certFile, keyFile string) (*tls.Config, error) {
	if certFile == "" && keyFile == "" {
		return nil, nil
	}
	if certFile == "" || keyFile == "" {
		return nil, errors.New("TLS needs both a certificate and its key")
	}
	certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("TLS certificate %s with key %s: %w", certFile, keyFile, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}, nil
}

// Listen opens one more address, such as 127.0.0.1:8585; port 0 takes a free one.
// Clients that connect wait until Serve. An address that other machines reach
// needs TLS or Options.InsecureHTTP; without them the error is ErrNoTLS.
func (h *Hall) Listen(ctx context.Context, address string) (net.Addr, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen address %q: %w (want host:port)", address, err)
	}
	open := !h.HasTLS() && !h.options.InsecureHTTP
	if ip := net.ParseIP(host); open && (host == "" || ip != nil && !ip.IsLoopback()) {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, ErrNoTLS)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if open && !IsLoopback(listener.Addr()) { // a name may mean anything
		return nil, errors.Join(fmt.Errorf("cannot listen on %s: %w", address, ErrNoTLS), listener.Close())
	}
	h.listeners = append(h.listeners, h.connections.listen(listener))
	return listener.Addr(), nil
}

// HasTLS reports whether the listeners speak TLS.
func (h *Hall) HasTLS() bool { return h.tls != nil }

// KeepSelfSigned reads the self-signed certificate and its private key from two files (PEM). If they are not there,
// cannot be read, expire within a month or lack a name that the certificate must hold, it makes another and writes
// it there. Call it before Serve; without it the certificate lasts as long as the hall. A hall that is not
// self-signed ignores it.
func (h *Hall) KeepSelfSigned(certFile, keyFile string) error {
	if h.own == nil {
		return nil
	}
	return h.own.keep(certFile, keyFile)
}

// SelfSigned returns the certificate that the hall has made, nil if it has made none.
func (h *Hall) SelfSigned() (*SelfSigned, error) {
	if h.own == nil {
		return nil, nil
	}
	if _, err := h.own.get(nil); err != nil {
		return nil, err
	}
	h.own.mu.Lock()
	defer h.own.mu.Unlock()
	made := h.own.made
	return &made, nil
}

// URL returns the URL at which a client on the same machine reaches an address that Listen returned.
func (h *Hall) URL(at net.Addr) string {
	if h.HasTLS() {
		return "https://" + at.String()
	}
	return "http://" + at.String()
}

// Close closes the listeners of a hall that does not serve, or no longer does.
func (h *Hall) Close() error {
	var errs []error
	for _, listener := range h.listeners {
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Serve answers requests until ctx is done or a listener fails. Then it closes the doors and the listeners,
// finishes the answers that are being sent, and returns. The end of ctx is no error.
func (h *Hall) Serve(ctx context.Context, doors ...Door) error {
	server := h.httpServer(h.handler(doors))
	failed := make(chan error, len(h.listeners))
	for _, listener := range h.listeners {
		go func() {
			if h.HasTLS() {
				failed <- server.ServeTLS(listener, "", "")
				return
			}
			failed <- server.Serve(listener)
		}()
	}
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	h.stopping.Store(true)
	for _, door := range doors {
		door.Close()
	}
	return errors.Join(err, h.shutDown(server), h.Close())
}

// shutDown waits for the answers that are being sent. It cuts off a client that does not read its answer or finish
// its request within shutdownTimeout; that is no error.
func (h *Hall) shutDown(server *http.Server) error {
	h.connections.end()
	grace, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	err := server.Shutdown(grace)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		h.options.Log.Warn("clients that were too slow for the end of the server were cut off")
		return server.Close()
	}
	return errors.Join(err, server.Close())
}

func (h *Hall) httpServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, TLSConfig: h.tls, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: keepAliveTimeout, MaxHeaderBytes: h.options.MaxHeaderBytes, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ConnState: h.connections.changed, ConnContext: withConnection, ErrorLog: slog.NewLogLogger(h.options.Log.Handler(), slog.LevelDebug),
	}
}

// handler routes requests to the doors.
func (h *Hall) handler(doors []Door) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", h.health)
	for _, door := range doors {
		door.Mount(mux)
	}
	return h.logged(watched(h.prepared(h.ledIn(mux))))
}

// health answers every client: 200 while the server takes requests, 503 once it stops. With deep=1 it runs the
// check that CheckHealth set.
func (h *Hall) health(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if h.stopping.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"status":"stopping"}` + "\n"))
		return
	}
	if h.deep != nil && r.URL.Query().Get("deep") == "1" {
		h.deep.answer(w, r)
		return
	}
	_, _ = w.Write([]byte(`{"status":"ok"}` + "\n")) // a client that has gone asks again
}
