package dashboards

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Statement is what a refresh runs for a widget.
type Statement struct {
	Title, Alias string
	SQL          string       // with the values of its parameters
	Reads        *query.Reads // as Queries.Check returned it; nil: that is known when the statement is planned
}

// Run is a refresh that was begun.
type Run struct {
	ID   string
	done chan struct{}
}

// Wait waits until all statements of the refresh have ended.
func (r *Run) Wait() { <-r.done }

// Begin begins a refresh: each statement is submitted with the options, and found by its alias and the refresh's id,
// before Begin returns; its answer is kept like others. All read one snapshot at one instant, and what one has read
// serves the others, but each is charged as if it were alone. ErrRefreshing: another refresh of the dashboard runs.
// The error is the one of the first statement that is not taken in, such as QUERY_QUEUE_FULL; then nothing runs.
func (d *Dashboards) Begin(ctx context.Context, name string, statements []Statement, options ...query.Option) (*Run, error) {
	run := &Run{ID: refreshID(d.options.Now()), done: make(chan struct{})}
	found, err := d.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := d.enter(found, run.ID); err != nil {
		return nil, err
	}
	shared, err := d.options.Queries.Share(ctx)
	if err != nil {
		d.leave(name, run.ID)
		return nil, err
	}
	submitted, err := d.submit(statements, run.ID, append(slices.Clone(options), query.Over(shared)))
	if err == nil {
		err = d.noteRefresh(ctx, name, &Refresh{ID: run.ID, BeganAt: shared.Now()}, "")
	}
	if err != nil {
		for _, q := range submitted {
			q.Cancel(err)
		}
		shared.Close()
		d.leave(name, run.ID)
		return nil, err
	}
	go func() {
		defer close(run.done)
		defer d.leave(name, run.ID)
		defer shared.Close()
		defer panics.Catch(d.options.Log, "refresh of dashboard "+name, func(err error) {
			d.giveUp(name, run.ID)
			for _, q := range submitted {
				q.Cancel(err)
			}
		})
		d.finish(name, run.ID, statements, submitted)
	}()
	return run, nil
}

// enter takes the dashboard's one place for a refresh, until leave, or until the end of the refresh is in the record.
func (d *Dashboards) enter(found *Dashboard, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return storage.ErrClosed
	}
	if running := d.runningOf(found); running != "" {
		return fmt.Errorf("%w: refresh %s of %s", ErrRefreshing, running, found.Name)
	}
	d.running[found.Name], d.begun[found.Name] = id, id
	d.working.Add(1)
	return nil
}

func (d *Dashboards) leave(name, id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running[name] == id {
		delete(d.running, name)
	}
	d.working.Done()
}

func (d *Dashboards) isRefreshing(found *Dashboard) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.runningOf(found) != ""
}

// runningOf returns the id of the dashboard's running refresh, "" for none. A refresh whose end is in the record is
// over, even if it has not left yet: a caller that sees the end may begin another. The caller holds mu.
func (d *Dashboards) runningOf(found *Dashboard) string {
	running, last := d.running[found.Name], found.LastRefresh
	if last != nil && last.ID == running && !last.EndedAt.IsZero() {
		return ""
	}
	return running
}

func (d *Dashboards) hasBegun(name, id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.begun[name] == id
}

// giveUp makes a refresh whose end cannot be noted count as abandoned.
func (d *Dashboards) giveUp(name, id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.begun[name] == id {
		delete(d.begun, name)
	}
}

// submit takes the statements in. With the last of them all are in the lake's records on disk.
func (d *Dashboards) submit(statements []Statement, refreshID string, options []query.Option) (submitted []*query.Query, err error) {
	for i, s := range statements {
		all := append(slices.Clone(options), query.Alias(query.NamedStatement{Name: s.Alias}), query.OfRefresh(refreshID), query.Keep())
		if s.Reads != nil {
			all = append(all, query.Reading(*s.Reads))
		}
		if i == len(statements)-1 {
			all = append(all, query.Durable())
		}
		q, err := d.options.Queries.Submit(d.ctx, s.SQL, all...)
		if err != nil {
			return submitted, fmt.Errorf("%s: %w", s.Title, err)
		}
		submitted = append(submitted, q)
	}
	return submitted, nil
}

// finish reads the answers, which are kept, and notes the end of the refresh.
func (d *Dashboards) finish(name, id string, statements []Statement, submitted []*query.Query) {
	var reading sync.WaitGroup
	failures := make([]error, len(submitted))
	for i, q := range submitted {
		reading.Go(func() {
			defer panics.Catch(d.options.Log, "query "+q.ID(), func(err error) {
				q.Cancel(err)
				failures[i] = err
			})
			failures[i] = readToEnd(q)
		})
	}
	reading.Wait()
	reason := ""
	for i, err := range failures {
		if err != nil {
			reason = statements[i].Title + ": " + err.Error()
			break
		}
	}
	ended := d.options.Now()
	err := d.noteRefresh(context.WithoutCancel(d.ctx), name, &Refresh{ID: id, EndedAt: ended}, reason)
	if err != nil {
		d.giveUp(name, id)
	}
	if err != nil && !errors.Is(err, storage.ErrClosed) {
		d.options.Log.Error("the end of a refresh cannot be noted", "dashboard", name, "refresh", id, "error", err)
	}
}

func readToEnd(q *query.Query) error {
	rows, err := q.Rows()
	if err != nil {
		return err
	}
	for rows.Next() { // what is read is kept
	}
	return errors.Join(rows.Err(), rows.Close())
}

// noteRefresh notes the begin of a refresh in its dashboard's record, or its end.
func (d *Dashboards) noteRefresh(ctx context.Context, name string, r *Refresh, reason string) error {
	_, err := d.change(ctx, name, func(_ *catalog.Tx, changed *Dashboard) error {
		if !r.EndedAt.IsZero() && changed.LastRefresh != nil {
			r.BeganAt = changed.LastRefresh.BeganAt
		}
		changed.LastRefresh, changed.FailureReason = r, reason
		return nil
	})
	return err
}

// refreshID makes the id of a refresh, 20 digits: the second, and six digits by chance.
func refreshID(at time.Time) string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil { // it never fails
		panic(err)
	}
	return at.UTC().Format("20060102150405") + fmt.Sprintf("%06d", n)
}

// Close cancels the refreshes that run and waits for their end. Further ones are refused.
func (d *Dashboards) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.stop()
	d.working.Wait()
}
