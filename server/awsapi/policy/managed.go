package policy

import "embed"

//go:embed managed/*.json
var managedFiles embed.FS

// ManagedNames are the names of the policies inside the program.
func ManagedNames() []string {
	return []string{"AWSCloudTrail_FullAccess", "AWSCloudTrail_ReadOnlyAccess"}
}

// Managed returns the document of a policy inside the program by its name, and whether there is one.
func Managed(name string) (document string, ok bool) {
	text, err := managedFiles.ReadFile("managed/" + name + ".json")
	return string(text), err == nil
}
