package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow/array"
	"golang.org/x/term"

	"github.com/auditlake/auditlake/engine"
)

// confirmRetention says how many events a shorter retention removes, and asks whether they may go. With yes it does
// not ask; without yes and a terminal it is an error. If no events are removed it says nothing.
func (p *program) confirmRetention(ctx context.Context, lake *engine.Lake, name string, days int, yes bool) error {
	store, err := lake.Stores().Get(ctx, name)
	if err != nil || days < engine.MinRetentionDays || days >= store.RetentionDays || lake.IsReadOnly() {
		return err // what else is wrong the change itself says
	}
	n, err := countBefore(ctx, lake, store, time.Now().UTC().Add(-time.Duration(days)*24*time.Hour))
	if err != nil || n == 0 {
		return err
	}
	what := fmt.Sprintf("%s of %s are older than %d days", plural(n, "event"), store.Name, days)
	if n == 1 {
		what = fmt.Sprintf("1 event of %s is older than %d days", store.Name, days)
	}
	if yes {
		_, err := fmt.Fprintf(p.err, "%s; hidden now, removed by the next expiry\n", what)
		return err
	}
	if p.held != nil || !isTerminal(p.input.in) || !terminal(p.err) {
		return usageError{fmt.Errorf("%s and would be deleted; pass --yes to confirm", what)}
	}
	ok, err := ask(p.in, p.err, what+" and will be deleted permanently. Shorten the retention?")
	if err == nil && !ok {
		err = errors.New("nothing was changed")
	}
	return err
}

// isTerminal reports whether the input is a terminal, where a user can answer.
func isTerminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// ask prints a question and reports whether the answer is y or yes.
func ask(in io.Reader, out io.Writer, question string) (bool, error) {
	if _, err := fmt.Fprintf(out, "%s [y/N] ", question); err != nil {
		return false, err
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && err != io.EOF {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	}
	return false, nil
}

// countBefore counts the events that a store has from before an instant.
func countBefore(ctx context.Context, lake *engine.Lake, store *engine.Store, before time.Time) (n int64, err error) {
	rows, err := lake.Query(ctx, fmt.Sprintf(`SELECT count(*) FROM "%s" WHERE eventtime < TIMESTAMP '%s'`,
		strings.ReplaceAll(store.Name, `"`, `""`), before.Format("2006-01-02 15:04:05.000")))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n = rows.Record().Column(0).(*array.Int64).Value(0)
	}
	return n, rows.Err()
}
