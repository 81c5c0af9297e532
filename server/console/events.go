package console

import (
	"errors"
	"strings"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

// shownColumns are the columns shown of the events behind a row, if the table has them.
const shownColumns = "eventtime, eventsource, eventname, useridentity.arn AS arn, sourceipaddress, errorcode, eventid"

// eventsView is a statement for the events behind a row.
type eventsView struct {
	SQL string `json:"sql"`
	Why string `json:"why"` // why it is the row's own statement; "": it is not
}

// eventsBehind returns a statement for the events from which a query made a row of its result. Nothing runs.
func (d *Door) eventsBehind(c *call) (any, error) {
	row, err := c.number("row", 0, 1<<53, 0)
	if err != nil {
		return nil, err
	}
	result, info, err := d.result(c)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	d.notePage(c, "GetPage", info.ID)
	if row >= result.Rows() {
		return nil, notFound("the result has %d rows", result.Rows())
	}
	values, err := rowValues(c, result, row)
	if err != nil {
		return nil, err
	}
	asked := info.SQL
	if origin := result.Origin(); origin != nil { // read the events of the query's time, not of now
		asked = engine.AsOf(asked, origin.Instant)
	}
	for _, shown := range []struct{ columns, order string }{{shownColumns, "\nORDER BY eventtime DESC"}, {"*", ""}} {
		sql, err := engine.EventsBehind(asked, values, shown.columns)
		if errors.Is(err, engine.ErrEventsNotDerived) {
			return eventsView{SQL: asked, Why: strings.Join(strings.Fields(err.Error()), " ")}, nil
		}
		if err != nil {
			return nil, err
		}
		sql += shown.order + "\nLIMIT 1000"
		if _, err := d.lake.Queries().Check(c.r.Context(), sql); err == nil {
			return eventsView{SQL: sql}, nil
		}
	}
	return eventsView{SQL: asked, Why: "the events of this row do not follow from its statement: the statement does not group events"}, nil
}

// rowValues returns the values of a row of a result.
func rowValues(c *call, result *engine.QueryResult, row int64) (values []engine.AnswerValue, err error) {
	page := result.Page(c.r.Context(), row, 1)
	if !page.Next() {
		return nil, errors.Join(page.Err(), errors.New("a kept result has fewer rows than it says"))
	}
	for i, column := range result.Columns() {
		v := engine.AnswerValue{Type: column.Type.String(), IsNull: answer.IsNull(page.Arrays()[i], 0)}
		if !v.IsNull {
			v.Text = string(answer.AppendShown(nil, column.Type, page.Arrays()[i], 0))
		}
		values = append(values, v)
	}
	return values, nil
}
