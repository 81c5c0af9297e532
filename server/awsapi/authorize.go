package awsapi

import (
	"context"
	"net/http"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// callerOf returns the caller of a key whose signature was verified. A key's policies were checked when it was
// made; if one cannot be read now, the key has no rights.
func (d *Door) callerOf(r *http.Request, credential *engine.Credential) (*access.Caller, error) {
	server.Identify(r)
	c, err := d.gate.Caller(credential, access.OriginOf(r))
	if err != nil {
		return nil, fail(accessDenied, "The rights of the caller cannot be read: %s", oneLine(err.Error()))
	}
	return c, nil
}

// decide returns the decision on an action of the caller on a resource, which is the store if that is not nil.
func (d *Door) decide(c *call, action, resource string, store *engine.Store) policy.Decision {
	if store == nil {
		return d.decideOn(c, action, resource, nil, "")
	}
	asked := d.policyRequest(c, action, resource, store.Tags)
	asked.StoreName = store.Name
	return c.caller.Decide(asked, store.ResourcePolicy)
}

// decideOn returns the decision on an action of the caller on a resource with tags and a policy, "" for none.
func (d *Door) decideOn(c *call, action, resource string, tags []engine.Tag, resourcePolicy string) policy.Decision {
	return c.caller.Decide(d.policyRequest(c, action, resource, tags), resourcePolicy)
}

// policyRequest returns the policy request of an action on a resource with tags.
func (d *Door) policyRequest(c *call, action, resource string, tags []engine.Tag) policy.Request {
	return policy.Request{Action: action, Resource: resource, ResourceAccount: d.lake.AccountID(), RequestTags: access.PolicyTags(requestTags(c.members)), ResourceTags: access.PolicyTags(tags)}
}

// allow refuses a call that the caller has no right to make. resource is "*" for a call about none; store is the
// resource if it is an existing store.
func (d *Door) allow(c *call, resource string, store *engine.Store) error {
	return d.refusal(c, resource, d.decide(c, "cloudtrail:"+c.operation, resource, store))
}

// allowTagged is allow for a resource that has tags and no policy.
func (d *Door) allowTagged(c *call, resource string, tags []engine.Tag) error {
	return d.refusal(c, resource, d.decideOn(c, "cloudtrail:"+c.operation, resource, tags, ""))
}

// allowQuery refuses a call about a query unless the caller has the rights for all that the query reads: event data
// stores and reference tables.
func (d *Door) allowQuery(ctx context.Context, c *call, info *engine.QueryInfo) error {
	rights, err := c.caller.QueryRights(ctx)
	if err != nil {
		return err
	}
	return rights.Check(info, "cloudtrail:"+c.operation)
}

// refusal returns the error of a decision about the call's operation, nil if it is allowed.
func (d *Door) refusal(c *call, resource string, decision policy.Decision) error {
	if decision.Allowed {
		return nil
	}
	return fail(accessDenied, "User: %s is not authorized to perform: cloudtrail:%s on resource: %s: %s", c.caller.User(), c.operation, resource, oneLine(decision.Reason))
}

// allowStores requires the right for each store of ids; without ids, the right for "*".
func (d *Door) allowStores(ctx context.Context, c *call, ids []string) error {
	if len(ids) == 0 {
		return d.allow(c, "*", nil)
	}
	stores, err := d.lake.Stores().List(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		arn, store := d.arnOf(id), (*engine.Store)(nil)
		for _, s := range stores {
			if s.ID == id {
				arn, store = s.ARN(), s
			}
		}
		if err := d.allow(c, arn, store); err != nil {
			return err
		}
	}
	return nil
}

// requestTags returns the tags in a request.
func requestTags(members map[string]any) (out []engine.Tag) {
	list, isThere := members["TagsList"].([]any)
	if !isThere {
		list, _ = members["Tags"].([]any) // of channels
	}
	for _, element := range list {
		members, _ := element.(map[string]any)
		key, _ := members["Key"].(string)
		t := engine.Tag{Key: key}
		if value, ok := members["Value"].(string); ok {
			t.Value = &value
		}
		out = append(out, t)
	}
	return out
}
