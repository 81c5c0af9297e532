package server

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// ErrNotLoopback means that a door lets in every client that reaches it, so only this machine may reach it.
var ErrNotLoopback = errors.New("without access keys it accepts any user without a password, so it listens only on a loopback address such as 127.0.0.1:8585; --require-keys requires a key from everyone")

// IsLoopback reports whether only this machine reaches the address of a listener or connection.
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

// LocalOnly lets in the programs of this machine. It refuses connections to an address that other machines reach.
// It also refuses what a foreign web page makes a browser on this machine send: requests by a name that is not this
// machine's (DNS rebinding), and requests from pages of other origins.
func LocalOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refusal := refuseRemote(r); refusal != "" {
			http.Error(w, refusal, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// AdmitLocal is LocalOnly for a door that requires no key of the programs of this machine.
func AdmitLocal(next http.Handler) http.Handler {
	return LocalOnly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Admit(r)
		next.ServeHTTP(w, r)
	}))
}

// refuseRemote returns why a request does not come from this machine, or "".
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
