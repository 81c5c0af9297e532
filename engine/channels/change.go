package channels

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/storage/catalog"
)

var namePattern = lazyregexp.New(`^[a-zA-Z0-9._-]+$`)

// Create makes a channel.
func (c *Channels) Create(ctx context.Context, options Options) (*Channel, error) {
	if !slices.Contains(sources, options.Source) {
		return nil, fmt.Errorf("%w: %q; the sources are %s", ErrSource, options.Source, strings.Join(sources, ", "))
	}
	now := c.place.Now()
	r := &catalog.Channel{
		ID: uuid.NewString(), Name: options.Name, Partition: "aws", Region: c.place.Region, AccountID: c.place.AccountID,
		Source: options.Source, Tags: withTags(nil, options.Tags), CreatedAt: now, UpdatedAt: now,
	}
	err := c.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		others, err := tx.Channels()
		if err != nil {
			return err
		}
		for _, other := range others {
			if other.Source == r.Source {
				return fmt.Errorf("%w: %s has the source %s", ErrExists, other.Name, r.Source)
			}
		}
		if err := c.setDestinations(tx, r, options.Destinations); err != nil {
			return err
		}
		if err := check(r, others); err != nil {
			return err
		}
		if len(others) >= MaxChannels {
			return ErrTooMany
		}
		return tx.PutChannel(r)
	})
	if err != nil {
		return nil, err
	}
	return fromRecord(r), nil
}

// Update changes a channel.
func (c *Channels) Update(ctx context.Context, name string, update Update) (*Channel, error) {
	return c.changeRecord(ctx, name, func(tx *catalog.Tx, r *catalog.Channel) error {
		if update.Name != "" {
			r.Name = update.Name
		}
		if update.Destinations == nil {
			return nil
		}
		return c.setDestinations(tx, r, update.Destinations)
	})
}

// Delete removes a channel. What came through it stays in its destinations.
func (c *Channels) Delete(ctx context.Context, name string) error {
	id := ""
	err := c.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		records, err := tx.Channels()
		if err != nil {
			return err
		}
		r, err := find(records, name)
		if err != nil {
			return err
		}
		id = r.ID
		return tx.DeleteChannel(id)
	})
	if err != nil {
		return err
	}
	c.pushing.forget(id)
	return c.storage.DropChannel(id)
}

// SetResourcePolicy replaces the policy of a channel by another, JSON that the caller has checked; "" removes it.
func (c *Channels) SetResourcePolicy(ctx context.Context, name, text string) error {
	_, err := c.changeRecord(ctx, name, func(_ *catalog.Tx, r *catalog.Channel) error {
		r.ResourcePolicy = text
		return nil
	})
	return err
}

// AddTags gives a channel tags; one with the key of another replaces it. store.ErrTooManyTags: it would have more
// than 50.
func (c *Channels) AddTags(ctx context.Context, name string, tags ...store.Tag) error {
	_, err := c.changeRecord(ctx, name, func(_ *catalog.Tx, r *catalog.Channel) error {
		r.Tags = withTags(r.Tags, tags)
		return nil
	})
	return err
}

// RemoveTags removes the tags with the given keys from a channel. Missing ones are no error.
func (c *Channels) RemoveTags(ctx context.Context, name string, keys ...string) error {
	_, err := c.changeRecord(ctx, name, func(_ *catalog.Tx, r *catalog.Channel) error {
		r.Tags = slices.DeleteFunc(r.Tags, func(t catalog.Tag) bool { return slices.Contains(keys, t.Key) })
		return nil
	})
	return err
}

func withTags(have []catalog.Tag, more []store.Tag) []catalog.Tag {
	for _, tag := range more {
		at := slices.IndexFunc(have, func(t catalog.Tag) bool { return t.Key == tag.Key })
		if at >= 0 {
			have[at] = catalog.Tag(tag)
			continue
		}
		have = append(have, catalog.Tag(tag))
	}
	return have
}

// changeRecord edits the record of a channel in one transaction.
func (c *Channels) changeRecord(ctx context.Context, name string, edit func(*catalog.Tx, *catalog.Channel) error) (*Channel, error) {
	var changed *catalog.Channel
	err := c.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		records, err := tx.Channels()
		if err != nil {
			return err
		}
		if changed, err = find(records, name); err != nil {
			return err
		}
		if err := edit(tx, changed); err != nil {
			return err
		}
		changed.UpdatedAt = c.place.Now()
		if err := check(changed, records); err != nil {
			return err
		}
		return tx.PutChannel(changed)
	})
	if err != nil {
		return nil, err
	}
	return fromRecord(changed), nil
}

// check applies the rules for every channel, also those about the other channels.
func check(r *catalog.Channel, all []*catalog.Channel) error {
	if len(r.Name) < minName || len(r.Name) > maxName || !namePattern().MatchString(r.Name) {
		return fmt.Errorf("%w: a channel's name has %d to %d letters, digits, '.', '_' and '-'", store.ErrInvalidParameter, minName, maxName)
	}
	if len(r.Tags) > maxTags {
		return fmt.Errorf("%w: %w", store.ErrInvalidParameter, store.ErrTooManyTags)
	}
	for _, other := range all {
		if other.ID != r.ID && strings.EqualFold(other.Name, r.Name) {
			return fmt.Errorf("%w: %s", ErrExists, r.Name)
		}
	}
	return nil
}

// setDestinations sets the stores that a channel feeds. They must be stores of activity events, of one region and
// account, that take events.
func (c *Channels) setDestinations(tx *catalog.Tx, r *catalog.Channel, names []string) error {
	all, err := tx.Stores()
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("%w: a channel needs a destination", store.ErrInvalidParameter)
	}
	r.Destinations = nil
	for _, name := range names {
		s, err := store.Find(all, name)
		if err != nil {
			return err
		}
		if store.IsGone(s, c.place.Now()) {
			return fmt.Errorf("%w: %s", store.ErrNotFound, name)
		}
		if r.Feeds(s.ID) {
			return fmt.Errorf("%w: the destination %s occurs twice", store.ErrInvalidParameter, s.Name)
		}
		if err := checkDestination(s); err != nil {
			return err
		}
		r.Destinations = append(r.Destinations, s.ID)
	}
	return nil
}

func checkDestination(s *catalog.Store) error {
	err := store.CheckTakesPushes(s)
	switch {
	case errors.Is(err, store.ErrInactive):
		return err
	case s.Category != activity:
		return fmt.Errorf("%w: %s is of category %s, not %s", ErrCategory, s.Name, s.Category, activity)
	case s.MultiRegion || s.Organization:
		return fmt.Errorf("%w: %s is not of a single region and account", ErrCategory, s.Name)
	case err != nil:
		return fmt.Errorf("%w: %v", store.ErrInvalidParameter, err) // whatever it is of stores
	}
	return nil
}
