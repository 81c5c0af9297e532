package trail

import (
	"fmt"
	"strings"

	"github.com/auditlake/auditlake/lazyregexp"
)

// dataType says which values of basic event selectors name resources of a type.
type dataType struct {
	service string // of their ARNs
	// isResource reports whether the part of an ARN after "arn:partition:service:" names resources of the type.
	isResource func(rest string) bool
	wants      string // what a message asks for
}

var (
	// bucketPattern includes the names that old buckets may have.
	bucketPattern   = lazyregexp.New(`^[a-zA-Z0-9][a-zA-Z0-9._-]{2,254}$`)
	functionPattern = lazyregexp.New(`^[a-z]{2}[a-z0-9-]+:[0-9]{12}:function:[a-zA-Z0-9_-]+(:[a-zA-Z0-9$_-]+)?$`)
	tablePattern    = lazyregexp.New(`^[a-z]{2}[a-z0-9-]+:[0-9]{12}:table/[a-zA-Z0-9_.-]+$`)
	partitionName   = lazyregexp.New(`^aws(-[a-z]+)*$`)
)

// dataTypes are the resources that basic event selectors may name.
var dataTypes = map[string]dataType{
	"AWS::S3::Object":       {"s3", isObjectPrefix, "arn:aws:s3 for all buckets, or arn:aws:s3:::BUCKET/ or arn:aws:s3:::BUCKET/PREFIX"},
	"AWS::Lambda::Function": {"lambda", func(rest string) bool { return functionPattern().MatchString(rest) }, "arn:aws:lambda for all functions, or the ARN of a function"},
	"AWS::DynamoDB::Table":  {"dynamodb", func(rest string) bool { return tablePattern().MatchString(rest) }, "arn:aws:dynamodb for all tables, or the ARN of a table"},
}

// isObjectPrefix reports whether text, which follows "arn:aws:s3:", names all objects of all buckets, of a bucket,
// or of a bucket with a key prefix. Selectors know no wildcards. A bucket without a slash would also be the
// beginning of other buckets' names.
func isObjectPrefix(text string) bool {
	bucket, key, hasKey := strings.Cut(strings.TrimPrefix(text, "::"), "/")
	switch {
	case !strings.HasPrefix(text, "::"), strings.HasSuffix(key, "*"):
		return false
	case bucket == "" && !hasKey:
		return true
	}
	return hasKey && bucketPattern().MatchString(bucket)
}

// checkDataResource returns an error if a data resource of a basic event selector has a type that such selectors
// cannot have, or a value that the managed service refuses.
func checkDataResource(r *DataResource) error {
	kind, ok := dataTypes[r.Type]
	if !ok {
		return fmt.Errorf("value %s for DataResources.Type is invalid: basic event selectors take AWS::S3::Object, AWS::Lambda::Function and AWS::DynamoDB::Table; "+
			"use AdvancedEventSelectors for other types", r.Type)
	}
	if len(r.Values) == 0 {
		return fmt.Errorf("%s has no values", r.Type)
	}
	for _, value := range r.Values {
		if !kind.names(value) {
			return fmt.Errorf("value %s for DataResources.Values is invalid: give %s", value, kind.wants)
		}
	}
	return nil
}

// names reports whether a value names resources of the type: all, by partition and service alone, or some.
func (k dataType) names(value string) bool {
	parts := strings.SplitN(value, ":", 4)
	if len(parts) < 3 || parts[0] != "arn" || !partitionName().MatchString(parts[1]) || parts[2] != k.service {
		return false
	}
	return len(parts) == 3 || k.isResource(parts[3])
}
