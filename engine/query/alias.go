package query

import (
	"context"
	"errors"
	"fmt"

	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// NamedStatement is a statement with a name, its alias.
type NamedStatement = catalog.Alias

// Errors of aliases.
var (
	ErrAliasNotFound = errors.New("no statement has the alias")
	ErrAliasName     = errors.New("an alias has 1 to 256 letters, digits, dots, hyphens and underscores, the first a letter")
)

// maxAliasBytes is the maximum length of an alias. The pattern does not limit it, because it would become large.
const maxAliasBytes = 256

var aliasName = lazyregexp.New(`^[a-zA-Z][a-zA-Z0-9._-]*$`)

// SetAlias gives a statement a name, replacing the statement that had it. The statement is not checked, because the
// stores it names may come and go.
func (q *Queries) SetAlias(ctx context.Context, named NamedStatement) error {
	if len(named.Name) > maxAliasBytes || !aliasName().MatchString(named.Name) {
		return fmt.Errorf("%w: %q", ErrAliasName, named.Name)
	}
	return q.changeAlias(ctx, func(tx *catalog.Tx) error { return tx.PutAlias(&named) })
}

// RemoveAlias removes a name, which need not exist. Queries that were requested by it stay.
func (q *Queries) RemoveAlias(ctx context.Context, name string) error {
	return q.changeAlias(ctx, func(tx *catalog.Tx) error { return tx.DeleteAlias(name) })
}

func (q *Queries) changeAlias(ctx context.Context, change func(*catalog.Tx) error) error {
	if q.options.ReadOnly {
		return storage.ErrReadOnly
	}
	return q.options.Storage.Catalog().Update(ctx, change)
}

// Aliased returns the statement with the name, or ErrAliasNotFound.
func (q *Queries) Aliased(name string) (named *NamedStatement, err error) {
	err = q.options.Storage.Catalog().View(func(tx *catalog.Tx) (err error) {
		named, err = tx.Alias(name)
		return err
	})
	if errors.Is(err, catalog.ErrNotFound) {
		return nil, fmt.Errorf("%w: %s", ErrAliasNotFound, name)
	}
	return named, err
}
