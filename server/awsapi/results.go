package awsapi

import (
	"context"
	"encoding/json"
	"errors"
	"math"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

// maxRowsBytes limits the rows of one page, unless a single row is longer.
const maxRowsBytes = 4 << 20

type getQueryResultsInput struct {
	queryReference
	NextToken       string
	MaxQueryResults int
}

type (
	queryResultStatistics struct {
		ResultsCount      int32
		TotalResultsCount int32
		BytesScanned      int64
	}
	queryResults struct {
		QueryStatus     string
		QueryStatistics queryResultStatistics
		QueryResultRows []json.RawMessage
		NextToken       string `json:",omitempty"`
		ErrorMessage    string `json:",omitempty"`
	}
)

// rowPlace is the number of a page's first row.
type rowPlace struct{ Row int64 }

func (d *Door) getQueryResults(ctx context.Context, c *call, in *getQueryResultsInput) (any, error) {
	info, err := d.query(ctx, c, &in.queryReference)
	if err != nil {
		return nil, err
	}
	from, err := readToken[rowPlace](d, c, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &queryResults{
		QueryStatus: string(info.State), QueryResultRows: []json.RawMessage{}, ErrorMessage: errorMessage(info),
		QueryStatistics: queryResultStatistics{BytesScanned: info.BytesScanned},
	}
	result, err := d.resultOf(info)
	if result == nil || err != nil {
		return out, err
	}
	page := rowPlace{}
	if from != nil {
		page = *from
	}
	next, err := out.addRows(ctx, result, page.Row, int64(pageSize(in.MaxQueryResults)))
	if err := errors.Join(err, result.Close()); err != nil {
		return nil, err
	}
	out.QueryStatistics.TotalResultsCount = int32(min(result.Rows(), math.MaxInt32))
	out.QueryStatistics.ResultsCount = int32(len(out.QueryResultRows))
	if next < result.Rows() {
		out.NextToken, err = writeToken(d, c, &rowPlace{next})
	}
	return out, err
}

// resultOf opens the rows of a query; of a query that timed out, the rows so far. nil: it has none, or not yet.
func (d *Door) resultOf(info *engine.QueryInfo) (*engine.QueryResult, error) {
	switch info.State {
	case engine.QueryFinished:
		return d.lake.Queries().Results(info.ID)
	case engine.QueryTimedOut:
		part, err := d.lake.Queries().PartialResults(info.ID)
		if errors.Is(err, engine.ErrResultNotKept) { // the query never began to run
			return nil, nil
		}
		return part, err
	}
	return nil, nil
}

// addRows adds rows from row from on, up to limit rows and maxRowsBytes, but at least one. It returns the number of
// the next row.
func (out *queryResults) addRows(ctx context.Context, result *engine.QueryResult, from, limit int64) (next int64, err error) {
	page := result.Page(ctx, from, limit)
	columns := result.Columns()
	keys := make([][]byte, len(columns))
	for i, column := range columns {
		keys[i] = answer.AppendQuoted(nil, []byte(column.Name))
	}
	size, next := 0, from
	for page.Next() {
		arrays := page.Arrays()
		for row := range arrays[0].Len() {
			text := []byte{'['}
			for i, column := range columns {
				if i > 0 {
					text = append(text, ',')
				}
				text = append(append(append(text, '{'), keys[i]...), ':')
				if answer.IsNull(arrays[i], row) {
					text = append(text, "null"...)
				} else {
					text = answer.AppendQuoted(text, answer.AppendBare(nil, column.Type, arrays[i], row))
				}
				text = append(text, '}')
			}
			text = append(text, ']')
			if size += len(text); size > maxRowsBytes && len(out.QueryResultRows) > 0 {
				return next, nil
			}
			out.QueryResultRows = append(out.QueryResultRows, text)
			next++
		}
	}
	return next, page.Err()
}
