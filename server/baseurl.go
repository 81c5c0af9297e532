package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

type contextKey int

const baseURLKey contextKey = iota

// BaseURL returns the URL, without a final slash, at which the client of a request reaches the server. It is the
// hall's Options.BaseURL, or else what the request or a trusted proxy says. The links in answers begin with it.
func BaseURL(r *http.Request) string {
	if base, ok := r.Context().Value(baseURLKey).(string); ok {
		return base
	}
	return requestBase(r)
}

func requestBase(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// parseBaseURL returns nil for "".
func parseBaseURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	base, err := url.Parse(strings.TrimRight(text, "/"))
	switch {
	case err != nil:
		return nil, fmt.Errorf("base URL: %w", err)
	case base.Scheme != "http" && base.Scheme != "https", base.Host == "", base.RawQuery != "", base.Fragment != "", base.User != nil:
		return nil, fmt.Errorf("base URL %q: must have http:// or https://, a host, and optionally a path", text)
	}
	return base, nil
}

// prepared puts BaseURL's result into each request's context, and limits the request's body.
func (h *Hall) prepared(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		base, err := h.baseOf(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, h.options.MaxBodyBytes)
		routed := r.WithContext(context.WithValue(r.Context(), baseURLKey, base))
		defer func() { r.Pattern = routed.Pattern }() // for the access log
		next.ServeHTTP(w, routed)
	})
}

// baseOf returns the base URL of one request.
func (h *Hall) baseOf(r *http.Request) (string, error) {
	switch {
	case h.base != nil:
		return h.base.String(), nil
	case h.options.TrustForwarded:
		return forwardedBase(r)
	}
	return requestBase(r), nil
}

var errForwarded = errors.New("X-Forwarded-Proto or X-Forwarded-Host of the proxy cannot be read")

// forwardedBase returns the base URL that the proxy nearest to the client reports.
func forwardedBase(r *http.Request) (string, error) {
	scheme, host, _ := strings.Cut(requestBase(r), "://")
	if proto := firstOf(r.Header.Get("X-Forwarded-Proto")); proto != "" {
		scheme = strings.ToLower(proto)
	}
	if forwarded := firstOf(r.Header.Get("X-Forwarded-Host")); forwarded != "" {
		host = forwarded
	}
	base, err := parseBaseURL(scheme + "://" + host)
	if err != nil || base.Host != host {
		return "", errForwarded
	}
	return base.String(), nil
}

// firstOf returns the first element of a list that proxies append to.
func firstOf(list string) string {
	first, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(first)
}
