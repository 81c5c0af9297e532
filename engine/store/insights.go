package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// InsightSelector turns one kind of Insights on.
type InsightSelector struct {
	InsightType     string   // CallRateInsight or ErrorRateInsight
	EventCategories []string // of the events that it is computed of; none: management events
}

// The kinds of Insights.
const (
	CallRateInsight  = "ApiCallRateInsight"
	ErrorRateInsight = "ApiErrorRateInsight"
)

// ErrInsightSelectors means that Insights cannot be turned on as was asked for.
var ErrInsightSelectors = errors.New("invalid Insights selectors")

// SetInsights turns kinds of Insights of a store's management events on, and all others off. Their events belong in the
// store destination, which takes Insights events; none is needed to turn all off.
func (s *Stores) SetInsights(ctx context.Context, name string, selectors []InsightSelector, destination string) (*Store, error) {
	if err := CheckInsightSelectors(selectors, string(schema.Management)); err != nil {
		return nil, err
	}
	return s.changeRecord(ctx, name, func(tx *catalog.Tx, r *catalog.Store) error {
		if r.Status == catalog.StorePendingDeletion {
			return fmt.Errorf("%w: %s", ErrInactive, r.Name)
		}
		r.InsightSelectors, r.InsightsDestination = InsightRecords(selectors), ""
		if len(selectors) == 0 {
			return nil
		}
		to, err := tx.Store(destination)
		switch {
		case errors.Is(err, catalog.ErrNotFound):
			return fmt.Errorf("%w: there is no event data store %s for Insights events", ErrInvalidParameter, destination)
		case err != nil:
			return err
		case to.Category != string(schema.Insight) || to.Status == catalog.StorePendingDeletion:
			return fmt.Errorf("%w: the event data store %s does not take Insights events", ErrInvalidParameter, to.Name)
		}
		r.InsightsDestination = to.ID
		return checkInsightSources(r)
	})
}

// CheckInsightSelectors returns an error unless each kind of Insights is known, occurs once at most, and is for
// events of the categories.
func CheckInsightSelectors(selectors []InsightSelector, categories ...string) error {
	seen := map[string]bool{}
	for _, s := range selectors {
		switch {
		case s.InsightType != CallRateInsight && s.InsightType != ErrorRateInsight:
			return fmt.Errorf("%w: InsightType is %s or %s, not '%s'", ErrInsightSelectors, CallRateInsight, ErrorRateInsight, s.InsightType)
		case seen[s.InsightType]:
			return fmt.Errorf("%w: %s occurs twice", ErrInsightSelectors, s.InsightType)
		}
		seen[s.InsightType] = true
		for _, category := range s.EventCategories {
			if !slices.Contains(categories, category) {
				return fmt.Errorf("%w: Insights exist for %v events, not for %s events", ErrInsightSelectors, categories, category)
			}
		}
	}
	return nil
}

// InsightsOf describes the Insights selectors of a record.
func InsightsOf(records []catalog.InsightSelector) []InsightSelector {
	return convert(records, func(r catalog.InsightSelector) InsightSelector {
		return InsightSelector{r.InsightType, slices.Clone(r.EventCategories)}
	})
}

// InsightRecords makes the record of Insights selectors.
func InsightRecords(selectors []InsightSelector) []catalog.InsightSelector {
	return convert(selectors, func(s InsightSelector) catalog.InsightSelector { return catalog.InsightSelector(s) })
}
