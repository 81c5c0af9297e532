// Package store has the rules of event data stores: what a new one must be, what may change, when
// one can be deleted and restored. storage/catalog keeps their records.
package store

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Store describes an event data store; changing it changes nothing in the lake.
type Store struct {
	ID        string // lower-case UUID; also the name of the store's folder
	Name      string // unique in the lake, whatever the store's status
	Partition string // of the ARN, "aws"
	Region    string
	AccountID string

	// Category is the eventCategory of the store's events; those of Management, Data and
	// NetworkActivity may share a store.
	Category      string
	Selectors     []Selector
	MultiRegion   bool
	Organization  bool
	BillingMode   BillingMode
	RetentionDays int
	// ExpiryHeld: the store's record was lost and rebuilt, so nothing expires until a retention is set.
	ExpiryHeld           bool
	TerminationProtected bool
	KmsKeyID             string
	Tags                 []Tag
	FederationStatus     string // whether it is offered to other engines, such as DISABLED
	ResourcePolicy       string // JSON as given; "": none
	FederationRoleARN    string // "": none

	InsightSelectors    []InsightSelector // the kinds of Insights that are on
	InsightsDestination string            // id of the store that their events belong in; "": none
	MaxEventSize        string            // StandardEvents or LargeEvents
	ContextKeySelectors []ContextKeySelector

	Status        Status
	IsActivity    bool // it records what is done with the lake
	DedupeEventID bool
	HoldsRepeats  bool // of events from before DedupeEventID was set; the next compaction drops the repeats
	EventJSON     EventJSONForm

	CreatedAt, UpdatedAt time.Time
	DeletedAt            time.Time // when its deletion was asked for; zero: it was not
}

// ARN is the store's full name in the API.
func (s *Store) ARN() string {
	return (&catalog.Store{ID: s.ID, Partition: s.Partition, Region: s.Region, AccountID: s.AccountID}).ARN()
}

// Status is the state of a store.
type Status string

// The states of a store. A store is Created when it is made, until that is done; StartingIngestion and
// StoppingIngestion are over in a moment, too: see Changing.
const (
	Created           = Status(catalog.StoreCreated)
	StartingIngestion = Status(catalog.StoreStartingIngestion)
	Enabled           = Status(catalog.StoreEnabled)
	StoppingIngestion = Status(catalog.StoreStoppingIngestion)
	StoppedIngestion  = Status(catalog.StoreStoppedIngestion)
	PendingDeletion   = Status(catalog.StorePendingDeletion)
)

// BillingMode says how a store is charged and how long it may keep events.
type BillingMode string

// The billing modes.
const (
	ExtendableRetention = BillingMode(catalog.ExtendableRetention)
	FixedRetention      = BillingMode(catalog.FixedRetention)
)

// EventJSONForm says how a store keeps the original text of events.
type EventJSONForm string

// The forms of eventjson. Both read the same. Rebuilt texts are not stored: they are made from the other columns on
// reading, byte for byte. An event whose text cannot be rebuilt keeps it. Other programs that read the segments see
// only the kept texts.
const (
	EventJSONText    = EventJSONForm(catalog.EventJSONText)
	EventJSONRebuilt = EventJSONForm(catalog.EventJSONRebuilt)
)

// Selector admits events for which all its fields hold.
type Selector struct {
	Name           string
	FieldSelectors []FieldSelector
}

// FieldSelector is the condition on one field of an event.
type FieldSelector struct {
	Field         string
	Equals        []string
	StartsWith    []string
	EndsWith      []string
	NotEquals     []string
	NotStartsWith []string
	NotEndsWith   []string
}

// Tag is a key of a store with an optional value.
type Tag struct {
	Key   string
	Value *string
}

// Limits of stores.
const (
	MinRetentionDays = 7
	// MaxRetentionDays is the longest retention that the managed service offers and that AWS clients may set.
	MaxRetentionDays = 3653
	// ForeverRetentionDays is the longest retention that a lake's owner may set, a hundred years.
	ForeverRetentionDays           = 36_500
	MaxFixedRetentionDays          = 2557
	DefaultExtendableRetentionDays = 366
	MaxStores                      = 10
	maxTags                        = 50
	// DeletionWait is how long a deleted store can be restored.
	DeletionWait = 7 * 24 * time.Hour
)

