package sqljson

import (
	"encoding/json"
	"fmt"
)

// The names of the functions behind the SQL/JSON forms. Each takes the input, Settings as text and a row of
// parameters (an unknown NULL for none).
const (
	ExistsFunction = "$json_exists" // -> boolean
	// ValueFunction and CaseFunction take a NULL of the returned type after the others. CaseFunction returns
	// ValueCase, EmptyCase or ErrorCase.
	ValueFunction  = "$json_value"
	CaseFunction   = "$json_value_case"
	QueryFunction  = "$json_query"  // -> varchar
	ObjectFunction = "$json_object" // settings and a row of keys and values -> varchar
	ArrayFunction  = "$json_array"  // settings and a row of items -> varchar
	EncodeFunction = "$json_encode" // text and encoding -> varbinary
	// TableFunction takes a NULL of the row type and returns an array of rows.
	TableFunction = "$json_table"
)

// The results of CaseFunction.
const (
	ValueCase = "VALUE"
	EmptyCase = "EMPTY"
	ErrorCase = "ERROR"
)

// Settings holds the parts of a call that are not values. Behaviors and wrappers are written as in SQL ("EMPTY
// ARRAY", "WITH CONDITIONAL"); "" is the default.
type Settings struct {
	Path    string
	Input   Format   // how the input is read
	Params  []Param  `json:",omitempty"`
	OnEmpty string   `json:",omitempty"`
	OnError string   `json:",omitempty"`
	Wrapper string   `json:",omitempty"`
	Omit    bool     `json:",omitempty"` // quotes around a string
	Items   []Format `json:",omitempty"` // of JSON_OBJECT's values and JSON_ARRAY's items
	NullOut bool     `json:",omitempty"` // NULLs become null; otherwise they are left out
	Unique  bool     `json:",omitempty"` // WITH UNIQUE KEYS
	Table   *Plan    `json:",omitempty"` // of JSON_TABLE
}

// Format says how a value is read as JSON.
type Format string

// The formats. A value without a format is taken as it is.
const (
	NoFormat Format = ""
	Text     Format = "JSON"
	UTF8     Format = "JSON ENCODING UTF8"
	UTF16    Format = "JSON ENCODING UTF16"
	UTF32    Format = "JSON ENCODING UTF32"
)

// Param is a parameter of the path.
type Param struct {
	Name   string
	Format Format
}

// Plan describes the source of JSON_TABLE's rows: a path, or the plans of sibling paths if there are any.
type Plan struct {
	Path    string    `json:",omitempty"` // "" of the root
	Columns []*Column `json:",omitempty"`
	// Child returns the rows for each item of the path. An item without such rows has one row of its own, unless
	// Inner.
	Child *Plan `json:",omitempty"`
	Inner bool  `json:",omitempty"`
	// The rows of the siblings are appended, or combined if Cross is set.
	Siblings []*Plan `json:",omitempty"`
	Cross    bool    `json:",omitempty"`
}

// ColumnKind is the kind of a column of JSON_TABLE.
type ColumnKind string

// The kinds of columns.
const (
	OrdinalityColumn ColumnKind = "ORDINALITY"
	ValueColumn      ColumnKind = "VALUE"
	QueryColumn      ColumnKind = "QUERY"
)

// Column is a column of JSON_TABLE. Field is its index in the output row.
type Column struct {
	Kind    ColumnKind
	Field   int
	Path    string `json:",omitempty"`
	OnEmpty string `json:",omitempty"`
	OnError string `json:",omitempty"`
	Wrapper string `json:",omitempty"`
	Omit    bool   `json:",omitempty"`
	Format  Format `json:",omitempty"`
	// The fields of the row of parameters with the values of DEFAULT.
	EmptyDefault int `json:",omitempty"`
	ErrorDefault int `json:",omitempty"`
}

// String returns the settings as text.
func (s *Settings) String() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // nothing in the settings can fail
	}
	return string(text)
}

// ReadSettings parses the text that String returned.
func ReadSettings(text string) (*Settings, error) {
	s := &Settings{}
	if err := json.Unmarshal([]byte(text), s); err != nil {
		return nil, fmt.Errorf("sqljson: settings: %w", err)
	}
	return s, nil
}
