package model_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/server/awsapi/model"
)

func TestServices(t *testing.T) {
	services := model.Services()
	require.Len(t, services[model.CloudTrail].Operations, 60)
	require.Len(t, services[model.CloudTrailData].Operations, 1)
	for _, s := range services {
		for name, o := range s.Operations {
			require.Equal(t, name, o.Name)
			for _, code := range o.Errors {
				require.NotZero(t, s.Errors[code], "%s: %s", name, code)
			}
		}
	}
}

// TestCapturedRequests: what stock clients sent has the shape of its operation.
func TestCapturedRequests(t *testing.T) {
	f, err := os.Open(material.Own(t, "aws/requests.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	seen := map[string]bool{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var c struct{ ID, Operation, Path, Body string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		seen[c.Operation] = true
		o := model.Services()[model.CloudTrail].Operations[c.Operation]
		if o == nil {
			o = model.Services()[model.CloudTrailData].Operations[c.Operation]
		}
		u, err := url.Parse(c.Path)
		require.NoError(t, err)
		checked, err := o.CheckRequest([]byte(c.Body), u.Query())
		require.NoError(t, err, c.ID)
		var sent map[string]any
		require.NoError(t, json.Unmarshal([]byte(c.Body), &sent))
		require.Len(t, checked, len(sent)+len(u.Query()), c.ID)
	}
	require.NoError(t, lines.Err())
	require.Len(t, seen, 61)
}

func TestCheckInput(t *testing.T) {
	const longest = 10000
	for _, tt := range []struct {
		name, operation, body string
		kind                  model.Kind
		member, says          string
	}{
		{"good", "StartQuery", `{"QueryStatement":"SELECT 1"}`, 0, "", ""},
		{"absent members", "StartQuery", `{}`, 0, "", ""},
		{"null is absent", "StartQuery", `{"QueryStatement":null}`, 0, "", ""},
		{"unknown member", "StartQuery", `{"Nothing":[1]}`, 0, "", ""},
		{"member in other letters is unknown", "StartQuery", `{"querystatement":1}`, 0, "", ""},
		{"longest", "StartQuery", `{"QueryStatement":"` + strings.Repeat("é", longest) + `"}`, 0, "", ""},
		{"pattern over lines", "StartQuery", `{"QueryStatement":"SELECT\n1"}`, 0, "", ""},
		{"timestamp with fraction", "ListQueries", `{"EventDataStore":"abc","StartTime":1763555415.25}`, 0, "", ""},
		{"empty", "StartQuery", ``, model.Malformed, "", "not one JSON object"},
		{"no object", "StartQuery", `[]`, model.Malformed, "", "not a JSON object"},
		{"two objects", "StartQuery", `{}{}`, model.Malformed, "", "something follows it"},
		{"cut", "StartQuery", `{"QueryStatement":"`, model.Malformed, "", "not one JSON object"},
		{"no UTF-8", "StartQuery", "{\"QueryStatement\":\"\xff\"}", model.Malformed, "", "UTF-8"},
		{"number for a string", "StartQuery", `{"QueryStatement":1}`, model.Malformed, "QueryStatement", "must be a string"},
		{"too short", "StartQuery", `{"QueryStatement":""}`, model.Constraint, "QueryStatement", "length of 1 or more"},
		{"too long", "StartQuery", `{"QueryStatement":"` + strings.Repeat("é", longest+1) + `"}`, model.Constraint, "QueryStatement", "length of 10000 or less"},
		{"pattern", "StartQuery", `{"DeliveryS3Uri":"s3://B/"}`, model.Constraint, "DeliveryS3Uri", "must match the pattern"},
		{"pattern is of the whole", "StartQuery", `{"EventDataStoreOwnerAccountId":"a123456789012"}`, model.Constraint, "EventDataStoreOwnerAccountId", "pattern"},
		{"too few elements", "StartQuery", `{"QueryParameters":[]}`, model.Constraint, "QueryParameters", "length of 1 or more"},
		{"too many elements", "StartQuery", `{"QueryParameters":["","","","","","","","","","",""]}`, model.Constraint, "QueryParameters", "length of 10 or less"},
		{"element", "StartQuery", `{"QueryParameters":["a",""]}`, model.Constraint, "QueryParameters", "QueryParameters[1] must have a length"},
		{"null element", "StartQuery", `{"QueryParameters":[null]}`, model.Malformed, "QueryParameters", "must be a string"},
		{"string for a list", "StartQuery", `{"QueryParameters":"a"}`, model.Malformed, "QueryParameters", "must be a list"},
		{"missing", "GetEventDataStore", `{}`, model.Constraint, "EventDataStore", "Missing required parameter: EventDataStore"},
		{"enum", "ListQueries", `{"EventDataStore":"abc","QueryStatus":"DONE"}`, model.Constraint, "QueryStatus", "one of QUEUED, RUNNING"},
		{"ISO timestamp", "ListQueries", `{"EventDataStore":"abc","StartTime":"2026-01-31T00:00:00Z"}`, model.Malformed, "StartTime", "must be a number"},
		{"timestamp far away", "ListQueries", `{"EventDataStore":"abc","StartTime":1e300}`, model.Malformed, "StartTime", "before the year 10000"},
		{"number out of range", "ListQueries", `{"EventDataStore":"abc","StartTime":1e999}`, model.Malformed, "StartTime", "out of range"},
		{"too small", "ListQueries", `{"EventDataStore":"abc","MaxResults":0}`, model.Constraint, "MaxResults", "value of 1 or more"},
		{"too large", "ListQueries", `{"EventDataStore":"abc","MaxResults":1001}`, model.Constraint, "MaxResults", "value of 1000 or less"},
		{"fraction", "ListQueries", `{"EventDataStore":"abc","MaxResults":1.5}`, model.Malformed, "MaxResults", "whole number"},
		{"string for a boolean", "CreateEventDataStore", `{"Name":"abc","StartIngestion":"false"}`, model.Malformed, "StartIngestion", "true or false"},
		{"member of a structure", "CreateEventDataStore", `{"Name":"abc","AdvancedEventSelectors":[{"FieldSelectors":[{"Equals":["a"]}]}]}`,
			model.Constraint, "AdvancedEventSelectors", "Missing required parameter: AdvancedEventSelectors[0].FieldSelectors[0].Field"},
		{"string for a structure", "CreateEventDataStore", `{"Name":"abc","TagsList":["a"]}`, model.Malformed, "TagsList", "TagsList[0] must be an object"},
		{"value of a map", "CreateDashboard", `{"Name":"abc","Widgets":[{"QueryStatement":"SELECT 1","ViewProperties":{"Height":2}}]}`,
			model.Malformed, "Widgets", "ViewProperties.Height must be a string"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := model.Services()[model.CloudTrail].Operations[tt.operation].CheckRequest([]byte(tt.body), nil)
			if tt.kind == 0 {
				require.NoError(t, err)
				return
			}
			var v *model.Violation
			require.True(t, errors.As(err, &v), "%v", err)
			require.Equal(t, tt.kind, v.Kind, err)
			require.Equal(t, tt.member, v.Member)
			require.ErrorContains(t, err, tt.says)
		})
	}
}

