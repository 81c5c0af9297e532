package awsapi

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/auditlake/auditlake/engine"
)

type listInsightsDataInput struct {
	InsightSource string
	DataType      string
	Dimensions    map[string]string
	StartTime     *timestamp
	EndTime       *timestamp
	MaxResults    int
	NextToken     string
}

// listInsightsData lists the Insights events of the lake's stores. The events do not name their trail.
func (d *Door) listInsightsData(ctx context.Context, c *call, in *listInsightsDataInput) (any, error) {
	if err := d.allowTrail(ctx, c, in.InsightSource); err != nil {
		return nil, err
	}
	trails, err := d.lake.Trails().List(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(trails, func(t *engine.Trail) bool { return t.ARN() == in.InsightSource }) {
		return nil, fail("InvalidParameterException", "InsightSource is not the ARN of a trail: %s.", oneLine(in.InsightSource))
	}
	lookup := engine.EventLookup{Category: engine.LookupInsight, From: in.StartTime.at(), To: in.EndTime.at()}
	for key, value := range in.Dimensions {
		lookup.Attributes = append(lookup.Attributes, engine.EventAttribute{Key: key, Value: value})
	}
	answer, err := d.lookUp(ctx, c, lookup, in.MaxResults, in.NextToken)
	var known *apiError
	if errors.Is(err, engine.ErrLookupTimeRange) || errors.As(err, &known) && known.code == "InvalidNextTokenException" {
		// The operation has no other error for these.
		return nil, fail("InvalidParameterException", "%s", oneLine(err.Error()))
	}
	return answer, err
}

type listInsightsMetricDataInput struct {
	TrailName   string `json:",omitempty"`
	EventSource string
	EventName   string
	InsightType string
	ErrorCode   string `json:",omitempty"`
	StartTime   *timestamp
	EndTime     *timestamp
	Period      int64
	DataType    string
	MaxResults  int
	NextToken   string
}

// periods maps a period in seconds to how far back its rates are computed.
var periods = map[int64]time.Duration{60: 15 * 24 * time.Hour, 300: 63 * 24 * time.Hour, 3600: 90 * 24 * time.Hour}

// maxMetricPage is the default and the maximum of a page's rates: one for each minute of 15 days.
const maxMetricPage = 21_600

type insightsMetricData struct {
	TrailARN    string `json:",omitempty"`
	EventSource string
	EventName   string
	InsightType string
	ErrorCode   string `json:",omitempty"`
	Timestamps  []timestamp
	Values      []float64
	NextToken   string `json:",omitempty"`
}

// ratePlace is the first period of a page.
type ratePlace struct{ From time.Time }

// listInsightsMetricData computes the calls, or errors, per minute in each period.
func (d *Door) listInsightsMetricData(ctx context.Context, c *call, in *listInsightsMetricDataInput) (any, error) {
	out := &insightsMetricData{EventSource: in.EventSource, EventName: in.EventName, InsightType: in.InsightType, ErrorCode: in.ErrorCode, Timestamps: []timestamp{}, Values: []float64{}}
	if in.TrailName == "" {
		if err := d.allow(c, "*", nil); err != nil {
			return nil, err
		}
	} else {
		trail, err := d.trail(ctx, c, in.TrailName)
		// The operation has no other error for these.
		if errors.Is(err, engine.ErrTrailNotFound) || errors.Is(err, engine.ErrTrailARN) {
			err = fail("InvalidParameterException", "%s", oneLine(err.Error()))
		}
		if err != nil {
			return nil, err
		}
		out.TrailARN = trail.ARN()
	}
	rates, err := d.ratesOf(in)
	if err != nil {
		return nil, err
	}
	place, err := readToken[ratePlace](d, c, in.NextToken)
	if err != nil {
		return nil, fail("InvalidParameterException", "%s", oneLine(err.Error()))
	}
	if place != nil {
		rates.From = place.From
	}
	page := maxMetricPage
	if in.MaxResults != 0 {
		page = in.MaxResults
	}
	rates.MayRead = func(s *engine.Store) bool { return !d.deniesReading(c, s) }
	found, next, err := d.lake.EventHistory().Rates(ctx, *rates, page, in.DataType == "FillWithZeros", d.lookupOptions(c)...)
	if err != nil {
		return nil, lookupError(err)
	}
	for _, r := range found {
		out.Timestamps, out.Values = append(out.Timestamps, timestamp(r.From)), append(out.Values, r.PerMinute)
	}
	if !next.IsZero() {
		out.NextToken, err = writeToken(d, c, &ratePlace{next})
	}
	return out, err
}

// ratesOf checks which rates a request asks for. A missing or out-of-range end of its time range is moved to where
// rates exist.
func (d *Door) ratesOf(in *listInsightsMetricDataInput) (*engine.EventRates, error) {
	period := in.Period
	if period == 0 {
		period = 3600
	}
	reach := periods[period]
	switch {
	case reach == 0:
		return nil, fail("InvalidParameterException", "Period is 60, 300 or 3600 seconds, not %d.", period)
	case in.InsightType == "ApiErrorRateInsight" && in.ErrorCode == "":
		return nil, fail("InvalidParameterException", "Rates of errors need an ErrorCode.")
	case in.InsightType != "ApiErrorRateInsight" && in.ErrorCode != "":
		return nil, fail("InvalidParameterException", "Rates of calls have no ErrorCode.")
	case in.StartTime != nil && in.EndTime != nil && in.StartTime.at().After(in.EndTime.at()):
		return nil, fail("InvalidParameterException", "StartTime is after EndTime.")
	}
	now := d.now()
	rates := &engine.EventRates{EventSource: in.EventSource, EventName: in.EventName, ErrorCode: in.ErrorCode, Period: time.Duration(period) * time.Second,
		From: in.StartTime.at(), To: in.EndTime.at()}
	if rates.From.Before(now.Add(-reach)) {
		rates.From = now.Add(-reach)
	}
	if rates.To.IsZero() || rates.To.After(now) {
		rates.To = now
	}
	return rates, nil
}
