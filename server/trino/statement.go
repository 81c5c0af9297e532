package trino

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/auditlake/auditlake/engine"
)

// statement is what a request asks for: something to run, or a change of the
// client's session, which the client keeps and sends with each request.
type statement struct {
	sql       string               // to run; "" for a change of the session
	arguments []string             // SQL of the values of sql's parameters
	describe  []engine.QueryOption // DESCRIBE INPUT or OUTPUT of sql

	updateType string      // names the change
	headers    http.Header // what the client is to note
	options    *session    // a session that must be possible before the change
	control    *control    // of a transaction; nil for all else
}

// interpret finds out what a statement asks for. Whatever is no matter of the
// session is left to the engine, with all its mistakes.
func (s *session) interpret(sql string) (*statement, error) {
	r := reader{sql: sql}
	switch r.next().text {
	case "START":
		return r.startTransaction()
	case "COMMIT":
		return r.endTransaction(true)
	case "ROLLBACK":
		return r.endTransaction(false)
	case "PREPARE":
		return r.prepare()
	case "EXECUTE":
		return r.execute(s)
	case "DEALLOCATE":
		return r.deallocate(s)
	case "USE":
		return r.use(s)
	case "SET":
		switch r.next().text {
		case "SESSION":
			return r.setSession()
		case "TIME":
			return r.setTimeZone()
		}
	case "DESCRIBE":
		return r.describe(s)
	case "RESET":
		if r.next().text == "SESSION" {
			return r.resetSession()
		}
	}
	return &statement{sql: sql}, nil
}

// reader reads a statement's tokens one by one.
type reader struct {
	sql string
	at  int
}

func (r *reader) next() token {
	t := nextToken(r.sql, r.at)
	r.at = t.end
	return t
}

// rest is what has not been read, without a last semicolon.
func (r *reader) rest() string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(r.sql[r.at:]), ";"))
}

// end demands that the statement ends here.
func (r *reader) end() error {
	t := r.next()
	if t.kind == tokenOther && t.text == ";" {
		t = r.next()
	}
	if t.kind != tokenEnd {
		return r.unexpected(t)
	}
	return nil
}

// expect reads a word.
func (r *reader) expect(word string) error {
	if t := r.next(); t.kind != tokenWord || t.text != word {
		return r.unexpected(t, word)
	}
	return nil
}

// name reads an identifier.
func (r *reader) name() (string, error) {
	t := r.next()
	if t.name() == "" {
		return "", r.unexpected(t, "<identifier>")
	}
	return t.name(), nil
}

// unexpected is a syntax error at a token.
func (r *reader) unexpected(t token, expected ...string) error {
	text := r.sql[t.start:t.end]
	if t.kind == tokenEnd {
		text = "<EOF>"
	}
	message := "mismatched input '" + text + "'"
	if len(expected) > 0 {
		message += ". Expecting: " + strings.Join(expected, ", ")
	}
	return syntaxError(r.sql, t.start, message)
}

func change(updateType, header, value string) *statement {
	return &statement{updateType: updateType, headers: http.Header{header: {value}}}
}

func (r *reader) prepare() (*statement, error) {
	name, err := r.name()
	if err != nil {
		return nil, err
	}
	if err := r.expect("FROM"); err != nil {
		return nil, err
	}
	body := r.rest()
	switch t := nextToken(body, 0); {
	case t.kind == tokenEnd:
		return nil, r.unexpected(r.next(), "<statement>")
	case t.text == "PREPARE" || t.text == "EXECUTE" || t.text == "DEALLOCATE":
		return nil, failed("NOT_SUPPORTED", "Invalid statement type for prepared statement: "+t.text)
	}
	if err := engine.CheckSyntax(blank(r.sql[:r.at]) + r.sql[r.at:]); err != nil {
		return nil, err
	}
	return change("PREPARE", "X-Trino-Added-Prepare", url.QueryEscape(name)+"="+url.QueryEscape(body)), nil
}

// blank keeps the lines and columns of what follows a text.
func blank(text string) string {
	return strings.Map(func(c rune) rune {
		if c == '\n' {
			return c
		}
		return ' '
	}, text)
}

