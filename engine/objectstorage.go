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
