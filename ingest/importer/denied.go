package importer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/storage/object"
)

// maxFirstDenied is the number of denied objects of a bucket, before any was read, that ends an import: the others
// would be denied, too.
const maxFirstDenied = 20

// firstObjects is the outcome of the first objects of a bucket.
type firstObjects struct {
	denied int
	read   bool // one was not denied
}

// deniedError returns an error if all of the first objects were denied, otherwise nil. It is called for each file,
// before its failures are counted.
func (a *firstObjects) deniedError(f *setFile) error {
	if a.read || f.Kind != logfile.LogFile || !strings.HasPrefix(f.Object.Key, object.Scheme) {
		return nil
	}
	if len(f.failures) == 0 || f.failures[0].Reason != ingest.AccessDenied {
		a.read = true
		return nil
	}
	if a.denied++; a.denied < maxFirstDenied {
		return nil
	}
	place, _ := object.ParseURL(f.Object.Key) // it was listed as one
	needs := fmt.Sprintf("s3:GetObject on arn:aws:s3:::%s/*", place.Bucket)
	message := f.failures[0].Message
	if strings.Contains(strings.ToLower(message), "kms:decrypt on") || strings.Contains(message, "arn:aws:kms:") {
		needs = "kms:Decrypt on the KMS key that the objects are encrypted with"
	}
	return fmt.Errorf("%w for each of the first %d objects, so the import stopped: the credentials may list the bucket, but also need %s (%s)",
		errFirstDenied, maxFirstDenied, needs, message)
}

var errFirstDenied = errors.New("AccessDenied")

// endDenied commits the failures so far and returns why the import ends.
func (c *committer) endDenied(ctx context.Context, denied error) error {
	return errors.Join(c.commitAndWait(ctx), denied)
}
