package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/storage/catalog"
)

// ActivityName is the name of the store that records what is done with the lake. No other store or reference table
// may have it.
const ActivityName = "auditlake_activity"

// ErrProtected means that the activity store does not change, besides its retention.
var ErrProtected = errors.New("only the retention of the activity store can be changed")

// BeginActivity returns the record of the activity store, which it creates if there is none, and notes that
// recording has begun. wasInterrupted says that the recorder before has not called EndActivity.
func (s *Stores) BeginActivity(ctx context.Context) (record *catalog.Store, wasInterrupted bool, err error) {
	err = s.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		all, err := tx.Stores()
		if err != nil {
			return err
		}
		if at := slices.IndexFunc(all, func(r *catalog.Store) bool { return r.IsActivity }); at >= 0 {
			record = all[at]
			wasInterrupted = record.IsRecording
		} else if record, err = s.draftActivity(tx, all); err != nil {
			return err
		}
		record.IsRecording = true
		return tx.PutStore(record)
	})
	return record, wasInterrupted, err
}

func (s *Stores) draftActivity(tx *catalog.Tx, all []*catalog.Store) (*catalog.Store, error) {
	record, err := Draft(s, Options{Name: ActivityName})
	if err != nil {
		return nil, err
	}
	record.IsActivity = true
	return record, checkNameFree(tx, all, ActivityName)
}

// EndActivity notes that everything is recorded.
func (s *Stores) EndActivity(ctx context.Context) error {
	return s.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		record, err := tx.StoreByName(ActivityName)
		if err != nil {
			return err
		}
		record.IsRecording = false
		return tx.PutStore(record)
	})
}

// CheckNotReserved returns an error if a store or table that people make cannot have a name.
func CheckNotReserved(name string) error {
	if strings.EqualFold(name, ActivityName) {
		return fmt.Errorf("%w: the name %s is reserved for the activity store", ErrInvalidParameter, name)
	}
	return nil
}

// checkNotActivity returns an error if a record is that of the activity store.
func checkNotActivity(r *catalog.Store) error {
	if r.IsActivity {
		return fmt.Errorf("%w: %s", ErrProtected, r.Name)
	}
	return nil
}

// withoutActivity is the records that people have made.
func withoutActivity(records []*catalog.Store) []*catalog.Store {
	return slices.DeleteFunc(slices.Clone(records), func(r *catalog.Store) bool { return r.IsActivity })
}

// isRetentionAlone reports whether an update changes the retention and nothing else.
func (u *Update) isRetentionAlone() bool {
	return u.RetentionDays != 0 && u.Name == "" && u.BillingMode == "" && u.Selectors == nil && u.TerminationProtected == nil &&
		u.MultiRegion == nil && u.Organization == nil && u.DedupeEventID == nil && u.KmsKeyID == ""
}
