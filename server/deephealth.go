package server

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// HealthCheck is the state of one part of what the server serves: "ok", "warning" or "failing". Every client may
// read both fields.
type HealthCheck struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

// deepHealthFor is how long the answer of a deep check is cached, so that strangers cannot make the server work.
const deepHealthFor = 5 * time.Second

// deepHealth answers GET /health?deep=1.
type deepHealth struct {
	check func(context.Context) ([]HealthCheck, error)
	now   func() time.Time

	mu     sync.Mutex
	at     time.Time // mu: of the answer
	status int       // mu
	body   []byte    // mu
}

// CheckHealth sets the check behind GET /health?deep=1: 200 if nothing fails, otherwise 503. Without it only the
// server itself is checked. Call it before Serve.
func (h *Hall) CheckHealth(check func(context.Context) ([]HealthCheck, error)) {
	h.deep = &deepHealth{check: check, now: h.options.Now}
}

func (d *deepHealth) answer(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.body == nil || d.now().Sub(d.at) >= deepHealthFor {
		d.ask(context.WithoutCancel(r.Context())) // the answer is shared with other clients
	}
	w.WriteHeader(d.status)
	_, _ = w.Write(d.body) // a client that has gone asks again
}

// ask renews the answer. The caller holds d.mu.
func (d *deepHealth) ask(ctx context.Context) {
	out := struct {
		Status string        `json:"status"`
		Checks []HealthCheck `json:"checks,omitempty"`
	}{Status: "ok"}
	checks, err := d.check(ctx)
	if err != nil {
		out.Status = "failing"
	}
	out.Checks = checks
	for _, c := range checks {
		if c.State == "failing" {
			out.Status = "failing"
		}
	}
	d.at, d.status = d.now(), http.StatusOK
	if out.Status != "ok" {
		d.status = http.StatusServiceUnavailable
	}
	d.body, _ = json.Marshal(out) // strings always marshal
	d.body = append(d.body, '\n')
}
