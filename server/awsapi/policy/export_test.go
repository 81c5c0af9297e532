package policy

// For tests of the doors, which the package's own tests cannot import.
var (
	RowsOf     = rows
	RequestOf  = requestOf
	DocumentOf = documentOf
)

const TestStore = testStore
