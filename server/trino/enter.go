package trino

import (
	"context"
	"errors"
	"net/http"

	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/access"
)

// callerKey is the context key of a request's caller.
type callerKey struct{}

// callerOf returns the caller of a request, nil without a key.
func callerOf(r *http.Request) *access.Caller {
	caller, _ := r.Context().Value(callerKey{}).(*access.Caller)
	return caller
}

// sessionTokenName is the extra credential in which clients send the session token of a temporary key.
const sessionTokenName = "session-token"

// enter lets in requests that show a key, as id and secret over TLS. While there are no keys, it lets in the
// programs of this machine.
func (d *Door) enter(w http.ResponseWriter, r *http.Request) {
	if _, secret, shows := r.BasicAuth(); shows && secret != "" {
		d.enterWithKey(w, r)
		return
	}
	needsKey, err := d.gate.NeedsKey()
	switch {
	case err != nil:
		d.refuseFor(w, err)
	case needsKey && r.URL.Path != "/v1/info": // clients probe it for a Trino server
		d.noteRefusal(r, "MissingAuthenticationToken", "no access key")
		refuse(w, "this server asks every client for an access key: send its id as user and its secret as password, over TLS or from this machine")
	default:
		server.AdmitLocal(d).ServeHTTP(w, r)
	}
}

// enterWithKey lets in a request that shows a key.
func (d *Door) enterWithKey(w http.ResponseWriter, r *http.Request) {
	credentials, err := pairs(r.Header.Values("X-Trino-Extra-Credential"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	caller, err := d.gate.EnterByPassword(r, credentials[sessionTokenName])
	switch {
	case errors.Is(err, access.ErrOpenSecret):
		d.noteRefusal(r, "InsecureTransport", err.Error())
		http.Error(w, err.Error(), http.StatusForbidden)
	case errors.Is(err, access.ErrTooManyAttempts):
		d.noteRefusal(r, "TooManyAttempts", access.ErrTooManyAttempts.Error())
		access.WriteTooMany(w, err)
	case errors.Is(err, access.ErrRefused):
		d.noteRefusal(r, "InvalidClientTokenId", err.Error())
		refuse(w, err.Error())
	case err != nil:
		d.refuseFor(w, err)
	default:
		d.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, caller)))
	}
}

func refuse(w http.ResponseWriter, reason string) {
	w.Header().Set("WWW-Authenticate", `Basic realm="auditlake access keys"`)
	http.Error(w, reason, http.StatusUnauthorized)
}

// refuseFor refuses a caller because of a defect of the lake, and logs the defect.
func (d *Door) refuseFor(w http.ResponseWriter, err error) {
	if d.options.Log != nil {
		d.options.Log.Error("access keys cannot be checked", "error", err)
	}
	http.Error(w, "access keys cannot be checked now", http.StatusInternalServerError)
}
