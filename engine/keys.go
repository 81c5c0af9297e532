package engine

import "github.com/auditlake/auditlake/engine/identity"

// The types of access keys; engine/identity has their rules.
type (
	// Keys are the access keys of a lake.
	Keys = identity.Keys
	// Key describes an access key, without its secret.
	Key = identity.Key
	// KeyOptions describes a new access key.
	KeyOptions = identity.Options
	// KeyPolicy is an identity policy of an access key.
	KeyPolicy = identity.Policy
	// KeySecrets are the secrets of a new access key, shown only once.
	KeySecrets = identity.Secrets
	// PublicKey is the public half of a key that signs, or used to sign, delivered results.
	PublicKey = identity.PublicKey
	// Credential is an access key with its secret, with which a door checks a request.
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
	// ErrKeysWork: the lake cannot be opened to callers without a key while keys other than the root's are active.
	ErrKeysWork = identity.ErrStillUsed
)

// Keys returns the lake's access keys, which say who may call its doors and what each caller may do.
func (l *Lake) Keys() *Keys { return l.keys }
