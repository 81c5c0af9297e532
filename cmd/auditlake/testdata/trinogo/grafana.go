package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"

	"github.com/trinodb/trino-go-client/trino"
)

// readable are the types of columns that Grafana's plugin has converters for. It cannot show others.
var readable = regexp.MustCompile(`^(?i:char|varchar|json|decimal|real|double|tinyint|smallint|integer|bigint|date|time|timestamp|boolean)\b`)

// asViewer are the headers that the plugin sends for the viewer of a dashboard, according to the data source's
// settings.
var asViewer = []any{sql.Named("X-Trino-User", "viewer"), sql.Named("X-Trino-Client-Tags", "grafana,dashboards")}

// statement is a statement of a dashboard, with what it must return.
type statement struct {
	SQL   string
	Kind  string // timeseries: the first column is a time, one other at least a number
	Empty bool   // it need not find rows
}

// checkGrafana asks the statements of its standard input, a JSON list, over a connection as the plugin opens it:
// without a catalog, with a client of HTTP and a source of its own, and with the user who looks at the dashboard in a
// header.
func checkGrafana(ctx context.Context, url string) error {
	var statements []statement
	if err := json.NewDecoder(os.Stdin).Decode(&statements); err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	if err := trino.RegisterCustomClient("grafana", &http.Client{Transport: &http.Transport{}}); err != nil {
		return err
	}
	config := trino.Config{ServerURI: url, Source: "grafana", CustomClientName: "grafana", ForwardAuthorizationHeader: true, Roles: map[string]string{}}
	dsn, err := config.FormatDSN()
	if err != nil {
		return err
	}
	db, err := sql.Open("trino", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.PingContext(ctx); err != nil {
		return err
	}
	for _, s := range statements {
		if err := askAsGrafana(ctx, db, s); err != nil {
			return fmt.Errorf("%w: %s", err, s.SQL)
		}
	}
	var user, source string
	row := db.QueryRowContext(ctx, "SELECT \"user\", source FROM system.runtime.queries WHERE query LIKE '%timeGroup was here%' AND query NOT LIKE '%runtime%'", asViewer[0])
	if err := row.Scan(&user, &source); err != nil {
		return fmt.Errorf("who asked: %w", err)
	}
	return same("who asked", user+" "+source, "viewer grafana")
}

func askAsGrafana(ctx context.Context, db *sql.DB, s statement) error {
	rows, err := db.QueryContext(ctx, s.SQL, asViewer...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	numbers := 0
	values := make([]any, len(columns))
	for i, c := range columns {
		name := strings.ToLower(c.DatabaseTypeName())
		if !readable.MatchString(name) {
			return fmt.Errorf("column %s is of type %s", c.Name(), name)
		}
		if s.Kind == "timeseries" && i == 0 && !strings.HasPrefix(name, "timestamp") {
			return fmt.Errorf("the first column of a time series is a %s", name)
		}
		if strings.HasPrefix(name, "bigint") || strings.HasPrefix(name, "double") {
			numbers++
		}
		values[i] = new(any)
	}
	if s.Kind == "timeseries" && numbers == 0 {
		return fmt.Errorf("a time series without a number")
	}
	count := 0
	for ; rows.Next(); count++ {
		if err := rows.Scan(values...); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if count == 0 && !s.Empty {
		return fmt.Errorf("no rows")
	}
	fmt.Println("asked", count)
	return nil
}
