package record

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// typicalRecord is a data event of about 1.4 kB.
func typicalRecord(i int) []byte {
	return fmt.Appendf(nil, `{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA4EXAMPLEROLE2QRS:worker-%[1]d","arn":"arn:aws:sts::111122223333:assumed-role/Worker/worker-%[1]d","accountId":"111122223333","accessKeyId":"ASIA4EXAMPLEKEY7QRST","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA4EXAMPLEROLE2QRS","arn":"arn:aws:iam::111122223333:role/Worker","accountId":"111122223333","userName":"Worker"},"webIdFederationData":{},"attributes":{"creationDate":"2025-03-04T08:15:30Z","mfaAuthenticated":"false"}}},"eventTime":"2025-03-04T08:21:07Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.57","userAgent":"[aws-sdk-java/2.22.7 Linux/5.10 OpenJDK_64-Bit_Server_VM/17.0.2]","requestParameters":{"bucketName":"example-reports","Host":"example-reports.s3.eu-west-1.amazonaws.com","key":"daily/part-%[1]d.csv","x-amz-acl":"bucket-owner-full-control"},"responseElements":{"x-amz-server-side-encryption":"AES256"},"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","bytesTransferredIn":5120.0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"fz8sM3o1pQ0Tr5Vw7Xy9Za2Bc4De6Fg8Hi0Jk","bytesTransferredOut":0.0},"requestID":"79W5Y2M0Q1XH%04[1]d","eventID":"3f2c9a1e-5b7d-4e8f-a0c1-%012[1]d","readOnly":false,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::example-reports/daily/part-%[1]d.csv"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::example-reports"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data"}`, i)
}

func BenchmarkAppend(b *testing.B) {
	records := make([][]byte, 512)
	for i := range records {
		records[i] = typicalRecord(i)
	}
	a := newAppender(b)
	b.SetBytes(int64(len(records[0])))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		_, failure := a.Scan(records[i%len(records)])
		require.True(b, failure == nil)
		a.Append()
		if a.Rows() == 10_000 {
			a.Flush()
		}
	}
}
