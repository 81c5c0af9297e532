package catalog

import "time"

// Trail is a trail as an AWS client made it. A lake keeps its settings and delivers nothing for it.
type Trail struct {
	Name      string `json:"Name"` // unique in the lake
	Partition string `json:"Partition"`
	Region    string `json:"Region"` // its home
	AccountID string `json:"AccountID"`

	S3BucketName              string `json:"S3BucketName"`
	S3KeyPrefix               string `json:"S3KeyPrefix,omitempty"`
	SnsTopicName              string `json:"SnsTopicName,omitempty"` // as given, a name or an ARN
	IncludeGlobalEvents       bool   `json:"IncludeGlobalEvents"`
	MultiRegion               bool   `json:"MultiRegion"`
	Organization              bool   `json:"Organization"`
	LogFileValidation         bool   `json:"LogFileValidation"`
	CloudWatchLogsLogGroupARN string `json:"CloudWatchLogsLogGroupARN,omitempty"`
	CloudWatchLogsRoleARN     string `json:"CloudWatchLogsRoleARN,omitempty"`
	KmsKeyID                  string `json:"KmsKeyID,omitempty"` // ARN
	RecursiveLogging          *bool  `json:"RecursiveLogging,omitempty"`
	Tags                      []Tag  `json:"Tags,omitempty"`

	// At most one of EventSelectors and AdvancedEventSelectors is set; none: all management events.
	EventSelectors         []EventSelector            `json:"EventSelectors,omitempty"`
	AdvancedEventSelectors []AdvancedEventSelector    `json:"AdvancedEventSelectors,omitempty"`
	InsightSelectors       []InsightSelector          `json:"InsightSelectors,omitempty"`
	Aggregations           []AggregationConfiguration `json:"Aggregations,omitempty"`

	IsLogging bool      `json:"IsLogging"`
	StartedAt time.Time `json:"StartedAt,omitzero"` // when its logging last started
	StoppedAt time.Time `json:"StoppedAt,omitzero"`
	CreatedAt time.Time `json:"CreatedAt"`
}

// EventSelector is a basic event selector of a trail.
type EventSelector struct {
	ReadWriteType                 string         `json:"ReadWriteType"` // ReadOnly, WriteOnly or All
	IncludeManagementEvents       bool           `json:"IncludeManagementEvents"`
	DataResources                 []DataResource `json:"DataResources,omitempty"`
	ExcludeManagementEventSources []string       `json:"ExcludeManagementEventSources,omitempty"`
}

// DataResource names the resources whose data events a basic event selector selects.
type DataResource struct {
	Type   string   `json:"Type"`
	Values []string `json:"Values,omitempty"` // ARNs, or their beginnings
}

// AggregationConfiguration says which summaries of events a trail makes.
type AggregationConfiguration struct {
	EventCategory string   `json:"EventCategory"`
	Templates     []string `json:"Templates"`
}

// ARN is the trail's full name in the API.
func (t *Trail) ARN() string {
	return "arn:" + t.Partition + ":cloudtrail:" + t.Region + ":" + t.AccountID + ":trail/" + t.Name
}

// PutTrail writes a trail, new or changed.
func (tx *Tx) PutTrail(t *Trail) error { return put(tx, trailKey(t.Name), t) }

// Trail reads a trail.
func (tx *Tx) Trail(name string) (*Trail, error) {
	return get[Trail](tx, trailKey(name), "trail", name)
}

// Trails lists all trails by name.
func (tx *Tx) Trails() ([]*Trail, error) { return collect(scan[Trail](tx, trailPrefix, "")) }

// DeleteTrail removes a trail.
func (tx *Tx) DeleteTrail(name string) error { return tx.delete(trailKey(name)) }
