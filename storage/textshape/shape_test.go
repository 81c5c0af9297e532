package textshape_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/storage/schema"
	"github.com/auditlake/auditlake/storage/textshape"
)

// event is a record that needs no more than its members to be stored.
func event(members string) string { return `{"eventTime":"2025-03-04T08:21:07Z",` + members + `}` }

// bound are records as columns.
type bound struct {
	layout *textshape.Layout
	rows   *textshape.Rows
	record arrow.Record
}

func bind(t testing.TB, records ...string) bound {
	table, _ := schema.ForCategory("Management")
	a := record.NewAppender(table)
	for _, r := range records {
		_, failure := a.Scan([]byte(r))
		require.Nil(t, failure)
		a.Append()
	}
	b := bound{layout: textshape.NewLayout(table), record: a.Flush()}
	b.rows = b.layout.NewRows()
	require.NoError(t, b.rows.Bind(b.record.Columns()))
	return b
}

func TestShape(t *testing.T) {
	for name, c := range map[string]struct{ members, want string }{
		"texts":                     {`"eventName":"x","awsRegion":""`, `"eventName":$,"awsRegion":$`},
		"a name in another case":    {`"EVENTNAME":"x"`, `"EVENTNAME":$`},
		"white space":               {"\n \"eventName\" :\t\"x\" ", "\n \"eventName\" :\t$ "},
		"null":                      {`"eventName":null,"readOnly":null,"requestParameters":null`, `"eventName":null,"readOnly":null,"requestParameters":null`},
		"a number for a text":       {`"eventVersion":1.10`, `"eventVersion":$r`},
		"an object for a text":      {`"errorMessage":{"a":[1,"$"]}`, `"errorMessage":$r`},
		"escapes":                   {`"userAgent":"a\"b\\c\n\u001f/é"`, `"userAgent":$`},
		"a space beside an escape":  {`"userAgent":"a \"b\" ~\u007f"`, `"userAgent":"a \"b\" ~\u007f"`},
		"spaces beside an escape":   {`"userAgent":" a \"b\" ~"`, `"userAgent":$`},
		"escapes as of HTML":        {`"userAgent":"a\u003d\u0026\u0027"`, `"userAgent":$h`},
		"escapes as of Go":          {`"userAgent":"a=\u0026'"`, `"userAgent":$g`},
		"escaped slashes":           {`"userAgent":"a\/b"`, `"userAgent":$s`},
		"escapes of all but ASCII":  {`"userAgent":"\u00e9\ud83d\ude00"`, `"userAgent":$u`},
		"the same in capitals":      {`"userAgent":"\u00E9"`, `"userAgent":$U`},
		"escapes of no style":       {`"userAgent":"\u0061é"`, `"userAgent":"\u0061é"`},
		"half a surrogate":          {`"userAgent":"\ud83d"`, `"userAgent":"\ud83d"`},
		"booleans":                  {`"readOnly":true,"managementEvent":"false"`, `"readOnly":$,"managementEvent":$q`},
		"no boolean":                {`"readOnly":"yes"`, `"readOnly":"yes"`},
		"rows":                      {`"tlsDetails":{"cipherSuite":"a","tlsVersion":"b"},"userIdentity":{}`, `"tlsDetails":{"cipherSuite":$,"tlsVersion":$},"userIdentity":{}`},
		"no row":                    {`"tlsDetails":"a"`, `"tlsDetails":"a"`},
		"rows in rows":              {`"userIdentity":{"sessionContext":{"attributes":{"creationDate":"2025-01-01T00:00:00.250Z","mfaAuthenticated":"false"}}}`, `"userIdentity":{"sessionContext":{"attributes":{"creationDate":$m,"mfaAuthenticated":$}}}`},
		"a time to the microsecond": {`"userIdentity":{"sessionContext":{"attributes":{"creationDate":"2025-01-01T00:00:00.250001Z"}}}`, `"userIdentity":{"sessionContext":{"attributes":{"creationDate":"2025-01-01T00:00:00.250001Z"}}}`},
		"a time without seconds":    {`"userIdentity":{"sessionContext":{"attributes":{"creationDate":"2025-01-01T24:00Z"}}}`, `"userIdentity":{"sessionContext":{"attributes":{"creationDate":"2025-01-01T24:00Z"}}}`},
		"a map":                     {`"requestParameters":{"b":"x","a":"","c":null,"d":[1,{}],"e":{},"f":true}`, `"requestParameters":$`},
		"an empty map":              {`"requestParameters":{}`, `"requestParameters":$`},
		"a map with white space":    {`"requestParameters":{"b": 1}`, `"requestParameters":{"b": 1}`},
		"numbers in a map":          {`"requestParameters":{"a":1,"b":"1","c":-2.50e1,"d":"x"}`, `"requestParameters":$r.r`},
		"words as strings":          {`"requestParameters":{"a":"true","b":"[]","c":"null"}`, `"requestParameters":$tt`},
		"escapes in a map":          {`"requestParameters":{"a\"":"\"","b":"\u003c","c":"\u00E9"}`, `"requestParameters":$.hU`},
		"escaped letters of a key":  {`"requestParameters":{"\u0061":"x"}`, `"requestParameters":{"\u0061":"x"}`},
		"a key twice":               {`"requestParameters":{"a":"x","a":"y"}`, `"requestParameters":{"a":"x","a":"y"}`},
		"no map":                    {`"requestParameters":"x","responseElements":[1]`, `"requestParameters":"x","responseElements":[1]`},
		"a member twice":            {`"eventName":"x","eventName":"y"`, `"eventName":"x","eventName":$`},
		"a row twice":               {`"tlsDetails":{"tlsVersion":"x"},"tlsDetails":{"cipherSuite":"y"}`, `"tlsDetails":{"tlsVersion":"x"},"tlsDetails":{"cipherSuite":$}`},
		"a list":                    {`"resources":[{"ARN":"a","type":"b"},{},null,{"arn":"c"}]`, `"resources":[{"ARN":$,"type":$},{},null,{"arn":$}]`},
		"an empty list":             {`"resources":[]`, `"resources":[]`},
		"no list":                   {`"resources":{"ARN":"a"}`, `"resources":{"ARN":"a"}`},
		"a list twice":              {`"resources":[{"ARN":"a"},{"ARN":"b"}],"resources":[{"ARN":"a"}]`, `"resources":[{"ARN":$},{"ARN":"b"}],"resources":[{"ARN":$}]`},
		"maps in lists in rows": {`"eventContext":{"tagContext":{"resourceTags":[{"arn":"a","tags":{"k":"v"}},{"tags":{"n":1}}],"principalTags":{}}}`,
			`"eventContext":{"tagContext":{"resourceTags":[{"arn":$,"tags":$},{"tags":$r}],"principalTags":$}}`},
		"an unknown member":  {`"zone":[1,"$",{"a":"}"}]`, `"zone":[1,"$",{"a":"}"}]`},
		"a dollar in a text": {`"eventName":"$","a$":"$x"`, `"eventName":$,"a$":"$x"`},
	} {
		t.Run(name, func(t *testing.T) {
			// The rest makes what is not in columns a small share of the text.
			rest := `,"errorCode":"` + strings.Repeat(".", 300) + `"`
			text := event(c.members + rest)
			want := `{"eventTime":$,` + c.want + `,"errorCode":$}`
			b := bind(t, event(`"eventName":"before"`), text)
			p, ok := textshape.NewFinder(b.layout).Find([]byte(text), b.rows, 1)
			require.True(t, ok)
			require.Equal(t, want, p.Shape())
			require.Equal(t, text, b.rebuilt(t, p.Shape(), 1))
			require.NoError(t, b.rows.Bind(b.record.NewSlice(1, 2).Columns()))
			require.Equal(t, text, b.rebuilt(t, p.Shape(), 0), "columns that are slices")
		})
	}
}

