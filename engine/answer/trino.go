package answer

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"

	"github.com/auditlake/auditlake/planner/types"
)

// writeTrino writes one document with columns and data as the Trino client
// protocol has them. The caller adds statistics with TrinoStats; on an error
// use TrinoError instead.
func writeTrino(w io.Writer, src Source) (int64, error) {
	out := bufio.NewWriter(w)
	line := []byte(`{"columns":[`)
	for i, c := range src.Columns() {
		if i > 0 {
			line = append(line, ',')
		}
		line = append(AppendQuoted(append(line, `{"name":`...), []byte(c.Name)), `,"type":`...)
		line = append(AppendQuoted(line, []byte(c.Type.Display())), '}')
	}
	line = append(line, `],"data":[`...)
	var rows int64
	for src.Next() {
		arrays := src.Arrays()
		cells := RowCells(src.Columns(), arrays)
		for i := 0; i < rowsOf(arrays); i++ {
			if rows > 0 {
				line = append(line, ',')
			}
			line = append(line, '\n', '[')
			for j, cell := range cells {
				if j > 0 {
					line = append(line, ',')
				}
				line = cell(line, i)
			}
			line = append(line, ']')
			if _, err := out.Write(line); err != nil {
				return rows, err
			}
			line = line[:0]
			rows++
		}
	}
	if err := src.Err(); err != nil {
		return rows, err
	}
	line = append(line, ']')
	if s, ok := src.(interface{ StatsJSON() ([]byte, error) }); ok {
		stats, err := s.StatsJSON()
		if err != nil {
			return rows, err
		}
		line = append(append(line, `,"stats":`...), stats...)
	}
	if _, err := out.Write(append(line, "}\n"...)); err != nil {
		return rows, err
	}
	return rows, out.Flush()
}

// TrinoError writes a failed statement's document.
func TrinoError(w io.Writer, failure error) error {
	type location struct {
		LineNumber   int `json:"lineNumber"`
		ColumnNumber int `json:"columnNumber"`
	}
	type body struct {
		ErrorName     string    `json:"errorName"`
		ErrorType     string    `json:"errorType"`
		Message       string    `json:"message"`
		ErrorLocation *location `json:"errorLocation,omitempty"`
	}
	b := body{ErrorName: types.GenericInternalError, ErrorType: "INTERNAL_ERROR", Message: failure.Error()}
	var e *types.Error
	if errors.As(failure, &e) {
		b = body{ErrorName: e.Name, ErrorType: ErrorType(e.Name), Message: e.Message}
		if !e.Pos.IsZero() {
			b.ErrorLocation = &location{e.Pos.Line, e.Pos.Column}
		}
	}
	return json.NewEncoder(w).Encode(map[string]body{"error": b})
}

// ErrorType is Trino's class of an error name.
func ErrorType(name string) string {
	e := types.Error{Name: name}
	switch {
	case e.IsLimit():
		return "INSUFFICIENT_RESOURCES"
	case name == types.GenericInternalError:
		return "INTERNAL_ERROR"
	}
	return "USER_ERROR"
}
