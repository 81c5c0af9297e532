package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Store describes an event data store; changing it changes nothing in the lake.
type Store = catalog.Store

// BillingMode says how a store is charged and how long it may keep events.
type BillingMode = catalog.BillingMode

// EventJSONForm says how a store keeps the original text of events.
type EventJSONForm = catalog.EventJSONForm

// Selector admits events for which all its fields hold.
type Selector = catalog.AdvancedEventSelector

// FieldSelector is the condition on one field of an event.
type FieldSelector = catalog.FieldSelector

// The billing modes.
const (
	ExtendableRetention = catalog.ExtendableRetention
	FixedRetention      = catalog.FixedRetention
)

// The forms of eventjson. Both read the same. Rebuilt texts are not stored: they are made of the
// other columns when they are read, byte for byte, and events of which that is impossible keep theirs.
// Other programs that read the segments see the texts kept alone.
const (
	EventJSONText    = catalog.EventJSONText
	EventJSONRebuilt = catalog.EventJSONRebuilt
)

// Limits of stores (guide, chapters 02, 03 and 08).
const (
	MinRetentionDays               = 7
	MaxRetentionDays               = 3653
	MaxFixedRetentionDays          = 2557
	DefaultExtendableRetentionDays = 366
	MaxStores                      = 10
	maxTags                        = 50
	deletionWait                   = 7 * 24 * time.Hour
)

// Errors of stores. They are wrapped with the store's name.
var (
	ErrStoreNotFound       = errors.New("event data store not found")
	ErrStoreExists         = errors.New("an event data store of this name exists")
	ErrTooManyStores       = fmt.Errorf("a lake has at most %d event data stores", MaxStores)
	ErrStoreInactive       = errors.New("the event data store is pending deletion")
	ErrStoreStatus         = errors.New("the event data store is not in the right state")
	ErrStoreCategory       = errors.New("the event data store's category has no ingestion to start or stop")
	ErrTerminationProtect  = errors.New("the event data store is protected from termination")
	ErrInvalidParameter    = errors.New("invalid parameter")
	ErrPushToDedupe        = errors.New("the event data store does not take pushed events")
	ErrInvalidSelectors    = errors.New("invalid event selectors")
	ErrStoreNeeded         = errors.New("say which event data store")
	ErrStoreHasImport      = errors.New("an import into the event data store is running")
	ErrUnsupportedCategory = errors.New("the event category is not known")
)

// Stores lists the stores by name, those pending deletion included.
func (l *Lake) Stores(ctx context.Context) ([]*Store, error) {
	var stores []*Store
	err := l.catalog().View(func(tx *catalog.Tx) (err error) {
		stores, err = tx.Stores()
		return err
	})
	sortStores(stores)
	return stores, errors.Join(err, ctx.Err())
}

func sortStores(stores []*Store) {
	slices.SortFunc(stores, func(a, b *Store) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
}

// Store finds a store by name, id or ARN, whatever its letter case.
func (l *Lake) Store(ctx context.Context, name string) (*Store, error) {
	stores, err := l.Stores(ctx)
	if err != nil {
		return nil, err
	}
	return findStore(stores, name)
}

// findStore returns the only store for the name "".
func findStore(stores []*Store, name string) (*Store, error) {
	if name == "" {
		switch len(stores) {
		case 0:
			return nil, fmt.Errorf("%w: the lake has none", ErrStoreNotFound)
		case 1:
			return stores[0], nil
		}
		return nil, fmt.Errorf("%w: the lake has %s", ErrStoreNeeded, strings.Join(storeNames(stores), ", "))
	}
	for _, s := range stores {
		if strings.EqualFold(name, s.Name) || strings.EqualFold(name, s.ID) || strings.EqualFold(name, s.ARN()) {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%w: %s%s", ErrStoreNotFound, name, knownStores(stores))
}

func knownStores(stores []*Store) string {
	if len(stores) == 0 {
		return "; the lake has none"
	}
	return "; the lake has " + strings.Join(storeNames(stores), ", ")
}

func storeNames(stores []*Store) []string {
	names := make([]string, len(stores))
	for i, s := range stores {
		names[i] = s.Name
	}
	return names
}
