package query

import (
	"fmt"

	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// DeliveryStatus is the state of a result's delivery; "": none was requested.
type DeliveryStatus = catalog.DeliveryStatus

// maxPendingDeliveries is more than are ever pending at once.
const maxPendingDeliveries = 100_000

// DeliverTo sets where the kept result is delivered once the query has finished. A query that ends in another way
// delivers nothing. This package only records the URI; delivery.Courier delivers.
func DeliverTo(uri string) Option { return func(o *request) { o.deliverTo = uri } }

// noteUndelivered records that the result of a query that has not finished will not be delivered.
func noteUndelivered(record *catalog.Query) {
	switch {
	case record.DeliveryStatus != catalog.DeliveryPending:
	case record.Status == catalog.QueryCancelled:
		record.DeliveryStatus = catalog.DeliveryCancelled
	default:
		record.DeliveryStatus = catalog.DeliveryFailed
	}
}

// PendingDeliveries lists the finished queries whose results are still to be delivered.
func (q *Queries) PendingDeliveries() (out []*Info, err error) {
	records := q.inMemory()
	err = q.options.Storage.Catalog().View(func(tx *catalog.Tx) error {
		written, err := tx.PendingDeliveries(maxPendingDeliveries)
		for _, r := range written {
			if records[r.ID] == nil {
				records[r.ID] = r
			}
		}
		return err
	})
	for _, r := range records {
		if r.Status == catalog.QueryFinished && r.DeliveryStatus == catalog.DeliveryPending && !r.CreatedAt.Before(q.oldest()) {
			out = append(out, q.infoOf(r))
		}
	}
	return out, err
}

// EndDelivery records how the delivery of a query's result ended. After a nil error the record is on disk.
func (q *Queries) EndDelivery(id string, status DeliveryStatus) error {
	if q.history == nil {
		return storage.ErrReadOnly
	}
	record, err := q.record(id)
	if err != nil {
		return err
	}
	if record.Status != catalog.QueryFinished || record.DeliveryStatus != catalog.DeliveryPending {
		return fmt.Errorf("query %s is %s, its delivery %q: there is nothing to end", id, record.Status, record.DeliveryStatus)
	}
	ended := *record
	ended.DeliveryStatus = status
	q.history.note(&ended, nil)
	return q.history.flush()
}
