package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/internal/material"
)

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func off() *bool { return new(bool) }

func openLake(t *testing.T, c *clock.Clock) *engine.Lake { return openLakeIn(t, t.TempDir(), c) }

func openLakeIn(t *testing.T, dir string, c *clock.Clock) *engine.Lake {
	lake, err := engine.Open(context.Background(), dir, engine.Options{Now: c.Now})
	require.NoError(t, err)
	t.Cleanup(func() { lake.Close() })
	return lake
}

func createStore(t *testing.T, lake *engine.Lake, name string, retentionDays int) {
	_, err := lake.Stores().Create(context.Background(), engine.StoreOptions{Name: name, RetentionDays: retentionDays})
	require.NoError(t, err)
}

func TestNewStoreHasTheServicesDefaults(t *testing.T) {
	lake := openLake(t, clock.New(newYear))
	s, err := lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "main"})
	require.NoError(t, err)
	require.Equal(t, "arn:aws:cloudtrail:us-east-1:000000000000:eventdatastore/"+s.ID, s.ARN())
	require.Equal(t, 366, s.RetentionDays)
	require.Equal(t, engine.ExtendableRetention, s.BillingMode)
	require.Equal(t, engine.StoreEnabled, s.Status)
	require.True(t, s.MultiRegion)
	require.True(t, s.TerminationProtected)
	require.False(t, s.Organization)
	require.Equal(t, newYear, s.CreatedAt)
	require.Equal(t, newYear, s.UpdatedAt)
	require.Equal(t, []engine.Selector{{
		Name: "Default management events", FieldSelectors: []engine.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}},
	}}, s.Selectors)

	s, err = lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "fixed", BillingMode: engine.FixedRetention})
	require.NoError(t, err)
	require.Equal(t, 2557, s.RetentionDays)

	s, err = lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "stopped", StartIngestion: off(), TerminationProtected: off()})
	require.NoError(t, err)
	require.Equal(t, engine.StoreStoppedIngestion, s.Status)
	require.False(t, s.TerminationProtected)
}

// TestCategoryOfSelectors: a store that is not told its category takes that of its selectors.
func TestCategoryOfSelectors(t *testing.T) {
	lake := openLake(t, clock.New(newYear))
	of := func(category string) engine.Selector {
		s := engine.Selector{FieldSelectors: []engine.FieldSelector{{Field: "eventCategory", Equals: []string{category}}}}
		switch category {
		case "Data":
			s.FieldSelectors = append(s.FieldSelectors, engine.FieldSelector{Field: "resources.type", Equals: []string{"AWS::S3::Object"}})
		case "NetworkActivity":
			s.FieldSelectors = append(s.FieldSelectors, engine.FieldSelector{Field: "eventSource", Equals: []string{"kms.amazonaws.com"}})
		}
		return s
	}
	for i, c := range []struct {
		want      string
		selectors []engine.Selector
	}{
		{"Insight", []engine.Selector{of("Insight")}},
		{"ConfigurationItem", []engine.Selector{of("ConfigurationItem")}},
		{"NetworkActivity", []engine.Selector{of("NetworkActivity")}},
		{"Data", []engine.Selector{of("Data"), of("Data")}},
		{"Management", []engine.Selector{of("Data"), of("NetworkActivity")}},
		{"Management", []engine.Selector{of("Management"), of("Data"), of("NetworkActivity")}},
	} {
		s, err := lake.Stores().Create(context.Background(), engine.StoreOptions{Name: fmt.Sprint("store", i), Selectors: c.selectors})
		require.NoError(t, err)
		require.Equal(t, c.want, s.Category)
	}
}

