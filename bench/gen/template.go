package gen

import (
	"fmt"
	"strconv"
	"strings"
)

// template is JSON text with <placeholders>, cut up once so that writing it is
// a row of appends.
type template []part

// part is literal text followed by one filler, which may be nil.
type part struct {
	literal string
	fill    filler
	arg     int
}

// filler appends a value for the event being written; arg is the number after the
// placeholder's name, such as the length in <hex 17>.
type filler func(e *event, b []byte, arg int) []byte

// parse reads a template. An unknown placeholder is a mistake in the tables of
// this package, so it panics.
func parse(text string) template {
	var t template
	for {
		literal, rest, found := strings.Cut(text, "<")
		if !found {
			if literal != "" {
				t = append(t, part{literal: literal})
			}
			return t
		}
		name, rest, _ := strings.Cut(rest, ">")
		name, number, _ := strings.Cut(name, " ")
		fill, ok := fillers[name]
		if !ok {
			panic(fmt.Sprintf("gen: no placeholder <%s>", name))
		}
		arg, _ := strconv.Atoi(number)
		t = append(t, part{literal, fill, arg})
		text = rest
	}
}

// append writes the template, JSON null if it is empty.
func (t template) append(e *event, b []byte) []byte {
	if t == nil {
		return append(b, "null"...)
	}
	for i := range t {
		b = append(b, t[i].literal...)
		if t[i].fill != nil {
			b = t[i].fill(e, b, t[i].arg)
		}
	}
	return b
}

// fillers lists the placeholders. Those that name a thing (a bucket, a role) name the same thing wherever they
// stand in one event; the others are drawn for each place.
var fillers = map[string]filler{
	"account":   func(e *event, b []byte, _ int) []byte { return append(b, e.account.id...) },
	"region":    func(e *event, b []byte, _ int) []byte { return append(b, e.region...) },
	"caller":    func(e *event, b []byte, _ int) []byte { return append(b, e.caller.arn...) },
	"action":    func(e *event, b []byte, _ int) []byte { return append(b, e.action.service+":"+e.action.name...) },
	"time":      func(e *event, b []byte, _ int) []byte { return appendTime(b, e.time) },
	"wordytime": func(e *event, b []byte, _ int) []byte { return e.time.AppendFormat(b, "Jan 2, 2006 3:04:05 PM") },
	"millis":    func(e *event, b []byte, _ int) []byte { return strconv.AppendInt(b, e.time.UnixMilli(), 10) },
	"requestid": func(e *event, b []byte, _ int) []byte { return append(b, e.requestID...) },

	"int":     func(e *event, b []byte, n int) []byte { return strconv.AppendInt(b, int64(e.below(n)), 10) },
	"size":    appendSize,
	"hex":     func(e *event, b []byte, n int) []byte { return e.digits(b, hexDigits, n) },
	"upper":   func(e *event, b []byte, n int) []byte { return e.digits(b, base32Digits, n) },
	"base64":  func(e *event, b []byte, n int) []byte { return e.digits(b, base64Digits, n) },
	"uuid":    func(e *event, b []byte, _ int) []byte { return e.uuid(b) },
	"bool":    func(e *event, b []byte, permille int) []byte { return appendBool(b, e.chance(permille)) },
	"mfa":     appendMFA,
	"private": func(e *event, b []byte, _ int) []byte { return append(b, privateIP(&e.random)...) },
	"port":    func(e *event, b []byte, _ int) []byte { return strconv.AppendInt(b, int64(pick(&e.random, ports)), 10) },
	"cidr":    func(e *event, b []byte, _ int) []byte { return append(b, pick(&e.random, cidrs)...) },

	"bucket":    thing(bucketThing, func(a *account) []string { return a.buckets }),
	"instance":  thing(instanceThing, func(a *account) []string { return a.instances }),
	"function":  thing(functionThing, func(a *account) []string { return a.functions }),
	"table":     thing(tableThing, func(a *account) []string { return a.tables }),
	"secret":    thing(secretThing, func(a *account) []string { return a.secrets }),
	"parameter": thing(parameterThing, func(a *account) []string { return a.parameters }),
	"loggroup":  thing(logGroupThing, func(a *account) []string { return a.logGroups }),
	"kmskey":    thing(kmsKeyThing, func(a *account) []string { return a.kmsKeys }),
	"group":     thing(groupThing, func(a *account) []string { return a.groups }),
	"vpc":       thing(vpcThing, func(a *account) []string { return a.vpcs }),
	"image":     thing(imageThing, func(a *account) []string { return a.images }),
	"policy":    thing(policyThing, func(*account) []string { return policies }),
	"type":      thing(typeThing, func(*account) []string { return instanceTypes }),
	"object":    appendObject,
	"user": func(e *event, b []byte, _ int) []byte {
		return append(b, e.account.users[e.choose(userThing, len(e.account.users))].name...)
	},
	"role": func(e *event, b []byte, _ int) []byte {
		return append(b, e.account.programRoles[e.choose(roleThing, len(e.account.programRoles))].name...)
	},

	"issuedkey":  func(e *event, b []byte, _ int) []byte { return append(b, e.issued.key...) },
	"issuedarn":  func(e *event, b []byte, _ int) []byte { return append(b, e.issued.arn...) },
	"issuedname": func(e *event, b []byte, _ int) []byte { return append(b, e.issuedName...) },
	"expiry": func(e *event, b []byte, _ int) []byte {
		return e.issued.expiry.AppendFormat(b, "Jan 2, 2006 3:04:05 PM")
	},
	"assumed":   func(e *event, b []byte, _ int) []byte { return append(b, e.assumed.arn...) },
	"assumedid": func(e *event, b []byte, _ int) []byte { return append(b, e.assumed.id...) },
}

