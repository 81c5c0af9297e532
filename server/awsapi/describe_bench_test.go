package awsapi_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

// BenchmarkDescribeQuery asks for the state of a query that has ended, as clients that poll do: the work of the handler, without a network.
func BenchmarkDescribeQuery(b *testing.B) {
	for _, records := range []bool{false, true} {
		name := "plain"
		if records {
			name = "activity"
		}
		b.Run(name, func(b *testing.B) {
			f := &fixture{T: &testing.T{}, dir: b.TempDir(), clock: clock.New(start), recordsActivity: records}
			f.open()
			defer f.close()
			for i := range 5 {
				f.get("CreateEventDataStore", of("Name", fmt.Sprint("store-", i)))
			}
			id := f.get("StartQuery", of("QueryStatement", "SELECT 1"))["QueryId"].(string)
			body := text(f.T, of("QueryId", id))
			b.ReportAllocs()
			signed := f.sign(request("DescribeQuery", body), "cloudtrail", body, rootID, secret, "")
			for b.Loop() {
				r := request("DescribeQuery", body)
				r.Header = signed.Header
				if w := f.serve(r); w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
