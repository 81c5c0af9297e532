package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/engine/store"
)

// TestSettingsAreKept: federation, Insights and event configuration of a store are what they were set to after the lake was
// opened again, and those of a deleted store cannot be set.
func TestSettingsAreKept(t *testing.T) {
	ctx, c, dir := context.Background(), clock.New(newYear), t.TempDir()
	lake := openLakeIn(t, dir, c)
	createStore(t, lake, "main", 366)
	insights, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "insights", Category: "Insight"})
	require.NoError(t, err)
	selectors := []engine.InsightSelector{{InsightType: store.ErrorRateInsight}}
	keys := []engine.ContextKeySelector{{Type: store.TagContext, Equals: []string{"team"}}}
	_, err = lake.Stores().SetInsights(ctx, "main", selectors, insights.ID)
	require.NoError(t, err)
	_, err = lake.Stores().SetEventConfiguration(ctx, "main", engine.EventConfiguration{MaxEventSize: store.LargeEvents, ContextKeySelectors: keys})
	require.NoError(t, err)
	_, err = lake.Stores().EnableFederation(ctx, "main", "arn:aws:iam::123456789012:role/fed")
	require.NoError(t, err)
	require.NoError(t, lake.Close())

	lake = openLakeIn(t, dir, c)
	s, err := lake.Stores().Get(ctx, "main")
	require.NoError(t, err)
	require.Equal(t, selectors, s.InsightSelectors)
	require.Equal(t, insights.ID, s.InsightsDestination)
	require.Equal(t, store.LargeEvents, s.MaxEventSize)
	require.Equal(t, keys, s.ContextKeySelectors)
	require.Equal(t, []string{"ENABLED", "arn:aws:iam::123456789012:role/fed"}, []string{s.FederationStatus, s.FederationRoleARN})
	require.ErrorIs(t, lake.Stores().Delete(ctx, "main"), engine.ErrTerminationProtect)

	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "gone", TerminationProtected: off()})
	require.NoError(t, err)
	require.NoError(t, lake.Stores().Delete(ctx, "gone"))
	_, err = lake.Stores().SetInsights(ctx, "gone", nil, "")
	require.ErrorIs(t, err, engine.ErrStoreInactive)
	_, err = lake.Stores().SetEventConfiguration(ctx, "gone", engine.EventConfiguration{})
	require.ErrorIs(t, err, engine.ErrStoreInactive)
	_, err = lake.Stores().SetEventConfiguration(ctx, "insights", engine.EventConfiguration{})
	require.ErrorIs(t, err, engine.ErrNotEnriched)
	_, err = lake.Stores().DisableFederation(ctx, "gone")
	require.ErrorIs(t, err, engine.ErrStoreInactive)
	_, err = lake.Stores().EnableFederation(ctx, "insights", "fed")
	require.ErrorIs(t, err, engine.ErrInvalidParameter)
}
