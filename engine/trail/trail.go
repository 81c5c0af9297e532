// Package trail keeps the trails that AWS clients make in a lake: their settings, selectors and whether they log. A
// lake delivers nothing by them, so that they are settings alone.
package trail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Trail describes a trail; changing it changes nothing in the lake.
type Trail struct {
	Name      string // unique in the lake
	Partition string
	Region    string // its home
	AccountID string

	S3BucketName              string
	S3KeyPrefix               string
	SnsTopicName              string // as given, a name or an ARN
	IncludeGlobalEvents       bool
	MultiRegion               bool
	Organization              bool
	LogFileValidation         bool
	CloudWatchLogsLogGroupARN string
	CloudWatchLogsRoleARN     string
	KmsKeyID                  string // ARN
	RecursiveLogging          *bool
	Tags                      []store.Tag

	// Of EventSelectors and AdvancedEventSelectors there is one at most; none: all management events.
	EventSelectors         []Selector
	AdvancedEventSelectors []store.Selector
	InsightSelectors       []store.InsightSelector
	Aggregations           []Aggregation

	IsLogging bool
	StartedAt time.Time // its logging, the last time
	StoppedAt time.Time
	CreatedAt time.Time
}

// Selector is a basic event selector.
type Selector struct {
	ReadWriteType                 string // ReadOnly, WriteOnly or All
	IncludeManagementEvents       bool
	DataResources                 []DataResource
	ExcludeManagementEventSources []string
}

// DataResource names the resources whose data events a basic event selector selects.
type DataResource struct {
	Type   string
	Values []string // ARNs, or their beginnings
}

// Aggregation says which summaries of events a trail makes.
type Aggregation struct {
	EventCategory string
	Templates     []string
}

// ARN is the trail's full name in the API.
func (t *Trail) ARN() string { return record(t).ARN() }

// Limits of trails.
const (
	MaxTrails = 5 // of a region
	maxTags   = 50
)

// Errors of trails. They are wrapped with what is wrong.
var (
	ErrNotFound     = errors.New("trail not found")
	ErrExists       = errors.New("a trail of this name exists")
	ErrTooMany      = fmt.Errorf("there are at most %d trails in a region", MaxTrails)
	ErrName         = errors.New("invalid name of a trail")
	ErrARN          = errors.New("invalid ARN of a trail")
	ErrHomeRegion   = errors.New("the trail has another home region")
	ErrBucketName   = errors.New("invalid name of a bucket")
	ErrPrefix       = errors.New("invalid prefix of objects")
	ErrTopicName    = errors.New("invalid name of a topic")
	ErrLogGroupARN  = errors.New("invalid ARN of a log group")
	ErrLogRoleARN   = errors.New("invalid ARN of a role for logs")
	ErrCombination  = errors.New("settings that exclude each other")
	ErrSelectors    = errors.New("invalid event selectors")
	ErrTooManyTags  = store.ErrTooManyTags
	ErrInsights     = store.ErrInsightSelectors
	errOtherAccount = fmt.Errorf("%w: it belongs to another account", ErrNotFound)
)

// Trails are the trails of a lake. It is safe for concurrent use.
type Trails struct {
	storage           *storage.Lake
	region, accountID string
	now               func() time.Time
}

// New returns the trails of a lake in its region.
func New(lake *storage.Lake, region, accountID string, now func() time.Time) *Trails {
	return &Trails{lake, region, accountID, now}
}

// Create makes a trail in the lake's region and account, whatever the caller gives of them. It does not log yet.
func (t *Trails) Create(ctx context.Context, made Trail) (*Trail, error) {
	made.Partition, made.Region, made.AccountID = "aws", t.region, t.accountID
	made.CreatedAt, made.IsLogging, made.StartedAt, made.StoppedAt = t.now(), false, time.Time{}, time.Time{}
	if err := check(&made); err != nil {
		return nil, err
	}
	err := t.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		all, err := tx.Trails()
		if err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(other *catalog.Trail) bool { return other.Name == made.Name }) {
			return fmt.Errorf("%w: %s", ErrExists, made.Name)
		}
		if len(all) >= MaxTrails {
			return ErrTooMany
		}
		return tx.PutTrail(record(&made))
	})
	if err != nil {
		return nil, err
	}
	return &made, nil
}

