package importer

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/storage/object"
)

// Bucket is the source of objects in buckets.
type Bucket struct {
	storage map[string]object.Storage // by bucket
	names   []string
	places  []object.Place // sorted, none within another
	days    days
	dated   bool // objects without a date of the days in their keys are excluded
}

// NewBucket makes a source of URLs s3://bucket/prefix. In the daily folders of trails, it lists those that can hold
// events in [from, to) (zero: no bound): log files are delivered on the day of their events or the next. A URL
// without objects below it is an error. region applies to buckets whose region is not configured; "": the default
// one.
func NewBucket(ctx context.Context, buckets *object.Buckets, region string, from, to time.Time, urls ...string) (*Bucket, error) {
	b := &Bucket{storage: map[string]object.Storage{}, names: slices.Clone(urls), days: newDays(from, to)}
	for _, url := range urls {
		place, err := object.ParseURL(url)
		if err != nil {
			return nil, err
		}
		if b.storage[place.Bucket], err = buckets.Find(ctx, place.Bucket, region); err != nil {
			return nil, err
		}
		b.places = append(b.places, place)
	}
	slices.SortFunc(b.places, func(x, y object.Place) int { return strings.Compare(x.URL(), y.URL()) })
	kept := b.places[:0]
	for _, place := range b.places {
		if len(kept) == 0 || !strings.HasPrefix(place.URL(), kept[len(kept)-1].URL()) {
			kept = append(kept, place)
		}
	}
	b.places = kept
	for _, place := range b.places {
		if err := b.check(ctx, place); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// SelectKeyDates selects only objects whose keys have a date in their folders or names, from the day of from to
// that of to, inclusive (zero: no bound), whatever the times of their events. Without any bound it excludes
// nothing.
func (b *Bucket) SelectKeyDates(from, to time.Time) {
	b.days = newKeyDays(from, to)
	b.dated = b.days.bounded()
}

// check returns an error if there is nothing at a place.
func (b *Bucket) check(ctx context.Context, place object.Place) error {
	for _, err := range b.storage[place.Bucket].List(ctx, place) {
		return err
	}
	return fmt.Errorf("%s: no objects found", place.URL())
}

// Names returns the URLs as given.
func (b *Bucket) Names() []string { return b.names }

// List yields the objects by key.
func (b *Bucket) List(ctx context.Context) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for _, place := range b.places {
			if !b.walk(ctx, place, yield) {
				return
			}
		}
	}
}

// walk yields the objects of a place and reports whether to continue. With bounds it walks folder by folder, to
// skip those of other days and services.
func (b *Bucket) walk(ctx context.Context, place object.Place, yield func(Object, error) bool) bool {
	storage := b.storage[place.Bucket]
	list := storage.List
	if b.days.bounded() && !isDay(place.Prefix) {
		list = storage.ListFolder
	}
	for o, err := range list(ctx, place) {
		if err != nil {
			yield(Object{}, err)
			return false
		}
		at := object.Place{Bucket: place.Bucket, Prefix: o.Key}
		if o.Folder {
			if b.wants(o.Key) && !b.walk(ctx, at, yield) {
				return false
			}
			continue
		}
		if b.dated && !b.days.has(deliveryOf(o.Key).day) {
			continue
		}
		named := len(b.places) == 1 && at == b.places[0]
		if !yield(Object{Key: at.URL(), Bytes: o.Bytes, Modified: o.Modified, ETag: o.ETag, Named: named, Remote: true}, nil) {
			return false
		}
	}
	return true
}

// wants reports whether a folder can hold objects that the import selects.
func (b *Bucket) wants(folder string) bool {
	if kind := logfile.KindOf(folder + "x.json.gz"); kind == logfile.OtherService && !logfile.OfLake(folder+"x") || kind == logfile.Digest {
		return false
	}
	return b.days.overlaps(folder)
}

// Open returns an object's bytes, as it was listed.
func (b *Bucket) Open(ctx context.Context, o Object) (io.ReadCloser, error) {
	if o.Err != nil {
		return nil, o.Err
	}
	place, err := object.ParseURL(o.Key)
	if err != nil {
		return nil, err
	}
	return b.storage[place.Bucket].Open(ctx, place, o.ETag)
}
