package catalog

// Alias is a name of a statement.
type Alias struct {
	Name string `json:"Name"`
	SQL  string `json:"SQL"`
	// Prompt is what the statement was made from; empty: somebody wrote it.
	Prompt string `json:"Prompt,omitempty"`
}

// PutAlias gives a statement a name, in place of the one that has it.
func (tx *Tx) PutAlias(a *Alias) error { return put(tx, aliasKey(a.Name), a) }

// Alias reads the statement of a name.
func (tx *Tx) Alias(name string) (*Alias, error) {
	return get[Alias](tx, aliasKey(name), "alias", name)
}

// DeleteAlias removes a name, which need not be there.
func (tx *Tx) DeleteAlias(name string) error { return tx.delete(aliasKey(name)) }
