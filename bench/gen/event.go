package gen

import "time"

// event is the event being written, and what it refers to.
type event struct {
	random
	buf   []byte
	zipfs map[int]weights

	account *account
	region  string
	time    time.Time
	action  *action
	caller  caller
	// forwardedBy is the service that made the request for the caller, if any.
	forwardedBy string
	// shared events are reported in a second account, too.
	shared bool
	// delayed events tell that they were delivered late.
	delayed bool
	mfa     bool

	// things holds one more than the index chosen of each kind, 0 if none is yet.
	things    [thingKinds]int
	requestID []byte

	// issued is the session an AssumeRole answers with.
	issued     *session
	issuedName string
	assumed    *role
}

// choose draws an index below n of a kind of thing, once for each event.
func (e *event) choose(kind, n int) int {
	if e.things[kind] == 0 {
		w, ok := e.zipfs[n]
		if !ok {
			w = zipf(n)
			e.zipfs[n] = w
		}
		e.things[kind] = 1 + w.pick(&e.random)
	}
	return e.things[kind] - 1
}

// event writes the i-th event of the file.
func (g *generator) event(i int) []byte {
	e := &g.e
	e.time, e.things, e.forwardedBy, e.shared, e.delayed = g.times[i], [thingKinds]int{}, "", false, false
	if i < len(g.script) {
		return e.append(g.play(g.script[i]))
	}
	if e.chance(20) {
		e.time = g.schedule.before(e, g.times[i])
		g.times[i], e.delayed = e.time, e.chance(200)
	}
	table := g.everywhere
	if e.region != regions[0] {
		table = g.elsewhere
	}
	e.action = &actions[table.pick(&e.random)]
	return e.append(g.act())
}

// before moves an event back in time, mostly to before the window of the file
// that brings it.
func (s schedule) before(e *event, at time.Time) time.Time {
	at = at.Add(-time.Duration(1+e.below(1800)) * time.Second)
	if at.Before(s.start) {
		return s.start
	}
	return at
}

// act finds who does the action and whether it fails. Where credentials are
// missing, getting them becomes the action.
func (g *generator) act() *failure {
	e := &g.e
	byPeople := e.action.by == people || e.action.by == anyone && e.chance(400)
	switch {
	case e.action.by == serviceItself:
		e.caller = serviceCaller(e.action.principal)
		e.shared = e.action.details == nil
		return nil
	case e.action == consoleLogin:
		return g.signIn()
	case e.action == assumeRole:
		return g.assume(byPeople)
	case byPeople && e.chance(400):
		e.caller = userCaller(e.account, e.account.users[e.choose(userThing, len(e.account.users))])
		e.things[userThing] = 0 // the one acted upon is another
		return e.fails()
	case !byPeople && e.chance(180):
		e.caller = userCaller(e.account, e.account.machines[e.choose(machineThing, len(e.account.machines))])
		return e.fails()
	}
	s := e.account.live(&e.random, byPeople, e.time)
	switch {
	case !byPeople && e.chance(100):
		s = g.olderSession()
	case s == nil || e.chance(20):
		return g.assume(byPeople)
	}
	e.caller = s.caller
	if e.action.traits.has(forwarded) && e.chance(450) {
		e.forwardedBy, e.shared = "AWS Internal", e.chance(300)
	}
	return e.fails()
}

// fails decides whether the event's action is refused or goes wrong.
func (e *event) fails() *failure {
	if e.chance(e.caller.deniedPermille) {
		return denied(e.action.service)
	}
	if e.chance(e.action.failurePermille) {
		return &e.action.failures[e.below(len(e.action.failures))]
	}
	return nil
}

// assume makes a user, a program or a service take on a role.
func (g *generator) assume(byPeople bool) *failure {
	e, a := &g.e, g.e.account
	e.action = assumeRole
	if byPeople {
		user := a.users[e.choose(userThing, len(a.users))]
		e.assumed = a.peopleRoles[e.choose(roleThing, len(a.peopleRoles))]
		e.issuedName = user.name
		e.caller = userCaller(a, user)
		if s := a.live(&e.random, true, e.time); s != nil && e.chance(200) {
			e.caller = s.caller // a chain of roles
		} else if e.chance(60) {
			other := g.accounts[e.below(len(g.accounts))]
			e.caller, e.shared = foreignCaller(other, pick(&e.random, other.users)), true
		}
		e.issued = roleSession(&e.random, a, e.assumed, e.issuedName, user.ip, user.agent, e.time)
	} else {
		e.assumed = a.programRoles[e.choose(roleThing, len(a.programRoles))]
		e.issuedName = e.programSession(e.assumed.service)
		ip, agent := publicIP(&e.random), pick(&e.random, programAgents)
		if e.assumed.service == webProvider {
			e.action = assumeRoleWithWebIdentity
			e.caller = webCaller(&e.random, a, ip, agent)
		} else {
			e.caller = serviceCaller(e.assumed.service)
			e.shared = e.chance(500)
		}
		e.issued = roleSession(&e.random, a, e.assumed, e.issuedName, ip, agent, e.time)
	}
	failed := e.fails()
	if failed == nil {
		a.keep(e.issued)
	}
	return failed
}

// olderSession is a program's session that no event of the stream began: its credentials were issued elsewhere.
func (g *generator) olderSession() *session {
	e, a := &g.e, g.e.account
	ro := a.programRoles[e.choose(roleThing, len(a.programRoles))]
	issued := e.time.Add(-time.Duration(1+e.below(3000)) * time.Second)
	name := e.programSession(ro.service)
	e.things = [thingKinds]int{} // what is acted upon is drawn again
	return roleSession(&e.random, a, ro, name, publicIP(&e.random), pick(&e.random, programAgents), issued)
}

// programSession is the session name a service gives its programs.
func (e *event) programSession(service string) string {
	switch service {
	case "ec2.amazonaws.com":
		return e.account.instances[e.choose(instanceThing, len(e.account.instances))]
	case "lambda.amazonaws.com":
		return e.account.functions[e.choose(functionThing, len(e.account.functions))]
	}
	return string(e.digits(nil, hexDigits, 32))
}

// signIn has a user, rarely the root user, sign in to the console.
func (g *generator) signIn() *failure {
	e, a := &g.e, g.e.account
	user := a.users[e.choose(userThing, len(a.users))]
	if e.chance(30) {
		e.caller, e.mfa = rootCaller(a, "", user.ip, e.time), true
		return nil
	}
	e.caller = caller{identity: appendUser(nil, a, user, ""), arn: user.arn, ip: user.ip, agent: pick(&e.random, browserAgents)}
	e.mfa = user.mfa
	failed := e.fails()
	if failed == nil {
		a.keep(consoleSession(&e.random, a, user, e.time))
	}
	return failed
}
