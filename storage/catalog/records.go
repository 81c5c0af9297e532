package catalog

import (
	"strings"
	"time"
)

// The catalog stores the records of this file as JSON under the names of their tags, and parts of them are hashed
// and signed. A tag's name never changes, even if its field is renamed.

// Store is an event data store.
type Store struct {
	ID        string `json:"ID"`        // lower-case UUID; also the name of the store's folder
	Name      string `json:"Name"`      // unique among all stores, whatever their status
	Partition string `json:"Partition"` // of the ARN, "aws"
	Region    string `json:"Region"`
	AccountID string `json:"AccountID"`

	// Category is the eventCategory whose table (storage/schema) the store's segments have.
	Category      string                  `json:"Category"`
	Selectors     []AdvancedEventSelector `json:"Selectors,omitempty"`
	MultiRegion   bool                    `json:"MultiRegion"`
	Organization  bool                    `json:"Organization"`
	BillingMode   BillingMode             `json:"BillingMode"`
	RetentionDays int                     `json:"RetentionDays"`
	// ExpiryHeld: the record was lost and rebuilt, so nothing expires until the owner sets a retention.
	ExpiryHeld           bool   `json:"ExpiryHeld,omitempty"`
	TerminationProtected bool   `json:"TerminationProtected"`
	KmsKeyID             string `json:"KmsKeyID,omitempty"`
	Tags                 []Tag  `json:"Tags,omitempty"`

	Status         StoreStatus `json:"Status"`
	PreviousStatus StoreStatus `json:"PreviousStatus,omitempty"` // to which a restore returns

	FederationStatus  FederationStatus `json:"FederationStatus"`
	FederationRoleARN string           `json:"FederationRoleARN,omitempty"`
	PartitionKeys     []PartitionKey   `json:"PartitionKeys,omitempty"`

	ResourcePolicy      string               `json:"ResourcePolicy,omitempty"` // JSON as given
	InsightSelectors    []InsightSelector    `json:"InsightSelectors,omitempty"`
	InsightsDestination string               `json:"InsightsDestination,omitempty"` // store id
	MaxEventSize        MaxEventSize         `json:"MaxEventSize,omitempty"`
	ContextKeySelectors []ContextKeySelector `json:"ContextKeySelectors,omitempty"`

	// IsActivity: the store records what is done with the lake. IsRecording: a process records, or was interrupted.
	IsActivity  bool `json:"IsActivity,omitempty"`
	IsRecording bool `json:"IsRecording,omitempty"`

	DedupeEventID bool `json:"DedupeEventID"`
	// HoldsRepeats: the store has events from before DedupeEventID was set, and no compaction has dropped their
	// repeats yet.
	HoldsRepeats bool          `json:"HoldsRepeats,omitempty"`
	EventJSON    EventJSONForm `json:"EventJSON"`

	CreatedAt time.Time `json:"CreatedAt"`
	UpdatedAt time.Time `json:"UpdatedAt"`
	DeletedAt time.Time `json:"DeletedAt,omitzero"` // when it went to PENDING_DELETION
}

// ARN is the store's full name in the API.
func (s *Store) ARN() string {
	return "arn:" + s.Partition + ":cloudtrail:" + s.Region + ":" + s.AccountID + ":eventdatastore/" + s.ID
}

// IsNamed reports whether name is the store's name, id or ARN, whatever its letter case.
func (s *Store) IsNamed(name string) bool {
	return strings.EqualFold(name, s.Name) || strings.EqualFold(name, s.ID) || strings.EqualFold(name, s.ARN())
}

// Horizon returns the instant before which the store keeps no events, as of now.
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

// EventJSONForm is how a store keeps the original text of events.
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

// AdvancedEventSelector selects events that satisfy all its fields.
type AdvancedEventSelector struct {
	Name           string          `json:"Name,omitempty"`
	FieldSelectors []FieldSelector `json:"FieldSelectors"`
}

// FieldSelector is the condition on one field of an event.
type FieldSelector struct {
	Field         string   `json:"Field"`
	Equals        []string `json:"Equals,omitempty"`
	StartsWith    []string `json:"StartsWith,omitempty"`
	EndsWith      []string `json:"EndsWith,omitempty"`
	NotEquals     []string `json:"NotEquals,omitempty"`
	NotStartsWith []string `json:"NotStartsWith,omitempty"`
	NotEndsWith   []string `json:"NotEndsWith,omitempty"`
}

// Tag is a key with an optional value.
type Tag struct {
	Key   string  `json:"Key"`
	Value *string `json:"Value,omitempty"`
}

// PartitionKey is a partition column of a federated store.
type PartitionKey struct {
	Name string `json:"Name"`
	Type string `json:"Type"`
}

// InsightSelector turns one kind of Insights on.
type InsightSelector struct {
	InsightType     string   `json:"InsightType"`
	EventCategories []string `json:"EventCategories,omitempty"`
}

