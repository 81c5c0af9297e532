// Package dashboards keeps the dashboards of a lake: their widgets, schedules and refreshes. A widget is a
// statement and how its rows are shown; the answers of a refresh are kept results. Besides the dashboards that
// clients make there are the managed ones, which come with the program, and the Highlights dashboard, which clients
// switch on.
package dashboards

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Dashboard describes a dashboard; changing it changes nothing in the lake.
type Dashboard struct {
	Name      string // unique in the lake
	Partition string
	Region    string
	AccountID string

	// IsManaged: its widgets come with the program and cannot be changed.
	IsManaged   bool
	Widgets     []Widget
	Schedule    *Schedule // nil: it never had one
	IsProtected bool      // from being deleted
	Tags        []store.Tag
	// ResourcePolicy is JSON as given, "" for none.
	ResourcePolicy string
	// CreatedAt and UpdatedAt are zero of managed ones. They differ once a dashboard was updated.
	CreatedAt, UpdatedAt time.Time

	LastRefresh *Refresh // nil: it was never refreshed
	// FailureReason is why the last refresh failed, or why one that was due did not begin; "": neither.
	FailureReason string
	// ScheduledAt is the instant up to which the schedule was kept.
	ScheduledAt time.Time
}

// Widget is a statement, and how its rows are shown.
type Widget struct {
	Alias     string // of the statement, unique in the lake
	Statement string
	// Parameters are the names of the values for the statement's question marks, in their order: StartTime and so
	// on.
	Parameters []string
	View       map[string]string // see CheckView
}

// Title is the widget's heading.
func (w *Widget) Title() string { return w.View["Title"] }

// Refresh is a run of the statements of a dashboard's widgets.
type Refresh struct {
	ID               string    // 20 digits
	BeganAt, EndedAt time.Time // EndedAt is zero while it runs
}

// ARN is the dashboard's full name in the API.
func (d *Dashboard) ARN() string { return record(d).ARN() }

// Limits of dashboards.
const (
	MaxDashboards = 100 // that clients made
	MaxWidgets    = 10
	maxTags       = 50
	// HighlightsName is the name of the dashboard that clients switch on, with the widgets of Highlights.
	HighlightsName = "AWSCloudTrail-Highlights"
	// managedPrefix begins the names of managed dashboards.
	managedPrefix = "AWSCloudTrail-"
)

// Errors of dashboards. They are wrapped with what is wrong.
var (
	ErrNotFound       = errors.New("dashboard not found")
	ErrExists         = errors.New("a dashboard of this name exists")
	ErrTooMany        = fmt.Errorf("there are at most %d dashboards", MaxDashboards)
	ErrTooManyWidgets = fmt.Errorf("a dashboard has at most %d widgets", MaxWidgets)
	ErrTooManyTags    = store.ErrTooManyTags
	ErrName           = errors.New("invalid name of a dashboard")
	ErrView           = errors.New("invalid view properties")
	ErrSchedule       = errors.New("invalid refresh schedule")
	ErrParameters     = errors.New("invalid parameters of a statement")
	ErrValues         = errors.New("invalid values of parameters")
	ErrManaged        = errors.New("the dashboard is managed by the program")
	ErrProtected      = errors.New("the dashboard is protected from being deleted")
	ErrRefreshing     = errors.New("the dashboard is being refreshed")
)

var (
	namePattern = lazyregexp.New(`^[a-zA-Z0-9_-]+$`)
	arnPattern  = lazyregexp.New(`^arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:[0-9]{12}:dashboard/([a-zA-Z0-9_-]+)$`)
)

func isName(name string) bool {
	return len(name) >= 3 && len(name) <= 128 && namePattern().MatchString(name)
}

// Options is what dashboards need of their lake.
type Options struct {
	Storage           *storage.Lake
	Queries           *query.Queries
	Region, AccountID string // of the ARNs of dashboards
	Now               func() time.Time
	Log               *slog.Logger
}

// Dashboards are the dashboards of a lake. It is safe for concurrent use.
type Dashboards struct {
	options Options

	ctx     context.Context // of the statements of refreshes
	stop    context.CancelFunc
	working sync.WaitGroup // on refreshes

	mu      sync.Mutex
	running map[string]string // mu: ids of the refreshes that run, by the dashboard's name
	// begun has the ids of the last refreshes that this process began and whose end can be noted, by the
	// dashboard's name.
	begun  map[string]string
	closed bool // mu
}

// New returns the dashboards of a lake. The caller closes them before the queries.
func New(options Options) *Dashboards {
	d := &Dashboards{options: options, running: map[string]string{}, begun: map[string]string{}}
	d.ctx, d.stop = context.WithCancel(context.Background())
	return d
}

