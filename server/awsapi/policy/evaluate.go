package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Decision is the result of evaluating policies for a request.
type Decision struct {
	Allowed bool
	// ByDeny means that a statement denies the request. A request that is refused without it is allowed by no
	// statement.
	ByDeny bool
	// Reason, for people, names the statement that decided, or the kind of policy that lacks one.
	Reason string
}

// Named is a key's policy with its name.
type Named struct {
	Name     string
	Document *Document
}

// Evaluate decides about a request by the policies of the principal's key and of the resource, which is nil for
// none. A denying statement wins. Otherwise, within the resource's account, either side can allow; across accounts
// both must. A service needs only the resource's policy, and the account's root needs no policy of a key.
func Evaluate(r *Request, identity []Named, resource *Document) Decision {
	for _, p := range identity {
		if s := p.Document.find(r, true); s != nil {
			return Decision{ByDeny: true, Reason: fmt.Sprintf("%s of the key's policy %s denies it", s.name(), p.Name)}
		}
	}
	if resource != nil {
		if s := resource.find(r, true); s != nil {
			return Decision{ByDeny: true, Reason: s.name() + " of the resource's policy denies it"}
		}
	}
	byIdentity, byResource := allowsIdentity(r, identity), allowsResource(r, resource)
	isOwn := r.Principal.Service == "" && (r.ResourceAccount == "" || r.ResourceAccount == r.Principal.Account)
	switch {
	case r.Principal.Service != "" && byResource != "", isOwn && byIdentity == "" && byResource != "":
		return Decision{Allowed: true, Reason: byResource}
	case isOwn && byIdentity != "":
		return Decision{Allowed: true, Reason: byIdentity}
	case isOwn:
		return Decision{Reason: "no policy allows it"}
	case byIdentity != "" && byResource != "":
		return Decision{Allowed: true, Reason: byIdentity + ", " + byResource}
	case byResource == "":
		return Decision{Reason: "the resource's policy does not allow it"}
	}
	return Decision{Reason: "no policy of the key allows it, which the resource of another account needs besides its own"}
}

// allowsIdentity returns why the key's side allows a request, "" if it does not.
func allowsIdentity(r *Request, identity []Named) string {
	if r.Principal.Service != "" {
		return ""
	}
	if r.Principal.IsRoot {
		return "the account's root may do it"
	}
	for _, p := range identity {
		if s := p.Document.find(r, false); s != nil {
			return fmt.Sprintf("%s of the key's policy %s allows it", s.name(), p.Name)
		}
	}
	return ""
}

// allowsResource returns why the resource's policy allows a request, "" if it does not.
func allowsResource(r *Request, resource *Document) string {
	if resource == nil {
		return ""
	}
	if s := resource.find(r, false); s != nil {
		return s.name() + " of the resource's policy allows it"
	}
	return ""
}

// find returns the first statement that denies, or allows, a request; nil if there is none.
func (d *Document) find(r *Request, denies bool) *statement {
	for _, s := range d.statements {
		if s.denies == denies && s.appliesTo(r, d.isResource) {
			return s
		}
	}
	return nil
}

// name names the statement for people.
func (s *statement) name() string {
	if s.id != "" {
		return fmt.Sprintf("statement %q", s.id)
	}
	return fmt.Sprintf("statement %d", s.number+1)
}

// appliesTo reports whether the statement is about a request.
func (s *statement) appliesTo(r *Request, isResource bool) bool {
	if s.hasNoEffect || isResource && !s.principals.include(r.Principal) || !s.coversAction(r.Action) || !s.coversResource(r) {
		return false
	}
	for i := range s.conditions {
		if !s.conditions[i].holds(r, s.denies) {
			return false
		}
	}
	return true
}

func (s *statement) coversAction(action string) bool {
	action = strings.ToLower(action)
	isNamed := slices.ContainsFunc(s.actions, func(p pattern) bool { return p.matchText(action) })
	return isNamed != s.notActions
}

// coversResource reports whether the statement is about the request's resource. A variable that cannot be resolved
// matches nothing, and never helps to allow.
func (s *statement) coversResource(r *Request) bool {
	if len(s.resources) == 0 {
		return true
	}
	arn, isUnknown := lowerText(r.Resource), false
	for _, p := range s.resources {
		if p.all {
			return !s.notResources
		}
		isMatch, isUnresolved := p.arn.match(arn, r, true)
		if isMatch {
			return !s.notResources
		}
		isUnknown = isUnknown || isUnresolved
	}
	return s.notResources && (!isUnknown || s.denies)
}

// include reports whether a principal is included: by itself, its role, its account, or a wildcard.
func (p *principals) include(who Principal) bool {
	if who.Service != "" {
		return slices.Contains(p.services, who.Service) || p.everybody
	}
	if p.everybody {
		return true
	}
	if who.ARN == "" {
		return false
	}
	return slices.Contains(p.accounts, who.Account) || slices.Contains(p.arns, who.ARN) || slices.Contains(p.arns, who.identityARN())
}
