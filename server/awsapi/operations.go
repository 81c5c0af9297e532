package awsapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/auditlake/auditlake/server/awsapi/model"
	"github.com/auditlake/auditlake/server/awsapi/sigv4"
)

// operation runs a call and returns the members of the answer.
type operation func(d *Door, ctx context.Context, c *call) (any, error)

// operations are the supported operations by service. All others of the model answer UnsupportedOperationException.
var operations = map[string]map[string]operation{
	model.CloudTrail: {
		"AddTags":                              reads((*Door).addTags),
		"CancelQuery":                          reads((*Door).cancelQuery),
		"CreateChannel":                        reads((*Door).createChannel),
		"CreateDashboard":                      reads((*Door).createDashboard),
		"CreateEventDataStore":                 reads((*Door).createEventDataStore),
		"CreateTrail":                          reads((*Door).createTrail),
		"DeleteChannel":                        reads((*Door).deleteChannel),
		"DeleteDashboard":                      reads((*Door).deleteDashboard),
		"DeleteEventDataStore":                 reads((*Door).deleteEventDataStore),
		"DeleteResourcePolicy":                 reads((*Door).deleteResourcePolicy),
		"DeleteTrail":                          reads((*Door).deleteTrail),
		"DeregisterOrganizationDelegatedAdmin": reads((*Door).noOrganization),
		"DescribeQuery":                        reads((*Door).describeQuery),
		"DescribeTrails":                       reads((*Door).describeTrails),
		"DisableFederation":                    reads((*Door).disableFederation),
		"EnableFederation":                     reads((*Door).enableFederation),
		"GenerateQuery":                        reads((*Door).generateQuery),
		"GetChannel":                           reads((*Door).getChannel),
		"GetDashboard":                         reads((*Door).getDashboard),
		"GetEventConfiguration":                reads((*Door).getEventConfiguration),
		"GetEventDataStore":                    reads((*Door).getEventDataStore),
		"GetEventSelectors":                    reads((*Door).getEventSelectors),
		"GetImport":                            reads((*Door).getImport),
		"GetInsightSelectors":                  reads((*Door).getInsightSelectors),
		"GetQueryResults":                      reads((*Door).getQueryResults),
		"GetResourcePolicy":                    reads((*Door).getResourcePolicy),
		"GetTrail":                             reads((*Door).getTrail),
		"GetTrailStatus":                       reads((*Door).getTrailStatus),
		"ListChannels":                         reads((*Door).listChannels),
		"ListDashboards":                       reads((*Door).listDashboards),
		"ListEventDataStores":                  reads((*Door).listEventDataStores),
		"ListImportFailures":                   reads((*Door).listImportFailures),
		"ListImports":                          reads((*Door).listImports),
		"ListInsightsData":                     reads((*Door).listInsightsData),
		"ListInsightsMetricData":               reads((*Door).listInsightsMetricData),
		"ListPublicKeys":                       reads((*Door).listPublicKeys),
		"ListQueries":                          reads((*Door).listQueries),
		"ListTags":                             reads((*Door).listTags),
		"ListTrails":                           reads((*Door).listTrails),
		"LookupEvents":                         reads((*Door).lookupEvents),
		"PutEventConfiguration":                reads((*Door).putEventConfiguration),
		"PutEventSelectors":                    reads((*Door).putEventSelectors),
		"PutInsightSelectors":                  reads((*Door).putInsightSelectors),
		"PutResourcePolicy":                    reads((*Door).putResourcePolicy),
		"RegisterOrganizationDelegatedAdmin":   reads((*Door).noOrganization),
		"RemoveTags":                           reads((*Door).removeTags),
		"RestoreEventDataStore":                reads((*Door).restoreEventDataStore),
		"SearchSampleQueries":                  reads((*Door).searchSampleQueries),
		"StartDashboardRefresh":                reads((*Door).startDashboardRefresh),
		"StartEventDataStoreIngestion":         reads((*Door).startEventDataStoreIngestion),
		"StartImport":                          reads((*Door).startImport),
		"StartLogging":                         reads((*Door).startLogging),
		"StartQuery":                           reads((*Door).startQuery),
		"StopEventDataStoreIngestion":          reads((*Door).stopEventDataStoreIngestion),
		"StopImport":                           reads((*Door).stopImport),
		"StopLogging":                          reads((*Door).stopLogging),
		"UpdateChannel":                        reads((*Door).updateChannel),
		"UpdateDashboard":                      reads((*Door).updateDashboard),
		"UpdateEventDataStore":                 reads((*Door).updateEventDataStore),
		"UpdateTrail":                          reads((*Door).updateTrail),
	},
	model.CloudTrailData: {
		"PutAuditEvents": reads((*Door).putAuditEvents),
	},
}

