package access

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

const (
	// Service is the principal that refreshes the dashboards that clients made, whichever door the refresh was
	// requested at.
	Service = "cloudtrail.amazonaws.com"
	// RefreshAction is the API's action for refreshing a dashboard.
	RefreshAction = "cloudtrail:StartDashboardRefresh"
	// RefreshDoor is the door of all statements of refreshes. Clients of the AWS API read their answers, whichever
	// door began the refresh.
	RefreshDoor = "aws"
)

// ServiceRequest returns the policy request of an action by the service for a dashboard.
func ServiceRequest(lake *engine.Lake, found *engine.Dashboard, action, resource string, tags []policy.Tag) policy.Request {
	return policy.Request{
		Action: action, Resource: resource, ResourceAccount: lake.AccountID(), ResourceTags: tags, Principal: policy.Principal{Service: Service},
		SourceARN: found.ARN(), SourceAccount: found.AccountID, Now: lake.Now(), SecureTransport: true,
	}
}

// AllowsService returns why the policy of a resource does not let the service act for a dashboard, nil if it does.
func AllowsService(r policy.Request, resourcePolicy string) error {
	reason := "it has no policy"
	if resourcePolicy != "" {
		document, err := policy.ParseResource(resourcePolicy)
		if err != nil {
			return fmt.Errorf("the policy of %s cannot be read: %w", r.Resource, err)
		}
		decision := policy.Evaluate(&r, nil, document)
		if decision.Allowed {
			return nil
		}
		reason = decision.Reason
	}
	return fmt.Errorf("%s is not authorized to perform %s on resource %s: %s", Service, r.Action, r.Resource, reason)
}

// ServiceOptions returns the options of statements that the service runs for a dashboard. The service reads the
// stores whose policies allow it, and no reference tables.
func ServiceOptions(lake *engine.Lake, found *engine.Dashboard) []engine.QueryOption {
	return []engine.QueryOption{engine.User(Service), engine.MayRead(func(s engine.QuerySource) error {
		if s.StoreARN == "" {
			return fmt.Errorf("%s cannot read reference tables", Service)
		}
		var tags []policy.Tag
		for key, value := range s.Tags {
			tags = append(tags, policy.Tag{Key: key, Value: value})
		}
		return AllowsService(ServiceRequest(lake, found, StartQueryAction, s.StoreARN, tags), s.ResourcePolicy)
	})}
}

// WithServiceStatement returns a policy's text with a statement added that allows the service an action for a
// dashboard. before is the present policy, "" for none.
func WithServiceStatement(before, action string, found *engine.Dashboard) (string, error) {
	document := map[string]json.RawMessage{"Version": json.RawMessage(`"2012-10-17"`)}
	if before != "" {
		if err := json.Unmarshal([]byte(before), &document); err != nil {
			return "", err
		}
	}
	var statements []json.RawMessage
	if given := bytes.TrimSpace(document["Statement"]); len(given) > 0 && given[0] == '[' {
		if err := json.Unmarshal(given, &statements); err != nil {
			return "", err
		}
	} else if len(given) > 0 {
		statements = []json.RawMessage{given}
	}
	added, err := json.Marshal(map[string]any{
		"Effect": "Allow", "Principal": map[string]string{"Service": Service}, "Action": action,
		"Condition": map[string]any{"StringEquals": map[string]string{"AWS:SourceArn": found.ARN(), "AWS:SourceAccount": found.AccountID}},
	})
	if err != nil {
		return "", err
	}
	if document["Statement"], err = json.Marshal(append(statements, added)); err != nil {
		return "", err
	}
	text, err := json.Marshal(document)
	if err != nil {
		return "", err
	}
	_, err = policy.ParseResource(string(text))
	return string(text), err
}
