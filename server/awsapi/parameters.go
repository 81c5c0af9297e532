package awsapi

import (
	"strings"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/lazyregexp"
)

var numberText = lazyregexp.New(`^-?[0-9]{1,18}(?:\.[0-9]{1,18})?$`)

// withParameters replaces a statement's question marks by the values of a request, also quoted ones: '?'. It
// returns the statement with plain question marks, and an SQL constant for each. The constant is a number if the
// value is one and its question mark has no quotes, otherwise a text. So a value is never more than a value.
func withParameters(sql string, values []string) (statement string, arguments []string, err error) {
	if len(values) == 0 {
		return sql, nil, nil
	}
	statement, marks := engine.ReplaceQuestionMarks(sql, func(n int, isQuoted bool) string {
		if n < len(values) {
			arguments = append(arguments, constant(values[n], isQuoted))
		}
		return "?"
	})
	if marks != len(values) {
		return "", nil, fail("InvalidParameterException", "The statement has %d question marks, but there are %d QueryParameters.", marks, len(values))
	}
	return statement, arguments, nil
}

func constant(value string, isQuoted bool) string {
	if !isQuoted && numberText().MatchString(value) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}
