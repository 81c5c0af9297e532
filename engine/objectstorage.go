package engine

import (
	"context"

	"github.com/auditlake/auditlake/storage/object"
)

// ObjectStorage says where S3-compatible storage is. Credentials come from where
// other clients of AWS find them, unless they are given.
type ObjectStorage = object.Options

// ResolveObjectStorage returns the options with which another process reads the
// buckets that this one would: with region, server and credentials filled in from
// this process's environment, profiles or role. They are secret.
func ResolveObjectStorage(ctx context.Context, options ObjectStorage) (ObjectStorage, error) {
	return object.Resolve(ctx, options)
}

// IsRegion reports whether a region of AWS can have the name.
func IsRegion(name string) bool { return object.IsRegion(name) }

// Buckets says which storage the name of a bucket stands for: servers of object storage, and folders of this machine.
type Buckets = object.Buckets

// BucketError is a request to the storage of a bucket that failed.
type BucketError = object.Error

// Why a request to the storage of a bucket failed, as far as callers need to tell.
var (
	ErrBucketAccessDenied = object.ErrAccessDenied
	ErrNoSuchBucket       = object.ErrNoSuchBucket
	ErrNoSuchKey          = object.ErrNoSuchKey
	ErrBucketUnreachable  = object.ErrUnreachable
)

// LoadBuckets reads a file of buckets. The caller closes what it gets, after the lakes that use it.
func LoadBuckets(name string) (*Buckets, error) { return object.LoadBuckets(name) }

// Buckets are those of Options.Buckets.
func (l *Lake) Buckets() *Buckets { return l.options.Buckets }
