package delivery

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/auditlake/auditlake/storage/object"
)

const (
	// checkName is an object that Check writes. It says what it is for.
	checkName = "access_check.txt"
	checkText = "auditlake delivers results of queries here.\n"
	// checkTime is how long Check waits for an answer.
	checkTime = 5 * time.Second
	// maxWritable bounds what Check remembers.
	maxWritable = 1000
)

// Check reports what is certain to keep results from being delivered to a URI: ErrBucketName, ErrPrefix, and of the
// storage object.ErrNoSuchBucket and object.ErrAccessDenied. It writes a small object there when a place is asked for
// first: the right to write needs no other. What may pass is no error: the delivery will try again.
func (c *Courier) Check(ctx context.Context, uri string) error {
	at, err := ParseURI(uri)
	if err != nil {
		return err
	}
	storage, err := c.options.Find(ctx, at.Bucket)
	if err != nil {
		return certain(err)
	}
	c.mu.Lock()
	isKnown := c.writable[at]
	c.mu.Unlock()
	if isKnown {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	if err := storage.Put(ctx, keyOf(at, rootOf(c.options.AccountID), checkName), strings.NewReader(checkText)); err != nil {
		return certain(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.writable) >= maxWritable {
		clear(c.writable)
	}
	c.writable[at] = true
	return nil
}

// certain returns an error that will be the same later, otherwise nil.
func certain(err error) error {
	if errors.Is(err, object.ErrKey) {
		return fmt.Errorf("%w: %w", ErrPrefix, err)
	}
	if errors.Is(err, object.ErrNoSuchBucket) || errors.Is(err, object.ErrAccessDenied) {
		return err
	}
	return nil
}
