package gen

import "slices"

// action is one kind of request: how often it is made, by whom, and the texts
// of its parts. Empty request and response are JSON null, the others are left out.
type action struct {
	weight        int
	service, name string
	traits        traits
	by            callers
	// principal is the service that makes the request itself, with by == serviceItself.
	principal  string
	apiVersion string

	request, response template
	extra             template // additionalEventData
	resources         template
	details           template // serviceEventDetails; makes the event a service event
	failures          []failure
	failurePermille   int
}

// traits are the yes-or-no facts of an action.
type traits uint8

const (
	reads     traits = 1 << iota // changes nothing
	data                         // a data event
	global                       // of a service that reports from us-east-1 only
	forwarded                    // often made by another service for the caller
)

func (t traits) has(x traits) bool { return t&x != 0 }

// callers says what kind of identity makes a request.
type callers uint8

const (
	programs callers = iota
	people
	anyone
	serviceItself
)

type failure struct {
	code     string
	message  template
	response template
}

// actions lists everything that happens in the generated accounts.
var actions = slices.Concat(storageActions, computeActions, identityActions, operationsActions)

// actionNamed finds the first action of a name; a missing one is a mistake in
// the tables of this package.
func actionNamed(name string) *action {
	for i := range actions {
		if actions[i].name == name {
			return &actions[i]
		}
	}
	panic("gen: no action " + name)
}

// The ways to get credentials, each with a rule of its own for the callers that take it.
var (
	assumeRole                = actionNamed("AssumeRole")
	assumeRoleWithWebIdentity = actionNamed("AssumeRoleWithWebIdentity")
	consoleLogin              = actionNamed("ConsoleLogin")
)

// denied is how a service refuses a caller that lacks the permission.
func denied(service string) *failure {
	switch service {
	case "s3":
		return &deniedS3
	case "ec2":
		return &deniedEC2
	}
	return &deniedByPolicy
}

var (
	deniedS3  = failure{code: "AccessDenied", message: parse(`Access Denied`)}
	deniedEC2 = failure{code: "Client.UnauthorizedOperation", message: parse(
		`You are not authorized to perform this operation. User: <caller> is not authorized to perform: <action> because no identity-based policy allows the <action> action. Encoded authorization failure message: <base64 320>`)}
	deniedByPolicy = failure{code: "AccessDenied", message: parse(
		`User: <caller> is not authorized to perform: <action> because no identity-based policy allows the <action> action`)}
	throttled = failure{code: "ThrottlingException", message: parse(`Rate exceeded`)}
)
