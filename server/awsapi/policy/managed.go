package policy

import (
	"embed"
	"sync"
)

//go:embed managed/*.json
var managedFiles embed.FS

// Operator is the built-in policy for those who run a lake: metrics, usage, reference tables and what was done with
// the lake.
const Operator = "AuditlakeOperator"

// ManagedNames are the names of the policies inside the program.
func ManagedNames() []string {
	return []string{"AWSCloudTrail_FullAccess", "AWSCloudTrail_ReadOnlyAccess", Operator}
}

// Managed returns the document of a policy inside the program by its name, and whether there is one.
func Managed(name string) (document string, ok bool) {
	text, err := managedFiles.ReadFile("managed/" + name + ".json")
	return string(text), err == nil
}

// operatorDocument is the parsed policy for operators.
var operatorDocument = sync.OnceValue(func() *Document {
	text, _ := Managed(Operator)
	d, err := ParseIdentity(text)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return d
})

// OperatorAllows reports whether a key of the lake's account with the policy for operators alone might do what a
// request asks for.
func OperatorAllows(r *Request) bool {
	return operatorDocument().find(r, false) != nil
}
