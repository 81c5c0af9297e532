package identity

import (
	"context"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Keys are the access keys of a lake. It is safe for concurrent use. Every change goes through the one Keys of the
// process that holds the lake.
type Keys struct {
	storage   *storage.Lake
	accountID string
	now       func() time.Time

	// hasFurther caches HasFurther where it is true. Create and Reopen change it while they hold opening.
	hasFurther atomic.Bool
	opening    sync.Mutex

	// revoked, if not nil, is called with the id of each key that was revoked.
	revoked func(id string)

	signing sync.Mutex // held while the signing key is looked for and made

	mu sync.RWMutex
	// root is the root key that the process was given; nil: the one in the catalog counts.
	root *Credential // mu
	aead cipher.AEAD // mu; nil: the sealing key was not read yet
	// known caches credentials as of a Catalog.AccessKeysVersion. A credential in it never changes.
	known        map[string]*Credential // mu: by id
	knownVersion uint64                 // mu
}

// New returns the access keys of a lake. accountID is the account of keys that name no other.
func New(lake *storage.Lake, accountID string, now func() time.Time) *Keys {
	return &Keys{storage: lake, accountID: accountID, now: now}
}

// OnRevoked calls f with the id of each key that is revoked from now on, before Revoke returns. It is called before
// the lake is used.
func (k *Keys) OnRevoked(f func(id string)) { k.revoked = f }

// Options describes a new key. The zero value is a key of the lake's account that has no rights of its own.
type Options struct {
	AccountID string // "": that of the principal, otherwise the lake's
	Principal string // ARN; "": the user of the account that is named as the key's id
	// Policies are identity policies. The caller has parsed them: here they are only bounded.
	Policies []Policy
	// ExpiresAt is when the key stops working; zero: never.
	ExpiresAt time.Time
	// Session makes temporary credentials, which come with a token and expire after that time; 0: none.
	Session                          time.Duration
	MaxBytesPerQuery, MaxBytesPerDay int64 // 0: no limit
}

// Secrets are what is known of a new key just once.
type Secrets struct {
	Secret string
	Token  string // of temporary credentials, otherwise ""
}

// Create makes a key. A nil error promises that it is durable and works.
func (k *Keys) Create(ctx context.Context, options Options) (*Key, Secrets, error) {
	record, err := k.draft(options)
	if err != nil {
		return nil, Secrets{}, err
	}
	secrets := Secrets{Secret: newSecret()}
	if options.Session > 0 {
		secrets.Token = newToken()
		sum := sha256.Sum256([]byte(secrets.Token))
		record.TokenSHA256 = hex.EncodeToString(sum[:])
	}
	if err := k.seal(record, secrets.Secret); err != nil {
		return nil, Secrets{}, err
	}
	k.opening.Lock()
	defer k.opening.Unlock()
	err = k.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		if err := k.makeRoom(tx); err != nil {
			return err
		}
		return tx.PutAccessKey(record)
	})
	if err != nil {
		return nil, Secrets{}, err
	}
	k.hasFurther.Store(true)
	_ = k.storage.RequireKeys() // the key is made; HasFurther of the next process tries again
	made := keyOf(record)
	return &made, secrets, nil
}

// draft returns the record of a new key, without its secrets.
func (k *Keys) draft(o Options) (*catalog.AccessKey, error) {
	now := k.now()
	r := &catalog.AccessKey{
		ID: newID("AKIA"), AccountID: o.AccountID, Principal: o.Principal,
		MaxBytesPerQuery: o.MaxBytesPerQuery, MaxBytesPerDay: o.MaxBytesPerDay, CreatedAt: now,
		ExpiresAt: o.ExpiresAt.UTC(),
	}
	if o.Session != 0 {
		if o.Session < MinSession || o.Session > MaxSession {
			return nil, fmt.Errorf("%w: a session lasts from %s to %s, not %s", ErrInvalid, MinSession, MaxSession, o.Session)
		}
		if !o.ExpiresAt.IsZero() {
			return nil, fmt.Errorf("%w: a session has its own end, so it takes no expiry", ErrInvalid)
		}
		r.ID, r.ExpiresAt = newID("ASIA"), now.Add(o.Session)
	}
	if !r.ExpiresAt.IsZero() && !r.ExpiresAt.After(now) {
		return nil, fmt.Errorf("%w: its expiry %s is in the past", ErrInvalid, r.ExpiresAt.Format(time.RFC3339))
	}
	if o.MaxBytesPerQuery < 0 || o.MaxBytesPerDay < 0 {
		return nil, fmt.Errorf("%w: a limit is a number of bytes, or 0 for none", ErrInvalid)
	}
	if err := k.namePrincipal(r); err != nil {
		return nil, err
	}
	return r, addPolicies(r, o.Policies)
}

