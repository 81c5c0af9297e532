package awsapi

import (
	"context"
	"net/http"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// callerOf returns the caller of a key whose signature was verified. The policies of a key were checked when it was
// made; a key with one that cannot be read nevertheless has no rights.
func (d *Door) callerOf(r *http.Request, credential *engine.Credential) (*access.Caller, error) {
	server.Identify(r)
	c, err := d.gate.Caller(credential, access.OriginOf(r))
	if err != nil {
		return nil, fail(accessDenied, "The rights of the caller cannot be read: %s", oneLine(err.Error()))
	}
	return c, nil
}

// decide says whether the caller may do what an action names to a resource, which is the store if that is not nil.
func (d *Door) decide(c *call, action, resource string, store *engine.Store) policy.Decision {
	if store == nil {
		return d.decideOn(c, action, resource, nil, "")
	}
	asked := d.policyRequest(c, action, resource, store.Tags)
	asked.StoreName = store.Name
	return c.caller.Decide(asked, store.ResourcePolicy)
}

// decideOn says whether the caller may do what an action names to a resource with some tags and a policy, "" for none.
func (d *Door) decideOn(c *call, action, resource string, tags []engine.Tag, resourcePolicy string) policy.Decision {
	return c.caller.Decide(d.policyRequest(c, action, resource, tags), resourcePolicy)
}

// policyRequest is what policies are asked: whether the caller may do what an action names to a resource with some
// tags.
func (d *Door) policyRequest(c *call, action, resource string, tags []engine.Tag) policy.Request {
	return policy.Request{Action: action, Resource: resource, ResourceAccount: d.lake.AccountID(), RequestTags: access.PolicyTags(requestTags(c.members)), ResourceTags: access.PolicyTags(tags)}
}

// allow refuses a call that the caller has no right to make about a resource, "*" for one that is about none; the
// store is the resource, if it is one that there is.
func (d *Door) allow(c *call, resource string, store *engine.Store) error {
	return d.refusal(c, resource, d.decide(c, "cloudtrail:"+c.operation, resource, store))
}

// allowTagged is allow for a resource that has tags and no policy.
func (d *Door) allowTagged(c *call, resource string, tags []engine.Tag) error {
	return d.refusal(c, resource, d.decideOn(c, "cloudtrail:"+c.operation, resource, tags, ""))
}

// allowQuery refuses what the caller has no right to do with a query, by all that the query reads: its event data
// stores and its reference tables.
func (d *Door) allowQuery(ctx context.Context, c *call, info *engine.QueryInfo) error {
	rights, err := c.caller.QueryRights(ctx)
	if err != nil {
		return err
	}
	return rights.Check(info, "cloudtrail:"+c.operation)
}

// refusal is the error of a decision about the call's operation, nil if it is allowed.
func (d *Door) refusal(c *call, resource string, decision policy.Decision) error {
	if decision.Allowed {
		return nil
	}
	return fail(accessDenied, "User: %s is not authorized to perform: cloudtrail:%s on resource: %s: %s", c.caller.User(), c.operation, resource, oneLine(decision.Reason))
}

// allowStores wants the right for each store of some ids; without any, the right for what is about none.
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

// requestTags are the tags that a request brings.
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
