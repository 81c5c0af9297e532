package datepattern

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestPlainMySQL: what is read without a pattern is what the pattern reads.
func TestPlainMySQL(t *testing.T) {
	for pattern, isPlain := range map[string]bool{
		"%Y-%m-%d %H:%i:%s": true, "%Y-%m-%dT%H:%i:%sZ": true, "%Y-%m-%d?%H:%i:%s and more": true,
		"%Y-%m-%d": false, "%Y-%m-%d%H:%i:%s": false, "%Y-%m-%d %H:%i": false, "%Y-%m-%d %H:%i:%s%%": false, "%d-%m-%Y %H:%i:%s": false, "": false,
	} {
		p, ok := PlainMySQL(pattern)
		require.Equal(t, isPlain, ok, pattern)
		if !ok {
			continue
		}
		for text, isPlain := range map[string]bool{
			"2024-02-29 23:59:59": true, "0000-01-01 00:00:00": true, "9999-12-31 23:59:59": true, "1969-12-31 23:59:59": true,
			"2023-02-29 00:00:00": false, "2024-1-02 00:00:00": false, "2024-01-02 24:00:00": false, "2024-01-02 00:00:00.5": false, "": false, "2024-01-02": false,
		} {
			text = replaced(text, pattern)
			got, ok := p.Parse(text)
			require.Equal(t, isPlain, ok, text)
			want, err := new(MySQLParser).Parse(text, pattern)
			if ok {
				require.NoError(t, err, text)
				require.Equal(t, want, got, text)
			}
		}
	}
}

// TestLettersWithoutMeaning: a letter behind % that has none stands for itself, also where it takes several bytes.
func TestLettersWithoutMeaning(t *testing.T) {
	for pattern, text := range map[string]string{"%Y%q": "2024q", "%Y%é": "2024é", "%Y%%": "2024%"} {
		millis, err := new(MySQLParser).Parse(text, pattern)
		require.NoError(t, err, pattern)
		back, err := formatMySQL(time.UnixMilli(millis).UTC(), pattern)
		require.NoError(t, err, pattern)
		require.Equal(t, text, back)
	}
}

// replaced is a text as a plain pattern has it.
func replaced(text, pattern string) string {
	p, _ := PlainMySQL(pattern)
	if len(text) > len("2024-01-01") {
		at := len("2024-01-01")
		if text[at] != ' ' {
			at--
		}
		text = text[:at] + string(p.between) + text[at+1:]
	}
	return text + p.suffix
}

// TestPlainFields: times that are put together at once are what they are field by field.
func TestPlainFields(t *testing.T) {
	for name, c := range map[string]struct {
		fields  parsedFields
		isPlain bool
	}{
		"all":                     {parsedFields{{'y', 2024}, {'M', 2}, {'d', 29}, {'H', 23}, {'m', 59}, {'s', 58}, {'S', 999}}, true},
		"in another order":        {parsedFields{{'s', 58}, {'d', 30}, {'y', 2024}, {'M', 4}}, true},
		"a year and a day":        {parsedFields{{'y', 2023}, {'d', 31}}, true},
		"a year":                  {parsedFields{{'y', 1}}, true},
		"no year":                 {parsedFields{{'M', 2}, {'d', 29}}, false},
		"a time alone":            {parsedFields{{'H', 2}, {'m', 29}}, false},
		"no such day":             {parsedFields{{'y', 2023}, {'M', 2}, {'d', 29}}, false},
		"no such month":           {parsedFields{{'y', 2023}, {'M', 13}}, false},
		"no such hour":            {parsedFields{{'y', 2023}, {'H', 24}}, false},
		"an hour before any":      {parsedFields{{'y', 2023}, {'H', -1}}, false},
		"a field twice":           {parsedFields{{'y', 2023}, {'y', 2024}}, false},
		"half a day and an hour":  {parsedFields{{'y', 2023}, {'a', 1}, {'h', 3}}, false},
		"a week":                  {parsedFields{{'x', 2023}, {'w', 3}}, false},
		"a year before the first": {parsedFields{{'y', 0}}, false},
		"nothing":                 {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := c.fields.plainTime()
			require.Equal(t, c.isPlain, ok)
			if !ok {
				return
			}
			byField, ok := c.fields.timeByField()
			require.True(t, ok)
			require.Equal(t, byField, got)
		})
	}
}

// formatMySQL is AppendMySQL to an empty text.
func formatMySQL(at time.Time, pattern string) (string, error) {
	text, err := AppendMySQL(nil, at, pattern)
	return string(text), err
}

func TestFormatMySQL(t *testing.T) {
	at := time.Date(2024, time.February, 3, 4, 5, 6, 7_000_000, time.UTC)
	for pattern, want := range map[string]string{
		"%Y-%m-%d %H:%i:%s": "2024-02-03 04:05:06", "%y %c/%e %k %l %f": "24 2/3 4 4 007000", "%j": "034", "%v of %x": "05 of 2024", "%h%p": "04AM", "%%": "%",
	} {
		got, err := formatMySQL(at, pattern)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for year, want := range map[int]string{-5: "-0005", 0: "0000", 12: "0012", 12345: "12345", -12345: "-12345"} {
		got, err := formatMySQL(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), "%Y")
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
