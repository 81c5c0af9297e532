package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
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
