package store

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// used is a lake with one store, of which a test says what uses it.
type used struct {
	*Stores
	lake      *storage.Lake
	importing bool
	channel   error // of looking for channels
	fed       bool
	meet      func() // called when the time is asked for; nil: nothing
}

func openUsed(t *testing.T) *used {
	lake, err := storage.Open(context.Background(), t.TempDir(), storage.Options{Now: time.Now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lake.Close()) })
	u := &used{lake: lake}
	now := func() time.Time {
		if u.meet != nil {
			u.meet()
		}
		return time.Now()
	}
	u.Stores = New(lake, Place{
		Region: "us-east-1", AccountID: "123456789012", Now: now, Changing: NewChanging(),
		HasImport:      func(string) bool { return u.importing },
		IsFedByChannel: func(*catalog.Tx, string) (bool, error) { return u.fed, u.channel },
	})
	open := false
	_, err = u.Create(context.Background(), Options{Name: "main", TerminationProtected: &open})
	require.NoError(t, err)
	return u
}

// put changes the store's record in a way for which Stores has no method.
func (u *used) put(t *testing.T, edit func(*catalog.Store)) {
	require.NoError(t, u.lake.Catalog().Update(context.Background(), func(tx *catalog.Tx) error {
		r, err := tx.StoreByName("main")
		if err != nil {
			return err
		}
		edit(r)
		return tx.PutStore(r)
	}))
}

// TestDeleteIsRefused: a store that is used stays, and of several reasons the first is said.
func TestDeleteIsRefused(t *testing.T) {
	ctx, u := context.Background(), openUsed(t)
	u.importing, u.fed = true, true
	u.put(t, func(r *catalog.Store) { r.TerminationProtected, r.FederationStatus = true, catalog.FederationEnabled })
	require.ErrorIs(t, u.Delete(ctx, "main"), ErrTerminationProtect)
	for _, status := range []catalog.FederationStatus{catalog.FederationEnabling, catalog.FederationEnabled, catalog.FederationDisabling} {
		u.put(t, func(r *catalog.Store) { r.TerminationProtected, r.FederationStatus = false, status })
		require.ErrorIs(t, u.Delete(ctx, "main"), ErrFederated, status)
	}
	u.put(t, func(r *catalog.Store) { r.FederationStatus = catalog.FederationDisabled })
	require.ErrorIs(t, u.Delete(ctx, "main"), ErrFedByChannel)
	u.channel = context.DeadlineExceeded
	require.ErrorIs(t, u.Delete(ctx, "main"), context.DeadlineExceeded)
	u.channel, u.fed = nil, false
	require.ErrorIs(t, u.Delete(ctx, "main"), ErrHasImport)
	u.importing = false
	require.NoError(t, u.Delete(ctx, "main"))
	require.ErrorIs(t, u.Delete(ctx, "main"), ErrInactive)
}

// TestStartingIngestion: a store is STARTING until its change is on disk. Its record is never.
func TestStartingIngestion(t *testing.T) {
	ctx, u := context.Background(), openUsed(t)
	require.NoError(t, u.StopIngestion(ctx, "main"))
	met := false
	u.meet = func() {
		met = true
		s, err := u.Get(ctx, "main")
		require.NoError(t, err)
		require.Equal(t, StartingIngestion, s.Status)
		record, err := Record(ctx, u.lake, "main")
		require.NoError(t, err)
		require.Equal(t, catalog.StoreStoppedIngestion, record.Status)
	}
	require.NoError(t, u.StartIngestion(ctx, "main"))
	require.True(t, met)
	u.meet = nil
	s, err := u.Get(ctx, "main")
	require.NoError(t, err)
	require.Equal(t, Enabled, s.Status)
}

// TestInsightsAreKept: whatever is done with a store, its Insights stay, and it keeps taking the events that they need.
func TestInsightsAreKept(t *testing.T) {
	ctx, u := context.Background(), openUsed(t)
	insights := []catalog.InsightSelector{{InsightType: "ApiErrorRateInsight"}}
	u.put(t, func(r *catalog.Store) { r.InsightSelectors, r.InsightsDestination = insights, "d" })
	management := FieldSelector{Field: "eventCategory", Equals: []string{"Management"}}
	reads := FieldSelector{Field: "readOnly", Equals: []string{"true"}}
	select1 := func(fields ...FieldSelector) Update { return Update{Selectors: []Selector{{FieldSelectors: fields}}} }
	data := select1(FieldSelector{Field: "eventCategory", Equals: []string{"Data"}}, FieldSelector{Field: "resources.type", Equals: []string{"AWS::S3::Object"}})

	_, err := u.Update(ctx, "main", data)
	require.ErrorIs(t, err, ErrInsightsNeed)
	_, err = u.Update(ctx, "main", select1(management, reads))
	require.NoError(t, err, "errors of calls that read are counted")
	insights = append(insights, catalog.InsightSelector{InsightType: "ApiCallRateInsight"})
	u.put(t, func(r *catalog.Store) { r.InsightSelectors = insights })
	_, err = u.Update(ctx, "main", select1(management, reads))
	require.ErrorIs(t, err, ErrInsightsNeed, "the rate of calls is that of calls that write")
	_, err = u.Update(ctx, "main", select1(management))
	require.NoError(t, err)
	_, err = u.Update(ctx, "main", Update{RetentionDays: 30})
	require.NoError(t, err)
	require.NoError(t, u.StopIngestion(ctx, "main"))
	require.NoError(t, u.Delete(ctx, "main"))
	_, err = u.Restore(ctx, "main")
	require.NoError(t, err)
	record, err := Record(ctx, u.lake, "main")
	require.NoError(t, err)
	require.Equal(t, insights, record.InsightSelectors)
	require.Equal(t, "d", record.InsightsDestination)
	require.Equal(t, catalog.StoreStoppedIngestion, record.Status)

	u.put(t, func(r *catalog.Store) { r.InsightSelectors = nil })
	_, err = u.Update(ctx, "main", data)
	require.NoError(t, err, "without Insights nothing needs management events")
}

// TestSelectorsFromBefore: a store keeps selectors that a new store is refused, whatever else of it changes.
func TestSelectorsFromBefore(t *testing.T) {
	ctx, u := context.Background(), openUsed(t)
	two := FieldSelector{Field: "resources.type", Equals: []string{"AWS::S3::Object", "AWS::Lambda::Function"}}
	selectors := []Selector{{FieldSelectors: []FieldSelector{{Field: "eventCategory", Equals: []string{"Data"}}, two}}}
	_, err := u.Update(ctx, "main", Update{Selectors: selectors})
	require.ErrorIs(t, err, ErrInvalidSelectors)
	require.ErrorContains(t, err, "each type needs a selector of its own")
	_, err = u.Create(ctx, Options{Name: "other", Selectors: selectors})
	require.ErrorIs(t, err, ErrInvalidSelectors)

	u.put(t, func(r *catalog.Store) { r.Selectors = SelectorRecords(selectors) })
	s, err := u.Update(ctx, "main", Update{RetentionDays: 30})
	require.NoError(t, err)
	require.Equal(t, selectors, s.Selectors)
}
