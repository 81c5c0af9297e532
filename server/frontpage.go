package server

import (
	"net/http"
	"strings"
)

// ledIn redirects browsers that ask for the bare address to the front page. Other clients send their requests to
// that address, signed in their header or query.
func (h *Hall) ledIn(next http.Handler) http.Handler {
	if h.options.FrontPage == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isVisit(r) {
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Vary", "Accept")
			http.Redirect(w, r, BaseURL(r)+h.options.FrontPage, http.StatusFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isVisit reports whether a request comes from a person who typed the bare address into a browser.
func isVisit(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Path == "/" && r.URL.RawQuery == "" &&
		r.Header.Get("Authorization") == "" && strings.Contains(r.Header.Get("Accept"), "text/html")
}
