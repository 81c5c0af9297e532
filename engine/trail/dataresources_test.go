package trail

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDataResourceValues: basic event selectors take the values that the managed service takes, and no wildcards.
func TestDataResourceValues(t *testing.T) {
	const s3, lambda, dynamodb = "AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"
	for _, c := range []struct {
		kind, value string
		ok          bool
	}{
		{s3, "arn:aws:s3", true},
		{s3, "arn:aws-us-gov:s3", true},
		{s3, "arn:aws:s3:::", true},
		{s3, "arn:aws:s3:::logs/", true},
		{s3, "arn:aws:s3:::logs/a:b/c", true},
		{s3, "arn:aws:s3:::Old_Bucket/x", true},
		{s3, "arn:aws:s3:::logs", false},
		{s3, "arn:aws:s3:::*", false},
		{s3, "arn:aws:s3:::logs*/x", false},
		{s3, "arn:aws:s3:::logs/*", false},
		{s3, "arn:aws:s3:*", false},
		{s3, "arn:aws:s3::", false},
		{s3, "arn:aws:s3:::/x", false},
		{s3, "arn:aws:s3:eu-west-1:111122223333:logs/", false},
		{s3, "arn:awsome:s3", false},
		{s3, "arn:aws:lambda", false},
		{s3, "logs/", false},
		{s3, "", false},
		{lambda, "arn:aws:lambda", true},
		{lambda, "arn:aws:lambda:eu-west-1:111122223333:function:f", true},
		{lambda, "arn:aws:lambda:us-gov-west-1:111122223333:function:f_1-x:$LATEST", true},
		{lambda, "arn:aws:lambda:*", false},
		{lambda, "arn:aws:lambda:eu-west-1:111122223333:function:*", false},
		{lambda, "arn:aws:lambda:eu-west-1:111122223333:function", false},
		{lambda, "arn:aws:lambda:eu-west-1", false},
		{dynamodb, "arn:aws:dynamodb", true},
		{dynamodb, "arn:aws:dynamodb:eu-west-1:111122223333:table/t.1", true},
		{dynamodb, "arn:aws:dynamodb:eu-west-1:111122223333:table/*", false},
		{dynamodb, "arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/2026", false},
		{"AWS::SQS::Queue", "arn:aws:sqs", false},
	} {
		err := checkSelectors([]Selector{{ReadWriteType: "All", DataResources: []DataResource{{Type: c.kind, Values: []string{c.value}}}}})
		if c.ok {
			require.NoError(t, err, c.value)
			continue
		}
		require.ErrorIs(t, err, ErrSelectors, c.value)
		if c.kind != "AWS::SQS::Queue" {
			require.ErrorContains(t, err, "value "+c.value+" for DataResources.Values is invalid", c.value)
		}
	}
}
