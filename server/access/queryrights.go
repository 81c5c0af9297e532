package access

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// Denied is the error of a caller who has no right to do something to a resource.
type Denied struct {
	User, Action, Resource string
	// Reason names the policy that decided, or says that none allows it.
	Reason string
}

func (e *Denied) Error() string {
	return e.User + " is not authorized to perform " + e.Action + ", as " + e.Reason
}

// Require returns a *Denied if the caller may not do what a request asks for, see Decide.
func (c *Caller) Require(r policy.Request, resourcePolicy string) error {
	decision := c.Decide(r, resourcePolicy)
	if decision.Allowed {
		return nil
	}
	return &Denied{User: c.User(), Action: r.Action, Resource: r.Resource, Reason: decision.Reason + operatorHint(&r, decision)}
}

// RequireTable returns a *Denied if the caller may not read a reference table.
func (c *Caller) RequireTable(name string) error {
	lake := c.gate.lake
	return c.Require(policy.Request{Action: ReadTableAction, Resource: TableARN(lake, name), ResourceAccount: lake.AccountID()}, "")
}

// QueryRights decides what a caller may do at any door with queries that were started before, its own and others'.
// Use it for one request only: it knows the stores and tables of the time when it was made. It is not safe for
// concurrent use.
type QueryRights struct {
	caller  *Caller
	stores  map[string]*engine.Store // by id
	tables  []string
	decided map[[2]string]error // by action and resource
}

// QueryRights returns what the caller may do with queries now.
func (c *Caller) QueryRights(ctx context.Context) (*QueryRights, error) {
	r := &QueryRights{caller: c, stores: map[string]*engine.Store{}, decided: map[[2]string]error{}}
	stores, err := c.gate.lake.Stores().List(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range stores {
		r.stores[s.ID] = s
	}
	tables, err := c.gate.lake.Tables().List(ctx)
	if err != nil {
		return nil, err
	}
	r.tables = []string{"*"} // stands for the tables that were dropped since
	for _, t := range tables {
		r.tables = append(r.tables, t.Name)
	}
	return r, nil
}

// Check returns a *Denied if the caller may not do what actions name with a query. The caller needs each action for
// each store that the query reads, or for "*" if it reads none. It also needs the right to read each of the query's
// reference tables.
func (r *QueryRights) Check(info *engine.QueryInfo, actions ...string) error {
	ids := info.StoreIDs
	if len(ids) == 0 {
		ids = []string{"*"}
	}
	for _, action := range actions {
		for _, id := range ids {
			if err := r.checkStore(action, id); err != nil {
				return err
			}
		}
	}
	return r.CheckTables(info)
}

// CheckTables returns a *Denied if the caller may not read a reference table that a query reads. If the query's
// tables are unknown, the caller needs the right to read every table. Exempt are the caller's own queries and those
// of a dashboard's refresh, which reads no tables.
func (r *QueryRights) CheckTables(info *engine.QueryInfo) error {
	tables := info.Tables
	if !info.KnowsTables && info.User != r.caller.User() && info.RefreshID == "" {
		tables = append(slices.Clone(tables), r.tables...)
	}
	for _, name := range tables {
		resource := TableARN(r.caller.gate.lake, name)
		err := r.decideOnce(ReadTableAction, resource, policy.Request{}, "")
		if err != nil {
			return err
		}
	}
	return nil
}

// checkStore is Check for one action and store, "*" for none.
func (r *QueryRights) checkStore(action, id string) error {
	found := r.stores[id]
	switch {
	case id == "*":
		return r.decideOnce(action, "*", policy.Request{}, "")
	case found == nil: // the store was deleted
		return r.decideOnce(action, StoreARN(r.caller.gate.lake, id), policy.Request{}, "")
	}
	asked := policy.Request{StoreName: found.Name, ResourceTags: PolicyTags(found.Tags)}
	return r.decideOnce(action, found.ARN(), asked, found.ResourcePolicy)
}

// decideOnce decides about an action and a resource, or returns the cached decision.
func (r *QueryRights) decideOnce(action, resource string, asked policy.Request, resourcePolicy string) error {
	key := [2]string{action, resource}
	if err, isDecided := r.decided[key]; isDecided {
		return err
	}
	asked.Action, asked.Resource, asked.ResourceAccount = action, resource, r.caller.gate.lake.AccountID()
	err := r.caller.Require(asked, resourcePolicy)
	r.decided[key] = err
	return err
}

// StoreARN returns the ARN of a store that may be deleted.
func StoreARN(lake *engine.Lake, id string) string {
	return "arn:aws:cloudtrail:" + lake.Region() + ":" + lake.AccountID() + ":eventdatastore/" + id
}

// PolicyTags converts the tags of a resource to those of policies.
func PolicyTags(tags []engine.Tag) (out []policy.Tag) {
	for _, t := range tags {
		value := ""
		if t.Value != nil {
			value = *t.Value
		}
		out = append(out, policy.Tag{Key: t.Key, Value: value})
	}
	return out
}

// operatorHint returns a hint for a refusal if the built-in policy for operators would allow the request, otherwise
// "".
func operatorHint(r *policy.Request, decision policy.Decision) string {
	if decision.ByDeny || !policy.OperatorAllows(r) {
		return ""
	}
	return "; the built-in policy " + policy.Operator + " does"
}
