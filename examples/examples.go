// Package examples holds statements over audit events, a file for each. Its first line says what it finds.
package examples

import "embed"

// Files are the statements, in a folder for each theme, over a store named main.
//
//go:embed */*.sql
var Files embed.FS
