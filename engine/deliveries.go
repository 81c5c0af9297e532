package engine

import (
	"context"

	"github.com/auditlake/auditlake/engine/delivery"
	"github.com/auditlake/auditlake/engine/query"
)

type (
	// Courier delivers results of queries to buckets, in the background.
	Courier = delivery.Courier
	// DeliveryStatus says how far the delivery of a result has come.
	DeliveryStatus = query.DeliveryStatus
)

// Errors of delivery URIs.
var (
	ErrBucketName     = delivery.ErrBucketName
	ErrDeliveryPrefix = delivery.ErrPrefix
)

// NewCourier returns a courier that delivers to the lake's buckets, and begins with what an earlier one left. The
// caller closes it before the lake; a lake has one at a time.
func (l *Lake) NewCourier() (*Courier, error) {
	files, dir := l.storage.ResultsFolder()
	return delivery.NewCourier(delivery.Options{
		Queries: l.queries, Keys: l.keys, Files: files, Dir: dir, AccountID: l.options.AccountID, Region: l.options.Region, Log: l.options.Log,
		Find: func(ctx context.Context, bucket string) (delivery.Storage, error) {
			return l.options.Buckets.Find(ctx, bucket, l.options.Region)
		},
	})
}

// DeliverTo says where the kept result of a query is delivered once it has finished, as an S3 URI. A Courier delivers
// it.
func DeliverTo(uri string) QueryOption { return query.DeliverTo(uri) }