func TestCreateStoreRefuses(t *testing.T) {
	selector := func(fields ...engine.FieldSelector) []engine.Selector {
		return []engine.Selector{{Name: "mine", FieldSelectors: fields}}
	}
	category := engine.FieldSelector{Field: "eventCategory", Equals: []string{"Management"}}
	many := make([]string, 500)
	for i := range many {
		many[i] = fmt.Sprint("user", i)
	}
	cases := []struct {
		name    string
		options engine.StoreOptions
		want    error
	}{
		{"no name", engine.StoreOptions{}, engine.ErrInvalidParameter},
		{"unknown form of eventjson", engine.StoreOptions{Name: "new", EventJSON: "zip"}, engine.ErrInvalidParameter},
		{"a category without eventjson", engine.StoreOptions{Name: "new", Category: "Insight", EventJSON: engine.EventJSONRebuilt}, engine.ErrInvalidParameter},
		{"no eventjson to find repeated events by", engine.StoreOptions{Name: "new", Category: "Insight", DedupeEventID: true}, engine.ErrInvalidParameter},
		{"bad name", engine.StoreOptions{Name: "a b"}, engine.ErrInvalidParameter},
		{"name taken in another letter case", engine.StoreOptions{Name: "TAKEN"}, engine.ErrStoreExists},
		{"retention too short", engine.StoreOptions{Name: "new", RetentionDays: 6}, engine.ErrInvalidParameter},
		{"retention too long", engine.StoreOptions{Name: "new", RetentionDays: 36501}, engine.ErrInvalidParameter},
		{"retention too long for fixed billing", engine.StoreOptions{Name: "new", RetentionDays: 2558, BillingMode: engine.FixedRetention}, engine.ErrInvalidParameter},
		{"negative retention", engine.StoreOptions{Name: "new", RetentionDays: -1}, engine.ErrInvalidParameter},
		{"unknown billing mode", engine.StoreOptions{Name: "new", BillingMode: "FREE"}, engine.ErrInvalidParameter},
		{"unknown category", engine.StoreOptions{Name: "new", Category: "Gossip"}, engine.ErrInvalidParameter},
		{"category without ingestion to stop", engine.StoreOptions{Name: "new", Category: "Insight", StartIngestion: off()}, engine.ErrStoreCategory},
		{"selector without category", engine.StoreOptions{Name: "new", Selectors: selector(engine.FieldSelector{Field: "readOnly", Equals: []string{"true"}})}, engine.ErrInvalidSelectors},
		{"field without values", engine.StoreOptions{Name: "new", Selectors: selector(category, engine.FieldSelector{Field: "readOnly"})}, engine.ErrInvalidSelectors},
		{"too many values", engine.StoreOptions{Name: "new", Selectors: selector(category, engine.FieldSelector{Field: "eventName", Equals: many})}, engine.ErrInvalidSelectors},
		{"too many selectors", engine.StoreOptions{Name: "new", Selectors: slices.Repeat(selector(category), 6)}, engine.ErrInvalidSelectors},
		{"selectors of another category", engine.StoreOptions{Name: "new", Category: "Insight", Selectors: selector(category)}, engine.ErrInvalidSelectors},
		{"too many tags", engine.StoreOptions{Name: "new", Tags: make([]engine.Tag, 51)}, engine.ErrInvalidParameter},
	}
	lake := openLake(t, clock.New(newYear))
	createStore(t, lake, "taken", 366)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := lake.Stores().Create(context.Background(), c.options)
			require.ErrorIs(t, err, c.want)
		})
	}
	stores, err := lake.Stores().List(context.Background())
	require.NoError(t, err)
	require.Len(t, stores, 1)
}

func TestALakeHasTenStores(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, clock.New(newYear))
	for i := range engine.MaxStores {
		_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: fmt.Sprintf("store%d", i), TerminationProtected: off()})
		require.NoError(t, err)
	}
	// One pending deletion still counts.
	require.NoError(t, lake.Stores().Delete(ctx, "store3"))
	_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "eleventh"})
	require.ErrorIs(t, err, engine.ErrTooManyStores)
}

func TestStoresAreFoundByNameIDAndARN(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, clock.New(newYear))
	_, err := lake.Stores().Get(ctx, "")
	require.ErrorIs(t, err, engine.ErrStoreNotFound)
	_, err = lake.Stores().Get(ctx, "main")
	require.ErrorContains(t, err, "the lake has none")

	created, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "Main"})
	require.NoError(t, err)
	for _, name := range []string{"Main", "mAIN", created.ID, strings.ToUpper(created.ID), created.ARN(), ""} {
		found, err := lake.Stores().Get(ctx, name)
		require.NoError(t, err, name)
		require.Equal(t, created.ID, found.ID)
	}
	createStore(t, lake, "audit", 30)
	_, err = lake.Stores().Get(ctx, "")
	require.ErrorIs(t, err, engine.ErrStoreNeeded)
	require.ErrorContains(t, err, "audit, Main")
	_, err = lake.Stores().Get(ctx, "other")
	require.ErrorContains(t, err, "other; the lake has audit, Main")

	require.NoError(t, lake.Close())
	lake = openLakeIn(t, lake.Dir(), clock.New(newYear))
	found, err := lake.Stores().Get(ctx, "main")
	require.NoError(t, err)
	require.Equal(t, created, found)
}

