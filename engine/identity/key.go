// Package identity keeps a lake's access keys: who may call the lake's doors, as which principal, with which
// policies and caps. Secrets lie in the catalog, sealed with a key file beside it.
package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Errors of access keys. They are wrapped with the key's id.
var (
	// ErrNotFound: there is no such key, or it was revoked.
	ErrNotFound = errors.New("access key not found")
	// ErrExpired: the key's time is over.
	ErrExpired = errors.New("access key expired")
	// ErrToken: the session token is not the key's, is missing, or comes with a key that has none.
	ErrToken = errors.New("session token does not belong to the access key")
	// ErrInvalid: a key cannot be as was asked for.
	ErrInvalid = errors.New("invalid access key")
	// ErrTooMany: the lake has as many keys as it may have.
	ErrTooMany = fmt.Errorf("a lake may have %d access keys that are neither revoked nor expired", MaxKeys)
	// ErrSealed: the secrets cannot be read, because the sealing key is lost or another one.
	ErrSealed = errors.New("the secret cannot be unsealed")
)

// Limits of access keys.
const (
	MaxKeys           = 1000 // that are neither revoked nor expired
	MaxPolicies       = 10   // of one key
	MaxPolicyBytes    = 10240
	MinSession        = 15 * time.Minute
	MaxSession        = 36 * time.Hour
	maxPrincipalBytes = 2048
)

// Key describes an access key, without its secret.
type Key struct {
	ID        string
	AccountID string // of the principal, 12 digits
	Principal string // ARN of the key's user
	IsRoot    bool   // may do everything; it has no policies
	IsSession bool   // comes with a session token
	Policies  []Policy
	// MaxBytesPerQuery and MaxBytesPerDay are the caps on bytes scanned by one query, and by all queries of a UTC
	// day; 0: no limit.
	MaxBytesPerQuery, MaxBytesPerDay int64
	CreatedAt                        time.Time
	ExpiresAt                        time.Time // zero: never
	RevokedAt                        time.Time // zero: not
}

// Policy is an identity policy of a key.
type Policy struct{ Name, Document string }

// State returns what a key is at an instant: active, expired or revoked.
func (k *Key) State(at time.Time) string {
	switch {
	case !k.RevokedAt.IsZero():
		return "revoked"
	case k.isExpired(at):
		return "expired"
	}
	return "active"
}

func (k *Key) isExpired(at time.Time) bool { return !k.ExpiresAt.IsZero() && !at.Before(k.ExpiresAt) }

// UserID returns the unique id of the principal for GetCallerIdentity and events: the account's for its root,
// otherwise one that depends on the principal alone.
func (k *Key) UserID() string {
	if k.IsRoot {
		return k.AccountID
	}
	sum := sha256.Sum256([]byte(k.Principal))
	prefix, session := "AIDA", ""
	if _, role, isRole := strings.Cut(k.Principal, ":assumed-role/"); isRole {
		name, sessionName, _ := strings.Cut(role, "/")
		sum = sha256.Sum256([]byte(k.AccountID + "/" + name))
		prefix, session = "AROA", ":"+sessionName
	}
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:idLength-len(prefix)] + session
}

// Credential is a key with its secret: what a door needs to check a request.
type Credential struct {
	Key
	Secret      string
	tokenSHA256 string
}

// Check returns why a request that was signed with the credential at an instant is refused, ErrToken or ErrExpired;
// nil if it is not refused. token came with the request, "" if none did. Doors call Check after they have verified
// the signature.
func (c *Credential) Check(token string, at time.Time) error {
	sum := sha256.Sum256([]byte(token))
	switch {
	case (token == "") != (c.tokenSHA256 == ""):
		return fmt.Errorf("%w: %s", ErrToken, c.ID)
	case token != "" && subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(c.tokenSHA256)) != 1:
		return fmt.Errorf("%w: %s", ErrToken, c.ID)
	case c.isExpired(at):
		return fmt.Errorf("%w: %s at %s", ErrExpired, c.ID, c.ExpiresAt.Format(time.RFC3339))
	}
	return nil
}

func keyOf(r *catalog.AccessKey) Key {
	k := Key{
		ID: r.ID, AccountID: r.AccountID, Principal: r.Principal, IsRoot: r.IsRoot, IsSession: r.TokenSHA256 != "",
		MaxBytesPerQuery: r.MaxBytesPerQuery, MaxBytesPerDay: r.MaxBytesPerDay,
		CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, RevokedAt: r.RevokedAt,
	}
	for _, p := range r.Policies {
		k.Policies = append(k.Policies, Policy(p))
	}
	return k
}

// Ids are as long as AWS's, and of the letters of base 32.
const (
	idLength     = 20
	secretLength = 40
	tokenBytes   = 96

	idAlphabet     = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)

// newID returns a random id with a prefix such as AKIA.
func newID(prefix string) string { return prefix + randomText(idAlphabet, idLength-len(prefix)) }

func newSecret() string { return randomText(secretAlphabet, secretLength) }

// newToken returns a random session token. It says nothing about its key.
func newToken() string {
	token := make([]byte, tokenBytes)
	rand.Read(token) // it never fails
	return base64.StdEncoding.EncodeToString(token)
}

func randomText(alphabet string, length int) string {
	text := make([]byte, length)
	for i := range text {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			panic(err) // crypto/rand never fails
		}
		text[i] = alphabet[n.Int64()]
	}
	return string(text)
}

var (
	accountPattern   = lazyregexp.New(`^\d{12}$`)
	principalPattern = lazyregexp.New(`^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):(?:user|role|assumed-role|federated-user)/[\w+=,.@/:-]+$`)
)

// checkPrincipal returns the account of a principal's ARN.
func checkPrincipal(arn string) (account string, err error) {
	found := principalPattern().FindStringSubmatch(arn)
	if found == nil || len(arn) > maxPrincipalBytes {
		return "", fmt.Errorf("%w: the principal must be the ARN of a user, role, assumed role or federated user, such as arn:aws:iam::123456789012:user/alice, not %q", ErrInvalid, arn)
	}
	return found[1], nil
}
