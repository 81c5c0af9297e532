package catalog

import (
	"strings"
	"time"
)

// Store is an event data store.
type Store struct {
	ID        string // lower-case UUID; also the name of the store's folder
	Name      string // unique among all stores, whatever their status
	Partition string // of the ARN, "aws"
	Region    string
	AccountID string

	// Category is the eventCategory whose table (storage/schema) the store's segments have.
	Category      string
	Selectors     []AdvancedEventSelector `json:",omitempty"`
	MultiRegion   bool
	Organization  bool
	BillingMode   BillingMode
	RetentionDays int
	// ExpiryHeld: the record was lost and made anew, so nothing expires until the owner sets a retention.
	ExpiryHeld           bool `json:",omitempty"`
	TerminationProtected bool
	KmsKeyID             string `json:",omitempty"`
	Tags                 []Tag  `json:",omitempty"`

	Status         StoreStatus
	PreviousStatus StoreStatus `json:",omitempty"` // to which a restore goes back

	FederationStatus  FederationStatus
	FederationRoleARN string         `json:",omitempty"`
	PartitionKeys     []PartitionKey `json:",omitempty"`

	ResourcePolicy      string               `json:",omitempty"` // JSON as given
	InsightSelectors    []InsightSelector    `json:",omitempty"`
	InsightsDestination string               `json:",omitempty"` // store id
	MaxEventSize        MaxEventSize         `json:",omitempty"`
	ContextKeySelectors []ContextKeySelector `json:",omitempty"`

	DedupeEventID bool
	EventJSON     EventJSONForm

	CreatedAt time.Time
	UpdatedAt time.Time
	DeletedAt time.Time `json:",omitzero"` // when it went to PENDING_DELETION
}

// ARN is the store's full name in the API.
func (s *Store) ARN() string {
	return "arn:" + s.Partition + ":cloudtrail:" + s.Region + ":" + s.AccountID + ":eventdatastore/" + s.ID
}

// IsNamed reports whether name is the store's name, id or ARN, whatever its letter case.
func (s *Store) IsNamed(name string) bool {
	return strings.EqualFold(name, s.Name) || strings.EqualFold(name, s.ID) || strings.EqualFold(name, s.ARN())
}

// Horizon is the oldest instant that the store still keeps at now.
func (s *Store) Horizon(now time.Time) time.Time {
	return now.Add(-time.Duration(s.RetentionDays) * 24 * time.Hour)
}

// StoreStatus is the state of a store.
type StoreStatus string

// The states of a store.
const (
	StoreCreated           StoreStatus = "CREATED"
	StoreStartingIngestion StoreStatus = "STARTING_INGESTION"
	StoreEnabled           StoreStatus = "ENABLED"
	StoreStoppingIngestion StoreStatus = "STOPPING_INGESTION"
	StoreStoppedIngestion  StoreStatus = "STOPPED_INGESTION"
	StorePendingDeletion   StoreStatus = "PENDING_DELETION"
)

// BillingMode says how a store is charged and how long it may keep events.
type BillingMode string

// The billing modes.
const (
	ExtendableRetention BillingMode = "EXTENDABLE_RETENTION_PRICING"
	FixedRetention      BillingMode = "FIXED_RETENTION_PRICING"
)

// FederationStatus says whether a store is offered to other engines.
type FederationStatus string

// The states of federation.
const (
	FederationDisabled  FederationStatus = "DISABLED"
	FederationEnabling  FederationStatus = "ENABLING"
	FederationEnabled   FederationStatus = "ENABLED"
	FederationDisabling FederationStatus = "DISABLING"
)

// EventJSONForm says how a store keeps the original text of events.
type EventJSONForm string

// The forms of eventjson: kept as text, or rebuilt from the columns when read.
const (
	EventJSONText    EventJSONForm = "text"
	EventJSONRebuilt EventJSONForm = "rebuilt"
)

// MaxEventSize is the largest event a store takes from trails.
type MaxEventSize string

// The event sizes.
const (
	StandardEvents MaxEventSize = "Standard"
	LargeEvents    MaxEventSize = "Large"
)

