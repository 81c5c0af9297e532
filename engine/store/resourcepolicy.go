package store

import (
	"context"

	"github.com/auditlake/auditlake/storage/catalog"
)

// SetResourcePolicy gives a store another policy, JSON that the caller has checked; "" takes away the one that it has.
func (s *Stores) SetResourcePolicy(ctx context.Context, name, text string) error {
	_, err := s.changeActive(ctx, name, func(r *catalog.Store) error {
		r.ResourcePolicy = text
		return nil
	})
	return err
}
