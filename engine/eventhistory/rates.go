package eventhistory

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/engine/store"
)

// Rates selects the calls whose rates are computed.
type Rates struct {
	EventSource, EventName string
	ErrorCode              string // "": of all calls
	Period                 time.Duration
	From, To               time.Time // From is part of the range, To is not
	// MayRead reports whether the events of a store may be counted; nil: all may.
	MayRead func(*store.Store) bool
}

// Rate is how many calls there were in a period.
type Rate struct {
	From      time.Time
	PerMinute float64
}

// Rates counts the management events of some calls in each period since 1970 that the range touches. An event that
// was delivered twice counts once. Periods without events are left out, unless withZeros. It returns the beginning
// of the period that follows a page, zero if there is none.
func (h *History) Rates(ctx context.Context, r Rates, maxRates int, withZeros bool, options ...query.Option) (rates []Rate, next time.Time, err error) {
	from := r.From.Truncate(r.Period)
	if !from.Before(r.To) {
		return nil, next, nil
	}
	to := r.To
	if last := from.Add(time.Duration(maxRates) * r.Period); withZeros && last.Before(to) {
		to, next = last, last
	}
	var counts periodCounts
	err = h.whileStoresChange(func() error {
		counts, err = h.countPeriods(ctx, r, from, to, maxRates+1, options)
		return err
	})
	if err != nil {
		return nil, next, fmt.Errorf("count calls: %w", err)
	}
	add := func(at time.Time, count int64) {
		rates = append(rates, Rate{at, float64(count) / r.Period.Minutes()})
	}
	if withZeros {
		for at := from; at.Before(to); at = at.Add(r.Period) {
			add(at, counts.of[at.Unix()])
		}
		return rates, next, nil
	}
	for i, at := range counts.order {
		if i == maxRates {
			return rates, time.Unix(at, 0).UTC(), nil
		}
		add(time.Unix(at, 0).UTC(), counts.of[at])
	}
	return rates, next, nil
}

// periodCounts are how many events periods have, by their beginning in seconds since 1970.
type periodCounts struct {
	order []int64
	of    map[int64]int64
}

// countPeriods counts the events of the first periods that have any.
func (h *History) countPeriods(ctx context.Context, r Rates, from, to time.Time, limit int, options []query.Option) (out periodCounts, err error) {
	out.of = map[int64]int64{}
	sources, err := h.sources(ctx, &Lookup{Category: Management, MayRead: r.MayRead})
	if err != nil || len(sources) == 0 {
		return out, err
	}
	rows, err := h.queries.Query(ctx, r.sql(sources, from, to, limit), options...)
	if err != nil {
		return out, err
	}
	defer rows.Close() // reading it has reported the error
	columns := rows.Columns()
	for rows.Next() {
		arrays := rows.Arrays()
		for row := range arrays[0].Len() {
			var values [2]int64
			for i := range values {
				if values[i], err = strconv.ParseInt(string(answer.AppendBare(nil, columns[i].Type, arrays[i], row)), 10, 64); err != nil {
					return out, err
				}
			}
			out.order = append(out.order, values[0])
			out.of[values[0]] = values[1]
		}
	}
	return out, rows.Err()
}

func (r *Rates) sql(sources []source, from, to time.Time, limit int) string {
	conditions := []string{
		hasPlace, "eventtime >= " + timeConstant(from), "eventtime < " + timeConstant(to),
		equals("eventsource")(r.EventSource), equals("eventname")(r.EventName),
	}
	if r.ErrorCode != "" {
		conditions = append(conditions, equals("errorcode")(r.ErrorCode))
	}
	seconds := int64(r.Period / time.Second)
	var parts []string
	for _, s := range sources {
		parts = append(parts, fmt.Sprintf("SELECT CAST(floor(to_unixtime(eventtime) / %d) AS bigint) * %d AS period, eventtime, eventid FROM \"%s\" WHERE %s AND %s",
			seconds, seconds, s.storeID, s.category, strings.Join(conditions, " AND ")))
	}
	return fmt.Sprintf("SELECT period, count(*) FROM (SELECT DISTINCT period, eventtime, eventid FROM (%s)) GROUP BY period ORDER BY period LIMIT %d",
		strings.Join(parts, " UNION ALL "), limit)
}
