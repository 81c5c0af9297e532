package engine_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/storage/catalog"
)

// TestPublicTypesAreNotTheRecords: what the API gives out carries no name of the disk, and no type of the catalog.
func TestPublicTypesAreNotTheRecords(t *testing.T) {
	for _, public := range []any{
		engine.Store{}, engine.StoreOptions{}, engine.StoreUpdate{}, engine.Description{}, engine.Import{}, engine.ImportResult{},
		engine.ImportOptions{}, engine.Failure{}, engine.Table{}, engine.TableOptions{}, engine.Usage{}, engine.PushResult{}, engine.Verification{},
		engine.Key{}, engine.KeyOptions{}, engine.KeySecrets{}, engine.Credential{},
		engine.Trail{}, engine.EventConfiguration{}, engine.HistoricEvent{}, engine.EventLookup{},
	} {
		requireNoRecord(t, reflect.TypeOf(public), map[reflect.Type]bool{})
	}
}

func requireNoRecord(t *testing.T, public reflect.Type, seen map[reflect.Type]bool) {
	if seen[public] {
		return
	}
	seen[public] = true
	require.NotEqual(t, reflect.TypeOf(catalog.Store{}).PkgPath(), public.PkgPath(), "%s is a record", public)
	switch public.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		requireNoRecord(t, public.Elem(), seen)
	case reflect.Struct:
		if public == reflect.TypeOf(time.Time{}) {
			return
		}
		for i := range public.NumField() {
			field := public.Field(i)
			require.NotContains(t, string(field.Tag), "json:", "%s.%s is named for the disk", public, field.Name)
			requireNoRecord(t, field.Type, seen)
		}
	}
}

// TestAStoreShowsItsRecord: each field of a store comes from the field of its record with the same name.
func TestAStoreShowsItsRecord(t *testing.T) {
	value := "v"
	record := &catalog.Store{
		ID: "id", Name: "name", Partition: "aws", Region: "region", AccountID: "account", Category: "Data",
		Selectors: []catalog.AdvancedEventSelector{{Name: "selector", FieldSelectors: []catalog.FieldSelector{{
			Field: "eventName", Equals: []string{"a"}, StartsWith: []string{"b"}, EndsWith: []string{"c"},
			NotEquals: []string{"d"}, NotStartsWith: []string{"e"}, NotEndsWith: []string{"f"},
		}}}},
		MultiRegion: true, Organization: true, BillingMode: catalog.FixedRetention, RetentionDays: 7, ExpiryHeld: true, TerminationProtected: true,
		KmsKeyID: "key", Tags: []catalog.Tag{{Key: "k", Value: &value}}, Status: catalog.StorePendingDeletion, IsActivity: true, DedupeEventID: true, HoldsRepeats: true,
		FederationStatus: catalog.FederationEnabled, FederationRoleARN: "role", ResourcePolicy: "{}",
		InsightSelectors: []catalog.InsightSelector{{InsightType: "ApiCallRateInsight", EventCategories: []string{"Management"}}}, InsightsDestination: "store",
		MaxEventSize: catalog.LargeEvents, ContextKeySelectors: []catalog.ContextKeySelector{{Type: "TagContext", Equals: []string{"team"}}},
		EventJSON: catalog.EventJSONRebuilt, CreatedAt: time.UnixMilli(1), UpdatedAt: time.UnixMilli(2), DeletedAt: time.UnixMilli(3),
	}
	shown, stored := reflect.ValueOf(*store.FromRecord(record)), reflect.ValueOf(*record)
	for i := range shown.NumField() {
		name := shown.Type().Field(i).Name
		require.False(t, shown.Field(i).IsZero(), "%s is not shown", name)
		if of := stored.FieldByName(name); of.Type().ConvertibleTo(shown.Field(i).Type()) {
			require.Equal(t, of.Convert(shown.Field(i).Type()).Interface(), shown.Field(i).Interface(), name)
		}
	}
	require.Equal(t, store.FromRecord(record).Selectors, []engine.Selector{{Name: "selector", FieldSelectors: []engine.FieldSelector{{
		Field: "eventName", Equals: []string{"a"}, StartsWith: []string{"b"}, EndsWith: []string{"c"},
		NotEquals: []string{"d"}, NotStartsWith: []string{"e"}, NotEndsWith: []string{"f"},
	}}}})
	require.Equal(t, store.FromRecord(record).Tags, []engine.Tag{{Key: "k", Value: &value}})
	require.Equal(t, store.FromRecord(record).InsightSelectors, []engine.InsightSelector{{InsightType: "ApiCallRateInsight", EventCategories: []string{"Management"}}})
	require.Equal(t, store.FromRecord(record).ContextKeySelectors, []engine.ContextKeySelector{{Type: "TagContext", Equals: []string{"team"}}})
	require.Equal(t, record.ARN(), store.FromRecord(record).ARN())
	require.Nil(t, store.FromRecord(&catalog.Store{}).Selectors, "a store without selectors takes every event")
}
