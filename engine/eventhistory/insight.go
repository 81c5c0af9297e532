package eventhistory

import (
	"encoding/json"
	"fmt"
)

// trailInsightSource reads Insights events that a store of trails holds, with their own texts.
func trailInsightSource(storeID string) source {
	return source{
		storeID:  storeID,
		columns:  []string{"element_at(insightdetails, 'eventName')", "element_at(insightdetails, 'eventSource')", "eventjson"},
		category: "eventcategory = 'Insight'",
		of: map[string]func(string) string{
			EventID: equals("eventid"), EventName: equals("element_at(insightdetails, 'eventName')"), EventSource: equals("element_at(insightdetails, 'eventSource')"),
		},
		read: func(e *Event, v []string) error {
			e.Name, e.Source, e.Text = v[0], v[1], v[2]
			return nil
		},
	}
}

// insightSource reads the events of a store of Insights events. Such a store keeps no texts; they are made from the
// columns, in the form of trails.
func insightSource(storeID string) source {
	return source{
		storeID: storeID,
		columns: []string{
			"insighteventname", "insighteventsource",
			`json_format(CAST(CAST(ROW(eventversion, date_format(eventtime, '%Y-%m-%dT%H:%i:%sZ'), awsregion, eventid, eventtype, recipientaccountid, sharedeventid, addendum,
    insightsource, insightstate, insighteventsource, insighteventname, insighttype, insighterrorcode, insightcontext.baselineaverage, insightcontext.insightaverage,
    insightcontext.insightduration, insightcontext.baselineduration, CAST(insightcontext.attributions AS json), eventcategory)
  AS ROW(version varchar, time varchar, region varchar, id varchar, type varchar, account varchar, shared varchar, addendum map(varchar, varchar),
    insightSource varchar, state varchar, source varchar, name varchar, insightType varchar, errorCode varchar, baseline double, insight double,
    insightDuration bigint, baselineDuration bigint, attributions json, category varchar)) AS json))`,
		},
		category: "true",
		of:       map[string]func(string) string{EventID: equals("eventid"), EventName: equals("insighteventname"), EventSource: equals("insighteventsource")},
		read: func(e *Event, v []string) (err error) {
			e.Name, e.Source = v[0], v[1]
			if e.Text, err = insightText(v[2]); err != nil {
				return fmt.Errorf("text of Insights event %s: %w", e.EventID, err)
			}
			return nil
		},
	}
}

// insightColumns are the columns of an Insights event, as the statement names them.
type insightColumns struct {
	Version, Time, Region, ID, Type, Account, Shared, InsightSource string
	Addendum                                                        map[string]string
	State, Source, Name, InsightType, ErrorCode                     string
	Baseline, Insight                                               *json.Number
	InsightDuration, BaselineDuration                               *int64
	Attributions                                                    []attribution
	Category                                                        string
}

type (
	average struct {
		Value   *string      `json:"value,omitempty"` // of an attribution
		Average *json.Number `json:"average,omitempty"`
	}
	attribution struct {
		Attribute string    `json:"attribute"`
		Insight   []average `json:"insight"`
		Baseline  []average `json:"baseline"`
	}
	statistics struct {
		Baseline         average `json:"baseline"`
		Insight          average `json:"insight"`
		InsightDuration  *int64  `json:"insightDuration,omitempty"`
		BaselineDuration *int64  `json:"baselineDuration,omitempty"`
	}
	insightContext struct {
		Statistics   statistics    `json:"statistics"`
		Attributions []attribution `json:"attributions,omitempty"`
	}
	insightDetails struct {
		State       string         `json:"state"`
		EventSource string         `json:"eventSource"`
		EventName   string         `json:"eventName"`
		InsightType string         `json:"insightType"`
		ErrorCode   string         `json:"errorCode,omitempty"`
		Context     insightContext `json:"insightContext"`
	}
	// insightRecord is an Insights event in the form of trails.
	insightRecord struct {
		EventVersion       string            `json:"eventVersion"`
		EventTime          string            `json:"eventTime"`
		AwsRegion          string            `json:"awsRegion"`
		EventID            string            `json:"eventID"`
		EventType          string            `json:"eventType"`
		RecipientAccountID string            `json:"recipientAccountId"`
		SharedEventID      string            `json:"sharedEventID"`
		InsightSource      string            `json:"insightSource,omitempty"`
		Addendum           map[string]string `json:"addendum,omitempty"`
		InsightDetails     insightDetails    `json:"insightDetails"`
		EventCategory      string            `json:"eventCategory"`
	}
)

// insightText makes the text of an Insights event from its columns, which are JSON.
func insightText(columns string) (string, error) {
	var c insightColumns
	if err := json.Unmarshal([]byte(columns), &c); err != nil {
		return "", err
	}
	text, err := json.Marshal(insightRecord{
		EventVersion: c.Version, EventTime: c.Time, AwsRegion: c.Region, EventID: c.ID, EventType: c.Type, RecipientAccountID: c.Account,
		SharedEventID: c.Shared, InsightSource: c.InsightSource, Addendum: c.Addendum, EventCategory: c.Category,
		InsightDetails: insightDetails{c.State, c.Source, c.Name, c.InsightType, c.ErrorCode, insightContext{
			statistics{average{Average: c.Baseline}, average{Average: c.Insight}, c.InsightDuration, c.BaselineDuration}, c.Attributions,
		}},
	})
	return string(text), err
}
