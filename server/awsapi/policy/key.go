package policy

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Request is a question to policies: may the principal do an action on a resource?
type Request struct {
	Action string // such as cloudtrail:StartQuery
	// Resource is the ARN of the action's resource, as the lake spells it; "*": the action has none.
	Resource string
	// ResourceAccount is the account that owns the resource; "": that of the principal.
	ResourceAccount string
	Principal       Principal
	// ResourceTags are the resource's tags, RequestTags those in the request.
	ResourceTags, RequestTags []Tag
	// SourceARN and SourceAccount are the resource and account for which a service calls; "": none.
	SourceARN, SourceAccount string
	ExternalID               string     // from the request; "": none
	StoreName                string     // name of the resource if it is an event data store, otherwise ""
	SourceIP                 netip.Addr // of the client; zero: unknown, such as on the lake's socket
	Now                      time.Time
	SecureTransport          bool // the request came over TLS
}

// Principal is the maker of a request. The zero value is anonymous: it may do what a resource's policy allows
// everyone.
type Principal struct {
	ARN     string
	Account string // 12 digits
	UserID  string
	IsRoot  bool   // the account's root, which needs no identity policy
	Service string // such as cloudtrail.amazonaws.com; then the other fields are empty
}

// Tag is a tag. A tag without a value has the value "".
type Tag struct{ Key, Value string }

// contextKey is a key of conditions and variables.
type contextKey struct {
	kind   valueKind
	isMany bool // a request may have several values
	values func(r *Request) []string
}

// valueKind says which operators make sense for a key.
type valueKind int

const (
	freeKind valueKind = iota // any operator: the policy's author decides what the text means
	stringKind
	arnKind
	ipKind
	dateKind
	boolKind
)

// keys are the supported keys by name in lower case. findKey makes those of tags.
var keys = map[string]*contextKey{
	"aws:tagkeys":           {kind: stringKind, isMany: true, values: func(r *Request) []string { return tagKeys(r.RequestTags) }},
	"aws:sourcearn":         {kind: arnKind, values: func(r *Request) []string { return present(r.SourceARN) }},
	"aws:sourceaccount":     {kind: freeKind, values: func(r *Request) []string { return present(r.SourceAccount) }},
	"aws:sourceip":          {kind: ipKind, values: sourceIP},
	"aws:principalarn":      {kind: arnKind, values: func(r *Request) []string { return present(r.Principal.identityARN()) }},
	"aws:principalaccount":  {kind: freeKind, values: func(r *Request) []string { return present(r.Principal.Account) }},
	"aws:username":          {kind: stringKind, values: func(r *Request) []string { return present(r.Principal.userName()) }},
	"aws:userid":            {kind: stringKind, values: func(r *Request) []string { return present(r.Principal.UserID) }},
	"aws:currenttime":       {kind: dateKind, values: func(r *Request) []string { return []string{r.Now.UTC().Format(time.RFC3339Nano)} }},
	"aws:securetransport":   {kind: boolKind, values: secureTransport},
	"cloudtrail:externalid": {kind: freeKind, values: func(r *Request) []string { return present(r.ExternalID) }},
	"auditlake:storename":   {kind: stringKind, values: func(r *Request) []string { return present(r.StoreName) }},
}

const (
	resourceTagPrefix = "aws:resourcetag/"
	requestTagPrefix  = "aws:requesttag/"
)

// findKey finds a key by its name in any letter case.
func findKey(name string) (*contextKey, error) {
	lower := strings.ToLower(name)
	if key := keys[lower]; key != nil {
		return key, nil
	}
	if tag, isTag := strings.CutPrefix(lower, resourceTagPrefix); isTag && tag != "" {
		return &contextKey{values: func(r *Request) []string { return tagValues(r.ResourceTags, tag) }}, nil
	}
	if tag, isTag := strings.CutPrefix(lower, requestTagPrefix); isTag && tag != "" {
		return &contextKey{values: func(r *Request) []string { return tagValues(r.RequestTags, tag) }}, nil
	}
	return nil, invalid("", "unknown key %q", name)
}

func present(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func tagKeys(tags []Tag) (names []string) {
	for _, t := range tags {
		names = append(names, t.Key)
	}
	return names
}

// tagValues returns the values of the tags with a key, in any letter case. Two tags may differ only in case.
func tagValues(tags []Tag, lowerKey string) (values []string) {
	for _, t := range tags {
		if strings.ToLower(t.Key) == lowerKey {
			values = append(values, t.Value)
		}
	}
	return values
}

func sourceIP(r *Request) []string {
	if !r.SourceIP.IsValid() {
		return nil
	}
	return []string{r.SourceIP.Unmap().WithZone("").String()}
}

func secureTransport(r *Request) []string {
	if r.SecureTransport {
		return []string{"true"}
	}
	return []string{"false"}
}

// identityARN returns the ARN that policies see: for a session of a role, the ARN of the role.
func (p Principal) identityARN() string {
	if role := p.role(); role != "" {
		return role
	}
	return p.ARN
}

// role returns the ARN of the role if the principal is a session of one, otherwise "".
func (p Principal) role() string {
	parts := strings.SplitN(p.ARN, ":", arnParts)
	if len(parts) != arnParts {
		return ""
	}
	name, isSession := strings.CutPrefix(parts[5], "assumed-role/")
	if !isSession {
		return ""
	}
	name, _, _ = strings.Cut(name, "/")
	return strings.Join(slices.Concat(parts[:2], []string{"iam", "", parts[4], "role/" + name}), ":")
}

// userName returns the friendly name of a user, "" for other principals.
func (p Principal) userName() string {
	_, path, isUser := strings.Cut(p.ARN, ":user/")
	if !isUser {
		return ""
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}
