package channel

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

const auditAccount = "111122223333"

// soundAudit is an activity that has all that one needs.
const soundAudit = `{"version":"1","userIdentity":{"type":"t","principalId":"p"},"eventSource":"s","eventName":"n","eventTime":"2026-01-01T00:00:00.5Z","UID":"u","recipientAccountId":"111122223333"}`

func envelopeOf(data []byte, millis int64) []byte {
	return NewEnvelope("eu-west-1", auditAccount, "arn:x", time.Unix(1, 0)).AppendEvent(nil, "e", time.UnixMilli(millis), data)
}

// TestCheckAudit: names and texts are read as JSON means them, and of members with one name the last counts.
func TestCheckAudit(t *testing.T) {
	with := func(old, new string) string { return strings.Replace(soundAudit, old, new, 1) }
	for _, tt := range []struct{ name, data, want string }{
		{"sound", soundAudit, ""},
		{"spaces", " \n" + strings.ReplaceAll(soundAudit, ",", " ,\t") + "\r\n ", ""},
		{"an escaped name", with(`"eventName"`, `"event\u004eame"`), ""},
		{"another letter case", with(`"eventName"`, `"EventName"`), FieldNotFound},
		{"escaped values", with(`"111122223333"`, `"\u00311112222\u0033333"`), ""},
		{"escapes count as characters", with(`"version":"1"`, `"version":"`+strings.Repeat(`\u0041`, 256)+`"`), ""},
		{"too many escapes", with(`"version":"1"`, `"version":"`+strings.Repeat(`\u0041`, 257)+`"`), FieldTooLong},
		{"the last of a name counts", with(`"eventName":"n"`, `"eventName":7,"eventName":"n"`), ""},
		{"a last one that is wrong", with(`"eventName":"n"`, `"eventName":"n","eventName":7`), InvalidData},
		{"the last identity counts", with(`"eventName"`, `"userIdentity":{},"eventName"`), FieldNotFound},
		{"null is none", with(`"eventName":"n"`, `"eventName":null`), FieldNotFound},
		{"an optional null", with(`"eventName"`, `"errorCode":null,"eventName"`), ""},
		{"an empty text is one", with(`"eventName":"n"`, `"eventName":""`), ""},
		{"two objects", soundAudit + soundAudit, InvalidData},
		{"invalid UTF-8", with(`"n"`, "\"\xff\""), InvalidData},
		{"an empty object", "{}", FieldNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data, result := CheckAudit([]byte(tt.data), "", auditAccount)
			require.Equal(t, tt.want, result.Code, result.Message)
			if tt.want == "" {
				require.EqualValues(t, 1767225600500, data.Millis)
			}
		})
	}
}

// TestActivitySelectorsSelectAll: a store of activity events has no selectors that leave some out, so events in an envelope need none asked.
func TestActivitySelectorsSelectAll(t *testing.T) {
	selectors := func(fields ...catalog.FieldSelector) []catalog.AdvancedEventSelector {
		category := catalog.FieldSelector{Field: "eventCategory", Equals: []string{"ActivityAuditLog"}}
		return []catalog.AdvancedEventSelector{{FieldSelectors: append([]catalog.FieldSelector{category}, fields...)}}
	}
	_, err := selector.Compile(selectors())
	require.NoError(t, err)
	for _, field := range []string{"eventName", "eventSource", "readOnly", "resources.type", "userIdentity.arn"} {
		_, err := selector.Compile(selectors(catalog.FieldSelector{Field: field, Equals: []string{"true"}}))
		require.ErrorIs(t, err, selector.ErrInvalid, field)
	}
	table, _ := schema.ForCategory("ActivityAuditLog")
	appender := record.NewAppender(table)
	row, failure := appender.Scan(envelopeOf([]byte(soundAudit), 1767225600500))
	require.Nil(t, failure)
	require.Equal(t, "ActivityAuditLog", string(row.Category))
	require.EqualValues(t, 1767225600500, row.EventTimeMillis)
}

// FuzzAudit: an activity that is taken is one that a store can read in its envelope, at the time that it was taken for, and JSON as others understand it.
func FuzzAudit(f *testing.F) {
	f.Add([]byte(soundAudit))
	f.Add([]byte(strings.Replace(soundAudit, `"t"`, `"t","details":`+strings.Repeat("[", 509)+strings.Repeat("]", 509), 1)))
	f.Add([]byte(strings.Replace(soundAudit, `"t"`, `"t","details":{"a":`+strings.Repeat("[", 507)+strings.Repeat("]", 507)+"}", 1)))
	f.Add([]byte(strings.Replace(soundAudit, "2026", "9999", 1)))
	f.Add([]byte("{}"))
	table, _ := schema.ForCategory("ActivityAuditLog")
	f.Fuzz(func(t *testing.T, data []byte) {
		checked, result := CheckAudit(data, "", auditAccount)
		if result.Code != "" {
			require.NotEmpty(t, result.Message)
			return
		}
		require.True(t, json.Valid(data))
		row, failure := record.NewAppender(table).Scan(envelopeOf(data, checked.Millis))
		require.Nil(t, failure)
		require.Equal(t, checked.Millis, row.EventTimeMillis)
		require.Equal(t, "ActivityAuditLog", string(row.Category))
	})
}
