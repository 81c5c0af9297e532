package ingest

import (
	"fmt"

	"github.com/auditlake/auditlake/storage/schema"
)

// CheckCategory returns the failure of an event that does not belong in a store of a category, nil if it
// does. The event's own category is as its record says, empty if the record does not say.
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