func (r *reader) execute(s *session) (*statement, error) {
	out := new(statement)
	t := r.next()
	after := nextToken(r.sql, r.at)
	switch {
	case t.kind == tokenWord && t.text == "IMMEDIATE" && after.kind == tokenString:
		out.sql = r.next().text
	case t.name() == "":
		return nil, r.unexpected(t, "'IMMEDIATE'", "<identifier>")
	default:
		var err error
		if out.sql, err = s.statement(t.name()); err != nil {
			return nil, err
		}
	}
	if using := nextToken(r.sql, r.at); using.kind != tokenWord || using.text != "USING" {
		return out, r.end()
	}
	r.next()
	out.arguments = splitArguments(r.rest())
	for _, argument := range out.arguments {
		if argument == "" {
			return nil, r.unexpected(nextToken(r.sql, len(r.sql)), "<expression>")
		}
	}
	return out, nil
}

// statement is the prepared statement of a name.
func (s *session) statement(name string) (string, error) {
	sql, ok := s.prepared[name]
	if !ok {
		return "", failed("NOT_FOUND", "Prepared statement not found: "+name)
	}
	return sql, nil
}

// describe reads DESCRIBE INPUT name and DESCRIBE OUTPUT name; what else is
// described is a table, which the engine does.
func (r *reader) describe(s *session) (*statement, error) {
	out := &statement{sql: r.sql}
	what := r.next()
	name := r.next().name()
	if name == "" || what.kind != tokenWord {
		return out, nil
	}
	switch what.text {
	case "INPUT":
		out.describe = []engine.QueryOption{engine.DescribeInput()}
	case "OUTPUT":
		out.describe = []engine.QueryOption{engine.DescribeOutput()}
	default:
		return out, nil
	}
	var err error
	if out.sql, err = s.statement(name); err != nil {
		return nil, err
	}
	return out, r.end()
}

func (r *reader) deallocate(s *session) (*statement, error) {
	if err := r.expect("PREPARE"); err != nil {
		return nil, err
	}
	name, err := r.name()
	if err != nil {
		return nil, err
	}
	if _, err := s.statement(name); err != nil {
		return nil, err
	}
	return change("DEALLOCATE", "X-Trino-Deallocated-Prepare", url.QueryEscape(name)), r.end()
}

func (r *reader) use(s *session) (*statement, error) {
	name, err := r.name()
	if err != nil {
		return nil, err
	}
	catalog := s.catalog
	if nextToken(r.sql, r.at).text == "." {
		r.next()
		catalog = name
		if name, err = r.name(); err != nil {
			return nil, err
		}
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	out := change("USE", "X-Trino-Set-Schema", name)
	if catalog != "" {
		out.headers.Set("X-Trino-Set-Catalog", catalog)
	}
	out.options = &session{catalog: catalog, schema: name}
	return out, nil
}

// setSession reads SET SESSION name = value; the value is a text, a number or a word.
func (r *reader) setSession() (*statement, error) {
	name, err := r.name()
	if err != nil {
		return nil, err
	}
	if t := r.next(); t.text != "=" {
		return nil, r.unexpected(t, "'='")
	}
	t := r.next()
	if t.kind != tokenString && t.kind != tokenWord {
		return nil, r.unexpected(t, "<expression>")
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	value := t.text
	if t.kind == tokenWord {
		value = strings.ToLower(value)
	}
	return setProperty("SET SESSION", name, value), nil
}

// setProperty is a property that must be possible before the client is told.
func setProperty(updateType, name, value string) *statement {
	out := change(updateType, "X-Trino-Set-Session", url.QueryEscape(name)+"="+url.QueryEscape(value))
	out.options = &session{properties: map[string]string{name: value}}
	return out
}

func (r *reader) resetSession() (*statement, error) {
	name, err := r.name()
	if err != nil {
		return nil, err
	}
	return change("RESET SESSION", "X-Trino-Clear-Session", url.QueryEscape(name)), r.end()
}

// setTimeZone reads SET TIME ZONE LOCAL or SET TIME ZONE 'name'.
func (r *reader) setTimeZone() (*statement, error) {
	if err := r.expect("ZONE"); err != nil {
		return nil, err
	}
	t := r.next()
	switch {
	case t.kind == tokenString:
		return setProperty("SET TIME ZONE", timeZoneProperty, t.text), r.end()
	case t.kind == tokenWord && t.text == "LOCAL":
		// The zone the client began with is in its other header.
		return change("SET TIME ZONE", "X-Trino-Clear-Session", timeZoneProperty), r.end()
	case t.kind == tokenWord && t.text == "INTERVAL":
		return nil, failed("NOT_SUPPORTED", "SET TIME ZONE INTERVAL is not supported; name the zone: SET TIME ZONE '+02:00'")
	}
	return nil, r.unexpected(t, "'INTERVAL'", "'LOCAL'", "<string>")
}
