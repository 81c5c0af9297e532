// Package examples holds statements over audit events, a file for each. Its first line says what it finds.
package examples

import "embed"

// Files are the statements, in a folder for each theme, over stores with the names that StoreOf returns.
//
//go:embed */*.sql
var Files embed.FS

// StoreOf returns the name that the statements of a theme have for their store, and its category. The stores of management and of data events
// have the same columns.
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
