package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
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

// StoreOptions describes a new store. Only Name is needed.
type StoreOptions struct {
	Name                 string
	RetentionDays        int         // 0: 366 extendable, 2557 fixed
	BillingMode          BillingMode // "": ExtendableRetention
	Category             string      // eventCategory; "": that of the selectors, else Management
	Selectors            []Selector  // nil: all events of the category
	SingleRegion         bool
	Organization         bool
	TerminationProtected *bool // nil: true
	StartIngestion       *bool // nil: true
	KmsKeyID             string
	Tags                 []catalog.Tag
	// DedupeEventID makes imports drop an event of which the store has one with the same UTC day,
	// eventID, recipientAccountId and, byte for byte, text. Only categories with eventjson can have it.
	DedupeEventID bool
	// EventJSON says how eventjson is kept; "": EventJSONText.
	EventJSON EventJSONForm
}

// CreateStore makes an event data store.
func (l *Lake) CreateStore(ctx context.Context, options StoreOptions) (*Store, error) {
	s, err := l.newStore(options)
	if err != nil {
		return nil, err
	}
	err = l.catalog().Update(ctx, func(tx *catalog.Tx) error {
		stores, err := tx.Stores()
		if err != nil {
			return err
		}
		if err := checkNameFree(tx, stores, s.Name); err != nil {
			return err
		}
		if len(stores) >= MaxStores {
			return ErrTooManyStores
		}
		return tx.PutStore(s)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (l *Lake) newStore(options StoreOptions) (*Store, error) {
	if err := checkName(options.Name); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidParameter, err)
	}
	now := l.now()
	s := &Store{
		ID: uuid.NewString(), Name: options.Name, Partition: "aws", Region: l.options.Region, AccountID: l.options.AccountID,
		Category: options.Category, Selectors: options.Selectors, MultiRegion: !options.SingleRegion, Organization: options.Organization,
		BillingMode: options.BillingMode, RetentionDays: options.RetentionDays,
		TerminationProtected: options.TerminationProtected == nil || *options.TerminationProtected,
		KmsKeyID:             options.KmsKeyID, Tags: options.Tags,
		Status: catalog.StoreEnabled, FederationStatus: catalog.FederationDisabled,
		DedupeEventID: options.DedupeEventID, EventJSON: options.EventJSON, CreatedAt: now, UpdatedAt: now,
	}
	if options.StartIngestion != nil && !*options.StartIngestion {
		s.Status = catalog.StoreStoppedIngestion
	}
	if s.Category == "" {
		var err error
		if s.Category, err = categoryOf(s.Selectors); err != nil {
			return nil, err
		}
	}
	if s.EventJSON == "" {
		s.EventJSON = EventJSONText
	}
	if s.BillingMode == "" {
		s.BillingMode = ExtendableRetention
	}
	if s.RetentionDays == 0 {
		s.RetentionDays = DefaultExtendableRetentionDays
		if s.BillingMode == FixedRetention {
			s.RetentionDays = MaxFixedRetentionDays
		}
	}
	if s.Selectors == nil {
		s.Selectors = defaultSelectors(s.Category)
	}
	return s, checkStore(s)
}

// defaultSelectors take all events of a category; nil for those whose events
// cannot be selected without naming a resource type or event source.
func defaultSelectors(category string) []Selector {
	if category == "Data" || category == "NetworkActivity" {
		return nil
	}
	return []Selector{{
		Name:           "Default " + strings.ToLower(category) + " events",
		FieldSelectors: []FieldSelector{{Field: "eventCategory", Equals: []string{category}}},
	}}
}

func checkStore(s *Store) error {
	if _, ok := schema.ForCategory(s.Category); !ok {
		return fmt.Errorf("%w: unknown event category %q; there are %s", ErrInvalidParameter, s.Category, strings.Join(schema.Categories(), ", "))
	}
	if err := checkEventJSON(s); err != nil {
		return err
	}
	if s.DedupeEventID && !hasEventJSON(s.Category) {
		return fmt.Errorf("%w: events of category %s have no eventjson to compare", ErrInvalidParameter, s.Category)
	}
	if s.Status == catalog.StoreStoppedIngestion && !hasIngestion(s.Category) {
		return fmt.Errorf("%w: %s", ErrStoreCategory, s.Category)
	}
	longest := MaxRetentionDays
	switch s.BillingMode {
	case ExtendableRetention:
	case FixedRetention:
		longest = MaxFixedRetentionDays
	default:
		return fmt.Errorf("%w: unknown billing mode %q", ErrInvalidParameter, s.BillingMode)
	}
	if s.RetentionDays < MinRetentionDays || s.RetentionDays > longest {
		return fmt.Errorf("%w: retention must be %d to %d days", ErrInvalidParameter, MinRetentionDays, longest)
	}
	if len(s.Tags) > maxTags {
		return fmt.Errorf("%w: at most %d tags", ErrInvalidParameter, maxTags)
	}
	return checkSelectors(s)
}

// checkEventJSON: only a table with the column can have it rebuilt.
func checkEventJSON(s *Store) error {
	switch s.EventJSON {
	case EventJSONText:
		return nil
	case EventJSONRebuilt:
		if !hasEventJSON(s.Category) {
			return fmt.Errorf("%w: events of category %s have no eventjson to rebuild", ErrInvalidParameter, s.Category)
		}
		return nil
	}
	return fmt.Errorf("%w: unknown form of eventjson %q", ErrInvalidParameter, s.EventJSON)
}

func hasEventJSON(category string) bool {
	table, _ := schema.ForCategory(category)
	_, ok := table.Lookup("eventjson")
	return ok
}

// categoryOf is the category of a store by its selectors: events of trails may lie beside each other.
func categoryOf(selectors []Selector) (string, error) {
	if len(selectors) == 0 {
		return "Management", nil
	}
	compiled, err := selector.Compile(selectors)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalidSelectors, err)
	}
	all := compiled.Categories()
	if slices.ContainsFunc(all, func(category string) bool { return category != all[0] }) {
		return "Management", nil
	}
	return all[0], nil
}

