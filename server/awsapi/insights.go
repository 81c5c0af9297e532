package awsapi

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/engine"
)

// The shapes of Insights selectors, named as in the API.
type (
	insightSelector struct {
		InsightType     string
		EventCategories []string `json:",omitempty"`
	}
	insightSelectors struct {
		TrailName           string            `json:",omitempty"` // in requests
		TrailARN            string            `json:",omitempty"` // in answers
		InsightSelectors    []insightSelector // in both
		EventDataStore      string            `json:",omitempty"` // in requests
		EventDataStoreArn   string            `json:",omitempty"` // in answers
		InsightsDestination string            `json:",omitempty"`
	}
)

func (d *Door) putInsightSelectors(ctx context.Context, c *call, in *insightSelectors) (any, error) {
	isStore, err := in.isOfStore()
	if err != nil {
		return nil, err
	}
	var selectors []engine.InsightSelector
	for _, s := range in.InsightSelectors {
		selectors = append(selectors, engine.InsightSelector(s))
	}
	if !isStore {
		if err := d.allowTrail(ctx, c, in.TrailName); err != nil {
			return nil, err
		}
		trail, err := d.lake.Trails().SetInsights(ctx, in.TrailName, selectors)
		if err != nil {
			return nil, err
		}
		return describeTrailInsights(trail), nil
	}
	store, err := d.insightStore(ctx, c, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	destination := ""
	if in.InsightsDestination != "" {
		to, err := d.insightStore(ctx, c, in.InsightsDestination)
		if err != nil {
			return nil, err
		}
		destination = to.ID
	} else if len(selectors) > 0 {
		return nil, fail("InvalidParameterException", "Insights of an event data store need an InsightsDestination.")
	}
	if store, err = d.lake.Stores().SetInsights(ctx, store.ARN(), selectors, destination); err != nil {
		return nil, insightStoreError(err)
	}
	return d.describeStoreInsights(store), nil
}

func (d *Door) getInsightSelectors(ctx context.Context, c *call, in *insightSelectors) (any, error) {
	isStore, err := in.isOfStore()
	if err != nil {
		return nil, err
	}
	var out *insightSelectors
	if isStore {
		store, err := d.insightStore(ctx, c, in.EventDataStore)
		if err != nil {
			return nil, err
		}
		out = d.describeStoreInsights(store)
	} else {
		trail, err := d.trail(ctx, c, in.TrailName)
		if err != nil {
			return nil, err
		}
		out = describeTrailInsights(trail)
	}
	if len(out.InsightSelectors) == 0 {
		return nil, fail("InsightNotEnabledException", "No Insights are enabled for %s.", out.TrailARN+out.EventDataStoreArn)
	}
	return out, nil
}

// isOfStore reports whether a request is about a store rather than a trail.
func (in *insightSelectors) isOfStore() (bool, error) {
	switch {
	case in.TrailName != "" && (in.EventDataStore != "" || in.InsightsDestination != ""):
		return false, fail("InvalidParameterCombinationException", "Give either TrailName, or EventDataStore and InsightsDestination.")
	case in.TrailName == "" && in.EventDataStore == "":
		return false, fail("InvalidParameterException", "Give TrailName or EventDataStore.")
	}
	return in.EventDataStore != "", nil
}

// insightStore finds a store for the operations on Insights. It converts errors for which they have no names.
func (d *Door) insightStore(ctx context.Context, c *call, reference string) (*engine.Store, error) {
	store, err := d.store(ctx, c, reference)
	return store, insightStoreError(err)
}

func insightStoreError(err error) error {
	var known *apiError
	if errors.As(err, &known) && (known.code == "EventDataStoreNotFoundException" || known.code == "EventDataStoreARNInvalidException") ||
		errors.Is(err, engine.ErrStoreInactive) || errors.Is(err, engine.ErrStoreNotFound) {
		message := err.Error()
		if known != nil {
			message = known.message
		}
		return fail("InvalidParameterException", "%s", oneLine(message))
	}
	return err
}

func (d *Door) describeStoreInsights(s *engine.Store) *insightSelectors {
	out := &insightSelectors{EventDataStoreArn: s.ARN(), InsightSelectors: describeInsights(s.InsightSelectors)}
	if s.InsightsDestination != "" {
		out.InsightsDestination = d.arnOf(s.InsightsDestination)
	}
	return out
}

func describeTrailInsights(t *engine.Trail) *insightSelectors {
	return &insightSelectors{TrailARN: t.ARN(), InsightSelectors: describeInsights(t.InsightSelectors)}
}

func describeInsights(selectors []engine.InsightSelector) []insightSelector {
	out := []insightSelector{}
	for _, s := range selectors {
		out = append(out, insightSelector(s))
	}
	return out
}
