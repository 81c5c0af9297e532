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

// Scheme begins the URLs of buckets.
const Scheme = "s3://"

// Place is a bucket and the prefix of the keys of the objects meant.
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

// Storage holds the objects of buckets. It is safe for concurrent use. Its errors are of type *Error. If the reason
// is one of ErrAccessDenied, ErrNoSuchBucket, ErrNoSuchKey or ErrUnreachable, errors.Is finds it.
type Storage interface {
	// List yields all objects of a place, by key. An error ends it.
	List(ctx context.Context, p Place) iter.Seq2[Object, error]
	// ListFolder yields, by key, the objects of a place whose keys have no further slash, and the folders with all
	// others.
	ListFolder(ctx context.Context, p Place) iter.Seq2[Object, error]
	// Open reads the version of an object that was listed with etag; if it has changed since, the error is
	// ErrChanged, from Open or from a later Read. With an empty etag it reads the current version. The caller
	// closes the reader.
	Open(ctx context.Context, p Place, etag string) (io.ReadCloser, error)
	// Head describes an object without reading it.
	Head(ctx context.Context, p Place) (Object, error)
	// Put makes an object of content, from its current position to its end, and replaces the object that has the
	// key. It is all or nothing: a reader of the key gets the whole old or the whole new object, also after an
	// error or the end of the process. Without an error the object is durable and visible to all readers. Put seeks
	// content back to repeat a request; the caller closes it.
	Put(ctx context.Context, p Place, content io.ReadSeeker) error
}

// Options say where the server is. Unless Credentials are given, they come from where other clients of AWS find
// them: the environment, profiles, the machine's role.
type Options struct {
	Region string // "": from the environment or profile, else us-east-1
	// EndpointURL is a server other than AWS; "": from the environment or profile. Such servers get the bucket's
	// name in the path, not in the host name.
	EndpointURL string
	// Credentials replace this process's. Region and server then do not come from its environment and profiles
	// either. Nil: this process's credentials.
	Credentials *Credentials
	// EndpointIsGiven: EndpointURL alone names the server ("" is AWS); the environment and profiles are ignored.
	EndpointIsGiven bool
	// PathStyle puts the name of the bucket into the path of URLs (true) or into the host name (false); nil: into
	// the path for servers other than AWS.
	PathStyle *bool
	// Profile names the profile with the credentials and the region, unless these are given; "": the usual one.
	Profile string
	// Role is assumed with the credentials, and its credentials are used; nil: none.
	Role *Role
	// StallAfter is how long a server may be silent during an object or a page of a list. After that the request is
	// repeated once. 0: 10 s.
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
	// Folder: the entry is not an object but stands for all objects whose keys begin with Key.
	Folder bool
}

// ErrNoCredentials: there are no credentials for object storage.
var ErrNoCredentials = errors.New("no credentials for object storage: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE")

// NewClient makes a client. It sends no request to the server yet. ErrNoCredentials: none were found.
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

// maxIdleConnections are the connections to one server that stay open between requests: an import has as many
// requests.
const maxIdleConnections = 1024

// keepConnections raises the number of connections that the usual HTTP client keeps open.
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
