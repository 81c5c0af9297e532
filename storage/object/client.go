// Package object reads and writes objects: in buckets of S3 and of servers that speak its protocol, and in folders of
// this machine that stand in for buckets. Buckets says which storage a bucket's name stands for.
package object

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
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

// Storage holds the objects of buckets. It is safe for concurrent use. Its errors are of type *Error, and
// ErrAccessDenied, ErrNoSuchBucket, ErrNoSuchKey or ErrUnreachable where one of these is why.
type Storage interface {
	// List gives all objects of a place, by key. An error ends it.
	List(ctx context.Context, p Place) iter.Seq2[Object, error]
	// ListFolder gives the objects of a place whose keys have no further slash, and the folders that hold all others,
	// by key.
	ListFolder(ctx context.Context, p Place) iter.Seq2[Object, error]
	// Open reads an object as it was listed: ErrChanged, at once or later, if it is another one now. An empty etag
	// reads it as it is. The caller closes what it gets.
	Open(ctx context.Context, p Place, etag string) (io.ReadCloser, error)
	// Head describes an object without reading it.
	Head(ctx context.Context, p Place) (Object, error)
	// Put makes an object of a content, from where it stands to its end, in place of the one that has the key. It is
	// all or nothing: whoever reads the key meanwhile gets the object before or the new one, whole, and after an
	// error or the end of the process there is one of the two. Without an error the object is durable and found by
	// everybody. The content is sought back when a request is repeated; the caller closes it.
	Put(ctx context.Context, p Place, content io.ReadSeeker) error
}

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
	// EndpointIsGiven: EndpointURL alone says where the server is, "" being AWS, whatever the environment and
	// profiles say.
	EndpointIsGiven bool
	// PathStyle puts the name of the bucket into the path of URLs, or into the host name; nil: into the path for other
	// servers than that of AWS.
	PathStyle *bool
	// Profile has the credentials and the region, unless these are given; "": the usual one.
	Profile string
	// Role is assumed with the credentials, and its credentials are used; nil: none.
	Role *Role
	// StallAfter is how long the server may send nothing of an object that is read, or of a page of a list; then it
	// is asked once more. 0: 10 s.
	StallAfter time.Duration
}

// Client talks to a server. It is safe for concurrent use.
type Client struct {
	s3         *s3.Client
	region     string
	stallAfter time.Duration
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
	settings.HTTPClient = keepConnections(settings.HTTPClient)
	if o.Role != nil {
		settings.Credentials = o.Role.credentials(settings)
	}
	client := s3.NewFromConfig(settings, func(c *s3.Options) {
		switch {
		case o.EndpointURL != "":
			c.BaseEndpoint = aws.String(o.EndpointURL)
		case o.EndpointIsGiven:
			c.BaseEndpoint = nil
		}
		c.UsePathStyle = c.BaseEndpoint != nil
		if o.PathStyle != nil {
			c.UsePathStyle = *o.PathStyle
		}
		// Other servers do not know the newer checksums.
		c.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		c.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})
	return &Client{s3: client, region: settings.Region, stallAfter: cmp.Or(o.StallAfter, defaultStallAfter)}, nil
}

// maxIdleConnections to one server stay open between requests: there are as many requests at once in an import.
const maxIdleConnections = 1024

// keepConnections makes the usual HTTP client keep more connections than few.
func keepConnections(client aws.HTTPClient) aws.HTTPClient {
	if client == nil {
		client = awshttp.NewBuildableClient()
	}
	usual, ok := client.(*awshttp.BuildableClient)
	if !ok {
		return client
	}
	return usual.WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns, t.MaxIdleConnsPerHost = maxIdleConnections, maxIdleConnections
	})
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
