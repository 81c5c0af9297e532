package trail_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/engine/trail"
)

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func openLake(t *testing.T, dir string, c *clock.Clock) *engine.Lake {
	lake, err := engine.Open(context.Background(), dir, engine.Options{Now: c.Now})
	require.NoError(t, err)
	t.Cleanup(func() { lake.Close() })
	return lake
}

func plain(name string) trail.Trail {
	return trail.Trail{Name: name, S3BucketName: "logs", IncludeGlobalEvents: true}
}

// TestTrailsAreDurable: a trail is what it was made and changed to, also after the lake was opened again; a change that is
// refused changes nothing.
func TestTrailsAreDurable(t *testing.T) {
	ctx, c, dir := context.Background(), clock.New(newYear), t.TempDir()
	lake := openLake(t, dir, c)
	made, err := lake.Trails().Create(ctx, trail.Trail{Name: "main", S3BucketName: "logs", IncludeGlobalEvents: true, Region: "nowhere", IsLogging: true})
	require.NoError(t, err)
	require.Equal(t, "arn:aws:cloudtrail:us-east-1:000000000000:trail/main", made.ARN())
	require.False(t, made.IsLogging, "until it is started")
	require.NoError(t, lake.Trails().SetLogging(ctx, "main", true))
	c.Pass(time.Hour)
	require.NoError(t, lake.Trails().SetLogging(ctx, made.ARN(), true), "it logs already")
	_, err = lake.Trails().SetSelectors(ctx, "main", []trail.Selector{{ReadWriteType: "WriteOnly", IncludeManagementEvents: true}})
	require.NoError(t, err)
	_, err = lake.Trails().Change(ctx, "main", func(r *trail.Trail) error {
		r.S3BucketName = "Logs"
		return nil
	})
	require.ErrorIs(t, err, trail.ErrBucketName)
	require.NoError(t, lake.Close())

	lake = openLake(t, dir, c)
	got, err := lake.Trails().Get(ctx, "main")
	require.NoError(t, err)
	require.Equal(t, "logs", got.S3BucketName)
	require.True(t, got.IsLogging)
	require.Equal(t, newYear, got.StartedAt)
	require.True(t, trail.HasCustomSelectors(got))
	require.NoError(t, lake.Trails().Delete(ctx, got.ARN()))
	_, err = lake.Trails().Get(ctx, "main")
	require.ErrorIs(t, err, trail.ErrNotFound)
}

// TestTrailQuota: many who make trails at once make five.
func TestTrailQuota(t *testing.T) {
	lake := openLake(t, t.TempDir(), clock.New(newYear))
	errs := make([]error, 4*trail.MaxTrails)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { _, errs[i] = lake.Trails().Create(context.Background(), plain(fmt.Sprint("trail-", i))) })
	}
	all.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
			continue
		}
		require.ErrorIs(t, err, trail.ErrTooMany)
	}
	require.Equal(t, trail.MaxTrails, made)
	trails, err := lake.Trails().List(context.Background())
	require.NoError(t, err)
	require.Len(t, trails, trail.MaxTrails)
}

// TestReferences: what names a trail, and what does not.
func TestReferences(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), clock.New(newYear))
	_, err := lake.Trails().Create(ctx, plain("main"))
	require.NoError(t, err)
	const prefix = "arn:aws:cloudtrail:us-east-1:000000000000:trail/"
	for reference, want := range map[string]struct {
		err error
		arn string
	}{
		"main":                 {nil, prefix + "main"},
		prefix + "main":        {nil, prefix + "main"},
		"other":                {trail.ErrNotFound, prefix + "other"},
		"Main":                 {trail.ErrNotFound, prefix + "Main"},
		"a":                    {trail.ErrName, ""},
		"2001:db8::1":          {trail.ErrName, ""},
		"192.0.2.1":            {trail.ErrName, ""},
		"":                     {trail.ErrName, ""},
		"arn:aws:cloudtrail:x": {trail.ErrARN, ""},
		prefix + "main/x":      {trail.ErrARN, ""},
		"arn:aws:cloudtrail:eu-west-1:000000000000:trail/main": {trail.ErrNotFound, "arn:aws:cloudtrail:eu-west-1:000000000000:trail/main"},
		"arn:aws:cloudtrail:us-east-1:999999999999:trail/main": {trail.ErrNotFound, "arn:aws:cloudtrail:us-east-1:999999999999:trail/main"},
	} {
		_, err := lake.Trails().Get(ctx, reference)
		require.ErrorIs(t, err, want.err, reference)
		require.Equal(t, want.arn, lake.Trails().ARN(reference), reference)
	}
}