func (b bound) rebuilt(t testing.TB, text string, row int) string {
	p, err := b.layout.Compile([]byte(text))
	require.NoError(t, err)
	require.Equal(t, text, p.Shape())
	got, err := p.Append([]byte("before"), b.rows, row)
	require.NoError(t, err)
	return strings.TrimPrefix(string(got), "before")
}

func TestTextsBetterKept(t *testing.T) {
	for name, text := range map[string]string{
		"mostly unknown":   event(`"zone":"` + strings.Repeat("x", 100) + `"`),
		"too long a shape": event(strings.Repeat(" ", 32<<10) + `"eventName":"x"`),
	} {
		t.Run(name, func(t *testing.T) {
			b := bind(t, text)
			_, ok := textshape.NewFinder(b.layout).Find([]byte(text), b.rows, 0)
			require.False(t, ok)
		})
	}
	b := bind(t, event(`"eventName":"x"`))
	for _, text := range []string{``, `x`, `{`, `{"eventTime"`, `{"eventTime":`, `{"eventTime":"2025-03-04T08:21:07Z"`, `{} {}`, `{"eventTime":"`, "{\"a\":\"\xff\"}", `{"eventTime":]}`} {
		_, ok := textshape.NewFinder(b.layout).Find([]byte(text), b.rows, 0)
		require.False(t, ok, text)
	}
}

