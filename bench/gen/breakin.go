package gen

// step is one request of a scripted break-in.
type step struct {
	action *action
	by     intruder
	denied bool
	failed bool
}

// intruder says with whose credentials the step is taken.
type intruder uint8

const (
	stolenKey intruder = iota
	rootUser
)

const (
	intruderIP    = "192.0.2.66"
	intruderAgent = "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.15-amd64 exe/x86_64.kali.2024 prompt/off"
)

// breakIn is the story an auditor should find. A leaked access key looks around, makes itself at home, switches the
// trail off, takes a bucket's objects and deletes them. Then the root user signs in.
var breakIn = []step{
	{action: actionNamed("GetCallerIdentity")},
	{action: actionNamed("ListBuckets")},
	{action: actionNamed("ListUsers"), denied: true},
	{action: actionNamed("ListRoles"), denied: true},
	{action: actionNamed("GetAccountAuthorizationDetails"), denied: true},
	{action: actionNamed("GetSecretValue"), denied: true},
	{action: actionNamed("DescribeInstances"), denied: true},
	{action: actionNamed("ListObjects")},
	{action: actionNamed("CreateUser")},
	{action: actionNamed("CreateAccessKey")},
	{action: actionNamed("AttachUserPolicy")},
	{action: actionNamed("StopLogging")},
	{action: actionNamed("GetObject")}, {action: actionNamed("GetObject")}, {action: actionNamed("GetObject")},
	{action: actionNamed("GetObject")}, {action: actionNamed("GetObject")}, {action: actionNamed("GetObject")},
	{action: actionNamed("GetObject")}, {action: actionNamed("GetObject")}, {action: actionNamed("GetObject")},
	{action: actionNamed("DeleteObject")}, {action: actionNamed("DeleteObject")}, {action: actionNamed("DeleteObject")},
	{action: actionNamed("DeleteObject")}, {action: actionNamed("DeleteObject")}, {action: actionNamed("DeleteObject")},
	{action: actionNamed("DeleteObject")}, {action: actionNamed("DeleteObject")}, {action: actionNamed("DeleteObject")},
	{action: actionNamed("DeleteBucket"), failed: true},
	{action: consoleLogin, by: rootUser, failed: true},
	{action: consoleLogin, by: rootUser, failed: true},
	{action: consoleLogin, by: rootUser, failed: true},
	{action: consoleLogin, by: rootUser},
	{action: actionNamed("DeactivateMFADevice"), by: rootUser},
	{action: actionNamed("CreateAccessKey"), by: rootUser},
	{action: actionNamed("ScheduleKeyDeletion"), by: rootUser},
}

// play takes one step of the script.
func (g *generator) play(s step) *failure {
	e, a := &g.e, g.e.account
	e.action, e.mfa = s.action, false
	e.things[bucketThing] = 1 + 6 // the invoices
	switch s.by {
	case stolenKey:
		e.caller = userCaller(a, a.users[1])
		e.caller.ip, e.caller.agent = intruderIP, intruderAgent
	case rootUser:
		key := ""
		if s.action != consoleLogin {
			key = newSessionKey(&e.random)
		}
		e.caller = rootCaller(a, key, intruderIP, e.time)
	}
	switch {
	case s.denied:
		return denied(s.action.service)
	case s.failed:
		return &s.action.failures[0]
	}
	return nil
}
