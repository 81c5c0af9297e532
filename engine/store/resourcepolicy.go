package store

import (
	"context"
	"fmt"

	"github.com/auditlake/auditlake/storage/catalog"
)

// SetResourcePolicy gives a store another policy, JSON that the caller has checked; "" takes away the one that it has.
func (s *Stores) SetResourcePolicy(ctx context.Context, name, text string) error {
	_, err := s.changeRecord(ctx, name, func(_ *catalog.Tx, r *catalog.Store) error {
		if r.Status == catalog.StorePendingDeletion {
			return fmt.Errorf("%w: %s", ErrInactive, r.Name)
		}
		r.ResourcePolicy = text
		return nil
	})
	return err
}
