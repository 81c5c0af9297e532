package object

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// The reasons of failed requests that callers distinguish.
var (
	ErrAccessDenied = errors.New("access denied")
	ErrNoSuchBucket = errors.New("bucket not found")
	ErrNoSuchKey    = errors.New("object not found")
	// ErrKey: the key can never name an object.
	ErrKey = errors.New("no object can be written under this key")
	// ErrUnreachable: the server does not answer.
	ErrUnreachable = errors.New("the server does not respond")
)

// reasons maps the codes of servers to reasons. If an answer has no body, its status is the code.
var reasons = map[string]error{
	"AccessDenied": ErrAccessDenied, "Forbidden": ErrAccessDenied, "AllAccessDisabled": ErrAccessDenied, "InvalidAccessKeyId": ErrAccessDenied,
	"SignatureDoesNotMatch": ErrAccessDenied, "ExpiredToken": ErrAccessDenied, "InvalidClientTokenId": ErrAccessDenied,
	"NoSuchBucket": ErrNoSuchBucket, "NoSuchKey": ErrNoSuchKey, "NotFound": ErrNoSuchKey,
	"KeyTooLongError": ErrKey, "InvalidURI": ErrKey,
}

// Error is a request that failed.
type Error struct {
	Op   string // "list", "read", "head", "write", or "find" for a bucket's name
	URL  string
	Code string // the server's, such as NoSuchBucket; "" if it did not answer
	Hint string // what to do about it; may be empty
	Err  error

	reason error // one of those above; nil: another one
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s %s: %v", e.Op, e.URL, e.Err)
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether a target is the reason of the error.
func (e *Error) Is(target error) bool { return e.reason != nil && e.reason == target }

// hints say what to do about a server's codes.
var hints = map[string]string{
	"NoSuchBucket":          "bucket not found",
	"AccessDenied":          "the credentials need s3:ListBucket for the bucket, s3:GetObject for objects to read and s3:PutObject for those to write, and rights for their KMS keys",
	"Forbidden":             "the credentials are not allowed to",
	"InvalidAccessKeyId":    "the server does not know the access key",
	"SignatureDoesNotMatch": "the secret key is not that of the access key",
	"ExpiredToken":          "the credentials have expired",
	"InvalidObjectState":    "the object is archived: restore it first",
}

// readHints replace hints when an object is read.
var readHints = map[string]string{
	"AccessDenied": "the credentials need s3:GetObject for the object, and kms:Decrypt for the KMS key that it is encrypted with, if there is one",
}

// failure returns the error of a failed request, in short.
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
		e.Hint, e.reason = hints[e.Code], reasons[e.Code]
		if hint := readHints[e.Code]; op == "read" && hint != "" {
			e.Hint = hint
		}
	}
	var unanswered *url.Error
	if e.Code == "" && errors.As(err, &unanswered) {
		e.Err, e.reason = &shortError{text: "the server does not respond: " + unanswered.Err.Error(), cause: err}, ErrUnreachable
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

// shortError is a cause, reduced to what users need.
type shortError struct {
	text  string
	cause error
}

func (e *shortError) Error() string { return e.text }
func (e *shortError) Unwrap() error { return e.cause }