func TestUpdateStore(t *testing.T) {
	ctx := context.Background()
	c := clock.New(newYear)
	lake := openLake(t, c)
	createStore(t, lake, "main", 366)
	createStore(t, lake, "other", 366)
	_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "fixed", BillingMode: engine.FixedRetention})
	require.NoError(t, err)

	c.Set(c.Now().Add(time.Hour))
	changed, err := lake.Stores().Update(ctx, "main", engine.StoreUpdate{Name: "renamed", RetentionDays: 3653, TerminationProtected: off(), MultiRegion: off()})
	require.NoError(t, err)
	require.Equal(t, 3653, changed.RetentionDays)
	require.False(t, changed.TerminationProtected)
	require.False(t, changed.MultiRegion)
	require.Equal(t, newYear, changed.CreatedAt)
	require.Equal(t, c.Now(), changed.UpdatedAt)
	found, err := lake.Stores().Get(ctx, "renamed")
	require.NoError(t, err)
	require.Equal(t, changed, found)

	refused := []struct {
		name, store string
		update      engine.StoreUpdate
		want        error
	}{
		{"no such store", "nothing", engine.StoreUpdate{RetentionDays: 30}, engine.ErrStoreNotFound},
		{"name taken", "renamed", engine.StoreUpdate{Name: "OTHER"}, engine.ErrStoreExists},
		{"bad name", "renamed", engine.StoreUpdate{Name: "x"}, engine.ErrInvalidParameter},
		{"retention too long", "renamed", engine.StoreUpdate{RetentionDays: 36501}, engine.ErrInvalidParameter},
		{"extendable to fixed", "renamed", engine.StoreUpdate{BillingMode: engine.FixedRetention}, engine.ErrInvalidParameter},
		{"too long for fixed", "fixed", engine.StoreUpdate{RetentionDays: 3653}, engine.ErrInvalidParameter},
		{"selectors of another category", "renamed", engine.StoreUpdate{Selectors: []engine.Selector{{FieldSelectors: []engine.FieldSelector{{Field: "eventCategory", Equals: []string{"Evidence"}}}}}}, engine.ErrInvalidSelectors},
		{"bad selectors", "renamed", engine.StoreUpdate{Selectors: []engine.Selector{{Name: "x"}}}, engine.ErrInvalidSelectors},
	}
	for _, r := range refused {
		t.Run(r.name, func(t *testing.T) {
			_, err := lake.Stores().Update(ctx, r.store, r.update)
			require.ErrorIs(t, err, r.want)
		})
	}
	unchanged, err := lake.Stores().Get(ctx, "renamed")
	require.NoError(t, err)
	require.Equal(t, changed, unchanged)

	// On the move to extendable billing a kept retention stays.
	moved, err := lake.Stores().Update(ctx, "fixed", engine.StoreUpdate{BillingMode: engine.ExtendableRetention})
	require.NoError(t, err)
	require.Equal(t, 2557, moved.RetentionDays)
}

func TestDeleteAndRestore(t *testing.T) {
	ctx := context.Background()
	c := clock.New(newYear)
	lake := openLake(t, c)
	createStore(t, lake, "main", 366)

	require.ErrorIs(t, lake.Stores().Delete(ctx, "nothing"), engine.ErrStoreNotFound)
	require.ErrorIs(t, lake.Stores().Delete(ctx, "main"), engine.ErrTerminationProtect)
	_, err := lake.Stores().Restore(ctx, "main")
	require.ErrorIs(t, err, engine.ErrStoreStatus)

	require.NoError(t, lake.Stores().StopIngestion(ctx, "main"))
	_, err = lake.Stores().Update(ctx, "main", engine.StoreUpdate{TerminationProtected: off()})
	require.NoError(t, err)
	require.NoError(t, lake.Stores().Delete(ctx, "main"))
	deleted, err := lake.Stores().Get(ctx, "main")
	require.NoError(t, err)
	require.Equal(t, engine.StorePendingDeletion, deleted.Status)

	// It refuses everything but a restore.
	require.ErrorIs(t, lake.Stores().Delete(ctx, "main"), engine.ErrStoreInactive)
	_, err = lake.Stores().Update(ctx, "main", engine.StoreUpdate{RetentionDays: 30})
	require.ErrorIs(t, err, engine.ErrStoreInactive)
	require.ErrorIs(t, lake.Stores().StartIngestion(ctx, "main"), engine.ErrStoreInactive)
	require.ErrorIs(t, lake.Stores().StopIngestion(ctx, "main"), engine.ErrStoreInactive)
	_, err = lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{t.TempDir()}})
	require.ErrorIs(t, err, engine.ErrStoreInactive)
	_, err = lake.Query(ctx, "SELECT 1 FROM main")
	require.ErrorContains(t, err, "TABLE_NOT_FOUND")
	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "main"})
	require.ErrorIs(t, err, engine.ErrStoreExists)

	// A restore goes back to the state before.
	c.Set(newYear.Add(7*24*time.Hour - time.Second))
	_, err = lake.Expire(ctx)
	require.NoError(t, err)
	restored, err := lake.Stores().Restore(ctx, "main")
	require.NoError(t, err)
	require.Equal(t, engine.StoreStoppedIngestion, restored.Status)
	require.False(t, restored.TerminationProtected)

	require.NoError(t, lake.Stores().Delete(ctx, "main"))
	c.Set(c.Now().Add(7 * 24 * time.Hour))
	_, err = lake.Stores().Restore(ctx, "main")
	require.ErrorIs(t, err, engine.ErrStoreNotFound)
	_, err = lake.Expire(ctx)
	require.NoError(t, err)
	stores, err := lake.Stores().List(ctx)
	require.NoError(t, err)
	require.Empty(t, stores)
}

