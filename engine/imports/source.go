package imports

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/importer"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/object"
)

// S3Source is where an import in the background reads.
type S3Source struct {
	URI    string // s3://bucket/prefix, of a bucket that the lake knows
	Region string // of the bucket, if its entry in the file of buckets does not say
	// RoleARN is kept and described. The file of buckets decides which role is assumed.
	RoleARN string
}

// sourceTimeout is how long Start waits for the source to show that it can be listed.
const sourceTimeout = 20 * time.Second

// sourceOf finds the files to import.
func (i *Imports) sourceOf(ctx context.Context, options Options) (importer.Source, error) {
	if !options.From.IsZero() && !options.To.IsZero() && !options.From.Before(options.To) {
		return nil, fmt.Errorf("%w: the time range from %s to %s is empty", store.ErrInvalidParameter, options.From.Format(time.RFC3339), options.To.Format(time.RFC3339))
	}
	var paths, urls []string
	for _, path := range options.Paths {
		switch {
		case strings.HasPrefix(path, object.Scheme):
			urls = append(urls, path)
		case isBucketARN(path):
			_, name, _ := strings.Cut(path, ":::")
			return nil, fmt.Errorf("%w: %s: use the URL of the bucket instead: %s%s", store.ErrInvalidParameter, path, object.Scheme, name)
		case strings.Contains(path, "://"):
			return nil, fmt.Errorf("%w: %s: neither a path on this machine nor s3://bucket/prefix", store.ErrInvalidParameter, path)
		default:
			paths = append(paths, path)
		}
	}
	var sources []importer.Source
	if len(paths) > 0 {
		files, err := importer.NewFiles(paths...)
		if err != nil {
			return nil, err
		}
		files.LeaveOut(i.place.Dir)
		sources = append(sources, files)
	}
	if len(urls) > 0 {
		buckets, err := object.EveryBucket(ctx, options.Storage)
		if errors.Is(err, object.ErrNoCredentials) {
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", store.ErrInvalidParameter, err)
		}
		bucket, err := importer.NewBucket(ctx, buckets, "", options.From, options.To, urls...)
		if err != nil {
			return nil, err
		}
		sources = append(sources, bucket)
	}
	return importer.Join(sources...), nil
}

// isBucketARN reports whether a path is the ARN of a bucket or of an object, whatever the partition.
func isBucketARN(path string) bool {
	return strings.HasPrefix(path, "arn:") && strings.Contains(path, ":s3:::")
}

// maxURIBytes is how long the URL of a bucket's prefix can be: keys have up to 1,024 bytes. ARNs of roles are shorter
// than that, too.
const maxURIBytes = 1100

// check refuses what no source can be.
func (s *S3Source) check() error {
	if max(len(s.URI), len(s.Region), len(s.RoleARN)) > maxURIBytes {
		return fmt.Errorf("%w: a member is longer than %d bytes", ErrSource, maxURIBytes)
	}
	if _, err := object.ParseURL(s.URI); err != nil {
		return fmt.Errorf("%w: %w", ErrSource, err)
	}
	if !object.IsRegion(s.Region) {
		return fmt.Errorf("%w: %q is not a region", ErrSource, s.Region)
	}
	if !store.IsRoleARN(s.RoleARN) {
		return fmt.Errorf("%w: %q is not the ARN of a role", ErrSource, s.RoleARN)
	}
	return nil
}

// backgroundSource opens the source of an import, and makes sure that something is there.
func (i *Imports) backgroundSource(ctx context.Context, r *catalog.Import) (importer.Source, error) {
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	bucket, err := importer.NewBucket(ctx, i.place.Buckets, r.S3.Region, time.Time{}, time.Time{}, r.S3.URI)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSource, err)
	}
	bucket.SelectKeyDates(r.From, r.To)
	return bucket, nil
}
