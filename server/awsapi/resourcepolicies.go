package awsapi

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// sharedActions are the actions that a store's policy may name, in lower case.
var sharedActions = map[string]bool{
	"cloudtrail:startquery": true, "cloudtrail:cancelquery": true, "cloudtrail:listqueries": true, "cloudtrail:describequery": true,
	"cloudtrail:getqueryresults": true, "cloudtrail:generatequery": true, "cloudtrail:generatequeryresultssummary": true,
	"cloudtrail:geteventdatastore": true,
}

type resourcePolicy struct{ ResourceArn, ResourcePolicy string }

// policyHolder is a resource that may have a policy.
type policyHolder struct {
	policy    string // "": none
	check     func(text string) error
	setPolicy func(ctx context.Context, text string) error
}

func (d *Door) putResourcePolicy(ctx context.Context, c *call, in *resourcePolicy) (any, error) {
	holder, err := d.withPolicy(ctx, c, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if err := holder.check(in.ResourcePolicy); err != nil {
		return nil, err
	}
	if err := holder.setPolicy(ctx, in.ResourcePolicy); err != nil {
		return nil, err
	}
	return in, nil
}

func (d *Door) getResourcePolicy(ctx context.Context, c *call, in *resourcePolicy) (any, error) {
	holder, err := d.withPolicy(ctx, c, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if holder.policy == "" {
		return nil, noPolicy(in.ResourceArn)
	}
	return resourcePolicy{in.ResourceArn, holder.policy}, nil
}

func (d *Door) deleteResourcePolicy(ctx context.Context, c *call, in *resourcePolicy) (any, error) {
	holder, err := d.withPolicy(ctx, c, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if holder.policy == "" {
		return nil, noPolicy(in.ResourceArn)
	}
	return nothing{}, holder.setPolicy(ctx, "")
}

func noPolicy(arn string) error {
	return fail("ResourcePolicyNotFoundException", "The resource %s has no policy.", arn)
}

var otherARN = lazyregexp.New(`^arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:[0-9]{12}:([a-z]+)/.+$`)

// withPolicy finds a resource by its ARN, for an operation on its policy.
func (d *Door) withPolicy(ctx context.Context, c *call, arn string) (*policyHolder, error) {
	find := d.storeWithPolicy
	if !storeARN().MatchString(arn) {
		other := otherARN().FindStringSubmatch(arn)
		switch {
		case other == nil || other[1] == "eventdatastore":
			return nil, fail("ResourceARNNotValidException", "'%s' is not the ARN of an event data store, a channel or a dashboard.", arn)
		case other[1] == "dashboard":
			find = d.dashboardWithPolicy
		case other[1] == "channel":
			find = d.channelWithPolicy
		default:
			return nil, fail("ResourceTypeNotSupportedException", "A %s has no policy.", other[1])
		}
	}
	holder, err := find(ctx, c, arn)
	if known, ok := err.(*apiError); ok && known.code != accessDenied && known.code != "OperationNotPermittedException" {
		return nil, fail("ResourceNotFoundException", "There is no resource %s.", arn)
	}
	return holder, err
}

func (d *Door) storeWithPolicy(ctx context.Context, c *call, arn string) (*policyHolder, error) {
	store, err := d.store(ctx, c, arn)
	if err != nil {
		return nil, err
	}
	if store.Status == engine.StorePendingDeletion {
		return nil, fail("OperationNotPermittedException", "The event data store %s is pending deletion.", arn)
	}
	return &policyHolder{
		policy: store.ResourcePolicy, check: func(text string) error { return checkPolicyOf("event data store", sharedActions, text, store.ARN()) },
		setPolicy: func(ctx context.Context, text string) error {
			return d.lake.Stores().SetResourcePolicy(ctx, store.ARN(), text)
		},
	}, nil
}

func (d *Door) channelWithPolicy(ctx context.Context, c *call, arn string) (*policyHolder, error) {
	found, err := d.channel(ctx, c, arn)
	if err != nil {
		return nil, err
	}
	return &policyHolder{
		policy: found.ResourcePolicy, check: func(text string) error { return checkChannelPolicy(text, found.ARN) },
		setPolicy: func(ctx context.Context, text string) error {
			return d.lake.Channels().SetResourcePolicy(ctx, found.ID, text)
		},
	}, nil
}

// checkPolicyOf refuses a policy that does not fit a kind of resource: it may name only the actions of actionsOf,
// and no other resource.
func checkPolicyOf(kind string, actionsOf map[string]bool, text, arn string) error {
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
			if !actionsOf[strings.ToLower(action)] {
				return refuse("policy: the policy of a resource of the type " + kind + " cannot be about " + action)
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

// oneOrMore is a JSON value or a list of them.
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
