package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine"
)

// exampleLake opens a new lake; remove deletes it.
func exampleLake() (lake *engine.Lake, remove func()) {
	dir, err := os.MkdirTemp("", "lake")
	if err != nil {
		log.Fatal(err)
	}
	// A fixed clock: retention and now() follow it.
	now := func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	lake, err = engine.Open(context.Background(), dir, engine.Options{Now: now})
	if err != nil {
		log.Fatal(err)
	}
	return lake, func() {
		lake.Close()
		os.RemoveAll(dir)
	}
}

// filledLake is an exampleLake with the events of testdata/logs in the store main.
func filledLake() (lake *engine.Lake, remove func()) {
	lake, remove = exampleLake()
	if _, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{"../testdata/logs"}}); err != nil {
		log.Fatal(err)
	}
	return lake, remove
}

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "lake")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	lake, err := engine.Open(context.Background(), dir, engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer lake.Close()

	stores, err := lake.Stores().List(context.Background())
	fmt.Println(len(stores), "stores", err)
	// Output: 0 stores <nil>
}

func ExampleLake_Stores() {
	lake, remove := exampleLake()
	defer remove()

	store, err := lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "audit", RetentionDays: 90})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.Name, store.Status, store.RetentionDays, "days,", store.BillingMode)
	// Output: audit ENABLED 90 days, EXTENDABLE_RETENTION_PRICING
}

func ExampleLake_Imports() {
	lake, remove := exampleLake()
	defer remove()

	for range 2 {
		result, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{"../testdata/logs"}})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %d events of %d files, %d files were known\n", result.Store.Name, result.Events, result.Files, result.FilesKnown)
	}
	// Output:
	// main: 2000 events of 53 files, 0 files were known
	// main: 0 events of 53 files, 53 files were known
}

func ExampleLake_Query() {
	lake, remove := filledLake()
	defer remove()

	rows, err := lake.Query(context.Background(),
		"SELECT eventsource, count(*) AS events FROM main GROUP BY 1 ORDER BY 2 DESC LIMIT 3")
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		record := rows.Record()
		sources := record.Column(0).(*array.String)
		events := record.Column(1).(*array.Int64)
		for i := range int(record.NumRows()) {
			fmt.Println(sources.Value(i), events.Value(i))
		}
	}
	if err := rows.Err(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// s3.amazonaws.com 631
	// sts.amazonaws.com 346
	// kms.amazonaws.com 262
}

func ExampleRows_Stats() {
	lake, remove := filledLake()
	defer remove()

	rows, err := lake.Query(context.Background(),
		"SELECT eventid FROM main WHERE eventtime >= '2025-12-31' AND eventname = 'GetObject'")
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		_ = rows.Record()
	}
	stats := rows.Stats()
	fmt.Println(stats.Rows, "rows;", stats.EventsMatched, "of", stats.EventsScanned, "events scanned matched")
	fmt.Println(stats.Pruned.Partitions, "of", stats.Pruned.PartitionsTotal, "days left out")
	fmt.Println("cheaper than all:", stats.BytesScanned < stats.BytesStored)
	// Output:
	// 5 rows; 5 of 45 events scanned matched
	// 29 of 30 days left out
	// cheaper than all: true
}

func ExampleLake_Estimate() {
	lake, remove := filledLake()
	defer remove()
	ctx := context.Background()

	estimate, err := lake.Estimate(ctx, "SELECT count(DISTINCT eventname) FROM main")
	if err != nil {
		log.Fatal(err)
	}
	// The limit ends a query that would cost more.
	rows, err := lake.Query(ctx, "SELECT count(DISTINCT eventname) FROM main", engine.MaxBytes(estimate.HighBytes))
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		_ = rows.Record()
	}
	scanned := rows.Stats().BytesScanned
	fmt.Println(rows.Err(), estimate.LowBytes <= scanned && scanned <= estimate.HighBytes)
	// Output: <nil> true
}

func ExampleError() {
	lake, remove := filledLake()
	defer remove()

	_, err := lake.Query(context.Background(), "SELECT evntname FROM main")
	var wrong *engine.Error
	if errors.As(err, &wrong) {
		fmt.Println(wrong.Name, "at", wrong.Pos)
		fmt.Println(wrong.Message)
	}
	// Output:
	// COLUMN_NOT_FOUND at 1:8
	// Column 'evntname' cannot be resolved; did you mean 'eventname'?
}
