package ast

// Type is a type as written. Name is in lower case. It is canonical where the grammar has several spellings:
// "array", "map", "row", "double" (also DOUBLE PRECISION), "timestamp with time zone", "time with time zone",
// "timestamp", "time", "interval day to second", "interval year to month". Every other name is as written ("int",
// "varchar", "decimal", …).
type Type struct {
	At
	Name   string
	Quoted bool        // the name was written in quotes: never one of the above
	Args   []TypeArg   // decimal(10, 2), array(bigint), timestamp(3), …
	Fields []*RowField // of row
}

// TypeArg is a number or a type.
type TypeArg struct {
	Type   *Type // nil for a number
	Number int64
}

// RowField is a field of a row type.
type RowField struct {
	At
	Name *Ident // nil when anonymous
	Type *Type
}
