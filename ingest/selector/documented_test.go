package selector

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ofType is a list of one selector of data events of some types, with more fields.
func ofType(types string, more ...string) string {
	return of(strings.Join(append([]string{`{"Field":"eventCategory","Equals":["Data"]}`, `{"Field":"resources.type","Equals":[` + types + `]}`}, more...), ","))
}

// ofNetwork is a list of one selector of network activity events of a source.
func ofNetwork(source string) string {
	return of(`{"Field":"eventCategory","Equals":["NetworkActivity"]},{"Field":"eventSource","Equals":["` + source + `"]}`)
}

// TestUndocumentedValues: a new selector takes the values that the service documents. Those of a store from before are compiled.
func TestUndocumentedValues(t *testing.T) {
	arn := func(operator, value string) string {
		return `{"Field":"resources.ARN","` + operator + `":["` + value + `"]}`
	}
	for name, c := range map[string]struct{ selectors, want string }{
		"two types":             {ofType(`"AWS::S3::Object","AWS::Lambda::Function"`), "selector 1: resources.type takes one value: each type needs a selector of its own"},
		"a type of no data":     {ofType(`"AWS::S3::Bucket"`), `selector 1: resources.type has the value "AWS::S3::Bucket", which is not a type of data events; did you mean AWS::S3::AccessPoint, AWS::S3::Object, AWS::S3Tables::TableBucket?`},
		"a misspelled type":     {ofType(`"AWS::DynamoDb::Tabel"`), "did you mean AWS::DynamoDB::Table, AWS::DynamoDB::Stream?"},
		"a service alone":       {ofType(`"lambda"`), "did you mean AWS::Lambda::Function?"},
		"an unknown service":    {ofType(`"AWS::IAM::Role"`), "which is not a type of data events; the CloudTrail user guide lists them"},
		"an ARN of a function":  {ofType(`"AWS::S3::Object"`, arn("Equals", "arn:aws:lambda:us-east-1:111122223333:function:f")), `resources.ARN has the value "arn:aws:lambda:us-east-1:111122223333:function:f", which is no ARN of AWS::S3::Object: Equals and NotEquals take arn:aws:s3:::BUCKET/KEY; StartsWith takes the beginning of one`},
		"the ARN of a bucket":   {ofType(`"AWS::S3::Object"`, arn("NotEquals", "arn:aws:s3:::bucket")), "is no ARN of AWS::S3::Object"},
		"an access point":       {ofType(`"AWS::S3::Object"`, arn("Equals", "arn:aws:s3:us-east-1:111122223333:accesspoint/p")), "is no ARN of AWS::S3::Object"},
		"an object of a point":  {ofType(`"AWS::S3::AccessPoint"`, arn("Equals", "arn:aws:s3:::bucket/key")), "is no ARN of AWS::S3::AccessPoint"},
		"a name alone":          {ofType(`"AWS::Lambda::Function"`, arn("Equals", "f")), "take arn:aws:lambda:REGION:ACCOUNT:function:FUNCTION"},
		"a layer":               {ofType(`"AWS::Lambda::Function"`, arn("Equals", "arn:aws:lambda:us-east-1:111122223333:layer:f")), "is no ARN of AWS::Lambda::Function"},
		"a table of a stream":   {ofType(`"AWS::DynamoDB::Stream"`, arn("Equals", "arn:aws:dynamodb:us-east-1:111122223333:table/t")), "is no ARN of AWS::DynamoDB::Stream"},
		"no ARN of any service": {ofType(`"AWS::CloudWatch::Metric"`, arn("Equals", "metric")), "take arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE"},
		"an unknown source":     {ofNetwork("iam.amazonaws.com"), `selector 1: eventSource has the value "iam.amazonaws.com", which is not a source of network activity events; the CloudTrail user guide lists them`},
		"a misspelled source":   {ofNetwork("ec2.amazonaws.co"), "did you mean ec2.amazonaws.com, ecs.amazonaws.com?"},
	} {
		t.Run(name, func(t *testing.T) {
			selectors := parse(t, c.selectors)
			err := Check(selectors)
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, c.want)
			_, err = CheckOfTrail(selectors)
			require.ErrorContains(t, err, c.want)
			_, err = Compile(selectors)
			require.NoError(t, err, "as a store from before has it")
		})
	}
}

func TestDocumentedValues(t *testing.T) {
	for _, resourceType := range resourceTypes {
		require.NoError(t, Check(parse(t, ofType(`"`+resourceType+`"`))), resourceType)
		if form := arnForms[resourceType]; form != "" {
			require.True(t, isARNOf("arn:aws:"+form, resourceType), form)
			require.False(t, isARNOf("arn:aws:iam::111122223333:role/r", resourceType), form)
		}
	}
	require.Len(t, resourceTypes, 124)
	for _, source := range networkSources {
		require.NoError(t, Check(parse(t, ofNetwork(source))), source)
	}
	require.Len(t, networkSources, 26)
	for _, c := range []struct{ resourceType, condition string }{
		{"AWS::S3::Object", `"Equals":["arn:aws:s3:::bucket/","arn:aws-cn:s3:::bucket/a:b*"]`},
		{"AWS::S3::Object", `"StartsWith":["arn:aws:s3"],"NotStartsWith":["arn:aws:lambda"],"EndsWith":[".tmp"],"NotEndsWith":["x"]`},
		{"AWS::Lambda::Function", `"NotEquals":["arn:aws:lambda:us-east-1:111122223333:function:f"]`},
		{"AWS::EC2::Snapshot", `"Equals":["arn:aws:ec2:us-east-1::snapshot/snap-1","arn:aws:ec2:us-east-1:111122223333:snapshot/snap-1"]`},
		{"AWS::RDS::DBCluster", `"Equals":["arn:aws:rds:us-east-1:111122223333:cluster:c"]`},
		{"AWS::StepFunctions::StateMachine", `"Equals":["arn:aws:states:us-east-1:111122223333:stateMachine:m"]`},
		{"AWS::Bedrock::Model", `"Equals":["arn:aws:bedrock:us-east-1::foundation-model/m"]`},
	} {
		require.NoError(t, Check(parse(t, ofType(`"`+c.resourceType+`"`, `{"Field":"resources.ARN",`+c.condition+`}`))), c.condition)
	}
	require.Error(t, Check(nil))
}
