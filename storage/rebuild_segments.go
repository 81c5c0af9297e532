package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
)

// rebuiltRetentionDays is the retention of a store whose own is unknown: the longest possible.
const rebuiltRetentionDays = 3653

// readSegments builds a catalog from the segments alone: a store for each folder, each segment as it is. Nothing of
// these stores expires until their owner sets a retention.
func (r *catalogRebuild) readSegments(ctx context.Context) error {
	folders, err := r.lake.readFolder(r.lake.storesPath())
	if err != nil {
		return err
	}
	flushed, err := r.flushedBefore()
	if err != nil {
		return err
	}
	err = r.catalog.Update(ctx, func(tx *catalog.Tx) error {
		if flushed > 0 {
			if err := tx.SetFlushed(flushed); err != nil {
				return err
			}
		}
		return tx.SetUnchained()
	})
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if id, err := uuid.Parse(folder.Name()); !folder.IsDir() || err != nil || id.String() != folder.Name() {
			continue
		}
		if err := r.readStore(ctx, folder.Name()); err != nil {
			return err
		}
	}
	r.rebuilt.Missing = append(r.rebuilt.Missing,
		"which log files the stores have taken in: importing one of them again brings its events a second time",
		"the chain up to now: a new one, with a new key, begins with the segments as they are",
		"which pushed events were in segments already: those still in the log may be there twice")
	return r.count()
}

// flushedBefore returns the flushed mark with which all pushed events of the log count.
func (r *catalogRebuild) flushedBefore() (uint64, error) {
	firsts, err := hotlog.New(hotlog.Options{FS: r.lake.fs, Dir: filepath.Join(r.lake.dir, hotFolder)}).ListFiles()
	if err != nil || len(firsts) == 0 || firsts[0] == 0 {
		return 0, err
	}
	return firsts[0] - 1, nil
}

// readStore makes a store of a folder, unless it has no segment.
func (r *catalogRebuild) readStore(ctx context.Context, storeID string) error {
	days, err := r.lake.readFolder(r.lake.storePath(storeID))
	if err != nil {
		return err
	}
	var found []*catalog.Segment
	kind := foundKind{}
	for _, day := range days {
		segments, err := r.readDay(ctx, storeID, day.Name(), &kind)
		if err != nil {
			return err
		}
		found = append(found, segments...)
	}
	store := r.storeOf(storeID, kind)
	if store == nil {
		return nil
	}
	err = r.catalog.Update(ctx, func(tx *catalog.Tx) error { return tx.PutStore(store) })
	for len(found) > 0 && err == nil {
		n := min(len(found), segmentsPerTransaction)
		err = r.catalog.Update(ctx, func(tx *catalog.Tx) error {
			_, err := tx.ChangeSegments(found[:n], nil)
			return err
		})
		found = found[n:]
	}
	return err
}

// foundKind is what the segments of a folder say of their store.
type foundKind struct {
	category  string
	isRebuilt bool // shapes have replaced texts
}

func (r *catalogRebuild) readDay(ctx context.Context, storeID, folder string, kind *foundKind) ([]*catalog.Segment, error) {
	text, ok := strings.CutPrefix(folder, dayPrefix)
	if !ok {
		return nil, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return nil, nil // not a folder of ours
	}
	path := filepath.Join(r.lake.storePath(storeID), folder)
	files, err := r.lake.readFolder(path)
	if err != nil {
		return nil, err
	}
	var segments []*catalog.Segment
	for _, file := range files {
		if !isSegmentFile(file.Name()) || strings.HasSuffix(file.Name(), tempSuffix) {
			continue
		}
		s := &catalog.Segment{StoreID: storeID, Day: catalog.DayOf(at.UnixMilli()), Name: strings.TrimSuffix(file.Name(), segmentSuffix), CreatedAt: r.now}
		err := r.readSegment(ctx, s, kind)
		if errors.As(err, new(*DamagedError)) {
			r.rebuilt.Missing = append(r.rebuilt.Missing, fmt.Sprintf("the events of a segment that cannot be read (it is set aside when the lake is opened): %v", err))
			continue
		}
		if err != nil {
			return nil, err
		}
		segments = append(segments, s)
	}
	return segments, nil
}

