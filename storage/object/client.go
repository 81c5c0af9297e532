// Package object reads buckets of S3 and of servers that speak its protocol.
package object

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Scheme is what URLs of buckets begin with.
const Scheme = "s3://"

// Place is a bucket and what the keys of the objects meant begin with.
type Place struct{ Bucket, Prefix string }

// ParseURL reads s3://bucket/prefix.
func ParseURL(text string) (Place, error) {
	rest, ok := strings.CutPrefix(text, Scheme)
	bucket, prefix, _ := strings.Cut(rest, "/")
	if !ok || bucket == "" || strings.ContainsAny(bucket, "?#@:*") {
		return Place{}, fmt.Errorf("%s is not of the form s3://bucket/prefix", text)
	}
	return Place{Bucket: bucket, Prefix: prefix}, nil
}

// URL is s3://bucket/key.
func (p Place) URL() string { return Scheme + p.Bucket + "/" + p.Prefix }

// Options say where the server is. Credentials come from where other clients of
// AWS find them, the environment, profiles, the machine's role, unless they are given.
type Options struct {
	Region string // "": from the environment or profile, else us-east-1
	// EndpointURL is another server than that of AWS; "": from the environment or
	// profile. Such servers get the bucket's name in the path, not in the host name.
	EndpointURL string
	// Credentials are used in place of this process's; then its environment and
	// profiles say nothing of region and server either. Nil: this process's.
	Credentials *Credentials
}

// Client talks to a server. It is safe for concurrent use.
type Client struct {
	s3     *s3.Client
	region string
}

// Object is an entry of a listing.
type Object struct {
	Key      string
	Bytes    int64
	Modified time.Time
	ETag     string
	// Folder: not an object but all that have keys with this beginning.
	Folder bool
}

// ErrNoCredentials: there are no credentials for object storage.
var ErrNoCredentials = errors.New("no credentials for object storage: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE")

// maxAttempts is how often a request is tried: with the SDK's growing waits that
// is for about half a minute.
const maxAttempts = 6

// NewClient makes a client. It sends no request to the server yet. ErrNoCredentials:
// there are none where they are looked for.
func NewClient(ctx context.Context, o Options) (*Client, error) {
	if err := checkEndpoint(o.EndpointURL); err != nil {
		return nil, err
	}
	settings, err := o.settings(ctx)
	if err != nil {
		return nil, err
	}
	if settings.Region == "" {
		settings.Region = "us-east-1"
	}
	settings.Logger = nil
	client := s3.NewFromConfig(settings, func(c *s3.Options) {
		if o.EndpointURL != "" {
			c.BaseEndpoint = aws.String(o.EndpointURL)
		}
		c.UsePathStyle = c.BaseEndpoint != nil
		// Other servers do not know the newer checksums.
		c.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		c.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})
	return &Client{s3: client, region: settings.Region}, nil
}

func checkEndpoint(endpoint string) error {
	if endpoint == "" {
		return nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("endpoint %q is not a URL such as https://host:9000", endpoint)
	}
	return nil
}
