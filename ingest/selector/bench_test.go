package selector

import (
	"fmt"
	"testing"
)

// BenchmarkSelects decides on events of 1.5 kB by their category, as each push and import does.
func BenchmarkSelects(b *testing.B) {
	event := fmt.Appendf(nil, `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDA7","arn":"arn:aws:iam::111122223333:user/u7",`+
		`"accountId":"111122223333","userName":"u7"},"eventTime":"2026-01-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject",`+
		`"awsRegion":"us-east-1","sourceIPAddress":"192.0.2.7","userAgent":"[aws-cli/2.15.0]","requestParameters":{"bucketName":"reports","key":"k/7","x":"%0900d"},`+
		`"eventID":"00000000-0000-4000-8000-000000000007","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333"}`, 7)
	m := OfCategory("Management").NewMatcher()
	b.SetBytes(int64(len(event)))
	b.ReportAllocs()
	for b.Loop() {
		if !m.Selects(event) {
			b.Fatal("not selected")
		}
	}
}
