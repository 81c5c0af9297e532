package catalog

// maxSmallTables bounds the tables that short-lived processes leave. Each of them writes one table, which costs the
// next process a tenth of a millisecond to open. Badger merges tables in the background, but not before a process
// has lived for a moment.
const maxSmallTables = 32

// mergeTables merges the tables of a catalog that is about to be closed, if they are many and the disk has room for
// it.
func (c *Catalog) mergeTables() error {
	if c.readOnly || c.damage != nil || c.db.IsClosed() || c.checkSpace() != nil {
		return nil
	}
	if levels := c.db.Levels(); len(levels) == 0 || levels[0].NumTables < maxSmallTables {
		return nil
	}
	return c.db.Flatten(1)
}
