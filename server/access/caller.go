package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// Caller is a client that uses a door with a key.
type Caller struct {
	gate     *Gate
	key      engine.Key
	identity []policy.Named
	origin   Origin
}

// Key returns the caller's key.
func (c *Caller) Key() engine.Key { return c.key }

// User returns the caller's name in the list of queries: the key's principal, which the daily cap counts by.
func (c *Caller) User() string { return c.key.Principal }

// Asker returns the caller as the activity records it. The door adds the client's program.
func (c *Caller) Asker() engine.Asker {
	return engine.Asker{
		KeyID: c.key.ID, Principal: c.key.Principal, PrincipalID: c.key.UserID(), AccountID: c.account(), IsRoot: c.key.IsRoot, IP: c.origin.Address(),
	}
}

// account returns the principal's account. The root key belongs to the lake's current account, whatever the account
// was when the key was made.
func (c *Caller) account() string {
	if c.key.IsRoot {
		return c.gate.lake.AccountID()
	}
	return c.key.AccountID
}

// Decide returns whether the caller may do what a request asks for. The request gives the action, the resource with
// its account, and tags; Decide fills in caller, time and address. resourcePolicy is the text of the resource's
// policy, "" for none.
func (c *Caller) Decide(r policy.Request, resourcePolicy string) policy.Decision {
	r.Principal = policy.Principal{ARN: c.key.Principal, Account: c.account(), UserID: c.key.UserID(), IsRoot: c.key.IsRoot}
	r.Now, r.SourceIP, r.SecureTransport = c.gate.lake.Now(), c.origin.IP, c.origin.TLS
	if resourcePolicy == "" {
		return policy.Evaluate(&r, c.identity, nil)
	}
	resource, err := policy.ParseResource(resourcePolicy)
	if err != nil { // it may deny the request
		return policy.Decision{Reason: "the resource's policy cannot be read: " + err.Error()}
	}
	return policy.Evaluate(&r, c.identity, resource)
}

// StartQueryAction is the API's action for starting a query of a store.
const StartQueryAction = "cloudtrail:StartQuery"

// ReadingActions are the API's actions that reading a store by a query requires.
var ReadingActions = []string{StartQueryAction, "cloudtrail:GetQueryResults"}

// ReadTableAction is the action that reading a reference table requires.
const ReadTableAction = "auditlake:ReadTable"

// TableARN returns the name of a reference table in policies.
func TableARN(lake *engine.Lake, table string) string {
	return fmt.Sprintf("arn:aws:auditlake:%s:%s:table/%s", lake.Region(), lake.AccountID(), table)
}

// WithoutKey returns why a caller without a key may not read a store or reference table while there are no keys.
// The activity store is not open to every user of the lake.
func WithoutKey(s engine.QuerySource) error {
	if s.IsActivity {
		return errors.New("it needs the root key, or a key with a policy that allows it")
	}
	return nil
}

// mayRead returns why the caller may not read a store or reference table, nil if it may. Reading a store requires
// actions. All stores belong to the lake's current account, whatever the account was when they were made.
func (c *Caller) mayRead(s engine.QuerySource, actions []string) error {
	if s.StoreARN == "" {
		return c.RequireTable(s.Name)
	}
	var tags []policy.Tag
	for key, value := range s.Tags {
		tags = append(tags, policy.Tag{Key: key, Value: value})
	}
	for _, action := range actions {
		r := policy.Request{Action: action, Resource: s.StoreARN, ResourceAccount: c.gate.lake.AccountID(), ResourceTags: tags, StoreName: s.Name}
		if err := c.Require(r, s.ResourcePolicy); err != nil {
			return err
		}
	}
	return nil
}

// QueryOptions returns the options of a caller's statement that is answered at once: the user, what it may read,
// and how much. They are checked when the statement leaves the queue.
func (c *Caller) QueryOptions() []engine.QueryOption {
	return c.queryOptions(ReadingActions...)
}

// StartOptions returns QueryOptions for a statement whose result is stored: the right to read the result is checked
// when it is read.
func (c *Caller) StartOptions() []engine.QueryOption { return c.queryOptions(StartQueryAction) }

func (c *Caller) queryOptions(actions ...string) []engine.QueryOption {
	return []engine.QueryOption{
		engine.User(c.User()), engine.MayRun(c.mayRun), engine.Until(c.key.ExpiresAt, "the access key "+c.key.ID+" has expired"),
		engine.MayRead(func(s engine.QuerySource) error { return c.mayRead(s, actions) }),
		Caps(c.gate.lake, c.key),
	}
}

// mayRun returns why a statement of the caller may no longer run: the key was revoked or has expired.
func (c *Caller) mayRun() error {
	found, err := c.gate.lake.Keys().Find(c.key.ID)
	if errors.Is(err, engine.ErrKeyNotFound) {
		return fmt.Errorf("the access key %s was revoked", c.key.ID)
	}
	if err != nil {
		return err
	}
	if state := found.State(c.gate.lake.Now()); state != "active" {
		return fmt.Errorf("the access key %s is %s", c.key.ID, state)
	}
	return nil
}

// Caps returns the option that applies a key's caps to a statement. The door must set the key's principal as the
// statement's user.
func Caps(lake *engine.Lake, key engine.Key) engine.QueryOption {
	return engine.CapScan(func(ctx context.Context) ([]engine.ScanCap, error) { return capsOf(ctx, lake, key) })
}

// capsOf returns how much a query with a key may scan now.
func capsOf(ctx context.Context, lake *engine.Lake, key engine.Key) (caps []engine.ScanCap, err error) {
	if limit := key.MaxBytesPerQuery; limit > 0 {
		caps = append(caps, engine.ScanCap{MaxBytes: limit, Name: fmt.Sprintf("the cap of %d bytes per query of access key %s", limit, key.ID)})
	}
	if limit := key.MaxBytesPerDay; limit > 0 {
		used, err := lake.Queries().UsedBytes(ctx, key.Principal, lake.Now().Truncate(24*time.Hour))
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("the cap of %d bytes per day of access key %s, of which its principal has used %d,", limit, key.ID, used)
		caps = append(caps, engine.ScanCap{MaxBytes: max(0, limit-used), Name: name})
	}
	return caps, nil
}
