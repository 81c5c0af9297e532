package awsapi

import (
	"context"
	"math"
	"slices"

	"github.com/auditlake/auditlake/engine"
)

type queryReference struct {
	EventDataStore               string
	QueryId                      string
	QueryAlias                   string
	RefreshId                    string
	EventDataStoreOwnerAccountId string
}

// query finds a query of this door. It refuses a query of a store that is pending deletion. The caller needs the
// rights for all that the query read, whichever user started it.
func (d *Door) query(ctx context.Context, c *call, in *queryReference) (*engine.QueryInfo, error) {
	if err := d.checkOwner(in.EventDataStoreOwnerAccountId); err != nil {
		return nil, err
	}
	var named *engine.Store
	if in.EventDataStore != "" {
		var err error
		if named, err = d.findStore(ctx, in.EventDataStore); err != nil {
			return nil, err
		}
	}
	info, err := d.lake.Queries().Get(in.QueryId)
	if err != nil {
		return nil, err
	}
	if info.Door != doorName || named != nil && !slices.Contains(info.StoreIDs, named.ID) {
		return nil, fail("QueryIdNotFoundException", "There is no query %s.", in.QueryId)
	}
	if err := d.allowQuery(ctx, c, info); err != nil {
		return nil, err
	}
	stores, err := d.stores(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range stores {
		if s.Status == engine.StorePendingDeletion && slices.Contains(info.StoreIDs, s.ID) {
			return nil, fail("InactiveEventDataStoreException", "The event data store %s of the query is pending deletion.", s.ARN())
		}
	}
	return info, nil
}

func (d *Door) describeQuery(ctx context.Context, c *call, in *queryReference) (any, error) {
	if (in.QueryId == "") == (in.QueryAlias == "") {
		return nil, fail("InvalidParameterException", "Give either QueryId or QueryAlias.")
	}
	if in.QueryAlias != "" {
		if err := d.resolveAlias(ctx, in); err != nil {
			return nil, err
		}
	}
	info, err := d.query(ctx, c, in)
	if err != nil {
		return nil, err
	}
	type statistics struct {
		EventsMatched         int64
		EventsScanned         int64
		BytesScanned          int64
		ExecutionTimeInMillis int32
		CreationTime          timestamp
	}
	return struct {
		QueryId                      string
		QueryString                  string
		QueryStatus                  string
		QueryStatistics              statistics
		ErrorMessage                 string `json:",omitempty"`
		DeliveryS3Uri                string `json:",omitempty"`
		DeliveryStatus               string `json:",omitempty"`
		Prompt                       string `json:",omitempty"`
		EventDataStoreOwnerAccountId string `json:",omitempty"`
	}{
		info.ID, info.SQL, string(info.State),
		statistics{info.EventsMatched, info.EventsScanned, info.BytesScanned, d.executionMillis(info), timestamp(info.CreatedAt)},
		errorMessage(info), info.DeliveryURI, string(info.DeliveryStatus), info.Prompt, d.ownerFor(c),
	}, nil
}

// resolveAlias sets the id of the latest query with the reference's alias. If the reference names a refresh, it is
// the latest of that refresh.
func (d *Door) resolveAlias(ctx context.Context, in *queryReference) error {
	found, err := d.lake.Queries().List(ctx, engine.QueryFilter{Alias: in.QueryAlias, RefreshID: in.RefreshId, Door: doorName, Limit: 1})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fail("QueryIdNotFoundException", "No query has the alias %s.", in.QueryAlias)
	}
	in.QueryId = found[0].ID
	return nil
}

// executionMillis returns how long a query has run.
func (d *Door) executionMillis(info *engine.QueryInfo) int32 {
	end := info.EndedAt
	if end.IsZero() {
		end = d.now()
	}
	if info.StartedAt.IsZero() {
		return 0
	}
	return int32(min(max(0, end.Sub(info.StartedAt).Milliseconds()), math.MaxInt32))
}

// errorMessage returns why a query did not finish, shortened to its shape; "": it finished or may yet.
func errorMessage(info *engine.QueryInfo) string { return oneLine(info.ErrorMessage) }

func (d *Door) cancelQuery(ctx context.Context, c *call, in *queryReference) (any, error) {
	info, err := d.query(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if err := d.lake.Queries().Cancel(info.ID); err != nil {
		return nil, err
	}
	if info, err = d.lake.Queries().Get(info.ID); err != nil {
		return nil, err
	}
	return struct {
		QueryId, QueryStatus         string
		EventDataStoreOwnerAccountId string `json:",omitempty"`
	}{info.ID, string(info.State), d.ownerFor(c)}, nil
}

type listQueriesInput struct {
	EventDataStore string
	NextToken      string
	MaxResults     int
	StartTime      *timestamp
	EndTime        *timestamp
	QueryStatus    string
}

func (d *Door) listQueries(ctx context.Context, c *call, in *listQueriesInput) (any, error) {
	store, err := d.store(ctx, c, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	if store.Status == engine.StorePendingDeletion {
		return nil, fail("InactiveEventDataStoreException", "The event data store %s is pending deletion.", store.ARN())
	}
	if in.StartTime != nil && in.EndTime != nil && in.StartTime.at().After(in.EndTime.at()) {
		return nil, fail("InvalidDateRangeException", "StartTime is after EndTime.")
	}
	after, err := readToken[engine.QueryPlace](d, c, in.NextToken)
	if err != nil {
		return nil, err
	}
	rights, err := c.caller.QueryRights(ctx)
	if err != nil {
		return nil, err
	}
	size := pageSize(in.MaxResults)
	filter := engine.QueryFilter{
		StoreID: store.ID, Door: doorName, Since: in.StartTime.at(), Until: in.EndTime.at(), After: after, Limit: size + 1,
		// Queries of other users are dropped if they also read what the caller may not.
		Keep: func(info *engine.QueryInfo) bool {
			return info.User == c.caller.User() || rights.Check(info, "cloudtrail:ListQueries") == nil
		},
	}
	if in.QueryStatus != "" {
		filter.States = []engine.QueryState{engine.QueryState(in.QueryStatus)}
	}
	found, err := d.lake.Queries().List(ctx, filter)
	if err != nil {
		return nil, err
	}
	var next *engine.QueryPlace
	if len(found) > size {
		found = found[:size]
		place := found[size-1].Place()
		next = &place
	}
	type item struct {
		QueryId      string
		QueryStatus  string
		CreationTime timestamp
	}
	var out struct {
		Queries   []item
		NextToken string `json:",omitempty"`
	}
	out.Queries = []item{}
	for _, info := range found {
		out.Queries = append(out.Queries, item{info.ID, string(info.State), timestamp(info.CreatedAt)})
	}
	out.NextToken, err = writeToken(d, c, next)
	return out, err
}