// AdvancedEventSelector admits events for which all its fields hold.
type AdvancedEventSelector struct {
	Name           string `json:",omitempty"`
	FieldSelectors []FieldSelector
}

// FieldSelector is the condition on one field of an event.
type FieldSelector struct {
	Field         string
	Equals        []string `json:",omitempty"`
	StartsWith    []string `json:",omitempty"`
	EndsWith      []string `json:",omitempty"`
	NotEquals     []string `json:",omitempty"`
	NotStartsWith []string `json:",omitempty"`
	NotEndsWith   []string `json:",omitempty"`
}

// Tag is a key with an optional value.
type Tag struct {
	Key   string
	Value *string `json:",omitempty"`
}

// PartitionKey is a partition column of a federated store.
type PartitionKey struct{ Name, Type string }

// InsightSelector turns one kind of Insights on.
type InsightSelector struct {
	InsightType     string
	EventCategories []string `json:",omitempty"`
}

// ContextKeySelector names the context keys or tags that enrich events.
type ContextKeySelector struct {
	Type   string // TagContext or RequestContext
	Equals []string
}

// Segment is an entry of the manifest: one immutable ORC file of a store's day.
type Segment struct {
	StoreID   string
	Day       Day
	Name      string // file name without folder and extension
	Rows      int64
	Bytes     int64 // of the file
	MinTime   int64 // smallest and largest eventtime, milliseconds since 1970 UTC
	MaxTime   int64
	SHA256    string // of the file, lower-case hex
	CreatedAt time.Time
}

// ImportedFile is the import ledger's entry for the content of a log file in one store. Two files
// with the same bytes are one entry.
type ImportedFile struct {
	StoreID       string
	ContentSHA256 string // of the uncompressed bytes, lower-case hex
	Location      string // path or URL where the content was last read
	Bytes         int64  // uncompressed
	Records       int64  // in the file
	// PrefixSHA256 names the entry of a content that this one begins with and that was read from
	// the same location before: records within its Bytes count as admitted by its Admissions too.
	PrefixSHA256 string `json:",omitempty"`
	// Admissions are the rules of every run that read the file, in order. A record counts as
	// admitted when one of them let it in.
	Admissions       []Admission
	RowsAdded        int64 // by all runs
	SkippedWindow    int64 // as of the last run: outside its from/to
	SkippedRetention int64 // … older than the store's retention
	SkippedSelector  int64 // … not selected
	OldestSkipped    int64 `json:",omitempty"` // smallest eventtime among SkippedRetention
	FailedRecords    int64
	ImportID         string // of the last run
	UpdatedAt        time.Time
}

// Admission is what one run let into the store.
type Admission struct {
	FromMillis    int64  // eventtime ≥ FromMillis; math.MinInt64: no limit
	ToMillis      int64  // eventtime ≤ ToMillis; math.MaxInt64: no limit
	HorizonMillis int64  // eventtime ≥ HorizonMillis, the retention at that instant
	SelectorsHash string `json:",omitempty"` // of the applied selectors; empty: none were applied
	// Expiries is how many expiries the store had seen by then: what later ones removed is not in the
	// store any more.
	Expiries int64 `json:",omitempty"`
}

// AppliedSelectors are selectors that imports into a store applied. They are kept because which
// records of a file are in the store depends on them.
type AppliedSelectors struct {
	StoreID   string
	Hash      string // Admission.SelectorsHash
	Selectors []AdvancedEventSelector
}

// Expiry is what expiries took from a store.
type Expiry struct {
	StoreID string
	Count   int64 // of transactions that removed expired days
	// Cuts are those of them after which no later one went as far, in order.
	Cuts []ExpiryCut
}

// ExpiryCut is a transaction that removed expired days.
type ExpiryCut struct {
	Number int64 // from 1
	Before Day   // all rows of earlier days were removed
	At     time.Time
}

// ImportedLocation is the import ledger's entry for a path or URL: what stood there when last read.
type ImportedLocation struct {
	StoreID        string
	Location       string
	ContentSHA256  string // key of the ImportedFile
	StoredBytes    int64  // size of the object as stored
	ModifiedMillis int64  // of a local file; 0 if unknown
	ETag           string `json:",omitempty"` // of an S3 object
}

