package catalog

import "time"

// AccessKey is an access key: which principal calls the lake with it, and what its calls may do.
type AccessKey struct {
	ID        string `json:"ID"`        // as clients send it, such as AKIA…
	AccountID string `json:"AccountID"` // of the principal, 12 digits
	Principal string `json:"Principal"` // ARN of the user, role session or account root that calls
	IsRoot    bool   `json:"IsRoot,omitempty"`
	// Policies are the identity policies of the key.
	Policies         []KeyPolicy `json:"Policies,omitempty"`
	MaxBytesPerQuery int64       `json:"MaxBytesPerQuery,omitempty"` // scanned; 0: no limit
	MaxBytesPerDay   int64       `json:"MaxBytesPerDay,omitempty"`   // scanned in one UTC day; 0: no limit

	CreatedAt time.Time `json:"CreatedAt"`
	ExpiresAt time.Time `json:"ExpiresAt,omitzero"`
	RevokedAt time.Time `json:"RevokedAt,omitzero"`
	// Past: the key has ended, and its owner has since opened the lake to programs of this machine that show no key.
	Past bool `json:"Past,omitempty"`

	// TokenSHA256 is the hash of the session token that must come with the key, lower-case hex; empty: no token may
	// come.
	TokenSHA256 string `json:"TokenSHA256,omitempty"`
	// SealedSecret is the secret, encrypted with the lake's sealing key; absent once the key is revoked.
	SealedSecret []byte `json:"SealedSecret,omitempty"`
}

// KeyPolicy is an identity policy of an access key.
type KeyPolicy struct {
	Name     string `json:"Name"`
	Document string `json:"Document"` // JSON as given
}

// PutAccessKey writes an access key, new or changed.
func (tx *Tx) PutAccessKey(k *AccessKey) error {
	tx.changesAccessKeys = true
	return put(tx, accessKeyKey(k.ID), k)
}

// AccessKey reads an access key.
func (tx *Tx) AccessKey(id string) (*AccessKey, error) {
	return get[AccessKey](tx, accessKeyKey(id), "access key", id)
}

// AccessKeys lists all access keys by id, the revoked ones included.
func (tx *Tx) AccessKeys() ([]*AccessKey, error) {
	return collect(scan[AccessKey](tx, accessKeyPrefix, ""))
}

// DeleteAccessKey removes the record of an access key.
func (tx *Tx) DeleteAccessKey(id string) error {
	tx.changesAccessKeys = true
	return tx.delete(accessKeyKey(id))
}
