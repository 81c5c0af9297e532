package eventhistory_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestCreatedAndTagged: an event names what its response says it made, and what its request tags. Each line of the files
// has a service, an event name, the response elements or request parameters, and the resource's type and name; - is no type.
func TestCreatedAndTagged(t *testing.T) {
	f := newFixture(t)
	type row struct {
		event    string
		resource engine.EventResource
	}
	want := map[string]row{}
	var events []string
	for _, file := range []struct {
		name, column string
		rows         int // at least
	}{{"created.txt", "responseElements", 180}, {"tagged.txt", "requestParameters", 40}} {
		content, err := os.Open(filepath.Join("testdata", file.name))
		require.NoError(t, err)
		defer content.Close()
		rows := 0
		for lines := bufio.NewScanner(content); lines.Scan(); rows++ {
			words := strings.Fields(lines.Text())
			require.Len(t, words, 5, lines.Text())
			id := fmt.Sprintf("%s %d", file.name, rows)
			events = append(events, event(newYear, id, `"eventSource":"`+words[0]+`.amazonaws.com"`,
				`"eventName":"`+words[1]+`"`, `"`+file.column+`":`+words[2]))
			resource := engine.EventResource{Type: strings.TrimPrefix(words[3], "-"), Name: words[4]}
			want[id] = row{words[0] + " " + words[1], resource}
		}
		require.GreaterOrEqual(t, rows, file.rows)
	}
	f.push("main", events...)
	found := f.all(engine.EventLookup{MaxEvents: 50})
	require.Len(t, found, len(want))
	for _, e := range found {
		require.Contains(t, e.Resources, want[e.EventID].resource, want[e.EventID].event)
	}
}
