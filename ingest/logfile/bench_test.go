package logfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// benchmarkFile is a log file of n records of some 700 bytes.
func benchmarkFile(n int) string {
	var b strings.Builder
	b.WriteString(`{"Records":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA4EXAMPLEROLE2QRS:worker-%[1]d","arn":"arn:aws:sts::111122223333:assumed-role/Worker/worker-%[1]d","accountId":"111122223333","accessKeyId":"ASIA4EXAMPLEKEY7QRST"},"eventTime":"2025-03-04T08:21:07Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.57","requestParameters":{"bucketName":"example-reports","Host":"example-reports.s3.eu-west-1.amazonaws.com","key":"daily/part-%[1]d.csv","x-amz-acl":"bucket-owner-full-control"},"eventID":"3f2c9a1e-5b7d-4e8f-a0c1-%012[2]d","readOnly":false,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::example-reports/daily/part-%[1]d.csv"}]}`, i, i*7919*7919)
	}
	b.WriteString(`]}`)
	return b.String()
}

func BenchmarkReader(b *testing.B) {
	plain := benchmarkFile(10_000)
	for name, stored := range map[string][]byte{"plain": []byte(plain), "gzip": packed(plain)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				r := readerOf(bytes.NewReader(stored), DefaultLimits())
				for {
					_, err := r.Next()
					if err == io.EOF {
						break
					}
					require.True(b, err == nil)
				}
				r.Digest()
			}
		})
	}
}