// TestCheckedAlone: what was not checked does not come through.
func TestCheckedAlone(t *testing.T) {
	checked, err := model.Services()[model.CloudTrail].Operations["AddTags"].CheckRequest(
		[]byte(`{"ResourceId":"arn","resourceid":"x","Other":1,"TagsList":[{"Key":"a","Value":null,"Other":2}]}`), nil)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"ResourceId": "arn", "TagsList": []any{map[string]any{"Key": "a"}}}, checked)
}

// FuzzCheckRequest: whatever a client sends is checked or refused, and what was checked passes again.
func FuzzCheckRequest(f *testing.F) {
	f.Add("CreateEventDataStore", `{"Name":"abc","AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]}`)
	f.Add("ListQueries", `{"EventDataStore":"abc","StartTime":1763555415.25,"MaxResults":7}`)
	f.Add("CreateDashboard", `{"Name":"abc","Widgets":[{"QueryStatement":"SELECT 1","ViewProperties":{"Height":"2"}}]}`)
	f.Fuzz(func(t *testing.T, operation, body string) {
		o := model.Services()[model.CloudTrail].Operations[operation]
		if o == nil {
			return
		}
		checked, err := o.CheckRequest([]byte(body), nil)
		if err != nil {
			require.ErrorAs(t, err, new(*model.Violation))
			return
		}
		text, err := json.Marshal(checked)
		require.NoError(t, err)
		again, err := o.CheckRequest(text, nil)
		require.NoError(t, err)
		require.Equal(t, checked, again)
	})
}
