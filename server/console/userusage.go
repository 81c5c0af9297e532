package console

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

const (
	// usageDoorName is the door, in the list of queries, of the statement that adds up the usage of users.
	usageDoorName = "console-usage"
	// maxUsers limits the list to the users that scanned most.
	maxUsers = 500
	// maxUserUsageTime is the timeout of the statement.
	maxUserUsageTime = 30 * time.Second
)

// userUsageRow is the usage of one user in a month.
type userUsageRow struct {
	User         string  `json:"user"`
	Queries      int64   `json:"queries"`
	ScannedBytes int64   `json:"scannedBytes"`
	QueryPrice   float64 `json:"queryPrice"`
}

// userUsage returns how much each user queried in a month. It reads the activity store, which also has queries that
// have left the history.
func (d *Door) userUsage(c *call) (any, error) {
	if err := d.allow(c, usageAction, "*", nil); err != nil {
		return nil, err
	}
	month, err := d.month(c.r.URL.Query().Get("month"))
	if err != nil {
		return nil, err
	}
	activity, err := d.activityStore(c)
	if err != nil {
		return nil, err
	}
	users := []userUsageRow{}
	if activity == nil {
		return users, nil
	}
	sql := fmt.Sprintf(`SELECT coalesce(useridentity.arn, useridentity.username, ''), count(*),
			coalesce(sum(CAST(element_at(additionaleventdata, 'bytesScanned') AS bigint)), 0), coalesce(sum(CAST(element_at(additionaleventdata, 'price') AS double)), 0)
		FROM %s WHERE eventname = 'RunQuery' AND eventsource NOT IN ('%s.auditlake', '%s.auditlake', '%s.auditlake')
			AND eventtime >= TIMESTAMP '%s' AND eventtime < TIMESTAMP '%s'
		GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1 LIMIT %d`, engine.QuotedName(activity.Name), usageDoorName, sortDoorName, completionDoorName,
		month.Format(time.DateTime), month.AddDate(0, 1, 0).Format(time.DateTime), maxUsers)
	rows, err := d.lake.Query(c.r.Context(), sql, engine.ThroughDoor(usageDoorName), engine.User(c.caller.User()), engine.AskedBy(c.asker()), engine.Timeout(maxUserUsageTime))
	if err != nil {
		return nil, err
	}
	defer rows.Close() // reading has reported the error
	for rows.Next() {
		some, err := userUsageRows(rows)
		if err != nil {
			return nil, err
		}
		users = append(users, some...)
	}
	return users, rows.Err()
}

// userUsageRows reads the current rows of an answer.
func userUsageRows(rows *engine.Rows) (users []userUsageRow, err error) {
	arrays, columns := rows.Arrays(), rows.Columns()
	text := func(column, row int) string {
		return string(answer.AppendBare(nil, columns[column].Type, arrays[column], row))
	}
	for row := range arrays[0].Len() {
		user := userUsageRow{User: text(0, row)}
		if user.Queries, err = strconv.ParseInt(text(1, row), 10, 64); err != nil {
			return nil, err
		}
		if user.ScannedBytes, err = strconv.ParseInt(text(2, row), 10, 64); err != nil {
			return nil, err
		}
		if user.QueryPrice, err = strconv.ParseFloat(text(3, row), 64); err != nil {
			return nil, err
		}
		users = append(users, user)
	}
	return users, nil
}

// month returns the first instant of a month that the page names, of the current month for "".
func (d *Door) month(text string) (time.Time, error) {
	if text == "" {
		text = d.lake.Now().Format("2006-01")
	}
	month, err := time.Parse("2006-01", text)
	if err != nil {
		return time.Time{}, invalid("month must be YYYY-MM")
	}
	return month, nil
}

// activityStore returns the store of the lake's activity, nil if there is none.
func (d *Door) activityStore(c *call) (*engine.Store, error) {
	stores, err := d.lake.Stores().List(c.r.Context())
	if err != nil {
		return nil, err
	}
	if at := slices.IndexFunc(stores, func(s *engine.Store) bool { return s.IsActivity }); at >= 0 {
		return stores[at], nil
	}
	return nil, nil
}
