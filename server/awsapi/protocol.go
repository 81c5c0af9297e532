package awsapi

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/auditlake/auditlake/server/awsapi/model"
)

// protocol is the wire format of one service's requests and answers.
type protocol interface {
	// service returns the service that requests are signed for.
	service() string
	// regions returns the regions that requests may be signed for, in a lake of a region.
	regions(ofLake string) []string
	// takes reports whether requests of an HTTP method are answered. As at AWS, operations that may change
	// something take only POST, so that a followed link or a refetching proxy changes nothing.
	takes(method string) bool
	// do reads the request, runs it, and returns the body of its answer.
	do(d *Door, r *http.Request, c *call, body []byte) ([]byte, error)
	writeAnswer(w http.ResponseWriter, c *call, body []byte)
	writeError(w http.ResponseWriter, c *call, err *apiError)
}

// protocolOf chooses the protocol by the path, and for STS by the absence of AWS JSON's header and the form of the
// request.
func protocolOf(r *http.Request) protocol {
	switch {
	case r.URL.Path == "/PutAuditEvents":
		return restJSON{}
	case r.Header.Get("X-Amz-Target") == "" &&
		(r.URL.Query().Has("Action") || strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")):
		return stsQuery{}
	}
	return awsJSON{}
}

// awsJSON is AWS JSON 1.1, the protocol of cloudtrail.
type awsJSON struct{}

const jsonType = "application/x-amz-json-1.1"

func (awsJSON) service() string                { return model.CloudTrail }
func (awsJSON) regions(ofLake string) []string { return []string{ofLake} }
func (awsJSON) takes(method string) bool       { return method == http.MethodPost }

// targetPrefix precedes the name of an operation. Some clients write a longer name before it.
const targetPrefix = "CloudTrail_20131101"

func (awsJSON) do(d *Door, r *http.Request, c *call, body []byte) ([]byte, error) {
	target := r.Header.Get("X-Amz-Target")
	at := strings.LastIndexByte(target, '.')
	prefix := target[:max(0, at)]
	if at < 0 || prefix != targetPrefix && prefix != "com.amazonaws.cloudtrail.v20131101."+targetPrefix {
		return nil, fail("UnknownOperationException", "X-Amz-Target names no operation.")
	}
	return d.do(r, c, model.CloudTrail, target[at+1:], body)
}

func (awsJSON) writeAnswer(w http.ResponseWriter, _ *call, body []byte) {
	write(w, jsonType, http.StatusOK, body)
}

func (awsJSON) writeError(w http.ResponseWriter, _ *call, err *apiError) {
	writeJSONError(w, jsonType, err, statusOf(model.CloudTrail, err.code), "Message")
}

// restJSON is REST-JSON, the protocol of cloudtrail-data. The path is the operation; some members are in the query.
type restJSON struct{}

func (restJSON) service() string                { return model.CloudTrailData }
func (restJSON) regions(ofLake string) []string { return []string{ofLake} }
func (restJSON) takes(method string) bool       { return method == http.MethodPost }

func (restJSON) do(d *Door, r *http.Request, c *call, body []byte) ([]byte, error) {
	return d.do(r, c, model.CloudTrailData, strings.TrimPrefix(r.URL.Path, "/"), body)
}

func (restJSON) writeAnswer(w http.ResponseWriter, _ *call, body []byte) {
	write(w, "application/json", http.StatusOK, body)
}

func (restJSON) writeError(w http.ResponseWriter, _ *call, err *apiError) {
	writeJSONError(w, "application/json", err, statusOf(model.CloudTrailData, err.code), "message")
}

func writeJSONError(w http.ResponseWriter, contentType string, err *apiError, status int, messageName string) {
	// Strings always marshal.
	body, _ := json.Marshal(map[string]string{"__type": err.code, messageName: err.message})
	w.Header().Set("x-amzn-ErrorType", err.code)
	write(w, contentType, status, body)
}

// retryAfterSeconds is when clients may retry while the server is stopping or its disk is full.
const retryAfterSeconds = "30"

func write(w http.ResponseWriter, contentType string, status int, body []byte) {
	w.Header().Set("Content-Type", contentType)
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfterSeconds)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone asks again
}