func TestStartAndStopIngestion(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, clock.New(newYear))
	createStore(t, lake, "main", 366)
	require.ErrorIs(t, lake.Stores().StartIngestion(ctx, "main"), engine.ErrStoreStatus)
	require.NoError(t, lake.Stores().StopIngestion(ctx, "main"))
	require.ErrorIs(t, lake.Stores().StopIngestion(ctx, "main"), engine.ErrStoreStatus)

	// Imports are still taken in, and read.
	imported, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{material.Own(t, "logs")}})
	require.NoError(t, err)
	require.EqualValues(t, 2000, imported.Events)
	described, err := lake.Stores().Describe(ctx, "main")
	require.NoError(t, err)
	require.EqualValues(t, 2000, described.Events)

	require.NoError(t, lake.Stores().StartIngestion(ctx, "main"))
	s, err := lake.Stores().Get(ctx, "main")
	require.NoError(t, err)
	require.Equal(t, engine.StoreEnabled, s.Status)

	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "insights", Category: "Insight"})
	require.NoError(t, err)
	require.ErrorIs(t, lake.Stores().StopIngestion(ctx, "insights"), engine.ErrStoreCategory)
}

// TestTags: tags are merged by their keys, one may have no value, and 50 is the most after the change.
func TestTags(t *testing.T) {
	ctx, lake := context.Background(), openLake(t, clock.New(newYear))
	createStore(t, lake, "main", 0)
	tag := func(key, value string) engine.Tag { return engine.Tag{Key: key, Value: &value} }
	tags := func() []engine.Tag {
		s, err := lake.Stores().Get(ctx, "main")
		require.NoError(t, err)
		return s.Tags
	}
	require.NoError(t, lake.Stores().AddTags(ctx, "main", tag("a", "1"), engine.Tag{Key: "b"}))
	require.NoError(t, lake.Stores().AddTags(ctx, "main", tag("a", "2"), tag("c", "3")))
	require.Equal(t, []engine.Tag{tag("a", "2"), {Key: "b"}, tag("c", "3")}, tags())
	require.NoError(t, lake.Stores().RemoveTags(ctx, "main", "c", "none"))
	require.Equal(t, []engine.Tag{tag("a", "2"), {Key: "b"}}, tags())
	var many []engine.Tag
	for i := range 49 {
		many = append(many, tag(fmt.Sprint(i), ""))
	}
	require.ErrorIs(t, lake.Stores().AddTags(ctx, "main", many...), engine.ErrTooManyTags)
	require.NoError(t, lake.Stores().AddTags(ctx, "main", many[1:]...))
	require.Len(t, tags(), 50)
	require.ErrorIs(t, lake.Stores().AddTags(ctx, "none", tag("a", "")), engine.ErrStoreNotFound)
	_, err := lake.Stores().Update(ctx, "main", engine.StoreUpdate{TerminationProtected: off()})
	require.NoError(t, err)
	require.NoError(t, lake.Stores().Delete(ctx, "main"))
	require.ErrorIs(t, lake.Stores().RemoveTags(ctx, "main", "a"), engine.ErrStoreInactive)
}

// TestKmsKeyStays: a store may be given the id of a key later, and then keeps it.
func TestKmsKeyStays(t *testing.T) {
	ctx, lake := context.Background(), openLake(t, clock.New(newYear))
	createStore(t, lake, "main", 0)
	organization := true
	s, err := lake.Stores().Update(ctx, "main", engine.StoreUpdate{KmsKeyID: "k1", Organization: &organization})
	require.NoError(t, err)
	require.Equal(t, "k1", s.KmsKeyID)
	require.True(t, s.Organization)
	require.Equal(t, "DISABLED", s.FederationStatus)
	_, err = lake.Stores().Update(ctx, "main", engine.StoreUpdate{KmsKeyID: "k1"})
	require.NoError(t, err)
	_, err = lake.Stores().Update(ctx, "main", engine.StoreUpdate{KmsKeyID: "k2"})
	require.ErrorIs(t, err, engine.ErrInvalidParameter)
}
