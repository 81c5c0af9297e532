package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/awsapi/policy"
)

// Caller is whoever uses a door with a key.
type Caller struct {
	gate     *Gate
	key      engine.Key
	identity []policy.Named
	origin   Origin
}

// Key returns the caller's key.
func (c *Caller) Key() engine.Key { return c.key }

// User returns who the caller is in the list of queries: the key's principal, by which the cap per day is counted.
func (c *Caller) User() string { return c.key.Principal }

// Asker returns who the caller is in the activity. The door adds which program asks.
func (c *Caller) Asker() engine.Asker {
	return engine.Asker{
		KeyID: c.key.ID, Principal: c.key.Principal, PrincipalID: c.key.UserID(), AccountID: c.account(), IsRoot: c.key.IsRoot, IP: c.origin.Address(),
	}
}

// account is the principal's. The root key is the lake's, whatever the lake's account was when the key was made.
func (c *Caller) account() string {
	if c.key.IsRoot {
		return c.gate.lake.AccountID()
	}
	return c.key.AccountID
}

// Decide returns whether the caller may do what a request asks for. The request says action, resource, whose it is,
// and tags; who calls, when and from where is filled in. resourcePolicy is the text of the resource's policy, "" for
// none.
func (c *Caller) Decide(r policy.Request, resourcePolicy string) policy.Decision {
	r.Principal = policy.Principal{ARN: c.key.Principal, Account: c.account(), UserID: c.key.UserID(), IsRoot: c.key.IsRoot}
	r.Now, r.SourceIP, r.SecureTransport = c.gate.lake.Now(), c.origin.IP, c.origin.TLS
	if resourcePolicy == "" {
		return policy.Evaluate(&r, c.identity, nil)
	}
	resource, err := policy.ParseResource(resourcePolicy)
	if err != nil { // nobody knows what it denies
		return policy.Decision{Reason: "the resource's policy cannot be read: " + err.Error()}
	}
	return policy.Evaluate(&r, c.identity, resource)
}

// StartQueryAction is what starting a query of a store takes at the API.
const StartQueryAction = "cloudtrail:StartQuery"

// ReadingActions are what reading a store by a query takes at the API.
var ReadingActions = []string{StartQueryAction, "cloudtrail:GetQueryResults"}

// ReadTableAction is what reading a reference table takes.
const ReadTableAction = "auditlake:ReadTable"

// TableARN returns the name of a reference table in policies.
func TableARN(lake *engine.Lake, table string) string {
	return fmt.Sprintf("arn:aws:auditlake:%s:%s:table/%s", lake.Region(), lake.AccountID(), table)
}

// WithoutKey returns why somebody who shows no key may not read a store or reference table while there are no keys:
// what was done with the lake is not for everybody who may use it.
func WithoutKey(s engine.QuerySource) error {
	if s.IsActivity {
		return errors.New("it needs the root key, or a key with a policy that allows it")
	}
	return nil
}

// mayRead returns why the caller may not read a store or reference table, nil if they may; reading a store takes
// actions. All stores are the lake's account's, whatever that was when they were made.
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

// QueryOptions return what holds for the statements of the caller whose answer comes at once: who asks, what may be
// read, and how much of it. That is looked at when a statement's turn has come.
func (c *Caller) QueryOptions() []engine.QueryOption {
	return c.queryOptions(ReadingActions...)
}

// StartOptions are QueryOptions of a statement whose result is kept: who asks for that will be asked for the right.
func (c *Caller) StartOptions() []engine.QueryOption { return c.queryOptions(StartQueryAction) }

func (c *Caller) queryOptions(actions ...string) []engine.QueryOption {
	return []engine.QueryOption{
		engine.User(c.User()), engine.MayRun(c.mayRun), engine.Until(c.key.ExpiresAt, "the access key "+c.key.ID+" has expired"),
		engine.MayRead(func(s engine.QuerySource) error { return c.mayRead(s, actions) }),
		Caps(c.gate.lake, c.key),
	}
}

// mayRun returns why a statement of the caller may not run any more: the key has ended since.
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

// Caps returns the option by which a statement on behalf of a key keeps to the key's caps. Its door says that the
// key's principal is the statement's user.
func Caps(lake *engine.Lake, key engine.Key) engine.QueryOption {
	return engine.CapScan(func(ctx context.Context) ([]engine.ScanCap, error) { return capsOf(ctx, lake, key) })
}

// capsOf returns how much a query on behalf of a key may scan now.
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
