package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
)

// StoreUpdate says what to change; nil and empty fields stay as they are.
type StoreUpdate struct {
	Name                 string
	RetentionDays        int
	BillingMode          BillingMode
	Selectors            []Selector
	TerminationProtected *bool
	MultiRegion          *bool
}

// UpdateStore changes a store. A shorter retention hides older events at once;
// fixed billing can become extendable, never the reverse.
func (l *Lake) UpdateStore(ctx context.Context, name string, update StoreUpdate) (*Store, error) {
	return l.change(ctx, name, func(tx *catalog.Tx, s *Store) error {
		if s.Status == catalog.StorePendingDeletion {
			return fmt.Errorf("%w: %s", ErrStoreInactive, s.Name)
		}
		if l.importsInto(s) {
			return fmt.Errorf("%w: %s", ErrStoreHasImport, s.Name)
		}
		if err := l.rename(tx, s, update.Name); err != nil {
			return err
		}
		if update.BillingMode != "" && update.BillingMode != s.BillingMode {
			if s.BillingMode == ExtendableRetention {
				return fmt.Errorf("%w: extendable billing cannot become fixed", ErrInvalidParameter)
			}
			s.BillingMode = update.BillingMode
		}
		if update.RetentionDays != 0 {
			s.RetentionDays, s.ExpiryHeld = update.RetentionDays, false
		}
		if update.Selectors != nil {
			s.Selectors = update.Selectors
		}
		if update.TerminationProtected != nil {
			s.TerminationProtected = *update.TerminationProtected
		}
		if update.MultiRegion != nil {
			s.MultiRegion = *update.MultiRegion
		}
		return checkStore(s)
	})
}

func (l *Lake) rename(tx *catalog.Tx, s *Store, name string) error {
	if name == "" || name == s.Name {
		return nil
	}
	if err := checkName(name); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidParameter, err)
	}
	stores, err := tx.Stores()
	if err != nil {
		return err
	}
	stores = slices.DeleteFunc(stores, func(other *Store) bool { return other.ID == s.ID })
	if err := checkNameFree(tx, stores, name); err != nil {
		return err
	}
	s.Name = name
	return nil
}

// DeleteStore puts a store into pending deletion: it refuses queries and
// imports, costs nothing, and is gone after seven days unless restored.
func (l *Lake) DeleteStore(ctx context.Context, name string) error {
	_, err := l.change(ctx, name, func(_ *catalog.Tx, s *Store) error {
		switch {
		case s.Status == catalog.StorePendingDeletion:
			return fmt.Errorf("%w: %s", ErrStoreInactive, s.Name)
		case s.TerminationProtected:
			return fmt.Errorf("%w: %s (store update %s --no-termination-protection takes it off)", ErrTerminationProtect, s.Name, s.Name)
		case l.importsInto(s):
			return fmt.Errorf("%w: %s", ErrStoreHasImport, s.Name)
		}
		s.PreviousStatus, s.Status, s.DeletedAt = s.Status, catalog.StorePendingDeletion, l.now()
		return nil
	})
	return err
}

// RestoreStore takes a store out of pending deletion.
func (l *Lake) RestoreStore(ctx context.Context, name string) (*Store, error) {
	return l.change(ctx, name, func(_ *catalog.Tx, s *Store) error {
		if s.Status != catalog.StorePendingDeletion {
			return fmt.Errorf("%w: %s is %s, not %s", ErrStoreStatus, s.Name, s.Status, catalog.StorePendingDeletion)
		}
		if !l.now().Before(s.DeletedAt.Add(deletionWait)) {
			return fmt.Errorf("%w: %s", ErrStoreNotFound, s.Name)
		}
		s.Status, s.PreviousStatus, s.DeletedAt = s.PreviousStatus, "", time.Time{}
		return nil
	})
}

// StopIngestion makes a store refuse pushed events; imports and queries go on.
func (l *Lake) StopIngestion(ctx context.Context, name string) error {
	return l.ingestion(ctx, name, catalog.StoreEnabled, catalog.StoreStoppedIngestion)
}

// StartIngestion makes a stopped store take pushed events again.
func (l *Lake) StartIngestion(ctx context.Context, name string) error {
	return l.ingestion(ctx, name, catalog.StoreStoppedIngestion, catalog.StoreEnabled)
}

func (l *Lake) ingestion(ctx context.Context, name string, from, to catalog.StoreStatus) error {
	_, err := l.change(ctx, name, func(_ *catalog.Tx, s *Store) error {
		if s.Status == catalog.StorePendingDeletion {
			return fmt.Errorf("%w: %s", ErrStoreInactive, s.Name)
		}
		if !hasIngestion(s.Category) {
			return fmt.Errorf("%w: %s of store %s", ErrStoreCategory, s.Category, s.Name)
		}
		if s.Status != from {
			return fmt.Errorf("%w: %s is %s, not %s", ErrStoreStatus, s.Name, s.Status, from)
		}
		s.Status = to
		return nil
	})
	return err
}

// hasIngestion reports whether the ingestion of a category's events can be
// stopped and started.
func hasIngestion(category string) bool {
	return ofTrails(category) || category == "ConfigurationItem"
}

// change edits a store in one transaction.
func (l *Lake) change(ctx context.Context, name string, edit func(*catalog.Tx, *Store) error) (*Store, error) {
	var changed *Store
	err := l.catalog().Update(ctx, func(tx *catalog.Tx) error {
		stores, err := tx.Stores()
		if err != nil {
			return err
		}
		s, err := findStore(stores, name)
		if err != nil {
			return err
		}
		if err := edit(tx, s); err != nil {
			return err
		}
		s.UpdatedAt = l.now()
		changed = s
		return tx.PutStore(s)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}
