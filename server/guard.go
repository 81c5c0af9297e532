package server

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// ErrNotLoopback means that a door lets in anybody who reaches it, and so only
// this machine may.
var ErrNotLoopback = errors.New("without access keys it accepts any user without a password, so it listens only on a loopback address such as 127.0.0.1:8585; --require-keys requires a key from everyone")

// IsLoopback reports whether an address of a listener or of a connection is reached from this machine alone.
func IsLoopback(at net.Addr) bool {
	tcp, ok := at.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// isLoopbackName reports whether a host's name or address is one of this machine.
func isLoopbackName(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// LocalOnly lets in the programs of this machine. It refuses connections to an
// address that other machines reach, and what a web page of elsewhere makes a
// browser on this machine ask: requests by a name that is not this machine's (a
// name that was bound to its address), and requests from pages of other origins.
func LocalOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refusal := refuseRemote(r); refusal != "" {
			http.Error(w, refusal, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// AdmitLocal is LocalOnly for a door that needs no key of the programs of this machine.
func AdmitLocal(next http.Handler) http.Handler {
	return LocalOnly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Admit(r)
		next.ServeHTTP(w, r)
	}))
}

// refuseRemote returns why a request is not of this machine, or "".
func refuseRemote(r *http.Request) string {
	if at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && !IsLoopback(at) {
		return ErrNotLoopback.Error()
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if !isLoopbackName(host) {
		return "this server answers to loopback names only, not to " + r.Host
	}
	origin := r.Header.Get("Origin")
	if u, err := url.Parse(origin); origin != "" && (err != nil || u.Host != r.Host) {
		return "requests from pages of other origins are refused"
	}
	return ""
}
