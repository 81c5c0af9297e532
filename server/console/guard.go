package console

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/auditlake/auditlake/server"
)

// contentSecurityPolicy lets the page load what its origin serves, and nothing else: no script or style that stands
// in the page's text runs, whatever an event holds.
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

// sameOriginOnly refuses reading by pages of other origins, also of other ports of this machine, to which SameSite
// cookies are sent. What they would change, CrossOriginProtection refuses. The page itself may be opened from
// anywhere.
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

// isOfCertificate reports whether a request over TLS names the host that the browser has checked the certificate for:
// an address if it named none.
func isOfCertificate(r *http.Request) bool {
	host := hostName(r.Host)
	if name := r.TLS.ServerName; name != "" {
		return strings.EqualFold(host, name)
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// isBehindProxy reports whether a request came to a loopback address, from a proxy by which the server is reached at
// its base URL.
func (d *Door) isBehindProxy(r *http.Request) bool {
	at, isKnown := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return d.base != nil && strings.EqualFold(hostName(r.Host), d.base.Hostname()) && isKnown && server.IsLoopback(at)
}

// isSecure reports whether the browser's connection is encrypted, as far as the server or a proxy before it.
func (d *Door) isSecure(r *http.Request) bool {
	return r.TLS != nil || d.isBehindProxy(r) && d.base.Scheme == "https"
}

// hostName is a host without its port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}
