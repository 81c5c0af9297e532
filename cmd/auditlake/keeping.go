package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/auditlake/auditlake/engine"
)

// keepingFlags say how long queries are listed, and how much of their results the lake keeps.
type keepingFlags struct {
	queries, result, results string
}

func (f *keepingFlags) addTo(flags *pflag.FlagSet) {
	flags.StringVar(&f.queries, "keep-queries", "", "how long to keep queries and their results, such as 30d or 12h; saved in the lake (default: the saved value, initially 7d)")
	flags.StringVar(&f.result, "max-result", "", "maximum size of one kept result on disk (default 1GiB)")
	flags.StringVar(&f.results, "max-results", "", "maximum size of all kept results on disk (default: 10 % of the free space, at most 20GiB)")
}

// maxKeepQueries is longer than any lake keeps events.
const maxKeepQueries = 10 * 366 * 24 * time.Hour

// set puts what the flags say into the options of the lake.
func (f *keepingFlags) set(o *engine.Options) (err error) {
	if f.queries != "" {
		if o.KeepHistory, err = parseLasting(f.queries); err != nil {
			return err
		}
		if o.KeepHistory < time.Minute || o.KeepHistory > maxKeepQueries {
			return usageError{fmt.Errorf("--keep-queries must be between 1m and 3660d, not %s", f.queries)}
		}
	}
	for _, limit := range []struct {
		flag, text string
		bytes      *int64
	}{{"--max-result", f.result, &o.MaxResultBytes}, {"--max-results", f.results, &o.MaxResultsBytes}} {
		if limit.text == "" {
			continue
		}
		if *limit.bytes, err = parseBytes(limit.text); err != nil {
			return err
		}
		if *limit.bytes == 0 {
			return usageError{errors.New(limit.flag + " must be more than 0")}
		}
	}
	return nil
}

// warnOfHolder says that another process has the lake open, and how: this process's flags do not change that.
func (p *program) warnOfHolder() {
	var flags []string
	for _, given := range []struct {
		flag string
		is   bool
	}{
		{"--memory", p.memory != ""}, {"--spill-limit", p.spillLimit != ""}, {"--keep-queries", p.background.KeepHistory != 0},
		{"--max-result", p.background.MaxResultBytes != 0}, {"--max-results", p.background.MaxResultsBytes != 0},
	} {
		if given.is {
			flags = append(flags, given.flag)
		}
	}
	if len(flags) > 0 {
		p.warn([]string{"ignoring " + strings.Join(flags, ", ") + ": another process holds the lake, and its settings apply"})
	}
}
