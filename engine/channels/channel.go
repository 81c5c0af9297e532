// Package channels has the rules of channels, through which programs outside of AWS push their activity: what a new
// one must be, what may change, and how their events come into the stores that are its destinations. storage/catalog
// keeps their records.
package channels

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/channel"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Channel describes a channel; changing it changes nothing in the lake.
type Channel struct {
	ID             string // lower-case UUID
	ARN            string
	Name           string
	AccountID      string
	Source         string
	Destinations   []string // ids of event data stores
	Tags           []store.Tag
	ResourcePolicy string // JSON as given; "": none
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Limits of channels.
const (
	MaxChannels = 25
	maxTags     = 50
	minName     = 3
	maxName     = 128
)

// Errors of channels. They are wrapped with the channel's name.
var (
	ErrNotFound = errors.New("channel not found")
	ErrExists   = errors.New("a channel of this name or source exists")
	ErrTooMany  = fmt.Errorf("a lake has at most %d channels", MaxChannels)
	ErrSource   = errors.New("unknown source")
	// ErrCategory: a destination is not a store of activity events of one region and account.
	ErrCategory = errors.New("the event data store cannot receive events from channels")
	// ErrDestination: a destination does not take events.
	ErrDestination = errors.New("a destination of the channel does not take events")
)

// CustomSource is the source of people's own programs.
const CustomSource = "Custom"

// sources are those that a channel may have: people's own programs, and the service's partners.
var sources = []string{
	CustomSource, "CloudStorageSecurityConsole", "Clumio", "CrowdStrike", "CyberArk", "GitHub", "KongGatewayEnterprise", "LaunchDarkly",
	"NetskopeCloudExchange", "IBMMulticloud", "MontyCloud", "OktaSystemLogEvents", "OneLogin", "Shoreline", "Snyk", "WizAuditLogs",
}

// activity is the category of the stores that channels feed.
const activity = "ActivityAuditLog"

// Options describes a new channel.
type Options struct {
	Name         string
	Source       string
	Destinations []string // names, ids or ARNs of event data stores
	Tags         []store.Tag
}

// Update says what to change; empty fields stay as they are.
type Update struct {
	Name         string
	Destinations []string
}

// Place is what channels need to know of their lake.
type Place struct {
	Region, AccountID string
	Now               func() time.Time // in UTC
	// Took, if not nil, is called with what each push brought a store.
	Took func(storeID string, judged *channel.Judged, err error)
}

// Channels are the channels of a lake. It is safe for concurrent use.
type Channels struct {
	storage *storage.Lake
	place   Place
	pushing *pushing
}

// New returns the channels of a lake.
func New(lake *storage.Lake, place Place) *Channels {
	return &Channels{lake, place, newPushing()}
}

// List returns the channels by the time they were made.
func (c *Channels) List(ctx context.Context) ([]*Channel, error) {
	records, err := c.records(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]*Channel, len(records))
	for i, r := range records {
		list[i] = fromRecord(r)
	}
	slices.SortFunc(list, func(a, b *Channel) int {
		if order := a.CreatedAt.Compare(b.CreatedAt); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list, nil
}

func (c *Channels) records(ctx context.Context) (records []*catalog.Channel, err error) {
	err = c.storage.Catalog().View(func(tx *catalog.Tx) (err error) {
		records, err = tx.Channels()
		return err
	})
	return records, errors.Join(err, ctx.Err())
}

// Get finds a channel by name, id or ARN, whatever its letter case.
func (c *Channels) Get(ctx context.Context, name string) (*Channel, error) {
	records, err := c.records(ctx)
	if err != nil {
		return nil, err
	}
	r, err := find(records, name)
	if err != nil {
		return nil, err
	}
	return fromRecord(r), nil
}

func find(records []*catalog.Channel, name string) (*catalog.Channel, error) {
	for _, r := range records {
		if r.IsNamed(name) {
			return r, nil
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrNotFound, name)
}

// FeedsStore reports whether the store of an id is a destination of a channel.
func FeedsStore(tx *catalog.Tx, storeID string) (bool, error) {
	records, err := tx.Channels()
	return slices.ContainsFunc(records, func(r *catalog.Channel) bool { return r.Feeds(storeID) }), err
}

func fromRecord(r *catalog.Channel) *Channel {
	out := &Channel{
		ID: r.ID, ARN: r.ARN(), Name: r.Name, AccountID: r.AccountID, Source: r.Source, Destinations: slices.Clone(r.Destinations),
		ResourcePolicy: r.ResourcePolicy, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	for _, tag := range r.Tags {
		out.Tags = append(out.Tags, store.Tag(tag))
	}
	return out
}