// maxPresigned limits the validity of a presigned request that changes something.
const maxPresigned = 15 * time.Minute

// readingAlone reports whether an operation changes nothing. StartQuery does not qualify: it costs money and writes
// into buckets.
func readingAlone(operation string) bool { return reading(operation) && operation != "StartQuery" }

// reads converts a function with a typed input into an operation. In's fields are the operation's members.
func reads[In any](do func(d *Door, ctx context.Context, c *call, in *In) (any, error)) operation {
	return func(d *Door, ctx context.Context, c *call) (any, error) {
		text, err := json.Marshal(c.members)
		if err != nil {
			return nil, fmt.Errorf("input of %s: %w", c.operation, err)
		}
		in := new(In)
		if err := json.Unmarshal(text, in); err != nil {
			return nil, fmt.Errorf("input of %s: %w", c.operation, err)
		}
		return do(d, ctx, c, in)
	}
}

// do checks the input of an operation, runs it, and returns the body of the answer.
func (d *Door) do(r *http.Request, c *call, service, name string, body []byte) ([]byte, error) {
	shape := model.Services()[service].Operations[name]
	if shape == nil {
		return nil, fail("UnknownOperationException", "%s has no such operation.", service)
	}
	c.operation = name
	if c.presignedFor > maxPresigned && !readingAlone(name) {
		return nil, &sigv4.Error{Reason: sigv4.InvalidSignature, Message: fmt.Sprintf("X-Amz-Expires of a presigned %s may be at most %d seconds.", name, int(maxPresigned.Seconds()))}
	}
	do := operations[service][name]
	if do == nil {
		return nil, fail("UnsupportedOperationException", "This server does not support %s.", name)
	}
	members, err := shape.CheckRequest(body, r.URL.Query())
	var violation *model.Violation
	if errors.As(err, &violation) {
		return nil, violationError(shape, violation)
	}
	c.members = members
	answer, err := do(d, r.Context(), c)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, fmt.Errorf("answer of %s: %w", name, err)
	}
	return text, nil
}

// nothing is the empty answer.
type nothing struct{}

// timestamp is an instant on the wire: seconds since 1970, with milliseconds.
type timestamp time.Time

// MarshalJSON implements json.Marshaler.
func (t timestamp) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(time.Time(t).UnixMilli())/1000, 'f', -1, 64), nil
}

// UnmarshalJSON implements json.Unmarshaler. The value was checked to be in range.
func (t *timestamp) UnmarshalJSON(text []byte) error {
	seconds, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return err
	}
	*t = timestamp(time.UnixMilli(int64(seconds * 1000)).UTC())
	return nil
}

// at returns the instant, or the zero time of a nil one.
func (t *timestamp) at() time.Time {
	if t == nil {
		return time.Time{}
	}
	return time.Time(*t)
}

// stamp returns an optional instant: nil for the zero time.
func stamp(at time.Time) *timestamp {
	if at.IsZero() {
		return nil
	}
	t := timestamp(at)
	return &t
}

const (
	// A page of a list has defaultPage elements by default and at most maxPage.
	defaultPage = 1000
	maxPage     = 1000
)

// pageSize returns the page size that the client wants; 0: the default.
func pageSize(wanted int) int {
	if wanted == 0 {
		return defaultPage
	}
	return min(wanted, maxPage)
}

// readToken reads the position after which the page begins, nil for the first page.
func readToken[Place any](d *Door, c *call, token string) (*Place, error) {
	if token == "" {
		return nil, nil
	}
	place := new(Place)
	if err := d.tokens.decode(c.tokenScope(), token, place); err != nil {
		return nil, fail("InvalidNextTokenException", "The token is invalid or expired, or was made for a request with other parameters.")
	}
	return place, nil
}

// writeToken returns the token of the position after which the next page begins; for nil, "".
func writeToken[Place any](d *Door, c *call, place *Place) (string, error) {
	if place == nil {
		return "", nil
	}
	return d.tokens.encode(c.tokenScope(), place)
}

// tokenScope returns what a page token is valid for: the operation, the caller's account and the members, except
// those for paging.
func (c *call) tokenScope() string {
	others := maps.Clone(c.members)
	for _, name := range []string{"NextToken", "MaxResults", "MaxQueryResults"} {
		delete(others, name)
	}
	text, _ := json.Marshal(others) // came from JSON; names are sorted
	return c.operation + "\n" + c.caller.Key().AccountID + "\n" + string(text)
}