// namePrincipal fills in and checks the account and principal of a new key.
func (k *Keys) namePrincipal(r *catalog.AccessKey) error {
	account := k.accountID
	if r.Principal != "" {
		var err error
		if account, err = checkPrincipal(r.Principal); err != nil {
			return err
		}
		if r.AccountID != "" && r.AccountID != account {
			return fmt.Errorf("%w: the principal %s is not of account %s", ErrInvalid, r.Principal, r.AccountID)
		}
	}
	if r.AccountID == "" {
		r.AccountID = account
	}
	if !accountPattern().MatchString(r.AccountID) {
		return fmt.Errorf("%w: an account has 12 digits, not %q", ErrInvalid, r.AccountID)
	}
	if r.Principal == "" {
		r.Principal = "arn:aws:iam::" + r.AccountID + ":user/" + r.ID
	}
	return nil
}

func addPolicies(r *catalog.AccessKey, policies []Policy) error {
	if len(policies) > MaxPolicies {
		return fmt.Errorf("%w: it may have %d policies, not %d", ErrInvalid, MaxPolicies, len(policies))
	}
	for _, p := range policies {
		if len(p.Document) > MaxPolicyBytes {
			return fmt.Errorf("%w: the policy %s has %d bytes, more than %d", ErrInvalid, p.Name, len(p.Document), MaxPolicyBytes)
		}
		r.Policies = append(r.Policies, catalog.KeyPolicy(p))
	}
	return nil
}

// keepEnded is how long the record of a key is kept after the key was revoked or expired.
const keepEnded = 90 * 24 * time.Hour

// makeRoom removes the records of keys that ended long ago, and returns ErrTooMany if there are still too many. The
// latest record of a key besides the root's stays, because its existence closes the door for callers without a key.
func (k *Keys) makeRoom(tx *catalog.Tx) error {
	records, err := tx.AccessKeys()
	if err != nil {
		return err
	}
	slices.SortFunc(records, func(a, b *catalog.AccessKey) int { return b.CreatedAt.Compare(a.CreatedAt) })
	live, further := 0, 0
	for _, r := range records {
		if !r.IsRoot {
			further++
		}
		key := keyOf(r)
		if key.State(k.now()) == "active" {
			live++
			continue
		}
		ended := r.RevokedAt
		if ended.IsZero() {
			ended = r.ExpiresAt
		}
		if k.now().Sub(ended) > keepEnded && (r.IsRoot || further > 1) {
			if err := tx.DeleteAccessKey(r.ID); err != nil {
				return err
			}
		}
	}
	if live >= MaxKeys {
		return ErrTooMany
	}
	return nil
}

// List returns all keys, the newest first, also those that were revoked or expired in the last 90 days. A root key
// that the process was given replaces the lake's own.
func (k *Keys) List(ctx context.Context) ([]*Key, error) {
	records, err := k.records()
	if err != nil {
		return nil, err
	}
	given := k.givenRoot()
	var keys []*Key
	if given != nil {
		key := given.Key
		keys = append(keys, &key)
	}
	for _, r := range records {
		key := keyOf(r)
		if given == nil || r.ID != given.ID && (!r.IsRoot || key.State(k.now()) != "active") {
			keys = append(keys, &key)
		}
	}
	slices.SortStableFunc(keys, func(a, b *Key) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return keys, ctx.Err()
}

func (k *Keys) records() (records []*catalog.AccessKey, err error) {
	err = k.storage.Catalog().View(func(tx *catalog.Tx) error {
		records, err = tx.AccessKeys()
		return err
	})
	return records, err
}

// Show returns a key, which may be revoked or expired.
func (k *Keys) Show(id string) (*Key, error) {
	if given := k.givenRoot(); given != nil && given.ID == id {
		key := given.Key
		return &key, nil
	}
	r, err := k.record(id)
	if err != nil {
		return nil, err
	}
	key := keyOf(r)
	return &key, nil
}

func (k *Keys) record(id string) (r *catalog.AccessKey, err error) {
	err = k.storage.Catalog().View(func(tx *catalog.Tx) error {
		r, err = tx.AccessKey(id)
		return err
	})
	return r, notFound(id, err)
}

func notFound(id string, err error) error {
	if errors.Is(err, catalog.ErrNotFound) {
		return fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return err
}

// Revoke ends a key at once and for good: its secret is removed. After the root key is revoked, the next serve makes
// another.
func (k *Keys) Revoke(ctx context.Context, id string) error {
	if given := k.givenRoot(); given != nil && given.ID == id {
		return fmt.Errorf("%w: %s is the root key that the server was started with; restart the server without it or with another", ErrInvalid, id)
	}
	err := k.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		r, err := tx.AccessKey(id)
		if err != nil {
			return err
		}
		if !r.RevokedAt.IsZero() {
			return fmt.Errorf("%w: %s is already revoked", ErrNotFound, id)
		}
		r.RevokedAt, r.SealedSecret = k.now(), nil
		return tx.PutAccessKey(r)
	})
	if err == nil && k.revoked != nil {
		k.revoked(id)
	}
	return notFound(id, err)
}

