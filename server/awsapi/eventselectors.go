package awsapi

import (
	"context"

	"github.com/auditlake/auditlake/engine"
)

// The shapes of basic event selectors, named as in the API.
type (
	basicSelector struct {
		ReadWriteType                 string
		IncludeManagementEvents       *bool
		DataResources                 []dataResource
		ExcludeManagementEventSources []string
	}
	dataResource struct {
		Type   string
		Values []string
	}
	trailSelectors struct {
		TrailARN               string
		EventSelectors         []basicSelector `json:",omitempty"`
		AdvancedEventSelectors []eventSelector `json:",omitempty"`
	}
)

type putEventSelectorsInput struct {
	TrailName              string
	EventSelectors         []basicSelector
	AdvancedEventSelectors []eventSelector
}

func (d *Door) putEventSelectors(ctx context.Context, c *call, in *putEventSelectorsInput) (any, error) {
	if err := d.allowTrail(ctx, c, in.TrailName); err != nil {
		return nil, err
	}
	if (in.EventSelectors == nil) == (in.AdvancedEventSelectors == nil) {
		return nil, fail("InvalidEventSelectorsException", "Give either EventSelectors or AdvancedEventSelectors.")
	}
	var trail *engine.Trail
	var err error
	if in.EventSelectors != nil {
		trail, err = d.lake.Trails().SetSelectors(ctx, in.TrailName, basicSelectorsOf(in.EventSelectors))
	} else {
		trail, err = d.lake.Trails().SetAdvancedSelectors(ctx, in.TrailName, selectorsOf(in.AdvancedEventSelectors))
	}
	if err != nil {
		return nil, err
	}
	return describeTrailSelectors(trail), nil
}

func (d *Door) getEventSelectors(ctx context.Context, c *call, in *struct{ TrailName string }) (any, error) {
	trail, err := d.trail(ctx, c, in.TrailName)
	if err != nil {
		return nil, err
	}
	return describeTrailSelectors(trail), nil
}

// basicSelectorsOf fills in the defaults of selectors: management events, both reads and writes.
func basicSelectorsOf(selectors []basicSelector) (out []engine.TrailSelector) {
	for _, s := range selectors {
		selector := engine.TrailSelector{
			ReadWriteType: s.ReadWriteType, IncludeManagementEvents: s.IncludeManagementEvents == nil || *s.IncludeManagementEvents,
			ExcludeManagementEventSources: s.ExcludeManagementEventSources,
		}
		if selector.ReadWriteType == "" {
			selector.ReadWriteType = "All"
		}
		for _, r := range s.DataResources {
			selector.DataResources = append(selector.DataResources, engine.TrailDataResource(r))
		}
		out = append(out, selector)
	}
	return out
}

func describeTrailSelectors(t *engine.Trail) *trailSelectors {
	out := &trailSelectors{TrailARN: t.ARN(), AdvancedEventSelectors: describeSelectors(t.AdvancedEventSelectors)}
	basic := t.EventSelectors
	if basic == nil && t.AdvancedEventSelectors == nil {
		basic = engine.DefaultTrailSelectors()
	}
	for _, s := range basic {
		described := basicSelector{
			ReadWriteType: s.ReadWriteType, IncludeManagementEvents: &s.IncludeManagementEvents, DataResources: []dataResource{},
			ExcludeManagementEventSources: append([]string{}, s.ExcludeManagementEventSources...),
		}
		for _, r := range s.DataResources {
			described.DataResources = append(described.DataResources, dataResource(r))
		}
		out.EventSelectors = append(out.EventSelectors, described)
	}
	return out
}
