package awsapi

import (
	"context"

	"github.com/auditlake/auditlake/engine"
)

// The shapes of event configurations, named as in the API.
type (
	contextKeySelector struct {
		Type   string
		Equals []string
	}
	aggregation struct {
		Templates     []string
		EventCategory string
	}
	eventConfigurationInput struct {
		TrailName                 string
		EventDataStore            string
		MaxEventSize              string
		ContextKeySelectors       []contextKeySelector
		AggregationConfigurations []aggregation
	}
	storeConfiguration struct {
		EventDataStoreArn   string
		MaxEventSize        string
		ContextKeySelectors []contextKeySelector
	}
	trailConfiguration struct {
		TrailARN                  string
		AggregationConfigurations []aggregation
	}
)

func (d *Door) putEventConfiguration(ctx context.Context, c *call, in *eventConfigurationInput) (any, error) {
	isStore, err := in.isOfStore()
	switch {
	case err != nil:
		return nil, err
	case isStore:
		return d.configureStore(ctx, c, in)
	}
	return d.configureTrail(ctx, c, in)
}

// isOfStore reports whether a request is about a store rather than a trail.
func (in *eventConfigurationInput) isOfStore() (bool, error) {
	switch {
	case in.TrailName != "" && in.EventDataStore != "":
		return false, fail("InvalidParameterCombinationException", "Give either TrailName or EventDataStore.")
	case in.TrailName == "" && in.EventDataStore == "":
		return false, fail("InvalidParameterException", "Give TrailName or EventDataStore.")
	case in.TrailName != "" && (in.MaxEventSize != "" || in.ContextKeySelectors != nil):
		return false, fail("InvalidParameterCombinationException", "MaxEventSize and ContextKeySelectors apply only to event data stores.")
	case in.EventDataStore != "" && in.AggregationConfigurations != nil:
		return false, fail("InvalidParameterCombinationException", "AggregationConfigurations apply only to trails.")
	}
	return in.EventDataStore != "", nil
}

func (d *Door) configureStore(ctx context.Context, c *call, in *eventConfigurationInput) (any, error) {
	store, err := d.store(ctx, c, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	change := engine.EventConfiguration{MaxEventSize: in.MaxEventSize}
	if in.ContextKeySelectors != nil {
		change.ContextKeySelectors = []engine.ContextKeySelector{}
	}
	for _, s := range in.ContextKeySelectors {
		change.ContextKeySelectors = append(change.ContextKeySelectors, engine.ContextKeySelector(s))
	}
	if store, err = d.lake.Stores().SetEventConfiguration(ctx, store.ARN(), change); err != nil {
		return nil, err
	}
	return describeConfiguration(store), nil
}

func (d *Door) configureTrail(ctx context.Context, c *call, in *eventConfigurationInput) (any, error) {
	if err := d.allowTrail(ctx, c, in.TrailName); err != nil {
		return nil, err
	}
	change := func(t *engine.Trail) error {
		if in.AggregationConfigurations == nil {
			return nil
		}
		t.Aggregations = nil
		for _, a := range in.AggregationConfigurations {
			t.Aggregations = append(t.Aggregations, engine.TrailAggregation{EventCategory: a.EventCategory, Templates: a.Templates})
		}
		return nil
	}
	trail, err := d.lake.Trails().Change(ctx, in.TrailName, change)
	if err != nil {
		return nil, err
	}
	return describeAggregations(trail), nil
}

func (d *Door) getEventConfiguration(ctx context.Context, c *call, in *eventConfigurationInput) (any, error) {
	isStore, err := in.isOfStore()
	if err != nil {
		return nil, err
	}
	if !isStore {
		trail, err := d.trail(ctx, c, in.TrailName)
		if err != nil {
			return nil, err
		}
		return describeAggregations(trail), nil
	}
	store, err := d.store(ctx, c, in.EventDataStore)
	switch {
	case err != nil:
		return nil, err
	case store.Status == engine.StorePendingDeletion:
		return nil, fail("InvalidEventDataStoreStatusException", "The event data store %s is pending deletion.", store.ARN())
	}
	if err := engine.CheckEnriched(store.Category); err != nil {
		return nil, err
	}
	return describeConfiguration(store), nil
}

func describeConfiguration(s *engine.Store) *storeConfiguration {
	out := &storeConfiguration{EventDataStoreArn: s.ARN(), MaxEventSize: s.MaxEventSize, ContextKeySelectors: []contextKeySelector{}}
	for _, selector := range s.ContextKeySelectors {
		out.ContextKeySelectors = append(out.ContextKeySelectors, contextKeySelector(selector))
	}
	return out
}

func describeAggregations(t *engine.Trail) *trailConfiguration {
	out := &trailConfiguration{TrailARN: t.ARN(), AggregationConfigurations: []aggregation{}}
	for _, a := range t.Aggregations {
		out.AggregationConfigurations = append(out.AggregationConfigurations, aggregation{a.Templates, a.EventCategory})
	}
	return out
}
