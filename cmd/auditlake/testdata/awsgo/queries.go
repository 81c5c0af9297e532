package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// heavy takes longer than anybody waits.
const heavy = "SELECT count(*) FROM unnest(sequence(1, 10000)) AS a(x), unnest(sequence(1, 10000)) AS b(y), unnest(sequence(1, 10000)) AS c(z) WHERE x * y + z = -1"

// checkQueries starts a query over the store main, waits for it, reads its rows and the list of queries in pages, and
// cancels one.
func checkQueries(ctx context.Context, client *cloudtrail.Client) error {
	store, err := storeNamed(ctx, client, "main")
	if err != nil {
		return err
	}
	id, err := finish(ctx, client, &cloudtrail.StartQueryInput{
		QueryStatement: aws.String("SELECT eventID, eventTime, userIdentity.principalId, errorCode AS \"<&é>\"\nFROM " + store + " ORDER BY eventTime, eventID LIMIT 25"),
	})
	if err != nil {
		return err
	}
	if err := checkRows(ctx, client, id); err != nil {
		return err
	}
	if err := checkList(ctx, client, store, id); err != nil {
		return err
	}
	if err := checkCancel(ctx, client); err != nil {
		return err
	}
	return checkErrors(ctx, client, store)
}

// storeNamed returns the id of a store.
func storeNamed(ctx context.Context, client *cloudtrail.Client, name string) (string, error) {
	pages := cloudtrail.NewListEventDataStoresPaginator(client, &cloudtrail.ListEventDataStoresInput{MaxResults: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, s := range page.EventDataStores {
			if aws.ToString(s.Name) == name {
				_, id, _ := strings.Cut(aws.ToString(s.EventDataStoreArn), "/")
				return id, nil
			}
		}
	}
	return "", fmt.Errorf("no store %s", name)
}

// finish runs a query to its end, which must be a good one.
func finish(ctx context.Context, client *cloudtrail.Client, in *cloudtrail.StartQueryInput) (string, error) {
	started, err := client.StartQuery(ctx, in)
	if err != nil {
		return "", err
	}
	id := aws.ToString(started.QueryId)
	err = until(ctx, id, func() (bool, error) {
		got, err := client.DescribeQuery(ctx, &cloudtrail.DescribeQueryInput{QueryId: started.QueryId})
		if err != nil {
			return false, err
		}
		switch got.QueryStatus {
		case types.QueryStatusQueued, types.QueryStatusRunning:
			return false, nil
		}
		statistics := got.QueryStatistics
		if statistics == nil || statistics.CreationTime == nil || time.Since(*statistics.CreationTime).Abs() > time.Hour {
			return false, fmt.Errorf("statistics: %+v", statistics)
		}
		return true, same("status", got.QueryStatus, types.QueryStatusFinished)
	})
	return id, err
}

func checkRows(ctx context.Context, client *cloudtrail.Client, id string) error {
	pages := cloudtrail.NewGetQueryResultsPaginator(client, &cloudtrail.GetQueryResultsInput{QueryId: &id, MaxQueryResults: aws.Int32(10)})
	seen, sizes := map[string]bool{}, []int{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		sizes = append(sizes, len(page.QueryResultRows))
		for _, row := range page.QueryResultRows {
			names := []string{}
			for _, column := range row {
				for name := range column {
					names = append(names, name)
				}
			}
			if err := same("columns", names, []string{"eventID", "eventTime", "principalId", "<&é>"}); err != nil {
				return err
			}
			seen[row[0]["eventID"]] = true
		}
		if err := same("rows in all", aws.ToInt32(page.QueryStatistics.TotalResultsCount), int32(25)); err != nil {
			return err
		}
	}
	if err := same("pages", sizes, []int{10, 10, 5}); err != nil {
		return err
	}
	return same("different rows", len(seen), 25)
}

func checkList(ctx context.Context, client *cloudtrail.Client, store, wanted string) error {
	for range 2 {
		if _, err := finish(ctx, client, &cloudtrail.StartQueryInput{QueryStatement: aws.String("SELECT count(*) FROM " + store)}); err != nil {
			return err
		}
	}
	pages := cloudtrail.NewListQueriesPaginator(client, &cloudtrail.ListQueriesInput{
		EventDataStore: &store, MaxResults: aws.Int32(1), QueryStatus: types.QueryStatusFinished, StartTime: aws.Time(time.Now().Add(-time.Hour)),
	})
	var ids []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, q := range page.Queries {
			ids = append(ids, aws.ToString(q.QueryId))
		}
	}
	if len(ids) != 3 || ids[2] != wanted {
		return fmt.Errorf("listed %q, the first of them was %s", ids, wanted)
	}
	return nil
}

func checkCancel(ctx context.Context, client *cloudtrail.Client) error {
	started, err := client.StartQuery(ctx, &cloudtrail.StartQueryInput{QueryStatement: aws.String(heavy)})
	if err != nil {
		return err
	}
	if _, err := client.CancelQuery(ctx, &cloudtrail.CancelQueryInput{QueryId: started.QueryId}); err != nil {
		return err
	}
	err = until(ctx, "cancelled", func() (bool, error) {
		got, err := client.GetQueryResults(ctx, &cloudtrail.GetQueryResultsInput{QueryId: started.QueryId})
		return err == nil && got.QueryStatus == types.QueryStatusCancelled, err
	})
	if err != nil {
		return err
	}
	_, err = client.CancelQuery(ctx, &cloudtrail.CancelQueryInput{QueryId: started.QueryId})
	if inactive := new(types.InactiveQueryException); !errors.As(err, &inactive) {
		return fmt.Errorf("cancelled twice: %w", err)
	}
	return nil
}

// checkErrors: the SDK knows errors as their own types. It checks required members alone, so that limits are the
// server's to check.
func checkErrors(ctx context.Context, client *cloudtrail.Client, store string) error {
	_, err := client.StartQuery(ctx, &cloudtrail.StartQueryInput{QueryStatement: aws.String("DELETE FROM " + store)})
	if invalid := new(types.InvalidQueryStatementException); !errors.As(err, &invalid) {
		return fmt.Errorf("DELETE: %w", err)
	}
	_, err = client.DescribeQuery(ctx, &cloudtrail.DescribeQueryInput{QueryId: aws.String("00000000-0000-0000-0000-000000000000")})
	if absent := new(types.QueryIdNotFoundException); !errors.As(err, &absent) {
		return fmt.Errorf("a query that is not there: %w", err)
	}
	_, err = client.ListQueries(ctx, &cloudtrail.ListQueriesInput{EventDataStore: &store, MaxResults: aws.Int32(1001)})
	if invalid := new(types.InvalidMaxResultsException); !errors.As(err, &invalid) {
		return fmt.Errorf("a page of 1,001: %w", err)
	}
	return nil
}
