package delivery

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/auditlake/auditlake/storage/object"
)

// Why a delivery URI is refused.
var (
	ErrBucketName = errors.New("the bucket's name is not valid")
	ErrPrefix     = errors.New("the prefix is not valid")
)

// maxKeyBytes is how long the key of an object may be.
const maxKeyBytes = 1024

// ParseURI reads where results are to be delivered: s3://bucket or s3://bucket/prefix, with or without a slash at the
// end. The error is ErrBucketName or ErrPrefix.
func ParseURI(uri string) (object.Place, error) {
	rest, ok := strings.CutPrefix(uri, object.Scheme)
	bucket, prefix, _ := strings.Cut(rest, "/")
	if !ok || !object.IsBucketName(bucket) {
		return object.Place{}, fmt.Errorf("%w: %q", ErrBucketName, bucket)
	}
	prefix = strings.TrimSuffix(prefix, "/")
	if !isPrefix(prefix) {
		return object.Place{}, fmt.Errorf("%w: %q", ErrPrefix, prefix)
	}
	return object.Place{Bucket: bucket, Prefix: prefix}, nil
}

// isPrefix reports whether a prefix, which may be empty, is a path that means the same in every storage, and leaves
// room for what follows it in keys.
func isPrefix(prefix string) bool {
	if prefix == "" {
		return true
	}
	if !utf8.ValidString(prefix) || !fs.ValidPath(prefix) || prefix == "." || strings.ContainsFunc(prefix, isOdd) {
		return false
	}
	longest := keyOf(object.Place{Prefix: prefix}, folderOf("123456789012", "00000000-0000-0000-0000-000000000000", time.Time{}), partName(maxParts)).Prefix
	return len(longest) <= maxKeyBytes
}

// isOdd reports whether a character has no place in a path.
func isOdd(r rune) bool { return r == '\\' || unicode.IsControl(r) }

// rootOf is the beginning of the keys of all deliveries of an account, after the prefix.
func rootOf(accountID string) string { return "AWSLogs/" + accountID + "/CloudTrail-Lake/Query" }

// folderOf returns the folder of a delivery's files, after the prefix. It depends on constant facts only, so a
// repeated delivery has the same folder.
func folderOf(accountID, queryID string, endedAt time.Time) string {
	return rootOf(accountID) + "/" + endedAt.UTC().Format("2006/01/02") + "/" + queryID
}

// keyOf is the place of a file in a folder below a prefix.
func keyOf(at object.Place, folder, name string) object.Place {
	key := folder + "/" + name
	if at.Prefix != "" {
		key = at.Prefix + "/" + key
	}
	return object.Place{Bucket: at.Bucket, Prefix: key}
}
