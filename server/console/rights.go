package console

import (
	"context"
	"net/http"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// The page has no rights of its own: each action requires what the same action requires at the API.

// allow refuses an action on a resource that the caller has no right to. resource is "*" for an action on none;
// store is the resource if it is an existing store.
func (d *Door) allow(c *call, action, resource string, store *engine.Store) error {
	decision := d.decide(c, action, resource, store)
	if decision.Allowed {
		return nil
	}
	return d.denied(c, action, decision)
}

// denied returns the error of a decision against the caller.
func (d *Door) denied(c *call, action string, decision policy.Decision) error {
	return &problem{status: http.StatusForbidden, Code: codeDenied,
		Message: c.caller.User() + " is not authorized to perform " + action + ", as " + decision.Reason}
}

// decide returns the decision on an action of the caller on a resource.
func (d *Door) decide(c *call, action, resource string, store *engine.Store) policy.Decision {
	if store == nil {
		return c.caller.Decide(d.policyRequest(action, resource, nil), "")
	}
	asked := d.policyRequest(action, resource, store.Tags)
	asked.StoreName = store.Name
	return c.caller.Decide(asked, store.ResourcePolicy)
}

// policyRequest returns the policy request of an action on a resource with some tags.
func (d *Door) policyRequest(action, resource string, tags []engine.Tag) policy.Request {
	return policy.Request{Action: action, Resource: resource, ResourceAccount: d.lake.AccountID(), ResourceTags: access.PolicyTags(tags)}
}

// allowQuery refuses actions on a query unless the caller has the rights for all that the query reads. The caller's
// own query needs no right if it reads no event data store.
func (d *Door) allowQuery(ctx context.Context, c *call, info *engine.QueryInfo, actions ...string) error {
	rights, err := c.caller.QueryRights(ctx)
	if err != nil {
		return err
	}
	return mayDo(rights, c, info, actions)
}

// mayDo is allowQuery with rights that were read before.
func mayDo(rights *access.QueryRights, c *call, info *engine.QueryInfo, actions []string) error {
	if len(info.StoreIDs) == 0 && info.User == c.caller.User() {
		return rights.CheckTables(info)
	}
	return rights.Check(info, actions...)
}

// allowResult refuses reading the result of a query. It requires the rights that running the query requires. For a
// dashboard's refresh, which the service ran, GetQueryResults is enough.
func (d *Door) allowResult(ctx context.Context, c *call, info *engine.QueryInfo) error {
	if info.RefreshID != "" {
		return d.allowQuery(ctx, c, info, "cloudtrail:GetQueryResults")
	}
	return d.allowQuery(ctx, c, info, access.ReadingActions...)
}
