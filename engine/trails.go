package engine

import "github.com/auditlake/auditlake/engine/trail"

// The types of trails; engine/trail has their rules.
type (
	// Trails are the trails of a lake.
	Trails = trail.Trails
	// Trail is a trail as AWS clients created it; changing it changes nothing in the lake.
	Trail = trail.Trail
	// TrailSelector is a basic event selector of a trail.
	TrailSelector = trail.Selector
	// TrailDataResource selects resources in a basic event selector.
	TrailDataResource = trail.DataResource
	// TrailAggregation says which summaries of events a trail makes.
	TrailAggregation = trail.Aggregation
)

// Errors of trails. They are wrapped with what is wrong.
var (
	ErrTrailNotFound    = trail.ErrNotFound
	ErrTrailExists      = trail.ErrExists
	ErrTooManyTrails    = trail.ErrTooMany
	ErrTrailName        = trail.ErrName
	ErrTrailARN         = trail.ErrARN
	ErrTrailHomeRegion  = trail.ErrHomeRegion
	ErrTrailBucketName  = trail.ErrBucketName
	ErrTrailPrefix      = trail.ErrPrefix
	ErrTrailTopicName   = trail.ErrTopicName
	ErrTrailLogGroupARN = trail.ErrLogGroupARN
	ErrTrailLogRoleARN  = trail.ErrLogRoleARN
	ErrTrailCombination = trail.ErrCombination
	ErrTrailSelectors   = trail.ErrSelectors
)

// DefaultTrailSelectors returns the basic event selectors of a trail that was created without any.
func DefaultTrailSelectors() []TrailSelector { return trail.DefaultSelectors() }

// HasCustomSelectors reports whether a trail's selectors differ from those of a new trail.
func HasCustomSelectors(t *Trail) bool { return trail.HasCustomSelectors(t) }

// Trails returns the lake's trails.
func (l *Lake) Trails() *Trails {
	return trail.New(l.storage, l.options.Region, l.options.AccountID, l.now)
}
