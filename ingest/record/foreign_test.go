package record

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/storage/schema"
)

// TestForeign: records of other services are no events, whatever they share with events; what is left of an event is one.
func TestForeign(t *testing.T) {
	const at = `"eventTime":"2026-03-01T00:00:00.000Z"`
	table, ok := schema.ForCategory("Management")
	require.True(t, ok)
	a := NewAppender(table)
	for name, c := range map[string]struct {
		record, want string
	}{
		"S3 notification":         {`{"eventVersion":"2.1","eventSource":"aws:s3",` + at + `,"eventName":"ObjectCreated:Put","userIdentity":{"principalId":"AWS:AROAX"},"s3":{"bucket":{"name":"b"}}}`, "one of aws:s3,"},
		"MinIO notification":      {`{"eventVersion":"2.0","eventSource":"minio:s3",` + at + `,"eventName":"s3:ObjectCreated:Put","s3":{}}`, "one of minio:s3,"},
		"DynamoDB stream":         {`{"eventID":"1","eventName":"INSERT","eventSource":"aws:dynamodb","dynamodb":{}}`, "one of aws:dynamodb,"},
		"Kinesis stream":          {`{"eventID":"s:1","eventName":"aws:kinesis:record","eventSource":"aws:kinesis","kinesis":{"data":"e30="}}`, "one of aws:kinesis,"},
		"CodeCommit trigger":      {`{"eventSource":"aws:codecommit",` + at + `,"eventName":"ReferenceChanges"}`, "one of aws:codecommit,"},
		"received mail":           {`{"eventSource":"aws:ses","eventVersion":"1.0","ses":{}}`, "one of aws:ses,"},
		"an escaped source":       {`{"eventSource":"aws\u003as3",` + at + `}`, "one of aws:s3,"},
		"another program's log":   {`{` + at + `,"user":"maria","action":"login"}`, "no member of an event"},
		"nothing":                 {`{}`, ""}, // it has no eventTime, which says enough
		"a time alone":            {`{` + at + `}`, "no member of an event"},
		"a bad time alone":        {`{"eventTime":"never"}`, ""}, // likewise
		"nulls":                   {`{` + at + `,"eventName":null,"eventID":null}`, ""},
		"no time":                 {`{"user":"maria"}`, "no member of an event"},
		"event":                   {`{"eventSource":"ec2.amazonaws.com",` + at + `,"eventName":"RunInstances"}`, ""},
		"flattened":               {`{"eventSource":"ec2.amazonaws.com",` + at + `,"eventName":"x","userIdentity.arn":"a"}`, "flattened to names"},
		"flattened, and whole":    {`{` + at + `,"userIdentity":{"arn":"a"},"userIdentity.arn":"a"}`, ""},
		"an id alone":             {`{` + at + `,"eventID":"e"}`, ""},
		"a source of another app": {`{` + at + `,"eventSource":"Payroll:Web app"}`, ""},
		"an ARN as source":        {`{` + at + `,"eventSource":"arn:aws:s3:::b"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, _ = a.Scan([]byte(c.record))
			got := a.Foreign()
			if c.want == "" {
				require.Nil(t, got)
				return
			}
			require.NotNil(t, got)
			require.Equal(t, ingest.NotAnEvent, got.Reason)
			require.Contains(t, got.Message, c.want)
		})
	}
}
