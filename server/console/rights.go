package console

import (
	"context"
	"net/http"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// The page needs no rights of its own: each action takes what the same action takes at the API.

// allow refuses what the caller has no right to do to a resource, "*" for what is about none. store is the resource,
// if it is one that there is.
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
	asked := d.policyRequest(action, resource, store.Tags)
	asked.StoreName = store.Name
	return c.caller.Decide(asked, store.ResourcePolicy)
}

// policyRequest returns what policies are asked: whether the caller may do what an action names to a resource with
// some tags.
func (d *Door) policyRequest(action, resource string, tags []engine.Tag) policy.Request {
	return policy.Request{Action: action, Resource: resource, ResourceAccount: d.lake.AccountID(), ResourceTags: access.PolicyTags(tags)}
}

// allowQuery refuses what the caller may not do with a query, by all that the query reads. The caller's own query
// takes no right if it reads no event data store.
func (d *Door) allowQuery(ctx context.Context, c *call, info *engine.QueryInfo, actions ...string) error {
	rights, err := c.caller.QueryRights(ctx)
	if err != nil {
		return err
	}
	return mayDo(rights, c, info, actions)
}

// mayDo is allowQuery with rights that were looked up.
func mayDo(rights *access.QueryRights, c *call, info *engine.QueryInfo, actions []string) error {
	if len(info.StoreIDs) == 0 && info.User == c.caller.User() {
		return rights.CheckTables(info)
	}
	return rights.Check(info, actions...)
}

// allowResult refuses reading what a query answered. It takes what running the query takes; the answer of a
// dashboard's refresh, which the service ran, what GetQueryResults takes.
func (d *Door) allowResult(ctx context.Context, c *call, info *engine.QueryInfo) error {
	if info.RefreshID != "" {
		return d.allowQuery(ctx, c, info, "cloudtrail:GetQueryResults")
	}
	return d.allowQuery(ctx, c, info, access.ReadingActions...)
}
