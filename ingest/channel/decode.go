package channel

import (
	"fmt"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/schema"
)

// Decoder returns a function that reads events which a channel has taken into columns.
func Decoder() storage.Decode {
	var idle sync.Map // category: *sync.Pool of *record.Appender
	return func(table *schema.Table, events [][]byte) (arrow.Record, error) {
		pool, _ := idle.LoadOrStore(table.Category, &sync.Pool{})
		appender, ok := pool.(*sync.Pool).Get().(*record.Appender)
		if !ok {
			appender = record.NewAppender(table)
		}
		defer pool.(*sync.Pool).Put(appender)
		for i, event := range events {
			if _, failure := appender.Scan(event); failure != nil {
				appender.Flush()
				return nil, fmt.Errorf("event %d: %s: %s", i, failure.Reason, failure.Message)
			}
			appender.Append()
		}
		return appender.Flush(), nil
	}
}
