package gen

import "time"

// sessionsKept bounds the live credentials an account remembers.
const sessionsKept = 24

// session is a set of temporary credentials.
type session struct {
	caller
	key            string
	people         bool
	issued, expiry time.Time
}

// caller is who makes a request, ready to be written.
type caller struct {
	// identity is the userIdentity object without its closing brace.
	identity       []byte
	arn            string
	ip, agent      string
	deniedPermille int
	// console: the credentials were obtained by signing in to the console.
	console bool
}

func userCaller(a *account, u *principal) caller {
	b := appendUser(nil, a, u, u.accessKey)
	return caller{identity: b, arn: u.arn, ip: u.ip, agent: u.agent, deniedPermille: u.deniedPermille}
}

func appendUser(b []byte, a *account, u *principal, key string) []byte {
	b = append(b, `{"type":"IAMUser","principalId":"`...)
	b = append(b, u.id...)
	b = append(b, `","arn":"`...)
	b = append(b, u.arn...)
	b = append(b, `","accountId":"`...)
	b = append(b, a.id...)
	if key != "" {
		b = append(b, `","accessKeyId":"`...)
		b = append(b, key...)
	}
	b = append(b, `","userName":"`...)
	b = append(b, u.name...)
	return append(b, '"')
}

// rootCaller is the account's root user; without a key while signing in.
func rootCaller(a *account, key, ip string, at time.Time) caller {
	arn := "arn:aws:iam::" + a.id + ":root"
	b := append([]byte(`{"type":"Root","principalId":"`), a.id...)
	b = append(b, `","arn":"`...)
	b = append(b, arn...)
	b = append(b, `","accountId":"`...)
	b = append(b, a.id...)
	b = append(b, `","accessKeyId":"`...)
	b = append(b, key...)
	b = append(b, '"')
	if key != "" {
		b = appendSessionAttributes(b, at, false)
	}
	return caller{identity: b, arn: arn, ip: ip, agent: browserAgents[0], console: key != ""}
}

// serviceCaller is a service that acts on its own behalf.
func serviceCaller(service string) caller {
	b := append([]byte(`{"type":"AWSService","invokedBy":"`), service...)
	return caller{identity: append(b, '"'), arn: service, ip: service, agent: service}
}

// webCaller is a program that a web identity provider vouches for.
func webCaller(r *random, a *account, ip, agent string) caller {
	subject := "project/" + pick(r, programNames)
	provider := "arn:aws:iam::" + a.id + ":oidc-provider/" + webProvider
	b := append([]byte(`{"type":"WebIdentityUser","principalId":"`), provider...)
	b = append(b, ":sts.amazonaws.com:"...)
	b = append(b, subject...)
	b = append(b, `","userName":"`...)
	b = append(b, subject...)
	b = append(b, `","identityProvider":"`...)
	b = append(b, provider...)
	return caller{identity: append(b, '"'), arn: subject, ip: ip, agent: agent}
}

// foreignCaller is a principal of another account, as the called account sees it.
func foreignCaller(other *account, u *principal) caller {
	b := append([]byte(`{"type":"AWSAccount","principalId":"`), u.id...)
	b = append(b, `","accountId":"`...)
	b = append(b, other.id...)
	return caller{identity: append(b, '"'), arn: u.arn, ip: u.ip, agent: u.agent}
}

// appendSessionAttributes appends the session context of credentials that no role issued.
func appendSessionAttributes(b []byte, issued time.Time, mfa bool) []byte {
	b = append(b, `,"sessionContext":{"attributes":{"creationDate":"`...)
	b = appendTime(b, issued)
	b = append(b, `","mfaAuthenticated":"`...)
	return append(appendBool(b, mfa), `"}}`...)
}

// consoleSession is what a user works with after signing in.
func consoleSession(r *random, a *account, u *principal, at time.Time) *session {
	s := &session{people: true, key: newSessionKey(r), issued: at, expiry: at.Add(8 * time.Hour)}
	s.caller = userCaller(a, u)
	s.identity = appendSessionAttributes(appendUser(nil, a, u, s.key), at, u.mfa)
	s.agent, s.console = pick(r, browserAgents), true
	return s
}

// roleSession is what sts issues for a role.
func roleSession(r *random, a *account, ro *role, name, ip, agent string, at time.Time) *session {
	s := &session{people: ro.service == "", key: newSessionKey(r), issued: at, expiry: at.Add(time.Hour)}
	if ro.service == "ec2.amazonaws.com" {
		s.expiry = at.Add(6 * time.Hour)
	}
	s.arn = "arn:aws:sts::" + a.id + ":assumed-role/" + ro.name + "/" + name
	s.ip, s.agent, s.deniedPermille = ip, agent, ro.deniedPermille

	b := append([]byte(`{"type":"AssumedRole","principalId":"`), ro.id...)
	b = append(b, ':')
	b = append(b, name...)
	b = append(b, `","arn":"`...)
	b = append(b, s.arn...)
	b = append(b, `","accountId":"`...)
	b = append(b, a.id...)
	b = append(b, `","accessKeyId":"`...)
	b = append(b, s.key...)
	b = append(b, `","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"`...)
	b = append(b, ro.id...)
	b = append(b, `","arn":"`...)
	b = append(b, ro.arn...)
	b = append(b, `","accountId":"`...)
	b = append(b, a.id...)
	b = append(b, `","userName":"`...)
	b = append(b, ro.name...)
	b = append(b, `"},`...)
	if ro.service == webProvider {
		b = append(b, `"webIdFederationData":{"federatedProvider":"arn:aws:iam::`...)
		b = append(b, a.id...)
		b = append(b, `:oidc-provider/`+webProvider+`","attributes":{"aud":"sts.amazonaws.com"}},`...)
	}
	b = append(b, `"attributes":{"creationDate":"`...)
	b = appendTime(b, at)
	b = append(b, `","mfaAuthenticated":"`...)
	b = append(appendBool(b, s.people && r.chance(600)), `"}`...)
	if ro.service == "ec2.amazonaws.com" {
		b = append(b, `,"ec2RoleDelivery":"2.0"`...)
	}
	s.identity = append(b, '}')
	return s
}

func newSessionKey(r *random) string {
	return string(r.digits([]byte("ASIA"), base32Digits, 16))
}

// keep remembers a session and forgets the oldest.
func (a *account) keep(s *session) {
	a.sessions[a.nextSession] = s
	a.nextSession = (a.nextSession + 1) % sessionsKept
}

// live finds remembered credentials that are valid at an instant, nil if there
// are none. Recent ones are likelier.
func (a *account) live(r *random, people bool, at time.Time) *session {
	skip := r.below(1 + r.below(6))
	var found *session
	for i := range sessionsKept {
		s := a.sessions[(a.nextSession+sessionsKept-1-i)%sessionsKept]
		if s == nil || s.people != people || at.Before(s.issued) || !at.Before(s.expiry) {
			continue
		}
		if found = s; skip == 0 {
			break
		}
		skip--
	}
	return found
}
