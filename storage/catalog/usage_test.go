package catalog

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUsageOfEarlierPrograms: a record without ways in is added to, and says how much of it is of no known way.
func TestUsageOfEarlierPrograms(t *testing.T) {
	c := changedCatalog(t)
	old := []byte("\x01" + `{"StoreID":"` + mainID + `","Day":"1970-01-06","IngestedBytes":100,"IngestedEvents":2,"ScannedBytes":7,"Queries":1}`)
	update(t, c, func(tx *Tx) error { return tx.setRaw(usageKey(mainID, 5), old) })
	update(t, c, func(tx *Tx) error {
		return tx.AddUsage(Usage{StoreID: mainID, Day: 5, IngestedBytes: 30, IngestedEvents: 1, Ways: WayBytes{Live: 20, Imported: 10}})
	})
	require.NoError(t, c.View(func(tx *Tx) error {
		for u, err := range tx.Usage(mainID, 5, 5) {
			require.NoError(t, err)
			require.Equal(t, &Usage{StoreID: mainID, Day: 5, IngestedBytes: 130, IngestedEvents: 3, ScannedBytes: 7, Queries: 1, Ways: WayBytes{Live: 20, Imported: 10}}, u)
		}
		return nil
	}))
}
