package query

import (
	"cmp"
	"context"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
)

const (
	// defaultKeepHistory is how long queries are listed by default.
	defaultKeepHistory = 7 * 24 * time.Hour
	// endlessHistory is for a lake that does not say how long: nothing is removed.
	endlessHistory = 100 * 365 * 24 * time.Hour
)

// rememberedKeepHistory returns how long queries are kept, and stores the value of o, if any, in the lake. A
// process without a value must not remove what another has promised to keep.
func rememberedKeepHistory(o Options) time.Duration {
	var remembered time.Duration
	err := o.Storage.Catalog().View(func(tx *catalog.Tx) (err error) {
		remembered, err = tx.KeepQueries()
		return err
	})
	if err != nil {
		remembered = endlessHistory
	}
	keep := o.KeepHistory.Truncate(time.Millisecond)
	if err == nil && keep > 0 && keep != remembered && !o.ReadOnly {
		err = o.Storage.Catalog().Update(context.Background(), func(tx *catalog.Tx) error { return tx.SetKeepQueries(keep) })
	}
	if err != nil {
		o.Log.Error("how long queries are kept cannot be remembered", "error", err)
	}
	return cmp.Or(max(0, keep), remembered, defaultKeepHistory)
}
