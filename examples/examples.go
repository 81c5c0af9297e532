// Package examples holds statements over audit events, one in each file.
package examples

import (
	"embed"
	"errors"
	"strings"
)

// Files are the statements, in a folder for each theme, over stores with the names that StoreOf returns.
//
//go:embed */*.sql
var Files embed.FS

// StoreOf returns the name that the statements of a theme have for their store, and its category. The stores of
// management and of data events have the same columns.
func StoreOf(theme string) (name, category string) {
	switch theme {
	case "insights":
		return theme, "Insight"
	case "configuration":
		return theme, "ConfigurationItem"
	case "evidence":
		return theme, "Evidence"
	case "applications":
		return theme, "ActivityAuditLog"
	}
	return "main", "Management"
}

// Example is the content of a file.
type Example struct {
	Title, Description string
	// Tags are ids of MITRE ATT&CK techniques, such as T1078.004, and at least two terms of the trade.
	Tags      []string
	Statement string
}

// Parse reads the text of a file: the line "-- Title: Description", a line of tags and the statement.
func Parse(text string) (e Example, err error) {
	head, rest, _ := strings.Cut(text, "\n")
	title, description, found := strings.Cut(strings.TrimPrefix(head, "-- "), ": ")
	if !found || !strings.HasPrefix(head, "-- ") {
		return e, errors.New("the first line is not '-- Title: Description'")
	}
	line, statement, _ := strings.Cut(rest, "\n")
	tags, found := strings.CutPrefix(line, "-- tags: ")
	if !found {
		return e, errors.New("the second line is not '-- tags: …'")
	}
	return Example{title, description, strings.Split(tags, ", "), strings.TrimSpace(statement)}, nil
}
