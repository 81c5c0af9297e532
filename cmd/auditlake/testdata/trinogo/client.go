package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/trinodb/trino-go-client/trino"
)

// checkClient asks what programs in Go ask: values of every type, pages, parameters, errors, cancelling, and settings
// of the connection.
func checkClient(ctx context.Context, url string) error {
	config := trino.Config{ServerURI: url, Catalog: "auditlake", Schema: "default"}
	dsn, err := config.FormatDSN()
	if err != nil {
		return err
	}
	db, err := sql.Open("trino", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, check := range []struct {
		name string
		run  func(context.Context, *sql.DB) error
	}{
		{"values", checkValues}, {"nested values", checkNested}, {"columns", checkColumns}, {"pages", checkPages},
		{"parameters", checkParameters}, {"errors", checkErrors}, {"session", checkSession}, {"cancelling", checkCancel},
	} {
		if err := check.run(ctx, db); err != nil {
			return fmt.Errorf("%s: %w", check.name, err)
		}
		fmt.Println("checked", check.name)
	}
	return nil
}

func checkValues(ctx context.Context, db *sql.DB) error {
	at := time.Date(2024, 2, 29, 1, 2, 3, 456000000, time.UTC)
	for expression, want := range map[string]any{
		"NULL":                              nil,
		"true":                              true,
		"TINYINT '-128'":                    int64(-128),
		"BIGINT '9223372036854775807'":      int64(9223372036854775807),
		"1.5e0":                             1.5,
		"REAL '1.5'":                        1.5,
		"DECIMAL '99999999999999999999.50'": "99999999999999999999.50",
		"'é\"\\'":                           `é"\`,
		"CAST('a' AS char(3))":              "a  ",
		"TIMESTAMP '2024-02-29 01:02:03.456 UTC'":     at,
		"UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'": "12151fd2-7586-11e9-8f9e-2a86e4085a59",
		"IPADDRESS '10.0.0.1'":                        "10.0.0.1",
		"JSON '{\"a\": [1]}'":                         `{"a":[1]}`,
	} {
		var got any
		if err := db.QueryRowContext(ctx, "SELECT "+expression).Scan(&got); err != nil {
			return fmt.Errorf("%s: %w", expression, err)
		}
		if t, isTime := got.(time.Time); isTime {
			got = t.UTC()
		}
		if err := same(expression, got, want); err != nil {
			return err
		}
	}
	var zoneless time.Time
	if err := db.QueryRowContext(ctx, "SELECT TIMESTAMP '2024-02-29 01:02:03.456'").Scan(&zoneless); err != nil {
		return err
	}
	return same("a timestamp without a zone", zoneless.Format("2006-01-02 15:04:05.000"), "2024-02-29 01:02:03.456")
}

func checkNested(ctx context.Context, db *sql.DB) error {
	var list trino.NullSliceString
	var pairs trino.NullMap
	if err := db.QueryRowContext(ctx, "SELECT ARRAY['a', NULL, 'c'], MAP(ARRAY['k'], ARRAY[1])").Scan(&list, &pairs); err != nil {
		return err
	}
	if err := same("list", []any{list.SliceString[0].String, list.SliceString[1].Valid, list.SliceString[2].String}, []any{"a", false, "c"}); err != nil {
		return err
	}
	return same("map", fmt.Sprint(pairs.Map), "map[k:1]")
}

func checkColumns(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "SELECT eventtime, eventname, readonly, requestparameters, count(*) OVER () AS n, DECIMAL '1.50' AS d FROM main LIMIT 1")
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	var names []string
	for _, c := range columns {
		names = append(names, c.Name()+" "+strings.ToLower(c.DatabaseTypeName()))
	}
	want := []string{"eventtime timestamp", "eventname varchar", "readonly boolean", "requestparameters map", "n bigint", "d decimal"}
	for i, name := range names {
		if !strings.HasPrefix(name, want[i]) {
			return same("columns", names, want)
		}
	}
	if precision, scale, ok := columns[5].DecimalSize(); !ok || precision != 3 || scale != 2 {
		return fmt.Errorf("decimal(%d, %d), %v", precision, scale, ok)
	}
	for rows.Next() {
	}
	return rows.Err()
}

func checkPages(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "SELECT x, lpad('', 100, 'é') FROM UNNEST(sequence(1, 10000)) t (x), UNNEST(sequence(1, 5)) u (y)")
	if err != nil {
		return err
	}
	defer rows.Close()
	count, sum := 0, int64(0)
	for rows.Next() {
		var x int64
		var text string
		if err := rows.Scan(&x, &text); err != nil {
			return err
		}
		count++
		sum += x
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return same("rows and their sum", []int64{int64(count), sum}, []int64{50_000, 5 * 10_000 * 10_001 / 2})
}

// checkParameters: arguments become prepared statements, in a header or, as the connection wishes, in the statement.
func checkParameters(ctx context.Context, db *sql.DB) error {
	var text, number string
	ask := "SELECT ? || '!', CAST(? + 1 AS varchar)"
	if err := db.QueryRowContext(ctx, ask, "it's", trino.Numeric("41")).Scan(&text, &number); err != nil {
		return err
	}
	if err := same("parameters", text+" "+number, "it's! 42"); err != nil {
		return err
	}
	var count int
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM main WHERE eventtime < ? AND eventsource = ?", trino.Timestamp(2999, 1, 1, 0, 0, 0, 0), "none").Scan(&count)
	if err != nil {
		return err
	}
	return same("events of a service that there is not", count, 0)
}

func checkErrors(ctx context.Context, db *sql.DB) error {
	_, err := db.QueryContext(ctx, "SELECT 1,\n  nope FROM main")
	var failed *trino.ErrQueryFailed
	var reason *trino.ErrTrino
	if !errors.As(err, &failed) || !errors.As(err, &reason) {
		return fmt.Errorf("an unknown column gives %T: %w", err, err)
	}
	got := fmt.Sprint(reason.ErrorName, " ", reason.ErrorType, " ", reason.ErrorLocation.LineNumber, ":", reason.ErrorLocation.ColumnNumber)
	return same("error", got, "COLUMN_NOT_FOUND USER_ERROR 2:3")
}

func checkSession(ctx context.Context, db *sql.DB) error {
	connection, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()
	if _, err := connection.ExecContext(ctx, "SET SESSION query_max_run_time = '5m'"); err != nil {
		return err
	}
	if _, err := connection.ExecContext(ctx, "USE auditlake.default"); err != nil {
		return err
	}
	var catalog, schema, user string
	err = connection.QueryRowContext(ctx, "SELECT current_catalog, current_schema, current_user", sql.Named("X-Trino-User", "ben")).Scan(&catalog, &schema, &user)
	if err != nil {
		return err
	}
	return same("session", catalog+"."+schema+" "+user, "auditlake.default ben")
}

// checkCancel: a statement whose context ends is over at the server, too.
func checkCancel(ctx context.Context, db *sql.DB) error {
	short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	var count int64
	err := db.QueryRowContext(short, `SELECT count(*) /* endless */ FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y),
		UNNEST(sequence(1, 10000)) c (z) WHERE x + y + z < 0`).Scan(&count)
	if err == nil || short.Err() == nil {
		return fmt.Errorf("an endless statement ends with %d, %v", count, err)
	}
	for range 200 {
		var running int
		err := db.QueryRowContext(ctx, "SELECT count(*) FROM system.runtime.queries WHERE state = 'RUNNING' AND query LIKE '%/* endless%' AND query NOT LIKE '%runtime%'").Scan(&running)
		if err != nil {
			return err
		}
		if running == 0 {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the statement goes on at the server")
}
