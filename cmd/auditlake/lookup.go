package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/auditlake/auditlake/engine"
)

// lookupFlags are the flags of lookup.
type lookupFlags struct {
	attributes       []string
	times            timeRange
	category, format string
	limit            int
	all              bool
}

func (p *program) lookupCommand() *cobra.Command {
	var f lookupFlags
	cmd := &cobra.Command{
		Use: "lookup", Short: "Look up events by time and attributes, newest first",
		Long: "Looks up management events in all stores of the lake, newest first. An event that was delivered\n" +
			"several times is shown once.\n\n" +
			"Attributes are EventId, EventName, ReadOnly, Username, ResourceType, ResourceName, EventSource and\n" +
			"AccessKeyId, in any letter case. An event must match all given attributes. A note shows how many\n" +
			"events were skipped because they have no id.\n\n" +
			"--format json prints the same JSON as the AWS CLI's lookup-events.",
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.lookUp(cmd.Context(), f) },
	}
	f.addTo(cmd.Flags())
	return cmd
}

func (f *lookupFlags) addTo(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.attributes, "attribute", nil, "attribute to match, such as EventName=CreateUser; repeatable")
	f.times.addTo(flags, "events")
	addHidden(flags, &f.times.from, "start", "older name of --from")
	addHidden(flags, &f.times.last, "end", "only events at or before this time")
	flags.StringVar(&f.category, "category", "management", "management or insight")
	flags.StringVar(&f.format, "format", "table", "table, csv or json")
	flags.IntVar(&f.limit, "limit", 50, "maximum number of events; 0: all")
	flags.BoolVar(&f.all, "all", false, "show all events, same as --limit 0")
}

// lookup reads the flags.
func (f *lookupFlags) lookup() (l engine.EventLookup, err error) {
	switch f.category {
	case "management":
	case "insight":
		l.Category = engine.LookupInsight
	default:
		return l, usageError{fmt.Errorf("--category must be management or insight, not %q", f.category)}
	}
	for _, text := range f.attributes {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return l, usageError{fmt.Errorf("--attribute must be Key=value, not %q", text)}
		}
		l.Attributes = append(l.Attributes, engine.EventAttribute{Key: key, Value: value})
	}
	if l.From, l.To, err = f.times.read(time.Now()); err != nil {
		return l, err
	}
	if !l.To.IsZero() {
		l.To = l.To.Add(-time.Millisecond) // the end of a lookup is part of it
	}
	if f.all {
		f.limit = 0
	}
	if f.limit < 0 {
		return l, usageError{fmt.Errorf("--limit must be 0 or more, not %d", f.limit)}
	}
	return l, nil
}

// eventWriter writes events one by one, and what follows the last.
type eventWriter interface {
	write(e *engine.HistoricEvent) error
	end() error
}

// newEventWriters has the formats of lookups.
var newEventWriters = map[string]func(io.Writer) eventWriter{
	"table": func(w io.Writer) eventWriter { return &tableEvents{out: w} },
	"csv":   func(w io.Writer) eventWriter { return &csvEvents{out: csv.NewWriter(w)} },
	"json":  func(w io.Writer) eventWriter { return &jsonEvents{out: w} },
}

func (p *program) lookUp(ctx context.Context, f lookupFlags) error {
	lookup, err := f.lookup()
	if err != nil {
		return err
	}
	newWriter := newEventWriters[f.format]
	if newWriter == nil {
		return usageError{fmt.Errorf("--format must be table, csv or json, not %q", f.format)}
	}
	return p.withLake(ctx, false, func(lake *engine.Lake) error {
		more, err := lookUpAll(ctx, lake, lookup, f.limit, newWriter(p.out))
		if more {
			fmt.Fprintln(p.err, "there are more events; pass --all to show them")
		}
		if err != nil {
			return err
		}
		left, err := lake.EventHistory().LeftOut(ctx, lookup, engine.ThroughDoor(engine.LookupDoorCommand))
		left.Oldest = time.Time{} // the command leaves out by --start alone
		for _, note := range left.Notes(lookup.From) {
			fmt.Fprintln(p.err, note)
		}
		return err
	})
}

