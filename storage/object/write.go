package object

import (
	"context"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Head implements Storage.
func (c *Client) Head(ctx context.Context, p Place) (Object, error) {
	answer, err := c.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &p.Bucket, Key: &p.Prefix})
	if err != nil {
		return Object{}, c.failure("head", p, err)
	}
	return Object{Key: p.Prefix, Bytes: aws.ToInt64(answer.ContentLength), Modified: aws.ToTime(answer.LastModified), ETag: aws.ToString(answer.ETag)}, nil
}

// Put implements Storage. The server takes objects of up to 5 GiB in one request, so a write is all or nothing.
func (c *Client) Put(ctx context.Context, p Place, content io.ReadSeeker) error {
	if _, err := c.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: &p.Bucket, Key: &p.Prefix, Body: content}); err != nil {
		return c.failure("write", p, err)
	}
	return nil
}
