package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
)

// checkPaginators walks through pages with the SDK's paginators. It prints one item a line, after the operation's name.
func checkPaginators(ctx context.Context, client *cloudtrail.Client) error {
	lookups := cloudtrail.NewLookupEventsPaginator(client, &cloudtrail.LookupEventsInput{MaxResults: aws.Int32(5)})
	err := walk(ctx, lookups, func(page *cloudtrail.LookupEventsOutput) {
		for _, e := range page.Events {
			fmt.Println("LookupEvents", aws.ToString(e.EventId))
		}
	})
	if err != nil {
		return err
	}
	imports := cloudtrail.NewListImportsPaginator(client, &cloudtrail.ListImportsInput{MaxResults: aws.Int32(1)})
	err = walk(ctx, imports, func(page *cloudtrail.ListImportsOutput) {
		for _, i := range page.Imports {
			fmt.Println("ListImports", aws.ToString(i.ImportId))
		}
	})
	if err != nil {
		return err
	}
	one := aws.Int32(1)
	stores := cloudtrail.NewListEventDataStoresPaginator(client, &cloudtrail.ListEventDataStoresInput{MaxResults: one})
	err = walk(ctx, stores, func(page *cloudtrail.ListEventDataStoresOutput) {
		for _, s := range page.EventDataStores {
			fmt.Println("ListEventDataStores", aws.ToString(s.Name))
		}
	})
	if err != nil {
		return err
	}
	return walkQueries(ctx, client)
}

// walkQueries runs three queries, and walks through the rows of one and the list of all.
func walkQueries(ctx context.Context, client *cloudtrail.Client) error {
	store, err := storeNamed(ctx, client, "main")
	if err != nil {
		return err
	}
	id := ""
	for _, sql := range []string{
		"SELECT eventID FROM main ORDER BY eventTime DESC", "SELECT count(*) FROM main", "SELECT min(eventTime) FROM main",
	} {
		query, err := finish(ctx, client, &cloudtrail.StartQueryInput{QueryStatement: &sql})
		if err != nil {
			return err
		}
		if id == "" {
			id = query
		}
	}
	results := &cloudtrail.GetQueryResultsInput{QueryId: &id, MaxQueryResults: aws.Int32(10)}
	rows := cloudtrail.NewGetQueryResultsPaginator(client, results)
	err = walk(ctx, rows, func(page *cloudtrail.GetQueryResultsOutput) {
		for _, row := range page.QueryResultRows {
			fmt.Println("GetQueryResults", row[0]["eventID"])
		}
	})
	if err != nil {
		return err
	}
	in := &cloudtrail.ListQueriesInput{EventDataStore: &store, MaxResults: aws.Int32(1)}
	queries := cloudtrail.NewListQueriesPaginator(client, in)
	return walk(ctx, queries, func(page *cloudtrail.ListQueriesOutput) {
		for _, q := range page.Queries {
			fmt.Println("ListQueries", aws.ToString(q.QueryId))
		}
	})
}

// paginator is what the SDK's paginators have in common.
type paginator[Page any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*cloudtrail.Options)) (*Page, error)
}

// walk calls do for each page.
func walk[Page any](ctx context.Context, pages paginator[Page], do func(*Page)) error {
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		do(page)
	}
	return nil
}
