package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/storage/catalog"
)

// ErrStillUsed means that keys besides the root's work, so the lake cannot be opened to programs without a key.
var ErrStillUsed = errors.New("access keys still work")

// HasFurther reports whether the lake has, or had, another key than the root's, and Reopen was not called since.
// While it does, every caller needs a key. A file beside the catalog records this too, and survives a rebuild of
// the catalog.
func (k *Keys) HasFurther() (bool, error) {
	if k.hasFurther.Load() {
		return true, nil
	}
	k.opening.Lock() // a key that is made meanwhile counts before this looks, or after
	defer k.opening.Unlock()
	required, err := k.storage.KeysRequired()
	if err != nil {
		return true, err
	}
	records, err := k.records()
	if slices.ContainsFunc(records, closes) {
		required = true
		// On a read-only lake or a full disk the file is not written; then the records require keys until the next
		// check.
		_ = k.storage.RequireKeys()
	}
	k.hasFurther.Store(required)
	return required, err
}

// closes reports whether a key is a reason to ask every caller for a key.
func closes(r *catalog.AccessKey) bool { return !r.IsRoot && !r.Past }

// Working returns the keys besides the root's that are neither revoked nor expired.
func (k *Keys) Working() (working []*Key, err error) {
	records, err := k.records()
	for _, r := range records {
		if key := keyOf(r); !r.IsRoot && key.State(k.now()) == "active" {
			working = append(working, &key)
		}
	}
	return working, err
}

// Reopen lets programs of this machine in without a key again, as before the first key besides the root's was made.
// Expired keys are revoked, so that they never work again. The error wraps ErrStillUsed while another key than the
// root's works.
func (k *Keys) Reopen(ctx context.Context) error {
	k.opening.Lock()
	defer k.opening.Unlock()
	err := k.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		records, err := tx.AccessKeys()
		if err != nil {
			return err
		}
		var working []string
		for _, r := range records {
			switch key := keyOf(r); {
			case !closes(r):
				continue
			case key.State(k.now()) == "active":
				working = append(working, r.ID)
				continue
			case r.RevokedAt.IsZero():
				r.RevokedAt, r.SealedSecret = k.now(), nil
			}
			r.Past = true
			if err := tx.PutAccessKey(r); err != nil {
				return err
			}
		}
		if len(working) > 0 {
			return fmt.Errorf("%w; revoke them first: %s", ErrStillUsed, strings.Join(working, ", "))
		}
		return nil
	})
	if err == nil {
		err = k.storage.RequireNoKeys()
	}
	if err != nil {
		return err
	}
	k.hasFurther.Store(false)
	return nil
}