// List returns the trails by name.
func (t *Trails) List(ctx context.Context) (all []*Trail, err error) {
	err = t.storage.Catalog().View(func(tx *catalog.Tx) error {
		records, err := tx.Trails()
		for _, r := range records {
			all = append(all, fromRecord(r))
		}
		return err
	})
	return all, errors.Join(err, ctx.Err())
}

// Get finds a trail by name or ARN.
func (t *Trails) Get(ctx context.Context, reference string) (found *Trail, err error) {
	err = t.storage.Catalog().View(func(tx *catalog.Tx) error {
		found, err = t.find(tx, reference)
		return err
	})
	return found, errors.Join(err, ctx.Err())
}

// ARN returns the ARN of what a reference names, whether it is there or not; "" for what is no reference to a trail.
func (t *Trails) ARN(reference string) string {
	switch {
	case arnPattern().MatchString(reference):
		return reference
	case checkName(reference) == nil:
		return (&Trail{Name: reference, Partition: "aws", Region: t.region, AccountID: t.accountID}).ARN()
	}
	return ""
}

func (t *Trails) find(tx *catalog.Tx, reference string) (*Trail, error) {
	name := reference
	if strings.HasPrefix(reference, "arn:") {
		parts := arnPattern().FindStringSubmatch(reference)
		if parts == nil || checkName(parts[2]) != nil {
			return nil, fmt.Errorf("%w: '%s'", ErrARN, reference)
		}
		if parts[1] != t.accountID {
			return nil, errOtherAccount
		}
		name = parts[2]
	} else if err := checkName(name); err != nil {
		return nil, err
	}
	found, err := tx.Trail(name)
	if errors.Is(err, catalog.ErrNotFound) || err == nil && name != reference && found.ARN() != reference {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, reference)
	}
	if err != nil {
		return nil, err
	}
	return fromRecord(found), nil
}

// Change edits a trail in one transaction. It keeps its name, and is checked again. ErrHomeRegion: it is another
// region's.
func (t *Trails) Change(ctx context.Context, reference string, edit func(*Trail) error) (changed *Trail, err error) {
	if other := arnRegion(reference); other != "" && other != t.region {
		return nil, fmt.Errorf("%w: %s", ErrHomeRegion, reference)
	}
	err = t.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		if changed, err = t.findHere(tx, reference); err != nil {
			return err
		}
		if err := edit(changed); err != nil {
			return err
		}
		if err := check(changed); err != nil {
			return err
		}
		return tx.PutTrail(record(changed))
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// Delete removes a trail.
func (t *Trails) Delete(ctx context.Context, reference string) error {
	if other := arnRegion(reference); other != "" && other != t.region {
		return fmt.Errorf("%w: %s", ErrHomeRegion, reference)
	}
	return t.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		found, err := t.findHere(tx, reference)
		if err != nil {
			return err
		}
		return tx.DeleteTrail(found.Name)
	})
}

// findHere finds a trail whose home is the region that the lake has now.
func (t *Trails) findHere(tx *catalog.Tx, reference string) (*Trail, error) {
	found, err := t.find(tx, reference)
	if err == nil && found.Region != t.region {
		return nil, fmt.Errorf("%w: %s", ErrHomeRegion, found.ARN())
	}
	return found, err
}

// SetLogging starts or stops the logging of a trail. It is no error if that is so already.
func (t *Trails) SetLogging(ctx context.Context, reference string, logs bool) error {
	_, err := t.Change(ctx, reference, func(r *Trail) error {
		switch {
		case logs && !r.IsLogging:
			r.StartedAt = t.now()
		case !logs && r.IsLogging:
			r.StoppedAt = t.now()
		}
		r.IsLogging = logs
		return nil
	})
	return err
}

// AddTags gives a trail tags; one with the key of another replaces it.
func (t *Trails) AddTags(ctx context.Context, reference string, tags ...store.Tag) error {
	_, err := t.Change(ctx, reference, func(r *Trail) error {
		r.Tags = store.WithTags(r.Tags, tags...)
		return nil
	})
	return err
}

// RemoveTags takes the tags of some keys from a trail. Those that it does not have are no error.
func (t *Trails) RemoveTags(ctx context.Context, reference string, keys ...string) error {
	_, err := t.Change(ctx, reference, func(r *Trail) error {
		r.Tags = store.WithoutTags(r.Tags, keys...)
		return nil
	})
	return err
}
