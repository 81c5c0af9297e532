// Package delivery writes the kept results of queries where their askers want them: gzip CSV files in a bucket, or in a
// folder that stands for one, and a signed list of the files, which comes last. A delivery that is interrupted is made
// again, from its beginning, under the same names.
package delivery

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/auditlake/auditlake/engine/identity"
	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/ingest/signfile"
	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/object"
	"github.com/auditlake/auditlake/storage/vfs"
)

// Storage is where files are delivered to. Its errors are those of object.Storage.
type Storage interface {
	// Put makes an object of a content, all or nothing.
	Put(ctx context.Context, p object.Place, content io.ReadSeeker) error
}

// Options is what a courier needs.
type Options struct {
	Queries *query.Queries
	Keys    *identity.Keys
	// Find returns the storage that has a bucket.
	Find func(ctx context.Context, bucket string) (Storage, error)
	// Files and Dir are the folder for parts until they are sent.
	Files             vfs.FS
	Dir               string
	AccountID, Region string
	// After is when it is time to try again; nil: time.After.
	After func(time.Duration) <-chan time.Time
	Log   *slog.Logger
	// MaxPartBytes is when a part ends, compressed; 0: 256 MiB.
	MaxPartBytes int64
}

const (
	// maxAtOnce is how many deliveries are made at once.
	maxAtOnce = 4
	// partTime and signFileTime are how long writing a file may take: a storage that never answers must not keep
	// others' results waiting.
	partTime     = 15 * time.Minute
	signFileTime = time.Minute
)

// waits are the waits before each retry of a delivery whose failure may pass.
var waits = []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}

// Courier delivers results in the background. It is safe for concurrent use.
type Courier struct {
	options Options
	ctx     context.Context
	cancel  context.CancelFunc
	places  chan struct{} // bounds the deliveries that run at once
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool            // mu
	known  map[string]bool // mu: queries whose results are on their way
	// writable are the places that Check has found to be writable.
	writable map[object.Place]bool // mu
}

// NewCourier returns a courier, which begins with the deliveries that an earlier one has not finished. The caller
// closes it before the queries.
func NewCourier(o Options) (*Courier, error) {
	if o.After == nil {
		o.After = time.After
	}
	o.MaxPartBytes = cmp.Or(o.MaxPartBytes, defaultMaxPartBytes)
	c := &Courier{options: o, places: make(chan struct{}, maxAtOnce), known: map[string]bool{}, writable: map[object.Place]bool{}}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	pending, err := o.Queries.PendingDeliveries()
	if err != nil {
		return nil, fmt.Errorf("results that are still to be delivered: %w", err)
	}
	removeDrafts(o.Files, o.Dir)
	for _, info := range pending {
		c.Deliver(info.ID)
	}
	return c, nil
}

// Close ends what is on its way. The next courier delivers it.
func (c *Courier) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.running.Wait()
}

// Deliver delivers the result of a query that has finished, if the query says where to. It does not wait for it.
func (c *Courier) Deliver(queryID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.known[queryID] {
		return
	}
	c.known[queryID] = true
	c.running.Go(func() {
		defer func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			delete(c.known, queryID)
		}()
		err := panics.Run(c.options.Log, "delivery of the result of query "+queryID, func() error { return c.deliver(queryID) })
		if err != nil && c.ctx.Err() == nil {
			c.options.Log.Error("the result of a query was not delivered", "query", queryID, "error", err)
			c.note(queryID, catalog.DeliveryFailed)
		}
	})
}

// deliver tries until the delivery has an end, and notes that. The error is one of the lake's, not of where the files
// are to be.
func (c *Courier) deliver(queryID string) error {
	for tries := 0; ; tries++ {
		info, err := c.options.Queries.Get(queryID)
		if errors.Is(err, query.ErrNotFound) || err == nil && (info.State != query.Finished || info.DeliveryStatus != catalog.DeliveryPending) {
			return nil
		}
		if err != nil {
			return err
		}
		failed := c.try(info)
		switch {
		case c.ctx.Err() != nil:
			return nil
		case failed != nil && failed.mayPass && tries < len(waits):
			c.options.Log.Warn("the result of a query is not delivered yet", "query", queryID, "error", failed)
			select {
			case <-c.ctx.Done():
				return nil
			case <-c.options.After(waits[tries]):
			}
		default:
			c.end(queryID, failed)
			return nil
		}
	}
}

func (c *Courier) end(queryID string, failed *failure) {
	status := catalog.DeliverySucceeded
	if failed != nil {
		status = failed.status
		c.options.Log.Warn("the result of a query was not delivered", "query", queryID, "status", status, "error", failed)
	}
	c.note(queryID, status)
}

// note notes how a delivery ended. If it cannot, the next courier delivers again.
func (c *Courier) note(queryID string, status query.DeliveryStatus) {
	if err := c.options.Queries.EndDelivery(queryID, status); err != nil {
		c.options.Log.Error("the end of a delivery cannot be recorded", "query", queryID, "status", status, "error", err)
	}
}

// try makes a delivery once: nil says that all its files are there.
func (c *Courier) try(info *query.Info) *failure {
	select {
	case <-c.ctx.Done():
		return nil
	case c.places <- struct{}{}:
	}
	defer func() { <-c.places }()
	// Nothing is delivered of a query whose end a crash could still undo.
	if err := c.options.Queries.Flush(); err != nil {
		return &failure{status: catalog.DeliveryFailed, mayPass: true, err: err}
	}
	at, err := ParseURI(info.DeliveryURI)
	if err != nil {
		return &failure{status: catalog.DeliveryFailed, err: err}
	}
	storage, err := c.options.Find(c.ctx, at.Bucket)
	if err != nil {
		return partFailure(err)
	}
	folder := folderOf(c.options.AccountID, info.ID, info.EndedAt)
	files, err := c.putParts(info.ID, storage, at, folder)
	if err != nil {
		return partFailure(err)
	}
	return c.putSignFile(storage, keyOf(at, folder, signfile.Name), files)
}

// putParts writes the kept result of a query.
func (c *Courier) putParts(queryID string, storage Storage, at object.Place, folder string) (files []signfile.File, err error) {
	result, err := c.options.Queries.Results(queryID)
	if err != nil {
		return nil, &resultError{err}
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	room, err := c.options.Queries.NewRoom()
	if err != nil {
		return nil, err
	}
	w := &parts{
		ctx: c.ctx, storage: storage, at: at, folder: folder, room: room,
		drafts: c.options.Files, draft: filepath.Join(c.options.Dir, "."+queryID+draftSuffix), maxBytes: c.options.MaxPartBytes,
	}
	return w.writeParts(result.Page(c.ctx, 0, -1))
}

// putSignFile writes the signed list of the files.
func (c *Courier) putSignFile(storage Storage, at object.Place, files []signfile.File) *failure {
	signature, err := c.options.Keys.Sign(c.ctx, signfile.SignedText(files))
	if err != nil {
		return &failure{status: catalog.DeliveryFailedSigningFile, mayPass: true, err: err}
	}
	text, err := signfile.Encode(c.options.Region, files, signature.Bytes, signature.Fingerprint, signature.At)
	if err != nil {
		return &failure{status: catalog.DeliveryFailedSigningFile, err: err}
	}
	ctx, cancel := context.WithTimeout(c.ctx, signFileTime)
	defer cancel()
	if err := storage.Put(ctx, at, bytes.NewReader(text)); err != nil {
		return signFileFailure(err)
	}
	return nil
}