// TestRowsOfOtherShapes: the shape of one row is not taken for another's.
func TestRowsOfOtherShapes(t *testing.T) {
	texts := []string{event(`"eventName":"x","readOnly":true`), event(`"eventName":"x","readOnly":false`), event(`"eventName":"x","readOnly":"true"`), event(`"eventName":"x"`)}
	b := bind(t, texts...)
	f := textshape.NewFinder(b.layout)
	shapes := map[string]bool{}
	for range 2 {
		for row, text := range texts {
			p, ok := f.Find([]byte(text), b.rows, row)
			require.True(t, ok)
			require.Equal(t, text, b.rebuilt(t, p.Shape(), row))
			shapes[p.Shape()] = true
		}
	}
	require.Len(t, shapes, 3)
	p, _ := f.Find([]byte(texts[0]), b.rows, 0)
	_, err := p.Append(nil, b.rows, 3)
	var mismatch *textshape.MismatchError
	require.ErrorAs(t, err, &mismatch)
	require.EqualError(t, err, "shape: no value for the hole at byte 40")
}

// TestTextsOfOtherRows: columns that do not hold what a text says give it no shape with wrong values.
func TestTextsOfOtherRows(t *testing.T) {
	b := bind(t, event(`"eventName":"x","resources":[{"ARN":"a"}],"requestParameters":{"a":1}`), event(`"eventName":"a\"b"`))
	for row := range 2 {
		for _, text := range []string{
			event(`"eventName":"y","resources":[{"ARN":"b"},{"ARN":"a"}],"requestParameters":{"a":1,"b":2}`),
			event(`"eventName":"a"b"`), event(`"eventName":"x","requestParameters":{}`), event(`"eventName":"x","requestParameters":{"a":1 }`),
		} {
			p, ok := textshape.NewFinder(b.layout).Find([]byte(text), b.rows, row)
			if ok {
				require.Equal(t, text, b.rebuilt(t, p.Shape(), row))
			}
		}
	}
}

func TestCompileErrors(t *testing.T) {
	table, _ := schema.ForCategory("Management")
	for text, want := range map[string]string{
		``:                                      "no object at byte 0",
		`[]`:                                    "no object at byte 0",
		`{"eventName":$`:                        "no comma at byte 14",
		`{"eventName":$x}`:                      "an unknown code at byte 15",
		`{"eventName":$ru}`:                     "a hole that no column fills at byte 16",
		`{"readOnly":$r}`:                       "an unknown code at byte 14",
		`{"userIdentity":$}`:                    "a hole that no column fills at byte 17",
		`{"resources":$}`:                       "a hole that no column fills at byte 14",
		`{"resources":[$]}`:                     "a hole that no column fills at byte 15",
		`{"requestParameters":$..x}`:            "an unknown code at byte 25",
		"{" + strings.Repeat(" ", 40_000) + "}": "more bytes than a shape may have at byte 32768",
		`{"eventName":$}x`:                      "text behind the object at byte 15",
		`{"eventName":"$}`:                      "a string without end at byte 13",
		`{"a":]}`:                               "no value at byte 5",
	} {
		t.Run(text, func(t *testing.T) {
			_, err := textshape.NewLayout(table).Compile([]byte(text))
			var syntax *textshape.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.EqualError(t, err, "shape: "+want)
		})
	}
}

