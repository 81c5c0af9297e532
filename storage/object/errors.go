package object

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// Error is a request that failed.
type Error struct {
	Op   string // "list" or "read"
	URL  string
	Code string // the server's, such as NoSuchBucket; "" if it did not answer
	Hint string // what to do about it; may be empty
	Err  error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s %s: %v", e.Op, e.URL, e.Err)
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// hints tell what to do about a server's codes.
var hints = map[string]string{
	"NoSuchBucket":          "there is no such bucket",
	"AccessDenied":          "the credentials need s3:ListBucket for the bucket and s3:GetObject for its objects, and kms:Decrypt if they are encrypted",
	"Forbidden":             "the credentials are not allowed to",
	"InvalidAccessKeyId":    "the server does not know the access key",
	"SignatureDoesNotMatch": "the secret key is not that of the access key",
	"ExpiredToken":          "the credentials have expired",
	"InvalidObjectState":    "the object is archived: restore it first",
}

// failure says in short what went wrong with a request.
func (c *Client) failure(op string, p Place, err error) error {
	e := &Error{Op: op, URL: p.URL(), Err: err}
	var answer interface {
		ErrorCode() string
		ErrorMessage() string
	}
	if errors.As(err, &answer) {
		e.Code = answer.ErrorCode()
		e.Err = &shortError{text: e.Code, cause: err}
		if message := answer.ErrorMessage(); message != "" {
			e.Err = &shortError{text: e.Code + ": " + message, cause: err}
		}
		e.Hint = hints[e.Code]
	}
	var unanswered *url.Error
	if e.Code == "" && errors.As(err, &unanswered) {
		e.Err = &shortError{text: "the server does not answer: " + unanswered.Err.Error(), cause: err}
	}
	var response *awshttp.ResponseError
	if !errors.As(err, &response) || response.Response == nil {
		return e
	}
	if region := response.Response.Header.Get("X-Amz-Bucket-Region"); region != "" && region != c.region {
		e.Hint = "the bucket is in the region " + region
	}
	if response.HTTPStatusCode() == http.StatusPreconditionFailed {
		e.Err = ErrChanged
	}
	return e
}

// shortError tells of a cause what users need.
type shortError struct {
	text  string
	cause error
}

func (e *shortError) Error() string { return e.text }
func (e *shortError) Unwrap() error { return e.cause }