// Find returns the key with its secret that a request names. An expired key is returned, too: Credential.Check
// refuses it. ErrNotFound: there is none, or it was revoked.
func (k *Keys) Find(id string) (*Credential, error) {
	if given := k.givenRoot(); given != nil && given.ID == id {
		found := *given
		return &found, nil
	}
	c, err := k.credential(id)
	if err != nil {
		return nil, err
	}
	if !c.RevokedAt.IsZero() || c.IsRoot && k.givenRoot() != nil {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return c, nil
}

// credential returns the credential of a key. It is cached until a key changes: a transaction of the catalog would
// wait for the disk while something is written, and doors ask with each request. A revoked key has no secret.
func (k *Keys) credential(id string) (*Credential, error) {
	version := k.storage.Catalog().AccessKeysVersion()
	if c := k.knownCredential(id, version); c != nil {
		return c, nil
	}
	r, err := k.record(id)
	if err != nil {
		return nil, err
	}
	c := &Credential{Key: keyOf(r), tokenSHA256: r.TokenSHA256}
	if r.RevokedAt.IsZero() {
		if c.Secret, err = k.unseal(r); err != nil {
			return nil, err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil || k.knownVersion != version {
		k.known, k.knownVersion = map[string]*Credential{}, version
	}
	k.known[id] = c
	return c, nil
}

// knownCredential returns the credential of an id as of a version, nil if it is not in memory.
func (k *Keys) knownCredential(id string, version uint64) *Credential {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.knownVersion != version {
		return nil
	}
	return k.known[id]
}

func (k *Keys) givenRoot() *Credential {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.root
}

// maxGivenBytes is how long the id or secret of a given root key may be.
const maxGivenBytes = 128

// GiveRoot replaces the lake's root key while the process runs. It writes nothing to disk.
func (k *Keys) GiveRoot(id, secret string) error {
	isPlain := func(text string, allowed string) bool {
		return text != "" && len(text) <= maxGivenBytes && strings.Trim(text, allowed) == ""
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	switch {
	case !isPlain(id, letters+"_-"):
		return fmt.Errorf("%w: the id of a root key has 1 to %d letters, digits, - and _", ErrInvalid, maxGivenBytes)
	case len(secret) < 16 || !isPlain(secret, letters+"+/=_-"):
		return fmt.Errorf("%w: the secret of a root key has 16 to %d letters, digits, +, /, =, - and _", ErrInvalid, maxGivenBytes)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.root = &Credential{Key: Key{ID: id, AccountID: k.accountID, Principal: k.rootARN(), IsRoot: true, CreatedAt: k.now()}, Secret: secret}
	return nil
}

func (k *Keys) rootARN() string { return "arn:aws:iam::" + k.accountID + ":root" }

// MakeRoot makes the lake's root key, unless there is one that works, made before or given. Before the key is
// durable, and works, announce is called with it; its error refuses the key.
func (k *Keys) MakeRoot(ctx context.Context, announce func(*Credential) error) (*Key, error) {
	if given := k.givenRoot(); given != nil {
		return &given.Key, nil
	}
	records, err := k.records()
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if r.IsRoot && r.RevokedAt.IsZero() {
			key := keyOf(r)
			return &key, nil
		}
	}
	r := &catalog.AccessKey{ID: newID("AKIA"), AccountID: k.accountID, Principal: k.rootARN(), IsRoot: true, CreatedAt: k.now()}
	made := &Credential{Key: keyOf(r), Secret: newSecret()}
	if err := k.seal(r, made.Secret); err != nil {
		return nil, err
	}
	if err := announce(made); err != nil {
		return nil, err
	}
	err = k.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutAccessKey(r) })
	return &made.Key, err
}

// WriteRootCredentials writes the root key into a file of the lake that only its owner can read, in the form of
// ~/.aws/credentials, and returns the file's path.
func (k *Keys) WriteRootCredentials(c *Credential) (path string, err error) {
	return k.storage.PutRootCredentials(fmt.Appendf(nil, "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", c.ID, c.Secret))
}
