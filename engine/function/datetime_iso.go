package function

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/planner/types"
)

func isoTimeFunctions() []Function {
	return []Function{
		scalar("from_iso8601_timestamp(varchar) -> timestamp(3) with time zone", "Reads 2024-08-07T15:04:05.678+02:00; without offset in the session's zone.", unaryEnv(fromISOTimestamp)),
		scalar("from_iso8601_timestamp_nanos(varchar) -> timestamp(9) with time zone", "Reads 2024-08-07T15:04:05.123456789Z; without offset in the session's zone.", unaryEnv(fromISOTimestampNanos)),
		scalar("from_iso8601_date(varchar) -> date", "Reads 2024-08-07, 2024-W32-3 or 2024-220.", unary(fromISODate)),
		scalar("to_iso8601(date) -> varchar(16)", "Returns the ISO 8601 text.", unaryPure(dateText)),
		scalar("to_iso8601(timestamp(p)) -> varchar", "Returns the ISO 8601 text.", bound(timestampToISO), types.ReturnOf(func(args []*types.Type) (*types.Type, error) {
			return types.VarcharOf(22 + fractionLength(args[0])), nil
		})),
		scalar("to_iso8601(timestamp(p) with time zone) -> varchar", "Returns the ISO 8601 text with offset.", bound(zonedToISO), types.ReturnOf(func(args []*types.Type) (*types.Type, error) {
			return types.VarcharOf(28 + fractionLength(args[0])), nil
		})),
	}
}

func fractionLength(t *types.Type) int {
	if t.Precision == 0 {
		return 0
	}
	return t.Precision + 1
}

// isoDate matches calendar, week and day-of-year dates; each part after the year is optional.
var isoDate = lazyregexp.New(`^([+-]?\d{1,9})(?:-W(\d{1,2})(?:-(\d))?|-(\d{3})|-(\d{1,2})(?:-(\d{1,2}))?)?$`)

func parseISODate(text string) (time.Time, bool) {
	m := isoDate().FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, false
	}
	number := func(s string, missing int) int {
		if s == "" {
			return missing
		}
		n, _ := strconv.Atoi(s)
		return n
	}
	year := number(m[1], 0)
	switch {
	case year < -290000 || year > 290000:
		return time.Time{}, false
	case m[2] != "":
		week, day := number(m[2], 1), number(m[3], 1)
		fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
		monday := fourth.AddDate(0, 0, -(int(fourth.Weekday()+6) % 7))
		t := monday.AddDate(0, 0, (week-1)*7+day-1)
		gotYear, gotWeek := t.ISOWeek()
		return t, gotYear == year && gotWeek == week && day >= 1 && day <= 7
	case m[4] != "":
		t := time.Date(year, 1, number(m[4], 1), 0, 0, 0, 0, time.UTC)
		return t, t.Year() == year && m[4] != "000"
	}
	month, day := number(m[5], 1), number(m[6], 1)
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == day && int(t.Month()) == month && t.Year() == year
}

func fromISODate(text string) (int32, error) {
	t, ok := parseISODate(text)
	if !ok {
		return 0, argumentError("Invalid format: \"%s\"", text)
	}
	return int32(types.FloorDiv(t.Unix(), secondsPerDay)), nil
}

var isoClock = lazyregexp.New(`^(\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?(?:[.,](\d{1,9}))?([Zz]|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?$`)

// isoNanos matches times with nanoseconds: Java's form, of full dates and times.
var isoNanos = lazyregexp.New(`^(?:-?\d{4}|[+-]\d{5,9})-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{0,9})?)?(?:[Zz]|[+-](\d\d:\d\d(?::\d\d)?))?$`)

func fromISOTimestamp(env *Env, text string) (zoned, error) {
	t, zone, err := fromISO(env, text)
	if err != nil {
		return zoned{}, err
	}
	c := clockOf(types.TimestampTZType)
	if zone == arrowtype.UTC {
		return zoned{c.value(t), zone}, nil
	}
	return zoned{c.instant(t, zone, c.offset(c.value(t), zone)), zone}, nil
}

// fromISOTimestampNanos reads up to nine fraction digits.
func fromISOTimestampNanos(env *Env, text string) (longZoned, error) {
	m := isoNanos().FindStringSubmatch(text)
	if m == nil || m[1] > "18:00" {
		return longZoned{}, argumentError("Text '%s' could not be parsed", types.Shortened(text))
	}
	t, zone, err := fromISO(env, emptyFraction().ReplaceAllString(text, "$1"))
	if err != nil {
		return longZoned{}, err
	}
	micros := microClock.instant(t, zone, microClock.offset(microClock.value(t), zone))
	return longZoned{long{micros, int64(t.Nanosecond()%1000) * 1000}, zone}, nil
}

// emptyFraction matches a point without digits.
var emptyFraction = lazyregexp.New(`\.([^\d]|$)`)

// fromISO reads a date, a time or both, and the zone. A time without a date is on 1970-01-01.
func fromISO(env *Env, text string) (time.Time, arrowtype.Zone, error) {
	if t, isUTC, ok := plainISO(text); isUTC && ok {
		return t, arrowtype.UTC, nil
	} else if ok {
		zone, err := parseZone(env.Zone)
		return t, zone, err
	}
	return parseISO(env, text)
}