// The things an event can name.
const (
	bucketThing = iota
	objectThing
	instanceThing
	functionThing
	tableThing
	secretThing
	parameterThing
	logGroupThing
	kmsKeyThing
	groupThing
	vpcThing
	imageThing
	policyThing
	typeThing
	userThing
	machineThing
	roleThing
	thingKinds
)

var (
	ports         = []int{22, 443, 80, 3389, 5432, 3306, 8080}
	cidrs         = []string{"10.0.0.0/16", "0.0.0.0/0", "203.0.113.0/24", "198.51.100.17/32", "10.1.0.0/16"}
	instanceTypes = []string{"t3.medium", "m6i.large", "c7g.xlarge", "t3.micro", "r6i.2xlarge", "g5.xlarge"}
	policies      = []string{"ReadOnlyAccess", "AmazonS3ReadOnlyAccess", "PowerUserAccess", "AdministratorAccess", "IAMFullAccess", "SecurityAudit"}
	objectKinds   = []string{"json", "csv", "parquet", "png", "gz", "pdf"}
)

func thing(kind int, list func(*account) []string) filler {
	return func(e *event, b []byte, _ int) []byte {
		names := list(e.account)
		return append(b, names[e.choose(kind, len(names))]...)
	}
}

// appendObject appends an object key: a few are read all the time, most once.
func appendObject(e *event, b []byte, _ int) []byte {
	if e.things[objectThing] == 0 && e.chance(600) {
		e.things[objectThing] = 1 + e.below(1<<30)
	}
	n := uint64(e.choose(objectThing, 5_000))
	mixed := random{n}
	h := mixed.next()
	b = append(b, purposes[h%7]...)
	b = append(b, '/')
	b = strconv.AppendUint(b, 2022+h>>8%4, 10)
	b = append(b, '/')
	b = strconv.AppendUint(b, 1+h>>16%12, 10)
	b = append(b, '/')
	b = mixed.digits(b, hexDigits, 16)
	b = append(b, '.')
	return append(b, objectKinds[h>>24%uint64(len(objectKinds))]...)
}

// appendSize appends a number of bytes as the service writes it: some with a
// decimal point, most requests without a body.
func appendSize(e *event, b []byte, bits int) []byte {
	n := 0
	if bits > 0 {
		n = e.below(1 << (1 + e.below(bits)))
	}
	b = strconv.AppendInt(b, int64(n), 10)
	if e.chance(400) {
		b = append(b, ".0"...)
	}
	return b
}

func appendMFA(e *event, b []byte, _ int) []byte {
	if e.mfa {
		return append(b, "Yes"...)
	}
	return append(b, "No"...)
}

func appendBool(b []byte, v bool) []byte { return strconv.AppendBool(b, v) }
