package console

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/auditlake/auditlake/server"
)

// contentSecurityPolicy lets the page load only what its origin serves. No inline script or style runs, whatever an
// event holds.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guarded sets the headers that protect the page, and refuses requests to foreign hosts and from foreign pages.
func (d *Door) guarded(next http.Handler) http.Handler {
	inner := http.NewCrossOriginProtection().Handler(sameOriginOnly(next))
	local := server.LocalOnly(inner)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		switch {
		case r.TLS != nil && !isOfCertificate(r):
			http.Error(w, "this server does not answer to the name "+r.Host+"; serve --base-url sets another name", http.StatusMisdirectedRequest)
		case r.TLS != nil, d.isBehindProxy(r):
			inner.ServeHTTP(w, r)
		default:
			local.ServeHTTP(w, r)
		}
	})
}

// sameOriginOnly refuses reads by pages of other origins. They include other ports of this machine, which get
// SameSite cookies. CrossOriginProtection refuses their writes. The page itself may be opened from anywhere.
func sameOriginOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site := r.Header.Get("Sec-Fetch-Site")
		if strings.HasPrefix(r.URL.Path, Path+"api/") && site != "" && site != "same-origin" && site != "none" {
			http.Error(w, "requests from pages of other origins are refused", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isOfCertificate reports whether a TLS request names the host for which the browser checked the certificate. If
// the browser named none, that is an address.
func isOfCertificate(r *http.Request) bool {
	host := hostName(r.Host)
	if name := r.TLS.ServerName; name != "" {
		return strings.EqualFold(host, name)
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// isBehindProxy reports whether a request for the base URL's host came to a loopback address, that is, from a proxy
// on this machine.
func (d *Door) isBehindProxy(r *http.Request) bool {
	at, isKnown := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return d.base != nil && strings.EqualFold(hostName(r.Host), d.base.Hostname()) && isKnown && server.IsLoopback(at)
}

// isSecure reports whether the browser's connection is encrypted, up to the server or the proxy.
func (d *Door) isSecure(r *http.Request) bool {
	return r.TLS != nil || d.isBehindProxy(r) && d.base.Scheme == "https"
}

// hostName returns a host without its port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}
