package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
)

// call is a request of a signed-in person.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	session *session
	caller  *access.Caller
}

// handler answers a call with a value, which is sent as JSON. nil means that there is nothing to send, or that the
// answer is already written.
type handler func(c *call) (any, error)

// problem is an error in the page's JSON.
type problem struct {
	status  int
	Code    string `json:"code"`
	Message string `json:"message"`
	// Line and Column are the position in a statement, counted from 1; 0: none. Columns count characters.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
}

func (p *problem) Error() string { return p.Code + ": " + p.Message }

// The codes of problems that are not a statement's errors.
const (
	codeNotSignedIn = "NOT_SIGNED_IN"
	codeRefused     = "REFUSED"
	codeDenied      = "ACCESS_DENIED"
	codeNotFound    = "NOT_FOUND"
	codeInvalid     = "INVALID_REQUEST"
	codeInternal    = "INTERNAL_ERROR"
)

func invalid(format string, arguments ...any) error {
	return &problem{status: http.StatusBadRequest, Code: codeInvalid, Message: fmt.Sprintf(format, arguments...)}
}

func notFound(format string, arguments ...any) error {
	return &problem{status: http.StatusNotFound, Code: codeNotFound, Message: fmt.Sprintf(format, arguments...)}
}

// problemOf converts an error for the page. Of a defect of the server or its disk, the page gets no details; the
// log has them.
func (d *Door) problemOf(err error) *problem {
	var own *problem
	if errors.As(err, &own) {
		return own
	}
	var denied *access.Denied
	if errors.As(err, &denied) {
		return &problem{status: http.StatusForbidden, Code: codeDenied, Message: denied.Error()}
	}
	var known *engine.Error
	if errors.As(err, &known) {
		p := &problem{status: http.StatusBadRequest, Code: known.Name, Message: known.Message, Line: known.Pos.Line, Column: known.Pos.Column}
		if known.Name == "GENERIC_INTERNAL_ERROR" {
			p.status = http.StatusInternalServerError
		}
		return p
	}
	for _, e := range []struct {
		err    error
		status int
		code   string
	}{
		{engine.ErrQueryNotFound, http.StatusNotFound, codeNotFound},
		{engine.ErrResultNotKept, http.StatusNotFound, codeNotFound},
		{engine.ErrStoreNotFound, http.StatusNotFound, codeNotFound},
		{engine.ErrImportNotFound, http.StatusNotFound, codeNotFound},
		{engine.ErrSavedNotFound, http.StatusNotFound, codeNotFound},
		{engine.ErrSavedInvalid, http.StatusBadRequest, codeInvalid},
		{engine.ErrSavedExists, http.StatusConflict, "EXISTS"},
		{engine.ErrSavedChanged, http.StatusConflict, "CHANGED"},
		{engine.ErrTooManySaved, http.StatusConflict, "TOO_MANY"},
		{engine.ErrSavedNotYours, http.StatusForbidden, codeDenied},
		{engine.ErrDashboardNotFound, http.StatusNotFound, codeNotFound},
		{engine.ErrDashboardRefreshing, http.StatusConflict, "REFRESHING"},
		{engine.ErrDashboardExists, http.StatusConflict, "EXISTS"},
		{engine.ErrDashboardProtected, http.StatusConflict, "PROTECTED"},
		{engine.ErrDashboardManaged, http.StatusConflict, "MANAGED"},
		{engine.ErrTooManyDashboards, http.StatusBadRequest, codeInvalid},
		{engine.ErrTooManyWidgets, http.StatusBadRequest, codeInvalid},
		{engine.ErrDashboardName, http.StatusBadRequest, codeInvalid},
		{engine.ErrDashboardView, http.StatusBadRequest, codeInvalid},
		{engine.ErrDashboardSchedule, http.StatusBadRequest, codeInvalid},
		{engine.ErrDashboardParameters, http.StatusBadRequest, codeInvalid},
		{engine.ErrDashboardValues, http.StatusBadRequest, codeInvalid},
		{engine.ErrReceiptFormat, http.StatusBadRequest, codeInvalid},
		{engine.ErrNoOrigin, http.StatusNotFound, codeNotFound},
		{engine.ErrQueryOver, http.StatusConflict, "QUERY_OVER"},
		{engine.ErrReadOnly, http.StatusConflict, "READ_ONLY"},
		{engine.ErrInvalidParameter, http.StatusBadRequest, codeInvalid},
		{engine.ErrLookupTimeRange, http.StatusBadRequest, codeInvalid},
		{engine.ErrLookupAttributes, http.StatusBadRequest, codeInvalid},
	} {
		if errors.Is(err, e.err) {
			return &problem{status: e.status, Code: e.code, Message: err.Error()}
		}
	}
	d.log.Error("a request of the console failed", "error", err)
	if engine.IsDiskFull(err) {
		return &problem{status: http.StatusServiceUnavailable, Code: "DISK_FULL", Message: "the lake's disk is full: free some space, then try again"}
	}
	return &problem{status: http.StatusInternalServerError, Code: codeInternal, Message: "internal error; the server's log has the details"}
}

// answering converts a handler to an http.HandlerFunc for signed-in callers.
func (d *Door) answering(handle handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := d.enter(w, r)
		if err != nil {
			d.refuse(w, err)
			return
		}
		value, err := handle(c)
		if err != nil {
			d.refuse(w, err)
			return
		}
		if value != nil {
			writeJSON(w, http.StatusOK, value)
		}
	}
}

// refuse answers with a problem.
func (d *Door) refuse(w http.ResponseWriter, err error) {
	p := d.problemOf(err)
	if p.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "30")
	}
	writeJSON(w, p.status, struct {
		Error *problem `json:"error"`
	}{p})
}

// writeJSON sends a value. Answers may quote events, so browsers must not store them on disk.
func writeJSON(w http.ResponseWriter, status int, value any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // a browser that is gone asks again
}

// maxRequestBytes limits the body of a request: above the limit of statements.
const maxRequestBytes = 2 << 20

// readJSON reads the body of a request into a value.
func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return invalid("the content type must be application/json")
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequestBytes))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return invalid("the request body is not valid: %v", err)
	}
	return nil
}

// number returns a number of the request's URL in [least, most], or the default otherwise if the URL has none.
func (c *call) number(name string, least, most, otherwise int64) (int64, error) {
	text := c.r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, invalid("%s must be a number from %d to %d", name, least, most)
	}
	return n, nil
}