// checkSelectors applies the service's rules (guide, chapters 20 and 21) and wants events that
// the store's table is for. No selectors at all are right: the store takes every event of its category.
func checkSelectors(s *Store) error {
	if len(s.Selectors) == 0 {
		return nil
	}
	compiled, err := selector.Compile(s.Selectors)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidSelectors, err)
	}
	for _, category := range compiled.Categories() {
		if category != s.Category && !(ofTrails(category) && ofTrails(s.Category)) {
			return fmt.Errorf("%w: they select %s events, the store takes %s events", ErrInvalidSelectors, category, s.Category)
		}
	}
	return nil
}

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

// StoreUpdate says what to change; nil and empty fields stay as they are.
type StoreUpdate struct {
	Name                 string
	RetentionDays        int
	BillingMode          BillingMode
	Selectors            []Selector
	TerminationProtected *bool
	MultiRegion          *bool
}

// UpdateStore changes a store. A shorter retention hides older events at once;
// fixed billing can become extendable, never the reverse.
func (l *Lake) UpdateStore(ctx context.Context, name string, update StoreUpdate) (*Store, error) {
	return l.change(ctx, name, func(tx *catalog.Tx, s *Store) error {
		if s.Status == catalog.StorePendingDeletion {
			return fmt.Errorf("%w: %s", ErrStoreInactive, s.Name)
		}
		if l.importsInto(s) {
			return fmt.Errorf("%w: %s", ErrStoreHasImport, s.Name)
		}
		if err := l.rename(tx, s, update.Name); err != nil {
			return err
		}
		if update.BillingMode != "" && update.BillingMode != s.BillingMode {
			if s.BillingMode == ExtendableRetention {
				return fmt.Errorf("%w: extendable billing cannot become fixed", ErrInvalidParameter)
			}
			s.BillingMode = update.BillingMode
		}
		if update.RetentionDays != 0 {
			s.RetentionDays = update.RetentionDays
		}
		if update.Selectors != nil {
			s.Selectors = update.Selectors
		}
		if update.TerminationProtected != nil {
			s.TerminationProtected = *update.TerminationProtected
		}
		if update.MultiRegion != nil {
			s.MultiRegion = *update.MultiRegion
		}
		return checkStore(s)
	})
}

func (l *Lake) rename(tx *catalog.Tx, s *Store, name string) error {
	if name == "" || name == s.Name {
		return nil
	}
	if err := checkName(name); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidParameter, err)
	}
	stores, err := tx.Stores()
	if err != nil {
		return err
	}
	stores = slices.DeleteFunc(stores, func(other *Store) bool { return other.ID == s.ID })
	if err := checkNameFree(tx, stores, name); err != nil {
		return err
	}
	s.Name = name
	return nil
}

