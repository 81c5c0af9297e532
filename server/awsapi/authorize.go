package awsapi

import (
	"context"
	"net/http"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// callerOf returns the caller of a key whose signature was verified. The policies of a key were checked when it was made;
// a key with one that cannot be read nevertheless has no rights.
func (d *Door) callerOf(r *http.Request, credential *engine.Credential) (*access.Caller, error) {
	c, err := d.gate.Caller(credential, access.OriginOf(r))
	if err != nil {
		return nil, fail(accessDenied, "The rights of the caller cannot be read: %s", oneLine(err.Error()))
	}
	return c, nil
}

// decide says whether the caller may do what an action names to a resource, which is the store if that is not nil.
func (d *Door) decide(c *call, action, resource string, store *engine.Store) policy.Decision {
	r := policy.Request{Action: action, Resource: resource, ResourceAccount: d.lake.AccountID(), RequestTags: policyTags(requestTags(c.members))}
	if store == nil {
		return c.caller.Decide(r, "")
	}
	r.ResourceTags = policyTags(store.Tags)
	return c.caller.Decide(r, store.ResourcePolicy)
}

// allow refuses a call that the caller has no right to make about a resource, "*" for one that is about none; the store is
// the resource, if it is one that there is.
func (d *Door) allow(c *call, resource string, store *engine.Store) error {
	action := "cloudtrail:" + c.operation
	decision := d.decide(c, action, resource, store)
	if decision.Allowed {
		return nil
	}
	return fail(accessDenied, "User: %s is not authorized to perform: %s on resource: %s: %s", c.caller.User(), action, resource, oneLine(decision.Reason))
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

func policyTags(tags []engine.Tag) (out []policy.Tag) {
	for _, t := range tags {
		value := ""
		if t.Value != nil {
			value = *t.Value
		}
		out = append(out, policy.Tag{Key: t.Key, Value: value})
	}
	return out
}

// requestTags are the tags that a request brings.
func requestTags(members map[string]any) (out []engine.Tag) {
	list, _ := members["TagsList"].([]any)
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
