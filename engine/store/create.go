package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Options describes a new store. Only Name is needed.
type Options struct {
	Name                 string
	RetentionDays        int         // 0: 366 extendable, 2557 fixed
	BillingMode          BillingMode // "": ExtendableRetention
	Category             string      // eventCategory; "": that of the selectors, otherwise Management
	Selectors            []Selector  // nil: all events of the category
	SingleRegion         bool
	Organization         bool
	TerminationProtected *bool // nil: true
	StartIngestion       *bool // nil: true
	KmsKeyID             string
	Tags                 []Tag
	// DedupeEventID makes imports drop an event if the store has one with the same UTC day, eventID,
	// recipientAccountId and, byte for byte, text. Only categories with eventjson can have it.
	DedupeEventID bool
	// EventJSON says how eventjson is kept; "": EventJSONText.
	EventJSON EventJSONForm
}

// Create makes an event data store.
func (s *Stores) Create(ctx context.Context, options Options) (*Store, error) {
	if err := CheckNotReserved(options.Name); err != nil {
		return nil, err
	}
	record, err := Draft(s, options)
	if err != nil {
		return nil, err
	}
	err = s.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		all, err := tx.Stores()
		if err != nil {
			return err
		}
		if err := checkNameFree(tx, all, record.Name); err != nil {
			return err
		}
		if len(withoutActivity(all)) >= MaxStores {
			return ErrTooMany
		}
		return tx.PutStore(record)
	})
	if err != nil {
		return nil, err
	}
	return FromRecord(record), nil
}

// Draft returns the record that s.Create would write, and writes nothing.
func Draft(s *Stores, options Options) (*catalog.Store, error) {
	if err := checkName(options.Name); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidParameter, err)
	}
	now := s.place.Now()
	r := &catalog.Store{
		ID: uuid.NewString(), Name: options.Name, Partition: "aws", Region: s.place.Region, AccountID: s.place.AccountID,
		Category: options.Category, Selectors: SelectorRecords(options.Selectors), MultiRegion: !options.SingleRegion, Organization: options.Organization,
		BillingMode: catalog.BillingMode(options.BillingMode), RetentionDays: options.RetentionDays,
		TerminationProtected: options.TerminationProtected == nil || *options.TerminationProtected,
		KmsKeyID:             options.KmsKeyID, Tags: TagRecords(options.Tags),
		Status: catalog.StoreEnabled, FederationStatus: catalog.FederationDisabled,
		DedupeEventID: options.DedupeEventID, EventJSON: catalog.EventJSONForm(options.EventJSON), CreatedAt: now, UpdatedAt: now,
	}
	if options.StartIngestion != nil && !*options.StartIngestion {
		r.Status = catalog.StoreStoppedIngestion
	}
	if err := checkNewSelectors(r.Selectors); err != nil {
		return nil, err
	}
	if r.Category == "" {
		var err error
		if r.Category, err = categoryOf(r.Selectors); err != nil {
			return nil, err
		}
	}
	if r.EventJSON == "" {
		r.EventJSON = catalog.EventJSONText
	}
	if r.BillingMode == "" {
		r.BillingMode = catalog.ExtendableRetention
	}
	if r.RetentionDays == 0 {
		r.RetentionDays = DefaultExtendableRetentionDays
		if r.BillingMode == catalog.FixedRetention {
			r.RetentionDays = MaxFixedRetentionDays
		}
	}
	if r.Selectors == nil {
		r.Selectors = defaultSelectors(r.Category)
	}
	return r, checkRecord(r)
}
