package ingest

import (
	"fmt"

	"github.com/auditlake/auditlake/storage/schema"
)

// CheckCategory returns a failure if an event does not belong in a store of the category, nil if it does. The
// event's category is the one in its record; a record without one has an empty category.
func CheckCategory(store schema.Category, event []byte) *Failure {
	if store.Takes(schema.Category(event)) {
		return nil
	}
	has := "has no eventCategory"
	if len(event) > 0 {
		has = fmt.Sprintf("is of the category %.40q", event)
	}
	return &Failure{Reason: WrongCategory, Message: fmt.Sprintf("the event %s, the store takes %s events", has, store)}
}
