package console

import (
	"context"
	"net/http"
	"slices"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// The page needs no rights of its own: each action takes what the same action takes at the API.

// allow refuses what the caller has no right to do to a resource, "*" for what is about none. store is the resource, if it is one
// that there is.
func (d *Door) allow(c *call, action, resource string, store *engine.Store) error {
	decision := d.decide(c, action, resource, store)
	if decision.Allowed {
		return nil
	}
	return d.denied(c, action, decision)
}

// denied is the error of a decision against the caller.
func (d *Door) denied(c *call, action string, decision policy.Decision) error {
	return &problem{status: http.StatusForbidden, Code: codeDenied,
		Message: c.caller.User() + " is not authorized to perform " + action + ", as " + decision.Reason}
}

// decide says whether the caller may do something to a resource.
func (d *Door) decide(c *call, action, resource string, store *engine.Store) policy.Decision {
	if store == nil {
		return c.caller.Decide(d.policyRequest(action, resource, nil), "")
	}
	return c.caller.Decide(d.policyRequest(action, resource, store.Tags), store.ResourcePolicy)
}

// policyRequest returns what policies are asked: whether the caller may do what an action names to a resource with some tags.
func (d *Door) policyRequest(action, resource string, tags []engine.Tag) policy.Request {
	return policy.Request{Action: action, Resource: resource, ResourceAccount: d.lake.AccountID(), ResourceTags: policyTags(tags)}
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

// storeARN is the name in policies of a store that may be gone.
func (d *Door) storeARN(id string) string {
	return "arn:aws:cloudtrail:" + d.lake.Region() + ":" + d.lake.AccountID() + ":eventdatastore/" + id
}

// allowQuery refuses what the caller may not do about a query: it takes the right for each store that the query reads. Without
// any it is the caller's own query, or takes the right for what is about none.
func (d *Door) allowQuery(ctx context.Context, c *call, info *engine.QueryInfo, actions ...string) error {
	if len(info.StoreIDs) == 0 && info.User == c.caller.User() {
		return nil
	}
	stores, err := d.lake.Stores().List(ctx)
	if err != nil {
		return err
	}
	for _, action := range actions {
		if len(info.StoreIDs) == 0 {
			if err := d.allow(c, action, "*", nil); err != nil {
				return err
			}
		}
		for _, id := range info.StoreIDs {
			arn, store := d.storeARN(id), (*engine.Store)(nil)
			if at := slices.IndexFunc(stores, func(s *engine.Store) bool { return s.ID == id }); at >= 0 {
				store, arn = stores[at], stores[at].ARN()
			}
			if err := d.allow(c, action, arn, store); err != nil {
				return err
			}
		}
	}
	return nil
}

// allowResult refuses reading what a query answered. The history does not say which reference tables a query read, so that the answer
// of somebody else's takes the right to read every one. Refreshes of dashboards read none: theirs takes what GetQueryResults takes.
func (d *Door) allowResult(ctx context.Context, c *call, info *engine.QueryInfo) error {
	if info.RefreshID != "" {
		return d.allowQuery(ctx, c, info, "cloudtrail:GetQueryResults")
	}
	if err := d.allowQuery(ctx, c, info, access.ReadingActions...); err != nil {
		return err
	}
	if info.User == c.caller.User() {
		return nil
	}
	tables, err := d.lake.Tables().List(ctx)
	if err != nil {
		return err
	}
	names := []string{"*"} // and those that were dropped since
	for _, t := range tables {
		names = append(names, t.Name)
	}
	for _, name := range names {
		if err := d.allow(c, access.ReadTableAction, access.TableARN(d.lake, name), nil); err != nil {
			return err
		}
	}
	return nil
}
