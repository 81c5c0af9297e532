package store

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/storage/catalog"
)

// AddTags gives a store tags; one with the key of another replaces it. ErrTooManyTags: it would have more than 50.
func (s *Stores) AddTags(ctx context.Context, name string, tags ...Tag) error {
	return s.changeTags(ctx, name, func(have []Tag) []Tag { return WithTags(have, tags...) })
}

// RemoveTags removes the tags with the given keys from a store. Missing ones are no error.
func (s *Stores) RemoveTags(ctx context.Context, name string, keys ...string) error {
	return s.changeTags(ctx, name, func(have []Tag) []Tag { return WithoutTags(have, keys...) })
}

// WithTags returns tags with more tags added; these replace tags with the same keys.
func WithTags(have []Tag, more ...Tag) []Tag {
	for _, tag := range more {
		at := slices.IndexFunc(have, func(t Tag) bool { return t.Key == tag.Key })
		if at >= 0 {
			have[at] = tag
			continue
		}
		have = append(have, tag)
	}
	return have
}

// WithoutTags returns tags without those with the given keys.
func WithoutTags(have []Tag, keys ...string) []Tag {
	return slices.DeleteFunc(have, func(t Tag) bool { return slices.Contains(keys, t.Key) })
}

func (s *Stores) changeTags(ctx context.Context, name string, edit func([]Tag) []Tag) error {
	_, err := s.changeActive(ctx, name, func(r *catalog.Store) error {
		r.Tags = TagRecords(edit(TagsOf(r.Tags)))
		return checkRecord(r)
	})
	return err
}