// ContextKeySelector names the context keys or tags that enrich events.
type ContextKeySelector struct {
	Type   string   `json:"Type"` // TagContext or RequestContext
	Equals []string `json:"Equals"`
}

// Segment is an entry of the manifest: one immutable ORC file of a store's day.
type Segment struct {
	StoreID   string    `json:"StoreID"`
	Day       Day       `json:"Day"`
	Name      string    `json:"Name"` // file name without folder and extension
	Rows      int64     `json:"Rows"`
	Bytes     int64     `json:"Bytes"`   // of the file
	MinTime   int64     `json:"MinTime"` // smallest and largest eventtime, milliseconds since 1970 UTC
	MaxTime   int64     `json:"MaxTime"`
	SHA256    string    `json:"SHA256"` // of the file, lower-case hex
	CreatedAt time.Time `json:"CreatedAt"`
}

// ImportedFile is the import ledger's entry for the content of a log file in one store. Two files with the same
// bytes have one entry.
type ImportedFile struct {
	StoreID       string `json:"StoreID"`
	ContentSHA256 string `json:"ContentSHA256"` // of the uncompressed bytes, lower-case hex
	Location      string `json:"Location"`      // path or URL where the content was last read
	Bytes         int64  `json:"Bytes"`         // uncompressed
	Records       int64  `json:"Records"`       // in the file
	// PrefixSHA256 names the entry of an earlier content of the same location with which this one begins: records
	// within its Bytes count as admitted by its Admissions too.
	PrefixSHA256 string `json:"PrefixSHA256,omitempty"`
	// Admissions are the rules of every run that read the file, in order. A record counts as
	// admitted when one of them let it in.
	Admissions       []Admission `json:"Admissions"`
	RowsAdded        int64       `json:"RowsAdded"`               // by all runs
	SkippedWindow    int64       `json:"SkippedWindow"`           // as of the last run: outside its from/to
	SkippedRetention int64       `json:"SkippedRetention"`        // … older than the store's retention
	SkippedSelector  int64       `json:"SkippedSelector"`         // … not selected
	OldestSkipped    int64       `json:"OldestSkipped,omitempty"` // smallest eventtime among SkippedRetention
	FailedRecords    int64       `json:"FailedRecords"`
	ImportID         string      `json:"ImportID"` // of the last run
	Run              int64       `json:"Run,omitempty"`
	UpdatedAt        time.Time   `json:"UpdatedAt"`
}

// Admission is what one run admitted into the store.
type Admission struct {
	FromMillis    int64  `json:"FromMillis"`              // eventtime ≥ FromMillis; math.MinInt64: no limit
	ToMillis      int64  `json:"ToMillis"`                // eventtime ≤ ToMillis; math.MaxInt64: no limit
	HorizonMillis int64  `json:"HorizonMillis"`           // eventtime ≥ HorizonMillis, the retention at that instant
	SelectorsHash string `json:"SelectorsHash,omitempty"` // of the applied selectors; empty: none were applied
	// Expiries is the number of expiries of the store by then: rows that later ones removed are no longer in the
	// store.
	Expiries int64 `json:"Expiries,omitempty"`
}

// AppliedSelectors are selectors that imports into a store applied. They are kept because they decide which records
// of a file are in the store.
type AppliedSelectors struct {
	StoreID   string                  `json:"StoreID"`
	Hash      string                  `json:"Hash"` // Admission.SelectorsHash
	Selectors []AdvancedEventSelector `json:"Selectors"`
}

// Expiry records which days expiries removed from a store.
type Expiry struct {
	StoreID string `json:"StoreID"`
	Count   int64  `json:"Count"` // of transactions that removed expired days
	// Cuts are the expiries after which no later one reached as far, in order.
	Cuts []ExpiryCut `json:"Cuts"`
}

// ExpiryCut is a transaction that removed expired days.
type ExpiryCut struct {
	Number int64     `json:"Number"` // from 1
	Before Day       `json:"Before"` // all rows of earlier days were removed
	At     time.Time `json:"At"`
}

// ImportedLocation is the import ledger's entry for a path or URL: what it held when last read.
type ImportedLocation struct {
	StoreID        string `json:"StoreID"`
	Location       string `json:"Location"`
	ContentSHA256  string `json:"ContentSHA256"`  // key of the ImportedFile
	StoredBytes    int64  `json:"StoredBytes"`    // size of the object as stored
	ModifiedMillis int64  `json:"ModifiedMillis"` // of a local file; 0 if unknown
	ETag           string `json:"ETag,omitempty"` // of an S3 object
}