// Create makes a dashboard with the given name, widgets, schedule, tags and protection; all other fields of made
// are replaced. The widgets' statements are not planned. A dashboard with the name HighlightsName has no widgets of
// its own, and is protected.
func (d *Dashboards) Create(ctx context.Context, made Dashboard) (*Dashboard, error) {
	made.Partition, made.Region, made.AccountID = "aws", d.options.Region, d.options.AccountID
	made.CreatedAt, made.LastRefresh, made.FailureReason, made.ResourcePolicy = d.options.Now(), nil, "", ""
	made.UpdatedAt, made.ScheduledAt = made.CreatedAt, made.CreatedAt
	if made.IsManaged = made.Name == HighlightsName; made.IsManaged {
		if len(made.Widgets) > 0 {
			return nil, fmt.Errorf("%w: the widgets of %s are chosen by the program", ErrManaged, HighlightsName)
		}
		made.IsProtected = true
	}
	made.Widgets = withAliases(made.Widgets)
	if err := check(&made); err != nil {
		return nil, err
	}
	if strings.HasPrefix(made.Name, managedPrefix) && !made.IsManaged {
		if managedOf(made.Name) != nil {
			return nil, fmt.Errorf("%w: %s is managed", ErrExists, made.Name)
		}
		return nil, fmt.Errorf("%w: names that begin with %s are those of managed dashboards", ErrName, managedPrefix)
	}
	err := d.options.Storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		all, err := tx.Dashboards()
		if err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(other *catalog.Dashboard) bool { return other.Name == made.Name }) {
			return fmt.Errorf("%w: %s", ErrExists, made.Name)
		}
		all = slices.DeleteFunc(all, func(other *catalog.Dashboard) bool { return isManaged(other.Name) })
		if len(all) >= MaxDashboards && !made.IsManaged {
			return ErrTooMany
		}
		return errors.Join(putAliases(tx, made.Widgets), tx.PutDashboard(record(&made)))
	})
	if err != nil {
		return nil, err
	}
	return &made, nil
}

// isManaged reports whether the widgets of a dashboard come with the program.
func isManaged(name string) bool { return name == HighlightsName || managedOf(name) != nil }

// withAliases returns widgets whose statements have new aliases.
func withAliases(widgets []Widget) []Widget {
	out := slices.Clone(widgets)
	for i := range out {
		out[i].Alias = managedPrefix + uuid.NewString()
	}
	return out
}

// putAliases lets clients start the widgets' statements by their aliases.
func putAliases(tx *catalog.Tx, widgets []Widget) error {
	for _, w := range widgets {
		if err := tx.PutAlias(&catalog.Alias{Name: w.Alias, SQL: w.Statement}); err != nil {
			return err
		}
	}
	return nil
}

func deleteAliases(tx *catalog.Tx, widgets []Widget) error {
	for _, w := range widgets {
		if err := tx.DeleteAlias(w.Alias); err != nil {
			return err
		}
	}
	return nil
}

// List returns all dashboards by name, the managed ones among them.
func (d *Dashboards) List(ctx context.Context) (all []*Dashboard, err error) {
	err = d.options.Storage.Catalog().View(func(tx *catalog.Tx) error {
		records, err := tx.Dashboards()
		if err != nil {
			return err
		}
		names := map[string]bool{}
		for _, m := range managed() {
			names[m.Name] = true
		}
		for _, r := range records {
			names[r.Name] = true
		}
		for name := range names {
			found, err := d.find(tx, name)
			if err != nil {
				return err
			}
			all = append(all, found)
		}
		return nil
	})
	if err := errors.Join(err, ctx.Err()); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b *Dashboard) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Get finds a dashboard by name or ARN.
func (d *Dashboards) Get(ctx context.Context, reference string) (found *Dashboard, err error) {
	err = d.options.Storage.Catalog().View(func(tx *catalog.Tx) error {
		found, err = d.find(tx, reference)
		return err
	})
	return found, errors.Join(err, ctx.Err())
}

// ARN returns the ARN of what a reference names, whether it is there or not; "" for what is no reference to a
// dashboard.
func (d *Dashboards) ARN(reference string) string {
	switch {
	case arnPattern().MatchString(reference):
		return reference
	case isName(reference):
		return (&catalog.Dashboard{Name: reference, Partition: "aws", Region: d.options.Region, AccountID: d.options.AccountID}).ARN()
	}
	return ""
}

func (d *Dashboards) find(tx *catalog.Tx, reference string) (*Dashboard, error) {
	name := reference
	if parts := arnPattern().FindStringSubmatch(reference); parts != nil {
		name = parts[1]
	}
	if !isName(name) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, reference)
	}
	var found *Dashboard
	kept, err := tx.Dashboard(name)
	switch m := managedOf(name); {
	case err != nil && !errors.Is(err, catalog.ErrNotFound):
		return nil, err
	case m != nil && err != nil:
		found = d.describeManaged(m, nil)
	case m != nil:
		found = d.describeManaged(m, kept)
	case err != nil:
		return nil, fmt.Errorf("%w: %s", ErrNotFound, reference)
	default:
		found = d.describe(kept)
	}
	if name == HighlightsName {
		found.IsManaged = true
		if found.Widgets, err = highlightWidgets(tx); err != nil {
			return nil, err
		}
	}
	if name != reference && found.ARN() != reference {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, reference)
	}
	return found, nil
}

