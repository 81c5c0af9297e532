package gen

const (
	s3Object = `[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::<bucket>/<object>"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]`
	s3Bucket = `[{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]`
	kmsKey   = `[{"accountId":"<account>","type":"AWS::KMS::Key","ARN":"arn:aws:kms:<region>:<account>:key/<kmskey>"}]`
	dynamo   = `[{"accountId":"<account>","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:<region>:<account>:table/<table>"}]`
)

var (
	s3Extra = parse(`{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":<size>,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"<base64 75>=","bytesTransferredOut":<size 22>}`)
	s3Put   = parse(`{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":<size 22>,"SSEApplied":"SSE_KMS","AuthenticationMethod":"AuthHeader","x-amz-id-2":"<base64 75>=","bytesTransferredOut":<size>}`)

	noSuchKey = failure{code: "NoSuchKey", message: parse(`The specified key does not exist.`)}
	noCORS    = failure{code: "NoSuchCORSConfiguration", message: parse(`The CORS configuration does not exist`)}
	badKey    = failure{code: "InvalidCiphertextException"}
)

// storageActions are requests for objects, keys and tables.
var storageActions = []action{
	{weight: 1100, service: "s3", name: "GetObject", traits: reads | data, by: programs,
		request:   parse(`{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<object>"}`),
		extra:     s3Extra,
		resources: parse(s3Object), failures: []failure{noSuchKey}, failurePermille: 12},
	{weight: 800, service: "s3", name: "PutObject", traits: data, by: programs,
		request:   parse(`{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<object>","x-amz-server-side-encryption":"aws:kms","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:<region>:<account>:key/<kmskey>"}`),
		response:  parse(`{"x-amz-server-side-encryption":"aws:kms","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:<region>:<account>:key/<kmskey>","x-amz-version-id":"<base64 32>"}`),
		extra:     s3Put,
		resources: parse(s3Object)},
	{weight: 330, service: "s3", name: "PutObject", traits: data, by: serviceItself, principal: "delivery.logs.amazonaws.com",
		request:   parse(`{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","x-amz-acl":"bucket-owner-full-control","key":"AWSLogs/<account>/vpcflowlogs/<region>/<account>_vpcflowlogs_<region>_fl-<hex 17>.log.gz"}`),
		extra:     s3Put,
		resources: parse(s3Bucket)},
	{weight: 260, service: "s3", name: "HeadObject", traits: reads | data, by: programs,
		request: parse(`{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<object>"}`),
		extra:   s3Extra, resources: parse(s3Object), failures: []failure{noSuchKey}, failurePermille: 90},
	{weight: 240, service: "s3", name: "ListObjects", traits: reads | data, by: anyone,
		request: parse(`{"list-type":"2","bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","prefix":"","max-keys":"1000","encoding-type":"url"}`),
		extra:   s3Extra, resources: parse(`[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::<bucket>/"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]`)},
	{weight: 110, service: "s3", name: "DeleteObject", traits: data, by: anyone,
		request: parse(`{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<object>"}`),
		extra:   s3Extra, resources: parse(s3Object)},
	{weight: 14, service: "s3", name: "DeleteObjects", traits: data, by: programs,
		request: parse(`{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","delete":""}`),
		extra:   s3Extra, resources: parse(s3Bucket)},
	{weight: 420, service: "s3", name: "GetBucketAcl", traits: reads, by: serviceItself, principal: "cloudtrail.amazonaws.com",
		request: parse(`{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","acl":""}`),
		extra:   s3Extra, resources: parse(s3Bucket)},
	{weight: 60, service: "s3", name: "GetBucketLocation", traits: reads, by: anyone,
		request: parse(`{"bucketName":"<bucket>","Host":"s3.<region>.amazonaws.com","location":""}`),
		extra:   s3Extra, resources: parse(s3Bucket)},
	{weight: 30, service: "s3", name: "GetBucketCors", traits: reads, by: people,
		request: parse(`{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","cors":""}`),
		extra:   s3Extra, resources: parse(s3Bucket), failures: []failure{noCORS}, failurePermille: 500},
	{weight: 45, service: "s3", name: "ListBuckets", traits: reads, by: people,
		request: parse(`{"Host":"s3.<region>.amazonaws.com"}`), extra: s3Extra},
	{weight: 6, service: "s3", name: "PutBucketPolicy", by: people,
		request: parse(`{"bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"Read<int 90>","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::<account>:role/<role>"]},"Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::<bucket>","arn:aws:s3:::<bucket>/*"]}]},"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","policy":""}`),
		extra:   s3Extra, resources: parse(s3Bucket)},
	{weight: 4, service: "s3", name: "PutBucketPublicAccessBlock", by: people,
		request: parse(`{"PublicAccessBlockConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","BlockPublicAcls":<bool 800>,"IgnorePublicAcls":<bool 800>,"BlockPublicPolicy":<bool 800>,"RestrictPublicBuckets":<bool 800>},"publicAccessBlock":"","bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com"}`),
		extra:   s3Extra, resources: parse(s3Bucket)},
	{weight: 3, service: "s3", name: "DeleteBucket", by: people,
		request: parse(`{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com"}`),
		extra:   s3Extra, resources: parse(s3Bucket),
		failures: []failure{{code: "BucketNotEmpty", message: parse(`The bucket you tried to delete is not empty`)}}, failurePermille: 400},

	{weight: 900, service: "kms", name: "Decrypt", traits: reads | forwarded, by: programs,
		request:   parse(`{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>/<object>"}}`),
		resources: parse(kmsKey), failures: []failure{badKey}, failurePermille: 4},
	{weight: 480, service: "kms", name: "GenerateDataKey", traits: reads | forwarded, by: programs,
		request:   parse(`{"keySpec":"AES_256","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>/<object>"},"keyId":"arn:aws:kms:<region>:<account>:key/<kmskey>"}`),
		resources: parse(kmsKey)},
	{weight: 50, service: "kms", name: "Encrypt", traits: reads, by: programs,
		request: parse(`{"keyId":"alias/<function>","encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"LambdaFunctionName":"<function>"}}`), resources: parse(kmsKey)},
	{weight: 70, service: "kms", name: "DescribeKey", traits: reads, by: anyone,
		request: parse(`{"keyId":"<kmskey>"}`), resources: parse(kmsKey)},
	{weight: 3, service: "kms", name: "ScheduleKeyDeletion", by: people,
		request:   parse(`{"keyId":"<kmskey>","pendingWindowInDays":<int 30>}`),
		response:  parse(`{"keyId":"arn:aws:kms:<region>:<account>:key/<kmskey>","keyState":"PendingDeletion","deletionDate":"<wordytime>","pendingWindowInDays":30}`),
		resources: parse(kmsKey)},
	{weight: 3, service: "kms", name: "DisableKey", by: people, request: parse(`{"keyId":"<kmskey>"}`), resources: parse(kmsKey)},
	{weight: 6, service: "kms", name: "RotateKey", by: serviceItself, principal: "kms.amazonaws.com",
		details: parse(`{"keyId":"<kmskey>","keyRotation":"COMPLETE","backingKeyCount":<int 9>}`), resources: parse(kmsKey)},

	{weight: 190, service: "dynamodb", name: "GetItem", traits: reads | data, by: programs, apiVersion: "2012-08-10",
		request:   parse(`{"tableName":"<table>","key":{"id":"<uuid>"},"consistentRead":<bool 300>}`),
		resources: parse(dynamo)},
	{weight: 130, service: "dynamodb", name: "PutItem", traits: data, by: programs, apiVersion: "2012-08-10",
		request:   parse(`{"tableName":"<table>","key":{"id":"<uuid>"},"items":["id","state","updatedAt","version"]}`),
		resources: parse(dynamo), failures: []failure{{code: "ConditionalCheckFailedException", message: parse(`The conditional request failed`)}}, failurePermille: 25},
	{weight: 120, service: "dynamodb", name: "Query", traits: reads | data, by: programs, apiVersion: "2012-08-10",
		request:   parse(`{"tableName":"<table>","keyConditionExpression":"#p = :p","limit":<int 100>,"scanIndexForward":<bool 500>}`),
		resources: parse(dynamo), failures: []failure{throttled}, failurePermille: 10},
	{weight: 90, service: "dynamodb", name: "DescribeTable", traits: reads, by: anyone, apiVersion: "2012-08-10",
		request: parse(`{"tableName":"<table>"}`), resources: parse(dynamo)},
	{weight: 3, service: "dynamodb", name: "DeleteTable", by: people, apiVersion: "2012-08-10",
		request:  parse(`{"tableName":"<table>"}`),
		response: parse(`{"tableDescription":{"tableName":"<table>","tableStatus":"DELETING","itemCount":<int 90000>,"tableSizeBytes":<int 9000000>,"provisionedThroughput":{"readCapacityUnits":0,"writeCapacityUnits":0,"numberOfDecreasesToday":0.0}}}`), resources: parse(dynamo)},
}
