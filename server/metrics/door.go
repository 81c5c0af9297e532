package metrics

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// ReadAction is the action that reading the metrics requires, on every resource: the metrics name all stores.
const ReadAction = "auditlake:ReadMetrics"

const (
	// maxReaders limits the concurrent readers of the metrics: each of them reads the manifest.
	maxReaders = 4
	// readTimeout limits the duration of one read.
	readTimeout = 30 * time.Second
)

// Door serves metrics to programs of this machine while there are no keys, and otherwise to keys with the right to
// read them. It is a server.Door.
type Door struct {
	lake    *engine.Lake
	gate    *access.Gate
	log     *slog.Logger
	metrics http.Handler
}

// Door returns the door to the metrics of a lake. Failures to read them go to log.
func (m *Metrics) Door(lake *engine.Lake, gate *access.Gate, log *slog.Logger) *Door {
	return &Door{lake: lake, gate: gate, log: log, metrics: promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: errorLog{log}, MaxRequestsInFlight: maxReaders, Timeout: readTimeout,
	})}
}

// errorLog adapts a log to promhttp.
type errorLog struct{ *slog.Logger }

func (l errorLog) Println(v ...any) { l.Error("metrics cannot be written", "error", v) }

// Mount implements server.Door.
func (d *Door) Mount(mux *http.ServeMux) { mux.HandleFunc("GET /metrics", d.enter) }

// Close implements server.Door. Nothing runs for its clients.
func (d *Door) Close() {}

// enter lets in clients that may read the metrics.
func (d *Door) enter(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if _, _, shows := r.BasicAuth(); shows {
		d.enterWithKey(w, r)
		return
	}
	needsKey, err := d.gate.NeedsKey()
	switch {
	case err != nil:
		d.fail(w, err)
	case needsKey:
		w.Header().Set("WWW-Authenticate", `Basic realm="auditlake access keys"`)
		http.Error(w, "send the id of an access key as user and its secret as password, over TLS or from this machine", http.StatusUnauthorized)
	default:
		server.AdmitLocal(d.metrics).ServeHTTP(w, r)
	}
}

func (d *Door) enterWithKey(w http.ResponseWriter, r *http.Request) {
	caller, err := d.gate.EnterByPassword(r, "")
	switch {
	case errors.Is(err, access.ErrOpenSecret):
		http.Error(w, err.Error(), http.StatusForbidden)
	case errors.Is(err, access.ErrTooManyAttempts):
		access.WriteTooMany(w, err)
	case errors.Is(err, access.ErrRefused):
		http.Error(w, err.Error(), http.StatusUnauthorized)
	case err != nil:
		d.fail(w, err)
	default:
		if err := caller.Require(policy.Request{Action: ReadAction, Resource: "*", ResourceAccount: d.lake.AccountID()}, ""); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		d.metrics.ServeHTTP(w, r)
	}
}

func (d *Door) fail(w http.ResponseWriter, err error) {
	d.log.Error("access keys cannot be checked", "error", err)
	http.Error(w, "access keys cannot be checked now", http.StatusInternalServerError)
}