// Errors of stores. They are wrapped with the store's name.
var (
	ErrNotFound            = errors.New("event data store not found")
	ErrExists              = errors.New("an event data store of this name exists")
	ErrNameTaken           = errors.New("a table or event data store of this name exists")
	ErrTooMany             = fmt.Errorf("a lake has at most %d event data stores", MaxStores)
	ErrInactive            = errors.New("the event data store is pending deletion")
	ErrStatus              = errors.New("the event data store is not in the right state")
	ErrCategory            = errors.New("the event data store's category has no ingestion to start or stop")
	ErrTerminationProtect  = errors.New("the event data store is protected from termination")
	ErrFederated           = errors.New("the event data store is federated")
	ErrFedByChannel        = errors.New("a channel delivers into the event data store")
	ErrInvalidParameter    = errors.New("invalid parameter")
	ErrInvalidSelectors    = errors.New("invalid event selectors")
	ErrInsightsNeed        = errors.New("the Insights of the event data store need other events")
	ErrNeeded              = errors.New("the lake has several event data stores")
	ErrHasImport           = errors.New("an import into the event data store is running")
	ErrPushToDedupe        = errors.New("the event data store does not take pushed events")
	ErrTooManyTags         = fmt.Errorf("at most %d tags", maxTags)
	ErrUnsupportedCategory = errors.New("the event category is not known")
)

// IsGone reports whether a deleted store can no longer be restored at now. Expiry removes it then.
func (s *Store) IsGone(now time.Time) bool {
	return s.Status == PendingDeletion && !now.Before(s.DeletedAt.Add(DeletionWait))
}

// describe describes the store of a record with its present state, which may be one that records do not have.
func (s *Stores) describe(r *catalog.Store) *Store {
	out := FromRecord(r)
	out.Status = s.place.Changing.statusOf(r)
	return out
}

// FromRecord describes the store of a record.
func FromRecord(r *catalog.Store) *Store {
	return &Store{
		ID: r.ID, Name: r.Name, Partition: r.Partition, Region: r.Region, AccountID: r.AccountID,
		Category: r.Category, Selectors: SelectorsOf(r.Selectors), MultiRegion: r.MultiRegion, Organization: r.Organization,
		BillingMode: BillingMode(r.BillingMode), RetentionDays: r.RetentionDays, ExpiryHeld: r.ExpiryHeld,
		TerminationProtected: r.TerminationProtected, KmsKeyID: r.KmsKeyID, Tags: TagsOf(r.Tags),
		FederationStatus: string(r.FederationStatus), FederationRoleARN: r.FederationRoleARN, ResourcePolicy: r.ResourcePolicy,
		InsightSelectors: InsightsOf(r.InsightSelectors), InsightsDestination: r.InsightsDestination,
		MaxEventSize: cmp.Or(string(r.MaxEventSize), StandardEvents), ContextKeySelectors: convert(r.ContextKeySelectors, func(s catalog.ContextKeySelector) ContextKeySelector {
			return ContextKeySelector{s.Type, slices.Clone(s.Equals)}
		}),
		Status: Status(r.Status), IsActivity: r.IsActivity, DedupeEventID: r.DedupeEventID, HoldsRepeats: r.HoldsRepeats, EventJSON: EventJSONForm(r.EventJSON),
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, DeletedAt: r.DeletedAt,
	}
}

// SelectorsOf describes the selectors of a record.
func SelectorsOf(records []catalog.AdvancedEventSelector) []Selector {
	return convert(records, func(r catalog.AdvancedEventSelector) Selector {
		return Selector{Name: r.Name, FieldSelectors: convert(r.FieldSelectors, func(f catalog.FieldSelector) FieldSelector {
			return FieldSelector{f.Field, slices.Clone(f.Equals), slices.Clone(f.StartsWith), slices.Clone(f.EndsWith),
				slices.Clone(f.NotEquals), slices.Clone(f.NotStartsWith), slices.Clone(f.NotEndsWith)}
		})}
	})
}

// SelectorRecords makes the record of selectors.
func SelectorRecords(selectors []Selector) []catalog.AdvancedEventSelector {
	return convert(selectors, func(s Selector) catalog.AdvancedEventSelector {
		return catalog.AdvancedEventSelector{Name: s.Name, FieldSelectors: convert(s.FieldSelectors, func(f FieldSelector) catalog.FieldSelector {
			return catalog.FieldSelector(f)
		})}
	})
}

// TagsOf describes the tags of a record.
func TagsOf(records []catalog.Tag) []Tag {
	return convert(records, func(r catalog.Tag) Tag { return Tag(r) })
}

// TagRecords makes the record of tags.
func TagRecords(tags []Tag) []catalog.Tag {
	return convert(tags, func(t Tag) catalog.Tag { return catalog.Tag(t) })
}

// convert keeps nil apart from empty: no selectors at all differ from an empty list.
func convert[A, B any](in []A, one func(A) B) []B {
	if in == nil {
		return nil
	}
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = one(v)
	}
	return out
}