// checkNameFree tells that neither one of stores nor a reference table has a name.
func checkNameFree(tx *catalog.Tx, stores []*Store, name string) error {
	if slices.ContainsFunc(stores, func(s *Store) bool { return strings.EqualFold(s.Name, name) }) {
		return fmt.Errorf("%w: %s", ErrStoreExists, name)
	}
	if _, err := tx.Table(strings.ToLower(name)); err == nil {
		return fmt.Errorf("%w: %s", ErrTableExists, name)
	}
	return nil
}

// DeleteStore puts a store into pending deletion: it refuses queries and
// imports, costs nothing, and is gone after seven days unless restored.
func (l *Lake) DeleteStore(ctx context.Context, name string) error {
	_, err := l.change(ctx, name, func(_ *catalog.Tx, s *Store) error {
		switch {
		case s.Status == catalog.StorePendingDeletion:
			return fmt.Errorf("%w: %s", ErrStoreInactive, s.Name)
		case s.TerminationProtected:
			return fmt.Errorf("%w: %s (store update %s --no-termination-protection takes it off)", ErrTerminationProtect, s.Name, s.Name)
		case l.importsInto(s):
			return fmt.Errorf("%w: %s", ErrStoreHasImport, s.Name)
		}
		s.PreviousStatus, s.Status, s.DeletedAt = s.Status, catalog.StorePendingDeletion, l.now()
		return nil
	})
	return err
}

// RestoreStore takes a store out of pending deletion.
func (l *Lake) RestoreStore(ctx context.Context, name string) (*Store, error) {
	return l.change(ctx, name, func(_ *catalog.Tx, s *Store) error {
		if s.Status != catalog.StorePendingDeletion {
			return fmt.Errorf("%w: %s is %s, not %s", ErrStoreStatus, s.Name, s.Status, catalog.StorePendingDeletion)
		}
		if !l.now().Before(s.DeletedAt.Add(deletionWait)) {
			return fmt.Errorf("%w: %s", ErrStoreNotFound, s.Name)
		}
		s.Status, s.PreviousStatus, s.DeletedAt = s.PreviousStatus, "", time.Time{}
		return nil
	})
}

// StopIngestion makes a store refuse pushed events; imports and queries go on.
func (l *Lake) StopIngestion(ctx context.Context, name string) error {
	return l.ingestion(ctx, name, catalog.StoreEnabled, catalog.StoreStoppedIngestion)
}

// StartIngestion makes a stopped store take pushed events again.
func (l *Lake) StartIngestion(ctx context.Context, name string) error {
	return l.ingestion(ctx, name, catalog.StoreStoppedIngestion, catalog.StoreEnabled)
}

func (l *Lake) ingestion(ctx context.Context, name string, from, to catalog.StoreStatus) error {
	_, err := l.change(ctx, name, func(_ *catalog.Tx, s *Store) error {
		if s.Status == catalog.StorePendingDeletion {
			return fmt.Errorf("%w: %s", ErrStoreInactive, s.Name)
		}
		if !hasIngestion(s.Category) {
			return fmt.Errorf("%w: %s of store %s", ErrStoreCategory, s.Category, s.Name)
		}
		if s.Status != from {
			return fmt.Errorf("%w: %s is %s, not %s", ErrStoreStatus, s.Name, s.Status, from)
		}
		s.Status = to
		return nil
	})
	return err
}

// hasIngestion reports whether the ingestion of a category's events can be
// stopped and started.
func hasIngestion(category string) bool {
	return ofTrails(category) || category == "ConfigurationItem"
}

// change edits a store in one transaction.
func (l *Lake) change(ctx context.Context, name string, edit func(*catalog.Tx, *Store) error) (*Store, error) {
	var changed *Store
	err := l.catalog().Update(ctx, func(tx *catalog.Tx) error {
		stores, err := tx.Stores()
		if err != nil {
			return err
		}
		s, err := findStore(stores, name)
		if err != nil {
			return err
		}
		if err := edit(tx, s); err != nil {
			return err
		}
		s.UpdatedAt = l.now()
		changed = s
		return tx.PutStore(s)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}
