package engine

import (
	"context"

	"github.com/auditlake/auditlake/storage/object"
)

// ObjectStorage locates S3-compatible storage. Credentials that are not given come from where other AWS clients
// find them.
type ObjectStorage = object.Options

// ResolveObjectStorage returns the options with which another process reads the same buckets as this one. Region,
// server and credentials are filled in from this process's environment, profiles or role. The result is secret.
func ResolveObjectStorage(ctx context.Context, options ObjectStorage) (ObjectStorage, error) {
	return object.Resolve(ctx, options)
}

// IsRegion reports whether name can be the name of an AWS region.
func IsRegion(name string) bool { return object.IsRegion(name) }

// Buckets maps bucket names to storage: servers of object storage, and folders of this machine.
type Buckets = object.Buckets

// BucketError is a failed request to a bucket's storage.
type BucketError = object.Error

// Reasons why a request to a bucket's storage failed, as far as callers distinguish them.
var (
	ErrBucketAccessDenied = object.ErrAccessDenied
	ErrNoSuchBucket       = object.ErrNoSuchBucket
	ErrNoSuchKey          = object.ErrNoSuchKey
	ErrBucketUnreachable  = object.ErrUnreachable
)

// LoadBuckets reads a file of buckets. The caller closes the result, after the lakes that use it.
func LoadBuckets(name string) (*Buckets, error) { return object.LoadBuckets(name) }

// Buckets returns Options.Buckets.
func (l *Lake) Buckets() *Buckets { return l.options.Buckets }