// describe describes the dashboard of a record. A refresh that another process has left is over. One that this
// process began runs until its end is in the record, which may have been read just before.
func (d *Dashboards) describe(r *catalog.Dashboard) *Dashboard {
	found := fromRecord(r)
	if found.LastRefresh != nil && found.LastRefresh.EndedAt.IsZero() && !d.hasBegun(found.Name, found.LastRefresh.ID) {
		found.LastRefresh.EndedAt = found.LastRefresh.BeganAt
		found.FailureReason = "interrupted: the process that refreshed the dashboard ended before it"
	}
	return found
}

// describeManaged describes a managed dashboard with what a record has of it, nil for none.
func (d *Dashboards) describeManaged(m *Managed, r *catalog.Dashboard) *Dashboard {
	if r == nil {
		r = &catalog.Dashboard{Name: m.Name, Partition: "aws", Region: d.options.Region, AccountID: d.options.AccountID}
	}
	found := d.describe(r)
	found.IsManaged, found.Widgets = true, slices.Clone(m.Widgets)
	return found
}

// Change edits the widgets, schedule or protection of a dashboard in one transaction. Widgets that it sets get new
// aliases. A managed one is not changed, the Highlights dashboard in its schedule and protection alone.
func (d *Dashboards) Change(ctx context.Context, reference string, edit func(*Dashboard) error) (*Dashboard, error) {
	return d.change(ctx, reference, func(tx *catalog.Tx, changed *Dashboard) error {
		if managedOf(changed.Name) != nil {
			return fmt.Errorf("%w: %s", ErrManaged, changed.Name)
		}
		before, schedule := changed.Widgets, changed.Schedule // edit gives others, and changes none of them
		if err := edit(changed); err != nil {
			return err
		}
		if changed.IsManaged && !sameWidgets(before, changed.Widgets) {
			return fmt.Errorf("%w: the widgets of %s are chosen by the program", ErrManaged, changed.Name)
		}
		if !sameSchedule(schedule, changed.Schedule) {
			changed.ScheduledAt = d.options.Now()
		}
		if err := check(changed); err != nil {
			return err
		}
		changed.UpdatedAt = d.options.Now()
		if sameWidgets(before, changed.Widgets) {
			changed.Widgets = before
			return nil
		}
		changed.Widgets = withAliases(changed.Widgets)
		return errors.Join(deleteAliases(tx, before), putAliases(tx, changed.Widgets))
	})
}

// change edits a dashboard and writes its record.
func (d *Dashboards) change(ctx context.Context, reference string, edit func(*catalog.Tx, *Dashboard) error) (changed *Dashboard, err error) {
	err = d.options.Storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		if changed, err = d.find(tx, reference); err != nil {
			return err
		}
		if err := edit(tx, changed); err != nil {
			return err
		}
		return tx.PutDashboard(record(changed))
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// Delete removes a dashboard. ErrProtected: its protection must be switched off before; ErrRefreshing: a refresh
// runs.
func (d *Dashboards) Delete(ctx context.Context, reference string) error {
	return d.options.Storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		found, err := d.find(tx, reference)
		switch {
		case err != nil:
			return err
		case managedOf(found.Name) != nil:
			return fmt.Errorf("%w: %s", ErrManaged, found.Name)
		case found.IsProtected:
			return fmt.Errorf("%w: %s", ErrProtected, found.Name)
		case d.isRefreshing(found):
			return fmt.Errorf("%w: %s", ErrRefreshing, found.Name)
		}
		return errors.Join(deleteAliases(tx, found.Widgets), tx.DeleteDashboard(found.Name))
	})
}

// AddTags gives a dashboard tags; one with the key of another replaces it.
func (d *Dashboards) AddTags(ctx context.Context, reference string, tags ...store.Tag) error {
	_, err := d.change(ctx, reference, func(_ *catalog.Tx, changed *Dashboard) error {
		changed.Tags = store.WithTags(changed.Tags, tags...)
		return checkTags(changed)
	})
	return err
}

// RemoveTags takes the tags of some keys from a dashboard. Those that it does not have are no error.
func (d *Dashboards) RemoveTags(ctx context.Context, reference string, keys ...string) error {
	_, err := d.change(ctx, reference, func(_ *catalog.Tx, changed *Dashboard) error {
		changed.Tags = store.WithoutTags(changed.Tags, keys...)
		return nil
	})
	return err
}

// SetResourcePolicy gives a dashboard a policy in place of the one that it has; "": none.
func (d *Dashboards) SetResourcePolicy(ctx context.Context, reference, text string) error {
	_, err := d.change(ctx, reference, func(_ *catalog.Tx, changed *Dashboard) error {
		changed.ResourcePolicy = text
		return nil
	})
	return err
}
