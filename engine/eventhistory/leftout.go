package eventhistory

import (
	"context"
	"fmt"
	"time"

	"github.com/auditlake/auditlake/engine/query"
)

// LeftOut is what a lookup does not show although its conditions may hold for it.
type LeftOut struct {
	// WithoutID are events in the time range that have no id, by which the event history orders events. IsMore: there
	// may be more.
	WithoutID int
	IsMore    bool
	// Oldest is the time of the oldest event of the stores that were looked in, if the time range begins after it;
	// zero otherwise.
	Oldest time.Time
}

// withoutID holds for the events that the event history does not show for the lack of an id.
const withoutID = "(eventid IS NULL OR eventid = '')"

// LeftOut returns what the pages of a lookup leave out. The options apply to the counting statement.
func (h *History) LeftOut(ctx context.Context, l Lookup, options ...query.Option) (out LeftOut, err error) {
	if err := l.check(); err != nil {
		return out, err
	}
	l.After = nil
	err = h.whileStoresChange(func() error {
		out, err = h.leftOut(ctx, &l, options)
		return err
	})
	return out, err
}

func (h *History) leftOut(ctx context.Context, l *Lookup, options []query.Option) (out LeftOut, err error) {
	sources, err := h.sources(ctx, l)
	if err != nil || len(sources) == 0 {
		return out, err
	}
	if !l.asksForID() {
		s := statement{sources: sources, lookup: l, window: window{l.From, l.To}, rows: maxStatementRows, withoutID: true}
		counts, err := h.each(ctx, s, options, func(_ int, e *Event) {
			if l.matchesResources(e) {
				out.WithoutID++
			}
		})
		if err != nil {
			return out, fmt.Errorf("count events without an id: %w", err)
		}
		for _, count := range counts {
			out.IsMore = out.IsMore || count == maxStatementRows
		}
	}
	for _, s := range sources {
		described, err := h.stores.Describe(ctx, s.storeID)
		if err != nil {
			return out, err
		}
		if oldest := described.MinTime; !oldest.IsZero() && oldest.Before(l.From) && (out.Oldest.IsZero() || oldest.Before(out.Oldest)) {
			out.Oldest = oldest
		}
	}
	return out, nil
}

// asksForID reports whether an event must have an id to match.
func (l *Lookup) asksForID() bool {
	for _, a := range l.Attributes {
		if a.Key == EventID && a.Value != "" {
			return true
		}
	}
	return false
}

// Notes are sentences about the lookup's events for its reader; none if there is nothing to say.
func (o LeftOut) Notes(from time.Time) (notes []string) {
	switch {
	case o.IsMore:
		notes = append(notes, fmt.Sprintf("at least %d events without an id are not shown; a query finds them: WHERE eventid IS NULL", o.WithoutID))
	case o.WithoutID == 1:
		notes = append(notes, "1 event without an id is not shown; a query finds it: WHERE eventid IS NULL")
	case o.WithoutID > 1:
		notes = append(notes, fmt.Sprintf("%d events without an id are not shown; a query finds them: WHERE eventid IS NULL", o.WithoutID))
	}
	if !o.Oldest.IsZero() {
		notes = append(notes, fmt.Sprintf("events before %s are not shown; the oldest is of %s", from.UTC().Format(noteLayout), o.Oldest.UTC().Format(noteLayout)))
	}
	return notes
}

const noteLayout = "2006-01-02 15:04"
