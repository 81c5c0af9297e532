package trino_test

import (
	"slices"
	"testing"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/trino"
)

// BenchmarkBesideClientsThatNeverPoll measures how long other clients wait for an answer while ten clients have long
// answers open and ask for no page: p99-us beside twice that of idle.
func BenchmarkBesideClientsThatNeverPoll(b *testing.B) {
	const asked = "SELECT count(*), sum(x) FROM UNNEST(sequence(1, 10000)) t (x), UNNEST(sequence(1, 10)) u (y)"
	for _, c := range []struct {
		name     string
		unpolled int
	}{{"idle", 0}, {"beside ten", 10}} {
		b.Run(c.name, func(b *testing.B) {
			client := newClientOf(b, engine.Options{}, trino.Options{Unpolled: time.Hour, Idle: time.Hour})
			var open []answer
			for range c.unpolled {
				open = append(open, client.post(severalPages))
			}
			client.header.Set("X-Trino-User", "bob")
			var took []time.Duration
			for b.Loop() {
				begun := time.Now()
				client.ask(asked)
				took = append(took, time.Since(begun))
			}
			for _, a := range open {
				if client.hasEnded(a.ID) {
					b.Fatal("a client was sent away")
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
		})
	}
}

// BenchmarkSelectOne is a statement that asks for nothing, through the door.
func BenchmarkSelectOne(b *testing.B) {
	client := newClientOf(b, engine.Options{}, trino.Options{})
	for b.Loop() {
		client.ask("SELECT 1")
	}
}
