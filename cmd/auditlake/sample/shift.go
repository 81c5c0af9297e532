package sample

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/lazyregexp"
)

// The forms in which times stand in log files.
const (
	iso   = "2006-01-02T15:04:05Z"
	wordy = "Jan 2, 2006 3:04:05 PM"
)

var (
	isoTime   = lazyregexp.New(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
	wordyTime = lazyregexp.New(`[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M`)
	// millisTime is a member whose value counts milliseconds since 1970.
	millisTime = lazyregexp.New(`:1\d{12}\b`)
	// keyDay and keyTime are a log file's day folder and the time in its name.
	keyDay  = lazyregexp.New(`/\d{4}/\d\d/\d\d/`)
	keyTime = lazyregexp.New(`\d{8}T\d{4}Z`)
)

// shiftText moves every time in the text of log records.
func shiftText(text []byte, by time.Duration) []byte {
	text = shiftLayout(text, isoTime(), iso, by)
	text = shiftLayout(text, wordyTime(), wordy, by)
	return millisTime().ReplaceAllFunc(text, func(member []byte) []byte {
		n, err := strconv.ParseInt(string(member[1:]), 10, 64)
		if err != nil {
			return member
		}
		return strconv.AppendInt([]byte{':'}, n+by.Milliseconds(), 10)
	})
}

func shiftLayout(text []byte, pattern *regexp.Regexp, layout string, by time.Duration) []byte {
	return pattern.ReplaceAllFunc(text, func(match []byte) []byte {
		t, err := time.Parse(layout, string(match))
		if err != nil {
			return match // looks like a time, is none
		}
		return t.Add(by).AppendFormat(nil, layout)
	})
}

// shiftKey moves the times in a log file's key: the file's own and its day folder's.
func shiftKey(key string, by time.Duration) string {
	const layout = "20060102T1504Z"
	stamp := keyTime().FindString(key)
	t, err := time.Parse(layout, stamp)
	if err != nil {
		return key
	}
	t = t.Add(by)
	key = strings.Replace(key, stamp, t.Format(layout), 1)
	return keyDay().ReplaceAllString(key, t.Format("/2006/01/02/"))
}
