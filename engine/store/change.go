package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// Update says what to change; nil and empty fields stay as they are.
type Update struct {
	Name                 string
	RetentionDays        int
	BillingMode          BillingMode
	Selectors            []Selector
	TerminationProtected *bool
	MultiRegion          *bool
	Organization         *bool
	// DedupeEventID makes imports leave repeated events out from now on (see Options); compaction drops the repeats
	// that are there already. The store must not be fed by a channel.
	DedupeEventID *bool
	KmsKeyID      string // only of a store that has none
}

// Update changes a store. A shorter retention hides older events at once;
// fixed billing can become extendable, never the reverse.
func (s *Stores) Update(ctx context.Context, name string, update Update) (*Store, error) {
	change := s.changeRecord
	if update.isRetentionAlone() {
		change = s.changeAnyRecord
	}
	return change(ctx, name, func(tx *catalog.Tx, r *catalog.Store) error {
		if r.Status == catalog.StorePendingDeletion {
			return fmt.Errorf("%w: %s", ErrInactive, r.Name)
		}
		if s.place.HasImport(r.ID) {
			return fmt.Errorf("%w: %s", ErrHasImport, r.Name)
		}
		if err := rename(tx, r, update.Name); err != nil {
			return err
		}
		if mode := catalog.BillingMode(update.BillingMode); mode != "" && mode != r.BillingMode {
			if r.BillingMode == catalog.ExtendableRetention {
				return fmt.Errorf("%w: extendable billing cannot become fixed", ErrInvalidParameter)
			}
			r.BillingMode = mode
		}
		if update.RetentionDays != 0 {
			r.RetentionDays, r.ExpiryHeld = update.RetentionDays, false
		}
		if update.Selectors != nil {
			r.Selectors = SelectorRecords(update.Selectors)
			if err := checkNewSelectors(r.Selectors); err != nil {
				return err
			}
			if err := checkInsightSources(r); err != nil {
				return err
			}
		}
		if update.TerminationProtected != nil {
			r.TerminationProtected = *update.TerminationProtected
		}
		if update.MultiRegion != nil {
			r.MultiRegion = *update.MultiRegion
		}
		if update.Organization != nil {
			r.Organization = *update.Organization
		}
		if err := s.setDedupe(tx, r, update.DedupeEventID); err != nil {
			return err
		}
		if err := setKmsKey(r, update.KmsKeyID); err != nil {
			return err
		}
		return checkRecord(r)
	})
}

// setDedupe changes whether imports leave repeated events out. The events that are there already were not compared
// yet.
func (s *Stores) setDedupe(tx *catalog.Tx, r *catalog.Store, dedupe *bool) error {
	if dedupe == nil || *dedupe == r.DedupeEventID {
		return nil
	}
	r.DedupeEventID, r.HoldsRepeats = *dedupe, *dedupe
	if !*dedupe || s.place.IsFedByChannel == nil {
		return nil
	}
	fed, err := s.place.IsFedByChannel(tx, r.ID)
	if err == nil && fed {
		err = fmt.Errorf("%w: %s", ErrFedByChannel, r.Name)
	}
	return err
}

// SettleRepeats notes that no repeated event is left in the store of a record, unless the store was changed since.
func (s *Stores) SettleRepeats(ctx context.Context, record *catalog.Store) error {
	return s.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		r, err := tx.Store(record.ID)
		if err != nil || !r.HoldsRepeats || !r.UpdatedAt.Equal(record.UpdatedAt) {
			return err
		}
		r.HoldsRepeats = false
		return tx.PutStore(r)
	})
}

func setKmsKey(r *catalog.Store, id string) error {
	if id != "" && r.KmsKeyID != "" && r.KmsKeyID != id {
		return fmt.Errorf("%w: the KMS key of a store cannot be changed", ErrInvalidParameter)
	}
	if id != "" {
		r.KmsKeyID = id
	}
	return nil
}

func rename(tx *catalog.Tx, r *catalog.Store, name string) error {
	if name == "" || name == r.Name {
		return nil
	}
	if err := checkName(name); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidParameter, err)
	}
	if err := CheckNotReserved(name); err != nil {
		return err
	}
	others, err := tx.Stores()
	if err != nil {
		return err
	}
	others = slices.DeleteFunc(others, func(other *catalog.Store) bool { return other.ID == r.ID })
	if err := checkNameFree(tx, others, name); err != nil {
		return err
	}
	r.Name = name
	return nil
}

