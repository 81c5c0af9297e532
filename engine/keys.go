package engine

import "github.com/auditlake/auditlake/engine/identity"

// What access keys are; engine/identity has their rules.
type (
	// Keys are the access keys of a lake.
	Keys = identity.Keys
	// Key describes an access key, without its secret.
	Key = identity.Key
	// KeyOptions describes a new access key.
	KeyOptions = identity.Options
	// KeyPolicy is an identity policy of an access key.
	KeyPolicy = identity.Policy
	// KeySecrets is what is known of a new access key just once.
	KeySecrets = identity.Secrets
	// PublicKey is the public half of a key that delivered results are, or were, signed with.
	PublicKey = identity.PublicKey
	// Credential is an access key with its secret: what a door needs to check a request.
	Credential = identity.Credential
)

// Errors of access keys. They are wrapped with the key's id.
var (
	ErrKeyNotFound = identity.ErrNotFound
	ErrKeyExpired  = identity.ErrExpired
	ErrKeyToken    = identity.ErrToken
	ErrKeyInvalid  = identity.ErrInvalid
	ErrKeySealed   = identity.ErrSealed
	ErrTooManyKeys = identity.ErrTooMany
	// ErrKeysWork: the lake cannot be opened to callers without a key while keys besides the root's work.
	ErrKeysWork = identity.ErrStillUsed
)

// Keys are the lake's access keys: who may call its doors, and what they may do.
func (l *Lake) Keys() *Keys { return l.keys }
