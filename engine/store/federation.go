package store

import (
	"context"
	"fmt"

	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/storage/catalog"
)

var rolePattern = lazyregexp.New(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+$`)

// IsRoleARN reports whether a text is the ARN of a role.
func IsRoleARN(text string) bool { return rolePattern().MatchString(text) }

// EnableFederation notes that a store is offered to other engines, by a role. It does not change the rights to read
// the store.
func (s *Stores) EnableFederation(ctx context.Context, name, role string) (*Store, error) {
	return s.changeActive(ctx, name, func(r *catalog.Store) error {
		if !IsRoleARN(role) {
			return fmt.Errorf("%w: '%s' is not the ARN of a role", ErrInvalidParameter, role)
		}
		if isFederated(r) {
			return fmt.Errorf("%w: %s", ErrFederated, r.Name)
		}
		r.FederationStatus, r.FederationRoleARN = catalog.FederationEnabled, role
		return nil
	})
}

// DisableFederation notes that a store is no longer offered to other engines. It is no error if it was not.
func (s *Stores) DisableFederation(ctx context.Context, name string) (*Store, error) {
	return s.changeActive(ctx, name, func(r *catalog.Store) error {
		r.FederationStatus, r.FederationRoleARN = catalog.FederationDisabled, ""
		return nil
	})
}

func isFederated(r *catalog.Store) bool {
	return r.FederationStatus != "" && r.FederationStatus != catalog.FederationDisabled
}

// changeActive edits the record of a store that is not pending deletion.
func (s *Stores) changeActive(ctx context.Context, name string, edit func(*catalog.Store) error) (*Store, error) {
	return s.changeRecord(ctx, name, func(_ *catalog.Tx, r *catalog.Store) error {
		if r.Status == catalog.StorePendingDeletion {
			return fmt.Errorf("%w: %s", ErrInactive, r.Name)
		}
		return edit(r)
	})
}
