package awsapi

import (
	"encoding/xml"
	"mime"
	"net/http"
	"net/url"
	"slices"
)

// stsQuery is the query protocol of STS: parameters in, XML out.
type stsQuery struct{}

func (stsQuery) service() string { return "sts" }

// regions includes us-east-1, for which many clients sign requests to the global STS wherever they are.
func (stsQuery) regions(ofLake string) []string { return slices.Compact([]string{ofLake, "us-east-1"}) }

// takes allows every method: GetCallerIdentity changes nothing, and clients presign it as GET.
func (stsQuery) takes(string) bool { return true }

type callerIdentity struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Arn       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

func (stsQuery) do(_ *Door, r *http.Request, c *call, body []byte) ([]byte, error) {
	parameters := r.URL.Query()
	if contentType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); contentType == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, fail("MalformedQueryString", "The body of the request cannot be read.")
		}
		parameters = form
	}
	if parameters.Get("Action") != "GetCallerIdentity" {
		return nil, fail("InvalidAction", "Could not find the operation of the request; this server has GetCallerIdentity.")
	}
	c.operation = "GetCallerIdentity"
	key := c.caller.Key()
	return xml.Marshal(callerIdentity{Arn: key.Principal, UserID: key.UserID(), Account: key.AccountID, RequestID: c.id})
}

func (stsQuery) writeAnswer(w http.ResponseWriter, _ *call, body []byte) {
	write(w, "text/xml", http.StatusOK, body)
}

type stsError struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

// stsCodes are the query protocol's names for errors, with their statuses.
var stsCodes = map[string]struct {
	name   string
	status int
}{
	"MissingAuthenticationTokenException": {"MissingAuthenticationToken", http.StatusForbidden},
	"IncompleteSignatureException":        {"IncompleteSignature", http.StatusBadRequest},
	"InvalidSignatureException":           {"SignatureDoesNotMatch", http.StatusForbidden},
	"UnrecognizedClientException":         {"InvalidClientTokenId", http.StatusForbidden},
	"ExpiredTokenException":               {"ExpiredToken", http.StatusForbidden},
	internalFailure:                       {internalFailure, http.StatusInternalServerError},
	serviceUnavailable:                    {serviceUnavailable, http.StatusServiceUnavailable},
}

func (stsQuery) writeError(w http.ResponseWriter, c *call, err *apiError) {
	out := stsError{Type: "Sender", Code: err.code, Message: err.message, RequestID: c.id}
	status := http.StatusBadRequest
	if known, ok := stsCodes[err.code]; ok {
		out.Code, status = known.name, known.status
	}
	if status >= http.StatusInternalServerError {
		out.Type = "Receiver"
	}
	body, _ := xml.Marshal(out) // strings always marshal
	write(w, "text/xml", status, body)
}
