package engine

import (
	"context"

	"github.com/auditlake/auditlake/engine/billing"
	"github.com/auditlake/auditlake/engine/channels"
	"github.com/auditlake/auditlake/engine/store"
)

// The types of event data stores; engine/store has their rules.
type (
	// Stores are the event data stores of a lake.
	Stores = store.Stores
	// Store describes an event data store; changing it changes nothing in the lake.
	Store = store.Store
	// StoreOptions describes a new store. Only Name is needed.
	StoreOptions = store.Options
	// StoreUpdate says what to change in a store; nil and empty fields stay as they are.
	StoreUpdate = store.Update
	// Description is a store's contents and columns.
	Description = store.Description
	// ColumnInfo describes a column of a store, or a field of a row column.
	ColumnInfo = store.ColumnInfo
	// BillingMode says how a store is charged and how long it may keep events.
	BillingMode = store.BillingMode
	// EventJSONForm says how a store keeps the original text of events.
	EventJSONForm = store.EventJSONForm
	// Selector admits an event if all its field conditions hold.
	Selector = store.Selector
	// FieldSelector is the condition on one field of an event.
	FieldSelector = store.FieldSelector
	// InsightSelector enables one kind of Insights for a store or trail.
	InsightSelector = store.InsightSelector
	// EventConfiguration says how the service sizes and enriches a store's events.
	EventConfiguration = store.EventConfiguration
	// ContextKeySelector names tags or condition keys that the service adds to events.
	ContextKeySelector = store.ContextKeySelector
	// Tag is a key of a store with an optional value.
	Tag = store.Tag
)

// The billing modes.
const (
	ExtendableRetention = store.ExtendableRetention
	FixedRetention      = store.FixedRetention
)

// The forms of eventjson, see store.EventJSONForm.
const (
	EventJSONText    = store.EventJSONText
	EventJSONRebuilt = store.EventJSONRebuilt
)

// The states of a store.
const (
	StoreCreated           = store.Created
	StoreStartingIngestion = store.StartingIngestion
	StoreEnabled           = store.Enabled
	StoreStoppingIngestion = store.StoppingIngestion
	StoreStoppedIngestion  = store.StoppedIngestion
	StorePendingDeletion   = store.PendingDeletion
)

// StoreDeletionWait is how long a deleted store can be restored.
const StoreDeletionWait = store.DeletionWait

// Limits of stores.
const (
	MinRetentionDays               = store.MinRetentionDays
	MaxRetentionDays               = store.MaxRetentionDays
	ForeverRetentionDays           = store.ForeverRetentionDays
	MaxFixedRetentionDays          = store.MaxFixedRetentionDays
	DefaultExtendableRetentionDays = store.DefaultExtendableRetentionDays
	MaxStores                      = store.MaxStores
)

// Errors of stores. They are wrapped with the store's name.
var (
	ErrStoreNotFound       = store.ErrNotFound
	ErrStoreExists         = store.ErrExists
	ErrTooManyStores       = store.ErrTooMany
	ErrStoreInactive       = store.ErrInactive
	ErrStoreStatus         = store.ErrStatus
	ErrStoreCategory       = store.ErrCategory
	ErrTerminationProtect  = store.ErrTerminationProtect
	ErrStoreFederated      = store.ErrFederated
	ErrStoreFedByChannel   = store.ErrFedByChannel
	ErrInsightSelectors    = store.ErrInsightSelectors
	ErrNotEnriched         = store.ErrNotEnriched
	ErrInsightsNeed        = store.ErrInsightsNeed
	ErrInvalidParameter    = store.ErrInvalidParameter
	ErrPushToDedupe        = store.ErrPushToDedupe
	ErrInvalidSelectors    = store.ErrInvalidSelectors
	ErrStoreNeeded         = store.ErrNeeded
	ErrTooManyTags         = store.ErrTooManyTags
	ErrStoreHasImport      = store.ErrHasImport
	ErrUnsupportedCategory = store.ErrUnsupportedCategory
)

// CheckEnriched returns an error for a category whose events have no event configuration.
func CheckEnriched(category string) error { return store.CheckEnriched(category) }

// Stores returns the lake's event data stores.
func (l *Lake) Stores() *Stores { return l.stores }

func newStores(l *Lake) *Stores {
	return store.New(l.storage, store.Place{
		Dir: l.dir, Region: l.options.Region, AccountID: l.options.AccountID, Now: l.now, Changing: l.changing,
		HasImport: func(id string) bool { return l.imports.RunsInto(id) }, IsFedByChannel: channels.FeedsStore,
	})
}

// The prices of the managed service; engine/billing computes them.
type (
	// Prices are the prices that the managed service would charge, in USD.
	Prices = billing.Prices
	// PriceTier is a tier of the fixed billing mode.
	PriceTier = billing.PriceTier
	// Usage is the activity of a lake's stores in a month, and its price.
	Usage = billing.Usage
	// UsageRow is the usage of one store in a day or month.
	UsageRow = billing.UsageRow
)

// DefaultPrices returns the price book built into the program.
func DefaultPrices() *Prices { return billing.DefaultPrices() }

// LoadPrices reads a price book from a TOML file.
func LoadPrices(path string) (*Prices, error) { return billing.LoadPrices(path) }

// ParsePrices reads a price book from the text of a TOML file.
func ParsePrices(text []byte) (*Prices, error) { return billing.ParsePrices(text) }

// Usage adds up the usage of the stores in a month; "": the current one.
func (l *Lake) Usage(ctx context.Context, month string) (*Usage, error) {
	if err := l.queries.Flush(); err != nil { // bytes scanned are written in the background
		return nil, err
	}
	return l.book().Usage(ctx, month)
}

func (l *Lake) book() billing.Book {
	return billing.Book{Storage: l.storage, Prices: l.options.Prices, Now: l.now}
}
