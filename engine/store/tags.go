package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/storage/catalog"
)

// AddTags gives a store tags; one with the key of another replaces it. ErrTooManyTags: it would have more than 50.
func (s *Stores) AddTags(ctx context.Context, name string, tags ...Tag) error {
	return s.changeTags(ctx, name, func(r *catalog.Store) {
		for _, tag := range tagRecords(tags) {
			at := slices.IndexFunc(r.Tags, func(t catalog.Tag) bool { return t.Key == tag.Key })
			if at >= 0 {
				r.Tags[at] = tag
				continue
			}
			r.Tags = append(r.Tags, tag)
		}
	})
}

// RemoveTags takes the tags of some keys from a store. Those that it does not have are no error.
func (s *Stores) RemoveTags(ctx context.Context, name string, keys ...string) error {
	return s.changeTags(ctx, name, func(r *catalog.Store) {
		r.Tags = slices.DeleteFunc(r.Tags, func(t catalog.Tag) bool { return slices.Contains(keys, t.Key) })
	})
}

func (s *Stores) changeTags(ctx context.Context, name string, edit func(*catalog.Store)) error {
	_, err := s.changeRecord(ctx, name, func(_ *catalog.Tx, r *catalog.Store) error {
		if r.Status == catalog.StorePendingDeletion {
			return fmt.Errorf("%w: %s", ErrInactive, r.Name)
		}
		edit(r)
		return checkRecord(r)
	})
	return err
}
