package trail

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage/schema"
)

// Limits of basic event selectors.
const (
	maxSelectors  = 5
	maxDataValues = 250
)

// excludable are the services whose management events a basic event selector may leave out.
var excludable = []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"}

// DefaultSelectors are the basic event selectors of a trail that was given none.
func DefaultSelectors() []Selector {
	return []Selector{{ReadWriteType: "All", IncludeManagementEvents: true}}
}

// SetSelectors replaces a trail's event selectors by basic ones.
func (t *Trails) SetSelectors(ctx context.Context, reference string, selectors []Selector) (*Trail, error) {
	if err := checkSelectors(selectors); err != nil {
		return nil, err
	}
	return t.Change(ctx, reference, func(r *Trail) error {
		r.EventSelectors, r.AdvancedEventSelectors = selectors, nil
		return nil
	})
}

// SetAdvancedSelectors replaces a trail's event selectors by advanced ones.
func (t *Trails) SetAdvancedSelectors(ctx context.Context, reference string, selectors []store.Selector) (*Trail, error) {
	categories, err := selector.CheckOfTrail(store.SelectorRecords(selectors))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSelectors, err)
	}
	for _, category := range categories {
		if !schema.Category(category).IsOfTrails() {
			return nil, fmt.Errorf("%w: trails deliver no %s events by selectors", ErrSelectors, category)
		}
	}
	return t.Change(ctx, reference, func(r *Trail) error {
		r.EventSelectors, r.AdvancedEventSelectors = nil, selectors
		return nil
	})
}

func checkSelectors(selectors []Selector) error {
	if len(selectors) == 0 || len(selectors) > maxSelectors {
		return fmt.Errorf("%w: a trail has 1 to %d, not %d", ErrSelectors, maxSelectors, len(selectors))
	}
	values := 0
	for i, s := range selectors {
		if err := checkSelector(&s); err != nil {
			return fmt.Errorf("%w: selector %d: %w", ErrSelectors, i+1, err)
		}
		for _, resource := range s.DataResources {
			values += len(resource.Values)
		}
	}
	if values > maxDataValues {
		return fmt.Errorf("%w: they name %d data resources, at most %d are allowed", ErrSelectors, values, maxDataValues)
	}
	return nil
}

func checkSelector(s *Selector) error {
	switch {
	case !slices.Contains([]string{"ReadOnly", "WriteOnly", "All"}, s.ReadWriteType):
		return fmt.Errorf("ReadWriteType is ReadOnly, WriteOnly or All, not '%s'", s.ReadWriteType)
	case !s.IncludeManagementEvents && len(s.DataResources) == 0:
		return fmt.Errorf("it selects neither management events nor data events")
	case !s.IncludeManagementEvents && len(s.ExcludeManagementEventSources) > 0:
		return fmt.Errorf("it excludes sources of management events, but does not include management events")
	}
	for _, source := range s.ExcludeManagementEventSources {
		if !slices.Contains(excludable, source) {
			return fmt.Errorf("only %s can be excluded, not '%s'", strings.Join(excludable, " and "), source)
		}
	}
	for _, resource := range s.DataResources {
		if err := checkDataResource(&resource); err != nil {
			return err
		}
	}
	return nil
}

// HasCustomSelectors reports whether a trail selects other events than it did when it was made.
func HasCustomSelectors(t *Trail) bool {
	if t.AdvancedEventSelectors != nil {
		return true
	}
	first := DefaultSelectors()[0]
	return len(t.EventSelectors) > 1 || len(t.EventSelectors) == 1 &&
		(t.EventSelectors[0].ReadWriteType != first.ReadWriteType || !t.EventSelectors[0].IncludeManagementEvents ||
			len(t.EventSelectors[0].DataResources) > 0 || len(t.EventSelectors[0].ExcludeManagementEventSources) > 0)
}

// SetInsights turns the given kinds of Insights of a trail on, and all others off.
func (t *Trails) SetInsights(ctx context.Context, reference string, selectors []store.InsightSelector) (*Trail, error) {
	if err := store.CheckInsightSelectors(selectors, string(schema.Management), string(schema.Data)); err != nil {
		return nil, err
	}
	return t.Change(ctx, reference, func(r *Trail) error {
		for _, s := range selectors {
			if !hasInsightEvents(r, s) {
				return fmt.Errorf("%w: the trail %s logs no events from which %s is computed", ErrInsights, r.Name, s.InsightType)
			}
		}
		r.InsightSelectors = selectors
		return nil
	})
}

// hasInsightEvents reports whether a trail logs the events that a kind of Insights is computed from: for the rate
// of calls, management events that write.
func hasInsightEvents(t *Trail, s store.InsightSelector) bool {
	if slices.Contains(s.EventCategories, string(schema.Data)) {
		return true // which the service allows whatever the trail logs
	}
	writes := s.InsightType == store.CallRateInsight
	if t.AdvancedEventSelectors != nil {
		return store.TakesManagement(store.SelectorRecords(t.AdvancedEventSelectors), writes)
	}
	of := t.EventSelectors
	if of == nil {
		of = DefaultSelectors()
	}
	return slices.ContainsFunc(of, func(s Selector) bool {
		return s.IncludeManagementEvents && (!writes || s.ReadWriteType != "ReadOnly")
	})
}