// rebuilt counts the texts that have a shape, and the shapes; each must give its text exactly.
func rebuilt(t *testing.T, texts []string) (exact int, shapes map[string]bool) {
	b := bind(t, texts...)
	f := textshape.NewFinder(b.layout)
	shapes = map[string]bool{}
	for row, text := range texts {
		p, ok := f.Find([]byte(text), b.rows, row)
		if !ok {
			continue
		}
		shapes[p.Shape()] = true
		got, err := p.Append(nil, b.rows, row)
		require.NoError(t, err, p.Shape())
		require.Equal(t, text, string(got))
		exact++
	}
	return exact, shapes
}

func TestGeneratedEvents(t *testing.T) {
	texts, _ := generated(5000)
	exact, shapes := rebuilt(t, texts)
	require.Equal(t, len(texts), exact)
	require.Less(t, len(shapes), 500)
}

// TestPublishedEvents reads records that others published, and the log files some of them came in.
func TestPublishedEvents(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(material.Outside(t, "events"), "*.ndjson.gz"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	total, exact := 0, 0
	for _, path := range files {
		texts := readLines(t, path)
		n, _ := rebuilt(t, texts)
		total, exact = total+len(texts), exact+n
	}
	require.Equal(t, total, exact, "all of them are exact; texts that are not would be kept")
}

// readLines gives the records of a file that can be stored.
func readLines(t *testing.T, path string) (texts []string) {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	r := logfile.NewReader(logfile.DefaultLimits())
	r.Open(f)
	table, _ := schema.ForCategory("Management")
	a := record.NewAppender(table)
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return texts
		}
		require.NoError(t, err)
		if _, failure := a.Scan(rec.Raw); failure == nil {
			texts = append(texts, string(rec.Raw))
		}
	}
}

// FuzzShape: whatever the record, the shape found for it gives its text.
func FuzzShape(f *testing.F) {
	for _, members := range []string{
		`"eventName":"x","requestParameters":{"a":1,"b":"\u003c","c":[{}],"d":null},"readOnly":"true"`,
		`"userIdentity":{"sessionContext":{"attributes":{"creationDate":"2025-01-01T00:00:00.250Z"}}},"x":{"y":"$"}`,
		`"resources":[{"ARN":"a\/b"},null,{"arn":"\ud83d\ude00"}],"RESOURCES":[],"eventName" : 1`,
		`"eventContext":{"tagContext":{"resourceTags":[{"arn":"a","tags":{"k":"v","k":"w"}}]}}`,
	} {
		f.Add([]byte(event(members)))
	}
	table, _ := schema.ForCategory("Management")
	a := record.NewAppender(table)
	layout := textshape.NewLayout(table)
	rows, finder := layout.NewRows(), textshape.NewFinder(layout)
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, failure := a.Scan(text); failure != nil {
			return
		}
		a.Append()
		require.NoError(t, rows.Bind(a.Flush().Columns()))
		p, ok := finder.Find(text, rows, 0)
		if !ok {
			return
		}
		again, err := layout.Compile([]byte(p.Shape()))
		require.NoError(t, err, p.Shape())
		got, err := again.Append(nil, rows, 0)
		require.NoError(t, err, p.Shape())
		require.Equal(t, string(text), string(got), p.Shape())
	})
}

// FuzzCompile: shapes come from files; no text makes a program that panics.
func FuzzCompile(f *testing.F) {
	for _, text := range []string{
		`{"eventName":$h,"requestParameters":$..r,"readOnly":$q}`,
		`{"resources":[{"ARN":$},{"ARN":$}],"eventContext":{"tagContext":{"resourceTags":[{"tags":$}]}}}`,
		`{"eventTime":$m,"a":[{"b":"$"}]} `, `{"resources":[[`, `{"eventName":$$}`,
	} {
		f.Add([]byte(text))
	}
	b := bind(f, event(`"resources":[{"ARN":"a"}],"requestParameters":{"a":1}`), event(`"readOnly":true`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := b.layout.Compile(text)
		if err != nil {
			return
		}
		for row := range 2 {
			_, _ = p.Append(nil, b.rows, row)
		}
	})
}
