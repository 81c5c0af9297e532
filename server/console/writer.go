package console

import (
	"net/http"
	"time"
)

// patientWriter sends a long answer: each part of it has its own time.
type patientWriter struct {
	w       http.ResponseWriter
	isBegun bool
}

// Write implements io.Writer.
func (p *patientWriter) Write(part []byte) (int, error) {
	p.isBegun = true
	_ = http.NewResponseController(p.w).SetWriteDeadline(time.Now().Add(downloadWait)) // one that cannot be moved stays
	return p.w.Write(part)
}

// abort ends an answer that is not whole, so that the browser sees it.
func abort() { panic(http.ErrAbortHandler) }
