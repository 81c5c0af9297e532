package catalog

// Alias is a name of a statement.
type Alias struct {
	Name string `json:"Name"`
	SQL  string `json:"SQL"`
	// Prompt is what the statement was made from; empty: a user wrote it.
	Prompt string `json:"Prompt,omitempty"`
}

// PutAlias gives a statement a name; a statement that has the name loses it.
func (tx *Tx) PutAlias(a *Alias) error { return put(tx, aliasKey(a.Name), a) }

// Alias reads the statement with a name.
func (tx *Tx) Alias(name string) (*Alias, error) {
	return get[Alias](tx, aliasKey(name), "alias", name)
}

// DeleteAlias removes a name, which need not exist.
func (tx *Tx) DeleteAlias(name string) error { return tx.delete(aliasKey(name)) }
