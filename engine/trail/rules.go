package trail

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/storage/object"
)

var (
	// arnPattern finds account and name of a trail's ARN.
	arnPattern      = lazyregexp.New(`^arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:([0-9]{12}):trail/([a-zA-Z0-9._-]+)$`)
	namePattern     = lazyregexp.New(`^[a-zA-Z0-9]+(?:[._-][a-zA-Z0-9]+)*$`)
	topicPattern    = lazyregexp.New(`^(?:arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:)?([a-zA-Z0-9_-]+)$`)
	logGroupPattern = lazyregexp.New(`^arn:aws[a-z-]*:logs:[a-z0-9-]+:[0-9]{12}:log-group:([a-zA-Z0-9_/.#-]+):\*$`)
)

// How long the names of topics and log groups may be. The patterns do not count: they would be large.
const (
	maxTopicBytes    = 256
	maxLogGroupBytes = 512
)

// isNamed reports whether a text matches a pattern, and the pattern's group found maxBytes bytes at most.
func isNamed(pattern *regexp.Regexp, text string, maxBytes int) bool {
	found := pattern.FindStringSubmatch(text)
	return found != nil && len(found[1]) <= maxBytes
}

// maxPrefixCharacters is how long the prefix of a trail's objects may be.
const maxPrefixCharacters = 200

// check applies the rules of every trail, new or changed.
func check(t *Trail) error {
	if err := checkName(t.Name); err != nil {
		return err
	}
	if err := checkDelivery(t); err != nil {
		return err
	}
	if t.MultiRegion && !t.IncludeGlobalEvents {
		return fmt.Errorf("%w: a trail of all regions includes the events of global services", ErrCombination)
	}
	if len(t.Tags) > maxTags {
		return fmt.Errorf("%w: %d", ErrTooManyTags, len(t.Tags))
	}
	return nil
}

// checkDelivery checks the names of what a trail delivers to. It does not check that these exist, as nothing is
// delivered.
func checkDelivery(t *Trail) error {
	switch {
	case !object.IsBucketName(t.S3BucketName):
		return fmt.Errorf("%w: '%s'", ErrBucketName, t.S3BucketName)
	case utf8.RuneCountInString(t.S3KeyPrefix) > maxPrefixCharacters:
		return fmt.Errorf("%w: it has more than %d characters", ErrPrefix, maxPrefixCharacters)
	case t.SnsTopicName != "" && !isNamed(topicPattern(), t.SnsTopicName, maxTopicBytes):
		return fmt.Errorf("%w: '%s'", ErrTopicName, t.SnsTopicName)
	case t.CloudWatchLogsLogGroupARN != "" && !isNamed(logGroupPattern(), t.CloudWatchLogsLogGroupARN, maxLogGroupBytes):
		return fmt.Errorf("%w: '%s'", ErrLogGroupARN, t.CloudWatchLogsLogGroupARN)
	case t.CloudWatchLogsRoleARN != "" && !store.IsRoleARN(t.CloudWatchLogsRoleARN):
		return fmt.Errorf("%w: '%s'", ErrLogRoleARN, t.CloudWatchLogsRoleARN)
	case t.CloudWatchLogsLogGroupARN != "" && t.CloudWatchLogsRoleARN == "":
		return fmt.Errorf("%w: a log group needs a role", ErrLogRoleARN)
	case t.CloudWatchLogsLogGroupARN == "" && t.CloudWatchLogsRoleARN != "":
		return fmt.Errorf("%w: a role for logs needs a log group", ErrLogGroupARN)
	}
	return nil
}

func checkName(name string) error {
	if len(name) < 3 || len(name) > 128 || !namePattern().MatchString(name) || isAddress(name) {
		return fmt.Errorf("%w: '%s' must have 3 to 128 letters, digits, periods, underscores and dashes, without two of the last three in a row", ErrName, name)
	}
	return nil
}

func isAddress(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil
}

// arnRegion returns the region of an ARN, "" of a name.
func arnRegion(reference string) string {
	parts := strings.SplitN(reference, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || !arnPattern().MatchString(reference) {
		return ""
	}
	return parts[3]
}
