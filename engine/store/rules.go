package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// defaultSelectors take all events of a category; nil for those whose events
// cannot be selected without naming a resource type or event source.
func defaultSelectors(category string) []catalog.AdvancedEventSelector {
	if !schema.Category(category).HasDefaultSelector() {
		return nil
	}
	return []catalog.AdvancedEventSelector{{
		Name:           "Default " + strings.ToLower(category) + " events",
		FieldSelectors: []catalog.FieldSelector{{Field: "eventCategory", Equals: []string{category}}},
	}}
}

// checkRecord applies the rules that every store keeps, new or changed.
func checkRecord(s *catalog.Store) error {
	if _, ok := schema.ForCategory(s.Category); !ok {
		return fmt.Errorf("%w: unknown event category %q; the categories are %s", ErrInvalidParameter, s.Category, strings.Join(schema.Categories(), ", "))
	}
	if err := checkEventJSON(s); err != nil {
		return err
	}
	if s.DedupeEventID && !schema.Category(s.Category).HasEventJSON() {
		return fmt.Errorf("%w: events of category %s have no eventjson to compare", ErrInvalidParameter, s.Category)
	}
	if s.Status == catalog.StoreStoppedIngestion && !schema.Category(s.Category).HasIngestion() {
		return fmt.Errorf("%w: %s", ErrCategory, s.Category)
	}
	if s.Organization && !schema.Category(s.Category).IsOfOrganizations() {
		return fmt.Errorf("%w: stores of category %s cannot collect the events of an organization", ErrInvalidParameter, s.Category)
	}
	longest := ForeverRetentionDays
	switch s.BillingMode {
	case catalog.ExtendableRetention:
	case catalog.FixedRetention:
		longest = MaxFixedRetentionDays
	default:
		return fmt.Errorf("%w: unknown billing mode %q", ErrInvalidParameter, s.BillingMode)
	}
	if s.RetentionDays < MinRetentionDays || s.RetentionDays > longest {
		return fmt.Errorf("%w: retention must be %d to %d days", ErrInvalidParameter, MinRetentionDays, longest)
	}
	if len(s.Tags) > maxTags {
		return fmt.Errorf("%w: %w", ErrInvalidParameter, ErrTooManyTags)
	}
	return checkSelectors(s)
}

// checkEventJSON: only a table with the column can have it rebuilt.
func checkEventJSON(s *catalog.Store) error {
	switch s.EventJSON {
	case catalog.EventJSONText:
		return nil
	case catalog.EventJSONRebuilt:
		if !schema.Category(s.Category).HasEventJSON() {
			return fmt.Errorf("%w: events of category %s have no eventjson to rebuild", ErrInvalidParameter, s.Category)
		}
		return nil
	}
	return fmt.Errorf("%w: unknown form of eventjson %q", ErrInvalidParameter, s.EventJSON)
}

// categoryOf returns the category of a store by its selectors. A store of several categories is one of management
// events; only the categories of trails may share a store.
func categoryOf(selectors []catalog.AdvancedEventSelector) (string, error) {
	if len(selectors) == 0 {
		return string(schema.Management), nil
	}
	compiled, err := selector.Compile(selectors)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalidSelectors, err)
	}
	all := compiled.Categories()
	if slices.ContainsFunc(all, func(category string) bool { return category != all[0] }) {
		return string(schema.Management), nil
	}
	return all[0], nil
}

// checkNewSelectors checks new selectors of a store.
func checkNewSelectors(selectors []catalog.AdvancedEventSelector) error {
	if len(selectors) == 0 {
		return nil
	}
	if err := selector.Check(selectors); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidSelectors, err)
	}
	return nil
}

// checkSelectors applies the service's rules of selectors, and wants them to select events that the store's
// table is for. A store without selectors takes every event of its category.
func checkSelectors(s *catalog.Store) error {
	if len(s.Selectors) == 0 {
		return nil
	}
	compiled, err := selector.Compile(s.Selectors)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidSelectors, err)
	}
	for _, category := range compiled.Categories() {
		mixed := schema.Category(category).IsOfTrails() && schema.Category(s.Category).IsOfTrails()
		if category != s.Category && !mixed {
			return fmt.Errorf("%w: they select %s events, the store takes %s events", ErrInvalidSelectors, category, s.Category)
		}
	}
	return nil
}

// checkInsightSources returns an error unless a store with Insights takes the events that they are computed from:
// management events, and for the rate of calls management events that write.
func checkInsightSources(s *catalog.Store) error {
	for _, insight := range s.InsightSelectors {
		if !TakesManagement(s.Selectors, insight.InsightType == CallRateInsight) {
			return fmt.Errorf("%w: %s is on in store %s", ErrInsightsNeed, insight.InsightType, s.Name)
		}
	}
	return nil
}

// TakesManagement reports whether one of some selectors takes management events, or those of them that write.
func TakesManagement(selectors []catalog.AdvancedEventSelector, writes bool) bool {
	return slices.ContainsFunc(selectors, func(s catalog.AdvancedEventSelector) bool { return takesManagement(&s, writes) })
}

// takesManagement reports whether a selector takes management events, or those of them that write.
func takesManagement(s *catalog.AdvancedEventSelector, writes bool) bool {
	takes := false
	for _, f := range s.FieldSelectors {
		switch {
		case strings.EqualFold(f.Field, "eventCategory"):
			takes = slices.Contains(f.Equals, string(schema.Management))
		case strings.EqualFold(f.Field, "readOnly") && writes && slices.Contains(f.Equals, "true"):
			return false
		}
	}
	return takes
}

// checkNameFree returns an error if one of stores or a reference table has the name.
func checkNameFree(tx *catalog.Tx, stores []*catalog.Store, name string) error {
	if slices.ContainsFunc(stores, func(s *catalog.Store) bool { return strings.EqualFold(s.Name, name) }) {
		return fmt.Errorf("%w: %s", ErrExists, name)
	}
	if _, err := tx.Table(strings.ToLower(name)); err == nil {
		return fmt.Errorf("%w: %s", ErrNameTaken, name)
	}
	return nil
}

// CheckTakesPushes returns why a store does not take pushed events, nil if it does.
func CheckTakesPushes(s *catalog.Store) error {
	switch {
	case s.IsActivity:
		return checkNotActivity(s)
	case s.Status == catalog.StorePendingDeletion:
		return fmt.Errorf("%w: %s", ErrInactive, s.Name)
	case s.Status != catalog.StoreEnabled:
		return fmt.Errorf("%w: %s does not take events: it is %s", ErrStatus, s.Name, s.Status)
	case s.DedupeEventID:
		return fmt.Errorf("%w: %s drops repeated events, which only imports can (auditlake store update %s --dedupe none lets it take pushes)",
			ErrPushToDedupe, s.Name, s.Name)
	}
	return nil
}
