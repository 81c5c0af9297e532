package object

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// ErrChanged: the object has changed since it was listed.
var ErrChanged = errors.New("the object has changed since it was listed")

// Open implements Storage. If the connection breaks or the server stalls, the reader continues with a new
// connection.
func (c *Client) Open(ctx context.Context, p Place, etag string) (io.ReadCloser, error) {
	b := &body{ctx: ctx, client: c, place: p, etag: etag}
	if err := b.connect(); err != nil {
		_ = b.Close() // nothing was read
		return nil, err
	}
	return b, nil
}

// maxReconnects is how often an object's connection may break.
const maxReconnects = 5

// body is an object being read.
type body struct {
	ctx        context.Context
	client     *Client
	place      Place
	etag       string // "": unknown
	stream     io.ReadCloser
	offset     int64
	reconnects int
	reads      int             // begun
	watched    context.Context // of the connection
	watch      *watch          // nil: none was begun
}

// connect requests the bytes from offset on. If the server stalls, it repeats the request unless its tries are used
// up.
func (b *body) connect() error {
	for {
		err := b.request()
		if err == nil || stalled(b.watched) == nil || b.reads >= maxTries {
			return err
		}
	}
}

// request sends one request.
func (b *body) request() error {
	if b.watch != nil {
		b.watch.close()
	}
	b.watched, b.watch = newWatch(b.ctx, b.client.stallAfter)
	b.reads++
	request := &s3.GetObjectInput{Bucket: &b.place.Bucket, Key: &b.place.Prefix}
	if b.etag != "" {
		request.IfMatch = &b.etag
	}
	if b.offset > 0 {
		request.Range = aws.String(fmt.Sprintf("bytes=%d-", b.offset))
	}
	answer, err := b.client.s3.GetObject(b.watched, request, func(o *s3.Options) { o.HTTPClient = listening{o.HTTPClient, b.watch} })
	if err != nil {
		return b.failure(err)
	}
	// Not every server knows conditional requests.
	if got := aws.ToString(answer.ETag); b.etag != "" && got != b.etag {
		return errors.Join(&Error{Op: "read", URL: b.place.URL(), Err: ErrChanged}, answer.Body.Close())
	}
	b.etag, b.stream = aws.ToString(answer.ETag), answer.Body
	return nil
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.watch.read(b.stream, p)
	b.offset += int64(n)
	if err == nil || err == io.EOF {
		return n, err
	}
	isStalled := stalled(b.watched) != nil
	if isStalled && b.reads >= maxTries || b.reconnects == maxReconnects || b.ctx.Err() != nil || b.etag == "" {
		return n, b.failure(err)
	}
	b.reconnects++
	_ = b.stream.Close()
	return n, b.connect()
}

// failure returns the error of reading the object; if the server stalled, it says so.
func (b *body) failure(err error) error {
	if cause := stalled(b.watched); cause != nil {
		return &Error{Op: "read", URL: b.place.URL(), Err: cause, Hint: stalledHint, reason: ErrStalled}
	}
	return b.client.failure("read", b.place, err)
}

// Close ends the connection.
func (b *body) Close() error {
	b.watch.close()
	if b.stream == nil {
		return nil
	}
	return b.stream.Close()
}