// lookUpAll writes the events of a lookup, up to a limit, and reports whether there are more.
func lookUpAll(ctx context.Context, lake *engine.Lake, lookup engine.EventLookup, limit int, out eventWriter) (more bool, err error) {
	for written := 0; ; {
		lookup.MaxEvents = lookupPageEvents
		if limit > 0 {
			lookup.MaxEvents = min(lookupPageEvents, limit-written)
		}
		events, next, err := lake.EventHistory().Page(ctx, lookup, engine.ThroughDoor(engine.LookupDoorCommand))
		if err != nil {
			return false, err
		}
		for _, e := range events {
			if err := out.write(e); err != nil {
				return false, err
			}
		}
		written += len(events)
		if next == nil || written == limit {
			return next != nil, out.end()
		}
		lookup.After = next
	}
}

// lookupPageEvents is how many events are read at once.
const lookupPageEvents = 1000

// tableEvents writes aligned columns once all events are there.
type tableEvents struct {
	out  io.Writer
	rows [][]string
}

func (t *tableEvents) write(e *engine.HistoricEvent) error {
	t.rows = append(t.rows, []string{e.Time.Format(time.RFC3339), e.Name, e.Username, e.Source, resourceNames(e), e.EventID})
	return nil
}

func (t *tableEvents) end() error {
	return printColumns(t.out, append([][]string{{"time", "event", "user", "source", "resources", "id"}}, t.rows...))
}

func resourceNames(e *engine.HistoricEvent) string {
	var names []string
	for _, r := range e.Resources {
		names = append(names, r.Name)
	}
	return strings.Join(names, " ")
}

// csvEvents writes a line per event. Its resources are JSON.
type csvEvents struct {
	out    *csv.Writer
	headed bool
}

func (c *csvEvents) write(e *engine.HistoricEvent) error {
	c.head()
	resources, err := json.Marshal(lookedUp(e).Resources)
	if err != nil {
		return err
	}
	return c.out.Write([]string{e.EventID, e.Time.Format(time.RFC3339Nano), e.Name, e.Source, e.Username, e.AccessKeyID, e.ReadOnly, string(resources), e.Text})
}

func (c *csvEvents) head() {
	if !c.headed {
		// end reports an error.
		_ = c.out.Write([]string{"EventId", "EventTime", "EventName", "EventSource", "Username", "AccessKeyId", "ReadOnly", "Resources", "CloudTrailEvent"})
	}
	c.headed = true
}

func (c *csvEvents) end() error {
	c.head()
	c.out.Flush()
	return c.out.Error()
}

// jsonEvents writes what the AWS CLI writes, which import reads.
type jsonEvents struct {
	out   io.Writer
	begun bool
}

type (
	lookedUpResource struct {
		ResourceType string `json:",omitempty"`
		ResourceName string
	}
	lookedUpEvent struct {
		EventId, EventName    string
		ReadOnly, AccessKeyId string `json:",omitempty"`
		EventTime             time.Time
		EventSource           string
		Username              string `json:",omitempty"`
		Resources             []lookedUpResource
		CloudTrailEvent       string
	}
)

func lookedUp(e *engine.HistoricEvent) lookedUpEvent {
	out := lookedUpEvent{
		EventId: e.EventID, EventName: e.Name, ReadOnly: e.ReadOnly, AccessKeyId: e.AccessKeyID, EventTime: e.Time, EventSource: e.Source,
		Username: e.Username, Resources: []lookedUpResource{}, CloudTrailEvent: e.Text,
	}
	for _, r := range e.Resources {
		out.Resources = append(out.Resources, lookedUpResource{r.Type, r.Name})
	}
	return out
}

func (j *jsonEvents) write(e *engine.HistoricEvent) error {
	before := "{\"Events\": [\n"
	if j.begun {
		before = ",\n"
	}
	j.begun = true
	if _, err := io.WriteString(j.out, before); err != nil {
		return err
	}
	text, err := json.Marshal(lookedUp(e))
	if err != nil {
		return err
	}
	_, err = j.out.Write(text)
	return err
}

func (j *jsonEvents) end() error {
	after := "\n]}\n"
	if !j.begun {
		after = "{\"Events\": []}\n"
	}
	_, err := io.WriteString(j.out, after)
	return err
}