// readSegment reads from a segment's file what the manifest records of it.
func (r *catalogRebuild) readSegment(ctx context.Context, s *catalog.Segment, kind *foundKind) error {
	path := r.lake.SegmentPath(s)
	info, err := r.lake.fs.Stat(path)
	if err != nil {
		return err
	}
	s.Bytes = info.Size()
	file := &pooledFile{pool: r.lake.files, path: path}
	reader, err := orc.Open(file, s.Bytes, path)
	if err != nil {
		return readError(path, err)
	}
	s.Rows = reader.NumRows()
	if s.MinTime, s.MaxTime, err = timesOf(path, reader); err != nil {
		return err
	}
	category, _ := reader.UserMetadata(categoryMetadata)
	if _, known := schema.ForCategory(string(category)); !known || kind.category != "" && kind.category != string(category) {
		return &DamagedError{Path: path, Err: fmt.Errorf("it holds events of the category %q", category)}
	}
	kind.category = string(category)
	kind.isRebuilt = kind.isRebuilt || len(reader.Schema().FieldIndices(schema.Shape.Name)) > 0
	s.SHA256, err = hashContent(ctx, io.NewSectionReader(file, 0, s.Bytes), path)
	return err
}

func timesOf(path string, reader *orc.Reader) (least, greatest int64, err error) {
	times, err := reader.Statistics(orc.Column(timeColumn))
	if err != nil {
		return 0, 0, readError(path, err)
	}
	if !times.Known || times.Min.Kind != orc.IntBound || times.Max.Kind != orc.IntBound {
		return math.MinInt64, math.MaxInt64, &DamagedError{Path: path, Err: errors.New("its statistics have no range of eventtime")}
	}
	return times.Min.Int, times.Max.Int, nil
}

// storeOf returns the record of a store, from its store.json or with nothing but the category. nil: neither is
// known.
func (r *catalogRebuild) storeOf(storeID string, kind foundKind) *catalog.Store {
	store := r.readStoreFile(storeID)
	if store == nil && kind.category == "" {
		return nil
	}
	if store == nil {
		store = &catalog.Store{
			ID: storeID, Name: "rebuilt-" + storeID, Partition: "aws", Region: "us-east-1", AccountID: "000000000000",
			Category: kind.category, MultiRegion: true, BillingMode: catalog.ExtendableRetention, RetentionDays: rebuiltRetentionDays,
			TerminationProtected: true, Status: catalog.StoreEnabled, FederationStatus: catalog.FederationDisabled, CreatedAt: r.now, UpdatedAt: r.now,
		}
		if kind.isRebuilt {
			store.EventJSON = catalog.EventJSONRebuilt
		}
		r.rebuilt.Missing = append(r.rebuilt.Missing, fmt.Sprintf(
			"the name, retention and settings of a store: it is called %s, keeps events for %d days, and nothing of it expires until a retention is set", store.Name, store.RetentionDays))
	}
	store.ExpiryHeld = true
	return store
}

// readStoreFile reads the record in a store's store.json; nil: there is none.
func (r *catalogRebuild) readStoreFile(storeID string) *catalog.Store {
	content, err := r.lake.readSmallFile(filepath.Join(r.lake.storePath(storeID), storeFile), maxStoreFileBytes)
	if err != nil {
		return nil
	}
	var signed SignedStore
	var entry catalog.ChainEntry
	var store catalog.Store
	if json.Unmarshal(content, &signed) != nil || json.Unmarshal([]byte(signed.Body), &entry) != nil || json.Unmarshal(entry.Store, &store) != nil {
		return nil
	}
	if _, known := schema.ForCategory(store.Category); store.ID != storeID || store.Name == "" || !known {
		return nil
	}
	return &store
}
