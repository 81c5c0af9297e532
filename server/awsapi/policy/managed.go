package policy

import (
	"embed"
	"sync"
)

//go:embed managed/*.json
var managedFiles embed.FS

// Operator is the built-in policy for operators of a lake: metrics, usage, reference tables and the activity store.
const Operator = "AuditlakeOperator"

// ManagedNames returns the names of the built-in policies.
func ManagedNames() []string {
	return []string{"AWSCloudTrail_FullAccess", "AWSCloudTrail_ReadOnlyAccess", Operator}
}

// Managed returns the document of a built-in policy, and whether it exists.
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

// OperatorAllows reports whether a key of the lake's account with only the policy for operators could make a
// request.
func OperatorAllows(r *Request) bool {
	return operatorDocument().find(r, false) != nil
}
