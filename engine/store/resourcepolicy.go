package store

import (
	"context"

	"github.com/auditlake/auditlake/storage/catalog"
)

// SetResourcePolicy replaces the policy of a store by another, JSON that the caller has checked; "" removes it.
func (s *Stores) SetResourcePolicy(ctx context.Context, name, text string) error {
	_, err := s.changeActive(ctx, name, func(r *catalog.Store) error {
		r.ResourcePolicy = text
		return nil
	})
	return err
}
