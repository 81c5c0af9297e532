package engine

import (
	"context"

	"github.com/auditlake/auditlake/engine/delivery"
	"github.com/auditlake/auditlake/engine/query"
)

type (
	// Courier delivers query results to buckets in the background.
	Courier = delivery.Courier
	// DeliveryStatus is the state of a result's delivery.
	DeliveryStatus = query.DeliveryStatus
)

// Errors of delivery URIs.
var (
	ErrBucketName     = delivery.ErrBucketName
	ErrDeliveryPrefix = delivery.ErrPrefix
)

// NewCourier returns a courier that delivers to the lake's buckets, beginning with deliveries that an earlier
// courier left. The caller closes it before the lake. A lake has at most one courier at a time.
func (l *Lake) NewCourier() (*Courier, error) {
	files, dir := l.storage.ResultsFolder()
	return delivery.NewCourier(delivery.Options{
		Queries: l.queries, Keys: l.keys, Files: files, Dir: dir, AccountID: l.options.AccountID, Region: l.options.Region, Log: l.options.Log,
		Find: func(ctx context.Context, bucket string) (delivery.Storage, error) {
			return l.options.Buckets.Find(ctx, bucket, l.options.Region)
		},
	})
}

// DeliverTo sets the S3 URI to which a Courier delivers the query's kept result once the query has finished.
func DeliverTo(uri string) QueryOption { return query.DeliverTo(uri) }