// parseISO is fromISO for any form.
func parseISO(env *Env, text string) (time.Time, arrowtype.Zone, error) {
	bad := func() error { return argumentError("Invalid format: \"%s\"", types.Shortened(text)) }
	date, clockText, hasClock := strings.Cut(text, "T")
	t, ok := parseISODate(date)
	if date == "" && hasClock {
		t, ok = time.Unix(0, 0).UTC(), true
	}
	if !ok {
		return t, 0, bad()
	}
	zoneText := env.Zone
	if clockText != "" {
		m := isoClock().FindStringSubmatch(clockText)
		if m == nil {
			return t, 0, bad()
		}
		elapsed, ok := clockDuration(m)
		if !ok {
			return t, 0, bad()
		}
		t = t.Add(elapsed)
		if m[5] != "" {
			zoneText = strings.ToUpper(m[5])
		}
	}
	zone, err := parseZone(zoneText)
	if err != nil {
		return t, 0, err
	}
	if err := checkPackedMillis(t.UnixMilli()); err != nil {
		return t, 0, err
	}
	return t, zone, nil
}

// plainISO reads a time as in events, such as 2024-08-07T15:04:05Z, with up to nine fraction digits; the zone is
// optional. It returns false if the text may have another form.
func plainISO(text string) (t time.Time, isUTC, ok bool) {
	text, isUTC = strings.CutSuffix(text, "Z")
	seconds, nanos, _, ok := types.PlainTimestamp(text, 'T')
	if !ok || strings.HasPrefix(text, "0000") {
		return time.Time{}, false, false
	}
	return time.Unix(seconds, nanos).UTC(), isUTC, true
}

// clockDuration adds up hour, minute, second and a fraction of the last of them.
func clockDuration(m []string) (time.Duration, bool) {
	limits := []int{24, 60, 60}
	unit := []time.Duration{time.Hour, time.Minute, time.Second}
	var total, last time.Duration
	for i := range limits {
		if m[i+1] == "" {
			break
		}
		n, _ := strconv.Atoi(m[i+1])
		if n >= limits[i] {
			return 0, false
		}
		total += time.Duration(n) * unit[i]
		last = unit[i]
	}
	if m[4] != "" {
		total += fractionOf(m[4], last)
	}
	return total, true
}

// fractionOf returns 0.digits of a unit, truncated to nanoseconds.
func fractionOf(digits string, unit time.Duration) time.Duration {
	digits = (digits + "000000000")[:9]
	n, _ := strconv.ParseInt(digits, 10, 64)
	whole, rest := n/1e3, n%1e3 // so that an hour times a billion does not overflow
	return time.Duration(whole)*(unit/1e6) + time.Duration(rest)*unit/1e9
}

func timestampToISO(fn *types.Resolved) Bind {
	if p := fn.Args[0].Precision; fn.Args[0].IsLong() {
		return unaryPure(func(v long) string { return isoLong(v, p) })
	}
	t := fn.Args[0]
	return appendBind(eachTakes(len("2024-01-31T23:59:59")+fractionLength(t)), func(args []batch.Vector) func([]byte, int) []byte {
		values, texts := columnOf[int64](args[0]), isoTextsOf(t)
		return func(dst []byte, i int) []byte { return texts.append(dst, values.at(i)) }
	})
}

// isoTexts writes the texts of timestamps that are not long to shared blocks. It is fast for timestamps of the same
// day.
type isoTexts struct {
	of    *arrowtype.Timestamps
	block []byte
}

func isoTextsOf(t *types.Type) *isoTexts { return &isoTexts{of: arrowtype.TimestampsOf(t)} }

// text returns the text of a local timestamp, followed by an offset.
func (s *isoTexts) text(local int64, offset string) string {
	const longestBytes = 48
	s.block = blockFor(s.block, longestBytes)
	begin := len(s.block)
	s.block = append(s.append(s.block, local), offset...)
	return viewText(s.block[begin:])
}

// append appends the text of a local timestamp.
func (s *isoTexts) append(dst []byte, local int64) []byte {
	begin := len(dst)
	dst = s.of.Append(dst, local)
	text := dst[begin:]
	text[bytes.IndexByte(text, ' ')] = 'T'
	return dst
}

func isoLong(v long, p int) string {
	return strings.Replace(string(arrowtype.AppendLong(nil, types.Picos(v.micros, v.picos), p)), " ", "T", 1)
}

func zonedToISO(fn *types.Resolved) Bind {
	p := fn.Args[0].Precision
	if fn.Args[0].IsLong() {
		return unary(func(v longZoned) (string, error) {
			offset := microClock.offset(v.instant.micros, v.zone)
			local := long{v.instant.micros + offset, v.instant.picos}
			return withISOOffset(isoLong(local, p), int(offset/microClock.units))
		})
	}
	t := fn.Args[0]
	return rowBind(func(_ *Env, args []batch.Vector) func(int) (string, error) {
		values, texts, zones := columnOf[zoned](args[0]), isoTextsOf(t), offsets{c: clockOf(t)}
		suffix, offset := "Z", int64(0) // the suffix for zones that are offset ahead of UTC
		return func(i int) (string, error) {
			local := zones.local(values.at(i))
			if zones.offset != offset {
				with, err := withISOOffset("", int(zones.offset/zones.c.units))
				if err != nil {
					return "", err
				}
				suffix, offset = with, zones.offset
			}
			return texts.text(local, suffix), nil
		}
	})
}

func withISOOffset(text string, seconds int) (string, error) {
	if seconds == 0 {
		return text + "Z", nil
	}
	shift := time.Unix(0, 0).In(time.FixedZone("", seconds))
	if seconds%60 != 0 {
		return "", types.Errorf(types.InvalidArguments, types.Pos{},
			"Timezone with non-zero seconds offset cannot be rendered as ISO8601: %s", shift.Format("-07:00:00"))
	}
	return text + shift.Format("-07:00"), nil
}
