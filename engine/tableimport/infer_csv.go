package tableimport

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// accountDigits is the length of an account number. A column of them is text,
// as in events, though its values look like numbers.
const accountDigits = 12

var (
	integerText = lazyregexp.New(`^-?(0|[1-9][0-9]*)$`)
	numberText  = lazyregexp.New(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
)

// inferCSV reads a whole file to find the narrowest type of boolean, bigint,
// double, date, timestamp, timestamp with time zone and varchar that all values
// of a column have. Numbers with leading zeros, and whole ones past bigint, are
// text: no digit is lost.
func inferCSV(path string, format Format) ([]metadata.Column, error) {
	rows := &csvRows{}
	if err := rows.open(path, format); err != nil {
		return nil, err
	}
	defer rows.close()
	header, err := rows.read()
	if err == io.EOF {
		return nil, errors.New("the file is empty: its first line must name the columns")
	}
	if err != nil {
		return nil, err
	}
	var columns []metadata.Column
	for i, name := range header {
		if name = columnName(name); name == "" {
			return nil, fmt.Errorf("line 1: field %d, the name of a column, is empty", i+1)
		}
		columns = append(columns, metadata.Column{Name: name})
	}
	found := make([]textShape, len(columns))
	for {
		line, err := rows.read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		for i, field := range line {
			found[i].add(field)
		}
	}
	for i := range columns {
		columns[i].Type = found[i].result()
	}
	return columns, checkColumns(columns)
}

// textShape is what all values of a column so far could not be.
type textShape struct {
	values                                   bool // there is one
	noBoolean, noBigint, noDouble, noAccount bool
	noDate, noTimestamp                      bool
	zone, noZone                             bool // of the timestamps
	precision                                int
}

func (s *textShape) add(field string) {
	if field == "" {
		return
	}
	s.values = true
	s.noBoolean = s.noBoolean || field != "true" && field != "false"
	isInteger := integerText().MatchString(field)
	_, err := strconv.ParseInt(field, 10, 64)
	s.noBigint = s.noBigint || !isInteger || err != nil
	s.noAccount = s.noAccount || !isInteger || len(field) != accountDigits
	s.noDouble = s.noDouble || !numberText().MatchString(field) || isInteger && err != nil
	_, isDate := types.ParseDate(field)
	s.noDate = s.noDate || !isDate || len(field) != len("2026-01-31")
	if !s.noTimestamp {
		s.addTime(strings.TrimSpace(field))
	}
}

func (s *textShape) addTime(field string) {
	if at, ok := fromISO8601(field); ok {
		field = at
	}
	at, err := types.ParseTimestamp(field)
	if err != nil || len(field) < len("2026-01-31 10:00") {
		s.noTimestamp = true
		return
	}
	hasZone := at.Type.Kind == types.TimestampTZ
	s.zone, s.noZone = s.zone || hasZone, s.noZone || !hasZone
	s.noTimestamp = s.zone && s.noZone
	s.precision = max(s.precision, at.Type.Precision)
}

func (s *textShape) result() *types.Type {
	switch {
	case !s.values || !s.noAccount:
		return types.VarcharType
	case !s.noBoolean:
		return types.BooleanType
	case !s.noBigint:
		return types.BigIntType
	case !s.noDouble:
		return types.DoubleType
	case !s.noDate:
		return types.DateType
	case !s.noTimestamp && s.zone:
		return types.TimestampTZOf(s.precision)
	case !s.noTimestamp:
		return types.TimestampOf(s.precision)
	}
	return types.VarcharType
}
