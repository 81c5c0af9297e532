package parts

import (
	"fmt"

	"github.com/xwb1989/sqlparser"

	"github.com/auditlake/auditlake/planner/parse"
)

// Statements parses the statements that both parsers accept, several times. The peer is sqlparser, which reads
// MySQL's dialect.
func Statements(all []string, times int) Part {
	var common []string
	for _, sql := range all {
		if _, err := parse.Statement(sql); err != nil {
			continue
		}
		if _, err := sqlparser.Parse(sql); err == nil {
			common = append(common, sql)
		}
	}
	return Part{
		Title: fmt.Sprintf("part: %d of %d questions parsed, %d times", len(common), len(all), times), Peer: "sqlparser",
		ours: func() (result, error) {
			return timed(func() (int64, error) {
				return each(common, times, func(sql string) error { _, err := parse.Statement(sql); return err })
			})
		},
		theirs: func() (result, error) {
			return timed(func() (int64, error) {
				return each(common, times, func(sql string) error { _, err := sqlparser.Parse(sql); return err })
			})
		},
	}
}

// each calls parse with each statement a number of times, and returns how often that was.
func each(statements []string, times int, parse func(sql string) error) (n int64, err error) {
	for range times {
		for _, sql := range statements {
			if err := parse(sql); err != nil {
				return n, fmt.Errorf("%s: %w", sql, err)
			}
			n++
		}
	}
	return n, nil
}
