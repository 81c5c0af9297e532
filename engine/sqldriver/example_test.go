package sqldriver_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/auditlake/auditlake/engine"
	_ "github.com/auditlake/auditlake/engine/sqldriver"
)

func Example() {
	dir, err := os.MkdirTemp("", "lake")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	fill(dir)

	db, err := sql.Open("auditlake", dir)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	rows, err := db.Query("SELECT date(eventtime), count(*) FROM main WHERE eventtime < '2025-12-04' GROUP BY 1 ORDER BY 1")
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var day time.Time
		var events int64
		if err := rows.Scan(&day, &events); err != nil {
			log.Fatal(err)
		}
		fmt.Println(day.Format(time.DateOnly), events)
	}
	if err := rows.Err(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 2025-12-02 125
	// 2025-12-03 50
}

// fill imports log files into a new lake, as the command "auditlake import" does.
func fill(dir string) {
	lake, err := engine.Open(context.Background(), dir, engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer lake.Close()
	if _, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{"../../testdata/logs"}}); err != nil {
		log.Fatal(err)
	}
}
