package object

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// List implements Storage.
func (c *Client) List(ctx context.Context, p Place) iter.Seq2[Object, error] {
	return c.list(ctx, p, nil)
}

// ListFolder implements Storage.
func (c *Client) ListFolder(ctx context.Context, p Place) iter.Seq2[Object, error] {
	return c.list(ctx, p, aws.String("/"))
}

func (c *Client) list(ctx context.Context, p Place, delimiter *string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		request := &s3.ListObjectsV2Input{Bucket: &p.Bucket, Prefix: aws.String(p.Prefix), Delimiter: delimiter}
		for pages := s3.NewListObjectsV2Paginator(c.s3, request); pages.HasMorePages(); {
			page, err := c.nextPage(ctx, p, pages)
			if err != nil {
				yield(Object{}, err)
				return
			}
			for _, o := range entries(page) {
				if !yield(o, nil) {
					return
				}
			}
		}
	}
}

// nextPage requests the next page of a list, again if the server stalls.
func (c *Client) nextPage(ctx context.Context, p Place, pages *s3.ListObjectsV2Paginator) (*s3.ListObjectsV2Output, error) {
	for try := 1; ; try++ {
		watched, watch := newWatch(ctx, c.stallAfter)
		page, err := pages.NextPage(watched, func(o *s3.Options) { o.HTTPClient = listeningToEnd{listening{o.HTTPClient, watch}} })
		cause := stalled(watched)
		watch.close()
		switch {
		case err == nil:
			return page, nil
		case cause == nil:
			return nil, c.failure("list", p, err)
		case try == maxTries:
			return nil, &Error{Op: "list", URL: p.URL(), Err: cause, Hint: stalledHint, reason: ErrStalled}
		}
	}
}

// entries returns the objects and folders of a page, by key. It skips empty objects that only make a folder
// visible.
func entries(page *s3.ListObjectsV2Output) []Object {
	var all []Object
	for _, o := range page.Contents {
		e := Object{Key: aws.ToString(o.Key), Bytes: aws.ToInt64(o.Size), Modified: aws.ToTime(o.LastModified), ETag: aws.ToString(o.ETag)}
		if e.Bytes > 0 || !strings.HasSuffix(e.Key, "/") {
			all = append(all, e)
		}
	}
	for _, p := range page.CommonPrefixes {
		all = append(all, Object{Key: aws.ToString(p.Prefix), Folder: true})
	}
	slices.SortFunc(all, func(a, b Object) int { return cmp.Compare(a.Key, b.Key) })
	return all
}
