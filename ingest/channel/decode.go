package channel

import (
	"fmt"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/storage/schema"
)

// Decoder decodes events that a channel has taken into columns. It is a storage.Decoder and safe for concurrent
// use. The zero value is ready.
type Decoder struct {
	idle sync.Map // category: *sync.Pool of *record.Appender
}

// Decode implements storage.Decoder.
func (d *Decoder) Decode(table *schema.Table, events [][]byte) (arrow.Record, error) {
	idle := d.idleOf(table)
	appender, err := appended(idle, table, events)
	if err != nil {
		return nil, err
	}
	defer idle.Put(appender)
	return appender.Flush(), nil
}

// DecodeLent implements storage.Decoder.
func (d *Decoder) DecodeLent(table *schema.Table, events [][]byte) (rows arrow.Record, giveBack func(), err error) {
	idle := d.idleOf(table)
	appender, err := appended(idle, table, events)
	if err != nil {
		return nil, nil, err
	}
	return appender.Lend(), func() { idle.Put(appender) }, nil
}

func (d *Decoder) idleOf(table *schema.Table) *sync.Pool {
	idle, _ := d.idle.LoadOrStore(table.Category, &sync.Pool{})
	return idle.(*sync.Pool)
}

// appended returns an appender that holds the events.
func appended(idle *sync.Pool, table *schema.Table, events [][]byte) (*record.Appender, error) {
	appender, ok := idle.Get().(*record.Appender)
	if !ok {
		appender = record.NewAppender(table)
	}
	for i, event := range events {
		if _, failure := appender.Scan(event); failure != nil {
			appender.Lend()
			idle.Put(appender)
			return nil, fmt.Errorf("event %d: %s: %s", i, failure.Reason, failure.Message)
		}
		appender.Append()
	}
	return appender, nil
}
