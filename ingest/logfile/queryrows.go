package logfile

import "github.com/auditlake/auditlake/jsontext"

// The managed service answers a query with rows. Each row is an array of objects, and each object has one column's
// name and its value as a text. The column eventjson holds a whole event.

// noEventColumn is the message for a row without a record.
const noEventColumn = "the row of get-query-results has no column eventJson: select eventJson, or import the query's result files"

// queryRow returns the record of a row.
func (r *Reader) queryRow(row []byte, offset int64) (Record, error) {
	u := unwrapping{room: r.limits.RecordBytes}
	return r.unwrapped(&u, u.addQueryRow(row), offset)
}

// addQueryRows adds the records of an array of rows.
func (u *unwrapping) addQueryRows(rows []byte) bool {
	isWhole := true
	eachElement(rows, func(row []byte) bool {
		isWhole = u.addQueryRow(row) && isWhole
		return true
	})
	return isWhole
}

// addQueryRow adds the record of a row.
func (u *unwrapping) addQueryRow(row []byte) bool {
	isFound := false
	eachElement(row, func(column []byte) bool {
		text := textOf(column, "eventjson")
		if isFound = len(text) > len(`""`); isFound {
			u.records = append(u.records, unquoted(text))
		}
		return !isFound
	})
	return isFound || u.fail(noEventColumn)
}

// eachElement calls do for the elements of a valid array until do returns false. A value that is not an array has
// no elements.
func eachElement(array []byte, do func(element []byte) bool) {
	var sc jsontext.Scanner
	sc.Reset(array)
	if sc.Next() != '[' || !sc.Enter() {
		return
	}
	sc.Pos++
	for more := sc.Next() != ']'; more; {
		value, ok := sc.Value()
		if !ok || !do(array[value.Start:value.End]) {
			return
		}
		if more, ok = sc.More(']'); !ok {
			return
		}
	}
}
