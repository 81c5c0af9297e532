package awsapi

import (
	"context"
	"net"
	"net/http"
	"net/netip"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// caller is who makes a request, and what policies may ask about the request besides.
type caller struct {
	key      engine.Key
	policies []policy.Named
	sourceIP netip.Addr
	overTLS  bool
}

// callerOf reads the policies of a key. They were checked when the key was made; a key with one that cannot be read
// nevertheless has no rights.
func callerOf(r *http.Request, key engine.Key) (caller, error) {
	c := caller{key: key, overTLS: r.TLS != nil}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		c.sourceIP, _ = netip.ParseAddr(host) // the zero value is one that no policy knows
	}
	for _, p := range key.Policies {
		document, err := policy.ParseIdentity(p.Document)
		if err != nil {
			return c, fail(accessDenied, "The policy %s of access key %s cannot be read: %s", p.Name, key.ID, oneLine(err.Error()))
		}
		c.policies = append(c.policies, policy.Named{Name: p.Name, Document: document})
	}
	return c, nil
}

// decide says whether the caller may do what an action names to a resource, which is the store if that is not nil.
func (d *Door) decide(c *call, action, resource string, store *engine.Store) (policy.Decision, error) {
	var ofResource *policy.Document
	var tags []engine.Tag
	if store != nil {
		tags = store.Tags
	}
	if store != nil && store.ResourcePolicy != "" {
		var err error
		if ofResource, err = policy.ParseResource(store.ResourcePolicy); err != nil {
			return policy.Decision{}, fail(accessDenied, "The policy of %s cannot be read: %s", resource, oneLine(err.Error()))
		}
	}
	key := c.caller.key
	account := key.AccountID
	if key.IsRoot { // of the lake, whatever its account was when the key was made
		account = d.lake.AccountID()
	}
	return policy.Evaluate(&policy.Request{
		Action: action, Resource: resource, ResourceAccount: d.lake.AccountID(),
		Principal:    policy.Principal{ARN: key.Principal, Account: account, UserID: key.UserID(), IsRoot: key.IsRoot},
		ResourceTags: policyTags(tags), RequestTags: policyTags(requestTags(c.members)),
		SourceIP: c.caller.sourceIP, Now: d.now(), SecureTransport: c.caller.overTLS,
	}, c.caller.policies, ofResource), nil
}

// allow refuses a call that the caller has no right to make about a resource, "*" for one that is about none; the store is
// the resource, if it is one that there is.
func (d *Door) allow(c *call, resource string, store *engine.Store) error {
	action := "cloudtrail:" + c.operation
	decision, err := d.decide(c, action, resource, store)
	if err != nil || decision.Allowed {
		return err
	}
	return fail(accessDenied, "User: %s is not authorized to perform: %s on resource: %s: %s", c.caller.key.Principal, action, resource, decision.Reason)
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