// Delete puts a store into pending deletion: it refuses queries and imports, costs nothing, and
// is gone after DeletionWait unless it is restored.
func (s *Stores) Delete(ctx context.Context, name string) error {
	_, err := s.changeRecord(ctx, name, func(tx *catalog.Tx, r *catalog.Store) error {
		switch {
		case r.Status == catalog.StorePendingDeletion:
			return fmt.Errorf("%w: %s", ErrInactive, r.Name)
		case r.TerminationProtected:
			return fmt.Errorf("%w: %s", ErrTerminationProtect, r.Name)
		}
		if err := s.checkUnused(tx, r); err != nil {
			return err
		}
		r.PreviousStatus, r.Status, r.DeletedAt = r.Status, catalog.StorePendingDeletion, s.place.Now()
		return nil
	})
	return err
}

// checkUnused returns why a store cannot be deleted, in the order in which the managed service says so.
func (s *Stores) checkUnused(tx *catalog.Tx, r *catalog.Store) error {
	if isFederated(r) {
		return fmt.Errorf("%w: %s", ErrFederated, r.Name)
	}
	if s.place.IsFedByChannel != nil {
		fed, err := s.place.IsFedByChannel(tx, r.ID)
		if err != nil {
			return err
		}
		if fed {
			return fmt.Errorf("%w: %s", ErrFedByChannel, r.Name)
		}
	}
	if s.place.HasImport(r.ID) {
		return fmt.Errorf("%w: %s", ErrHasImport, r.Name)
	}
	return nil
}

// Restore takes a store out of pending deletion.
func (s *Stores) Restore(ctx context.Context, name string) (*Store, error) {
	return s.changeRecord(ctx, name, func(_ *catalog.Tx, r *catalog.Store) error {
		if r.Status != catalog.StorePendingDeletion {
			return fmt.Errorf("%w: %s is %s, not %s", ErrStatus, r.Name, r.Status, catalog.StorePendingDeletion)
		}
		if IsGone(r, s.place.Now()) {
			return fmt.Errorf("%w: %s", ErrNotFound, r.Name)
		}
		r.Status, r.PreviousStatus, r.DeletedAt = r.PreviousStatus, "", time.Time{}
		return nil
	})
}

// IsGone reports whether a deleted store can no longer be restored at now, so that expiry removes it.
func IsGone(r *catalog.Store, now time.Time) bool {
	return r.Status == catalog.StorePendingDeletion && !now.Before(r.DeletedAt.Add(DeletionWait))
}

// StopIngestion makes a store refuse pushed events. It can still be imported into and queried. Pushes that have begun
// end as if they had ended before, and until then the store is StoppingIngestion.
func (s *Stores) StopIngestion(ctx context.Context, name string) error {
	return s.changeIngestion(ctx, name, catalog.StoreEnabled, catalog.StoreStoppedIngestion)
}

// StartIngestion makes a stopped store take pushed events again.
func (s *Stores) StartIngestion(ctx context.Context, name string) error {
	record, err := Record(ctx, s.storage, name)
	if err != nil {
		return err
	}
	defer s.place.Changing.beginStart(record.ID)()
	return s.changeIngestion(ctx, name, catalog.StoreStoppedIngestion, catalog.StoreEnabled)
}

func (s *Stores) changeIngestion(ctx context.Context, name string, from, to catalog.StoreStatus) error {
	_, err := s.changeRecord(ctx, name, func(_ *catalog.Tx, r *catalog.Store) error {
		if r.Status == catalog.StorePendingDeletion {
			return fmt.Errorf("%w: %s", ErrInactive, r.Name)
		}
		if !schema.Category(r.Category).HasIngestion() {
			return fmt.Errorf("%w: %s of store %s", ErrCategory, r.Category, r.Name)
		}
		if r.Status != from {
			return fmt.Errorf("%w: %s is %s, not %s", ErrStatus, r.Name, r.Status, from)
		}
		r.Status = to
		return nil
	})
	return err
}

// changeRecord edits the record of a store, except the activity store's, in one transaction. Fields that a Store
// does not show stay.
func (s *Stores) changeRecord(ctx context.Context, name string, edit func(*catalog.Tx, *catalog.Store) error) (*Store, error) {
	return s.changeAnyRecord(ctx, name, func(tx *catalog.Tx, r *catalog.Store) error {
		if err := checkNotActivity(r); err != nil {
			return err
		}
		return edit(tx, r)
	})
}

// changeAnyRecord is changeRecord of any store.
func (s *Stores) changeAnyRecord(ctx context.Context, name string, edit func(*catalog.Tx, *catalog.Store) error) (*Store, error) {
	var changed *catalog.Store
	err := s.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		all, err := tx.Stores()
		if err != nil {
			return err
		}
		r, err := Find(all, name)
		if err != nil {
			return err
		}
		if err := edit(tx, r); err != nil {
			return err
		}
		r.UpdatedAt = s.place.Now()
		changed = r
		return tx.PutStore(r)
	})
	if err != nil {
		return nil, err
	}
	return s.describe(changed), nil
}