// Import is a run that copies log files into a store.
type Import struct {
	ID           string // UUID
	StoreID      string
	Sources      []string
	Status       ImportStatus
	Error        string    `json:",omitempty"` // why the run itself ended
	From         time.Time `json:",omitzero"`
	To           time.Time `json:",omitzero"`
	UseSelectors bool
	StartedAt    time.Time
	UpdatedAt    time.Time
	EndedAt      time.Time `json:",omitzero"`
	Counts       ImportCounts
}

// ImportStatus is the state of an import.
type ImportStatus string

// The states of an import.
const (
	ImportInitializing ImportStatus = "INITIALIZING"
	ImportInProgress   ImportStatus = "IN_PROGRESS"
	ImportCompleted    ImportStatus = "COMPLETED"
	ImportFailed       ImportStatus = "FAILED"
	ImportStopped      ImportStatus = "STOPPED"
)

// ImportCounts adds up what a run has committed.
type ImportCounts struct {
	Files            int64 // read to their end
	FilesFailed      int64 // could not be read
	FilesKnown       int64 // added nothing because the ledger knew them
	FilesOther       int64 // recognised as something else than a log file
	FilesAggregated  int64 `json:",omitempty"` // hold aggregated events, which are not supported
	Records          int64
	Events           int64 // rows added
	EventBytes       int64 // uncompressed bytes of the rows added
	SkippedKnown     int64
	SkippedWindow    int64
	SkippedRetention int64
	SkippedSelector  int64
	SkippedRepeated  int64 `json:",omitempty"` // events the store had already, of a store with DedupeEventID
	KeptOtherBytes   int64 `json:",omitempty"` // of Events there: the id of another event, other bytes
	KeptWithoutID    int64 `json:",omitempty"` // of Events there: no id
	DuplicateKeys    int64 // members of a record that a later one of the same name replaced
	FailedRecords    int64
	Prefixes         int64
	PrefixesDone     int64
}

// Failure is something an import could not take in.
type Failure struct {
	ImportID string
	File     string
	Record   int64  // number in the file from 0; -1: the whole file
	Offset   int64  // of the record in the uncompressed bytes; -1: unknown
	Code     string // such as BAD_EVENT_TIME
	Message  string
	At       time.Time
}

// Query is a statement that was run.
type Query struct {
	ID             string // UUID
	SQL            string
	StoreIDs       []string `json:",omitempty"`
	Alias          string   `json:",omitempty"`
	Status         QueryStatus
	ErrorName      string `json:",omitempty"`
	ErrorMessage   string `json:",omitempty"`
	CreatedAt      time.Time
	StartedAt      time.Time `json:",omitzero"`
	EndedAt        time.Time `json:",omitzero"`
	Rows           int64
	EventsScanned  int64
	EventsMatched  int64
	BytesScanned   int64
	BytesRead      int64
	DeliveryURI    string `json:",omitempty"`
	DeliveryStatus string `json:",omitempty"`
	Prompt         string `json:",omitempty"`
}

// QueryStatus is the state of a query.
type QueryStatus string

// The states of a query.
const (
	QueryQueued    QueryStatus = "QUEUED"
	QueryRunning   QueryStatus = "RUNNING"
	QueryFinished  QueryStatus = "FINISHED"
	QueryFailed    QueryStatus = "FAILED"
	QueryCancelled QueryStatus = "CANCELLED"
	QueryTimedOut  QueryStatus = "TIMED_OUT"
)

// Usage adds up what a store did on one UTC day.
type Usage struct {
	StoreID        string
	Day            Day
	IngestedBytes  int64 // uncompressed bytes of the records kept
	IngestedEvents int64
	ScannedBytes   int64
	Queries        int64
}

// ImportChange is what the commit of an import writes beside its segments. All of it becomes
// durable and visible at once, except Failures, which are written before it.
type ImportChange struct {
	Import    *Import // with its new counts; nil: unchanged
	Files     []ImportedFile
	Locations []ImportedLocation
	Failures  []Failure // writing one again replaces it
	Usage     []Usage   // added to the counters
	// Expiries is the Expiry.Count that Files were decided by. If it is not the store's, nothing is
	// written: ErrExpired.
	Expiries int64
}
