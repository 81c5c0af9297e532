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
	// usageDoorName is what the list of queries says of the statement that adds up what users asked.
	usageDoorName = "console-usage"
	// maxUsers is how many users the list has, those who scanned most.
	maxUsers = 500
	// maxUserUsageTime ends the statement.
	maxUserUsageTime = 30 * time.Second
)

// userUsageRow is what somebody asked in a month.
type userUsageRow struct {
	User         string  `json:"user"`
	Queries      int64   `json:"queries"`
	ScannedBytes int64   `json:"scannedBytes"`
	QueryPrice   float64 `json:"queryPrice"`
}

// userUsage says who asked how much in a month, from the activity store: it has every query, also when the history
// has it no more.
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
	defer rows.Close() // reading it has reported the error
	for rows.Next() {
		some, err := userUsageRows(rows)
		if err != nil {
			return nil, err
		}
		users = append(users, some...)
	}
	return users, rows.Err()
}

// userUsageRows reads the rows that an answer is at.
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

// month is the first instant of a month that the page names, of the current one for "".
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

// activityStore is the store of what was done with the lake; nil: there is none.
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
