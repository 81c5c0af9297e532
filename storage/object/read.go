package object

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// ErrChanged: an object is not any more what was listed.
var ErrChanged = errors.New("the object has changed since it was listed")

// Open implements Storage. When the connection breaks it goes on in a new one.
func (c *Client) Open(ctx context.Context, p Place, etag string) (io.ReadCloser, error) {
	b := &body{ctx: ctx, client: c, place: p, etag: etag}
	return b, b.connect()
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
}

// connect asks for the bytes from offset on.
func (b *body) connect() error {
	request := &s3.GetObjectInput{Bucket: &b.place.Bucket, Key: &b.place.Prefix}
	if b.etag != "" {
		request.IfMatch = &b.etag
	}
	if b.offset > 0 {
		request.Range = aws.String(fmt.Sprintf("bytes=%d-", b.offset))
	}
	answer, err := b.client.s3.GetObject(b.ctx, request)
	if err != nil {
		return b.client.failure("read", b.place, err)
	}
	// Not every server knows conditions.
	if got := aws.ToString(answer.ETag); b.etag != "" && got != b.etag {
		return errors.Join(&Error{Op: "read", URL: b.place.URL(), Err: ErrChanged}, answer.Body.Close())
	}
	b.etag, b.stream = aws.ToString(answer.ETag), answer.Body
	return nil
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.stream.Read(p)
	b.offset += int64(n)
	if err == nil || err == io.EOF {
		return n, err
	}
	if b.reconnects == maxReconnects || b.ctx.Err() != nil || b.etag == "" {
		return n, b.client.failure("read", b.place, err)
	}
	b.reconnects++
	_ = b.stream.Close()
	return n, b.connect()
}

// Close ends the connection.
func (b *body) Close() error {
	if b.stream == nil {
		return nil
	}
	return b.stream.Close()
}
