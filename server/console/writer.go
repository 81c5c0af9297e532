package console

import (
	"net/http"
	"time"
)

// patientWriter sends a long answer with a new deadline for each part.
type patientWriter struct {
	w       http.ResponseWriter
	isBegun bool
}

// Write implements io.Writer.
func (p *patientWriter) Write(part []byte) (int, error) {
	p.isBegun = true
	_ = http.NewResponseController(p.w).SetWriteDeadline(time.Now().Add(downloadWait)) // some deadlines cannot be moved
	return p.w.Write(part)
}

// abort cuts off an incomplete answer, so that the browser notices.
func abort() { panic(http.ErrAbortHandler) }