// Import is a run that copies log files into a store.
type Import struct {
	ID           string       `json:"ID"` // UUID
	StoreID      string       `json:"StoreID"`
	Sources      []string     `json:"Sources"`
	S3           *S3Source    `json:"S3,omitempty"`  // of an import in the background; nil: its caller waits
	Run          int64        `json:"Run,omitempty"` // how often it was begun, if it runs in the background
	Status       ImportStatus `json:"Status"`
	Error        string       `json:"Error,omitempty"` // why the run itself ended
	From         time.Time    `json:"From,omitzero"`
	To           time.Time    `json:"To,omitzero"`
	UseSelectors bool         `json:"UseSelectors"`
	StartedAt    time.Time    `json:"StartedAt"`
	UpdatedAt    time.Time    `json:"UpdatedAt"`
	EndedAt      time.Time    `json:"EndedAt,omitzero"`
	Counts       ImportCounts `json:"Counts"`
}

// S3Source is where an import in the background reads.
type S3Source struct {
	URI     string `json:"URI"`
	Region  string `json:"Region"`
	RoleARN string `json:"RoleARN"` // as the client gave it
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

// IsRunning reports whether an import has not ended.
func (s ImportStatus) IsRunning() bool { return s == ImportInitializing || s == ImportInProgress }

// ImportCounts counts what a run has committed.
type ImportCounts struct {
	Files            int64 `json:"Files"`                     // read to their end
	FilesFailed      int64 `json:"FilesFailed"`               // could not be read
	FilesKnown       int64 `json:"FilesKnown"`                // added nothing because the ledger knew them
	FilesOther       int64 `json:"FilesOther"`                // recognised as something else than a log file
	FilesAggregated  int64 `json:"FilesAggregated,omitempty"` // hold aggregated events, which are not supported
	Records          int64 `json:"Records"`
	Events           int64 `json:"Events"`     // rows added
	EventBytes       int64 `json:"EventBytes"` // uncompressed bytes of the rows added
	SkippedKnown     int64 `json:"SkippedKnown"`
	SkippedWindow    int64 `json:"SkippedWindow"`
	SkippedRetention int64 `json:"SkippedRetention"`
	SkippedSelector  int64 `json:"SkippedSelector"`
	SkippedRepeated  int64 `json:"SkippedRepeated,omitempty"` // events that a store with DedupeEventID had already
	KeptOtherBytes   int64 `json:"KeptOtherBytes,omitempty"`  // of Events there: the id of another event, other bytes
	KeptWithoutID    int64 `json:"KeptWithoutID,omitempty"`   // of Events there: no id
	DuplicateKeys    int64 `json:"DuplicateKeys"`             // members of a record that a later one replaced
	FailedRecords    int64 `json:"FailedRecords"`
	Prefixes         int64 `json:"Prefixes"`
	PrefixesDone     int64 `json:"PrefixesDone"`
}

// Failure is a file or record that an import could not take.
type Failure struct {
	ImportID string    `json:"ImportID"`
	File     string    `json:"File"`
	Record   int64     `json:"Record"` // number in the file from 0; -1: the whole file
	Offset   int64     `json:"Offset"` // of the record in the uncompressed bytes; -1: unknown
	Code     string    `json:"Code"`   // such as BAD_EVENT_TIME
	Message  string    `json:"Message"`
	At       time.Time `json:"At"`

	Status FailureStatus `json:"Status,omitempty"`
}

// FailureStatus is what became of a failure.
type FailureStatus string

// The states of a failure.
const (
	FailureStands    FailureStatus = ""          // nothing
	FailureRetried   FailureStatus = "RETRY"     // a further run is retrying it
	FailureSucceeded FailureStatus = "SUCCEEDED" // a further run has taken it
)

// Usage counts what a store did on one UTC day.
type Usage struct {
	StoreID        string `json:"StoreID"`
	Day            Day    `json:"Day"`
	IngestedBytes  int64  `json:"IngestedBytes"` // uncompressed bytes of the records kept
	IngestedEvents int64  `json:"IngestedEvents"`
	// Ways divides IngestedBytes by way in. Bytes of no way were counted by an earlier version.
	Ways WayBytes `json:"Ways,omitzero"`

	ScannedBytes int64 `json:"ScannedBytes"`
	Queries      int64 `json:"Queries"`
}

// WayBytes are the bytes that a store ingested by each way in. Their prices differ.
type WayBytes struct {
	Live     int64 `json:"Live,omitempty"`     // pushed as they happened
	Channel  int64 `json:"Channel,omitempty"`  // events from outside of AWS, through channels
	Imported int64 `json:"Imported,omitempty"` // copied from log files
}

func (w *WayBytes) add(other WayBytes) {
	w.Live += other.Live
	w.Channel += other.Channel
	w.Imported += other.Imported
}

// ImportChange is what the commit of an import writes besides its segments. All of it becomes durable and visible
// at once, except Failures, which are written before it.
type ImportChange struct {
	Import    *Import // with its new counts; nil: unchanged
	Files     []ImportedFile
	Locations []ImportedLocation
	Failures  []Failure // writing one again replaces it
	Usage     []Usage   // added to the counters
	// Expiries is the store's Expiry.Count when Files were decided. If it has changed since, nothing is written:
	// ErrExpired.
	Expiries int64
}
