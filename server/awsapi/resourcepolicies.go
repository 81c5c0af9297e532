package awsapi

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// sharedActions are what the policy of a store may be about, in lower case.
var sharedActions = map[string]bool{
	"cloudtrail:startquery": true, "cloudtrail:cancelquery": true, "cloudtrail:listqueries": true, "cloudtrail:describequery": true,
	"cloudtrail:getqueryresults": true, "cloudtrail:generatequery": true, "cloudtrail:generatequeryresultssummary": true,
	"cloudtrail:geteventdatastore": true,
}

type resourcePolicy struct{ ResourceArn, ResourcePolicy string }

func (d *Door) putResourcePolicy(ctx context.Context, c *call, in *resourcePolicy) (any, error) {
	store, err := d.withPolicy(ctx, c, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if err := checkStorePolicy(in.ResourcePolicy, store.ARN()); err != nil {
		return nil, err
	}
	if err := d.lake.Stores().SetResourcePolicy(ctx, store.ARN(), in.ResourcePolicy); err != nil {
		return nil, err
	}
	return in, nil
}

func (d *Door) getResourcePolicy(ctx context.Context, c *call, in *resourcePolicy) (any, error) {
	store, err := d.withPolicy(ctx, c, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if store.ResourcePolicy == "" {
		return nil, noPolicy(in.ResourceArn)
	}
	return resourcePolicy{in.ResourceArn, store.ResourcePolicy}, nil
}

func (d *Door) deleteResourcePolicy(ctx context.Context, c *call, in *resourcePolicy) (any, error) {
	store, err := d.withPolicy(ctx, c, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if store.ResourcePolicy == "" {
		return nil, noPolicy(in.ResourceArn)
	}
	return nothing{}, d.lake.Stores().SetResourcePolicy(ctx, store.ARN(), "")
}

func noPolicy(arn string) error {
	return fail("ResourcePolicyNotFoundException", "The resource %s has no policy.", arn)
}

var otherARN = regexp.MustCompile(`^arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:[0-9]{12}:([a-z]+)/.+$`)

// withPolicy finds a store by its ARN, for an operation on its policy.
func (d *Door) withPolicy(ctx context.Context, c *call, arn string) (*engine.Store, error) {
	if !storeARN.MatchString(arn) {
		other := otherARN.FindStringSubmatch(arn)
		switch {
		case other == nil || other[1] == "eventdatastore":
			return nil, fail("ResourceARNNotValidException", "'%s' is not the ARN of an event data store.", arn)
		case other[1] == "channel" || other[1] == "dashboard":
			return nil, fail("ResourceNotFoundException", "There is no resource %s.", arn)
		}
		return nil, fail("ResourceTypeNotSupportedException", "A %s has no policy.", other[1])
	}
	store, err := d.store(ctx, c, arn)
	if err != nil {
		if known, ok := err.(*apiError); ok && known.code != accessDenied {
			return nil, fail("ResourceNotFoundException", "There is no resource %s.", arn)
		}
		return nil, err
	}
	if store.Status == engine.StorePendingDeletion {
		return nil, fail("OperationNotPermittedException", "The event data store %s is pending deletion.", arn)
	}
	return store, nil
}

// checkStorePolicy wants a policy that is one of a store: about querying it, and about no other store.
func checkStorePolicy(text, arn string) error {
	refuse := func(reason string) error { return fail("ResourcePolicyNotValidException", "%s", oneLine(reason)) }
	if _, err := policy.ParseResource(text); err != nil {
		return refuse(err.Error())
	}
	var document struct {
		Statement oneOrMore[map[string]json.RawMessage]
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return refuse("policy: " + err.Error())
	}
	for _, statement := range document.Statement {
		var actions, resources oneOrMore[string]
		if statement["Action"] == nil || statement["NotResource"] != nil {
			return refuse("policy: each statement names its Action, and its Resource or none")
		}
		if json.Unmarshal(statement["Action"], &actions) != nil || statement["Resource"] != nil && json.Unmarshal(statement["Resource"], &resources) != nil {
			return refuse("policy: Action and Resource are texts or lists of texts")
		}
		for _, action := range actions {
			if !sharedActions[strings.ToLower(action)] {
				return refuse("policy: the policy of an event data store cannot be about " + action)
			}
		}
		for _, resource := range resources {
			if resource != arn {
				return refuse("policy: Resource must be " + arn)
			}
		}
	}
	return nil
}

// oneOrMore is a JSON value, or a list of such values.
type oneOrMore[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (o *oneOrMore[T]) UnmarshalJSON(text []byte) error {
	var many []T
	if json.Unmarshal(text, &many) == nil {
		*o = many
		return nil
	}
	var one T
	err := json.Unmarshal(text, &one)
	*o = oneOrMore[T]{one}
	return err
}
