package policy

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/lazyregexp"
)

// statement is a statement that allows or denies.
type statement struct {
	number int // position in its document
	id     string
	denies bool
	// hasNoEffect means that it matches no action of ours. Its conditions were not checked.
	hasNoEffect bool

	principals   principals
	actions      []pattern // in lower case
	notActions   bool
	resources    []resourcePattern // empty: the resource of the policy
	notResources bool
	conditions   []condition
}

// principals are the principals of a statement in a resource's policy.
type principals struct {
	everybody bool
	accounts  []string
	arns      []string // of users, roles and sessions; compared exactly
	services  []string
	count     int // as written in the document
}

// resourcePattern is a pattern of ARNs, or matches all resources.
type resourcePattern struct {
	all bool
	arn arnPattern
}

// statementParser parses one statement.
type statementParser struct {
	where                    string
	isResource, hasVariables bool
	parsed                   *statement
}

func (p *statementParser) parse(n *node) (*statement, error) {
	if n.kind != objectNode {
		return nil, invalid(p.where, "it must be an object")
	}
	elements := map[string]*node{}
	for _, m := range n.members {
		if !slices.Contains(elementNames, m.name) {
			return nil, invalid(p.where, "unknown element %q", m.name)
		}
		elements[m.name] = m.value
	}
	p.parsed = &statement{}
	for _, step := range []func(map[string]*node) error{p.readSid, p.readEffect, p.readActions, p.readPrincipals, p.readResources, p.readCondition} {
		if err := step(elements); err != nil {
			return nil, err
		}
	}
	return p.parsed, nil
}

var elementNames = []string{"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}

func (p *statementParser) readSid(elements map[string]*node) error {
	if n := elements["Sid"]; n != nil {
		if n.kind != textNode {
			return invalid(p.where+".Sid", "it must be text")
		}
		p.parsed.id = n.text
	}
	return nil
}

func (p *statementParser) readEffect(elements map[string]*node) error {
	n := elements["Effect"]
	if n == nil || n.kind != textNode || n.text != "Allow" && n.text != "Deny" {
		return invalid(p.where+".Effect", `it must be "Allow" or "Deny"`)
	}
	p.parsed.denies = n.text == "Deny"
	return nil
}

// texts reads a text or a non-empty list of texts.
func (p *statementParser) texts(n *node, where string) (texts []string, err error) {
	for _, item := range n.list() {
		if item.kind != textNode || item.text == "" {
			return nil, invalid(where, "it must be text, or a list of texts")
		}
		texts = append(texts, item.text)
	}
	if texts == nil {
		return nil, invalid(where, "it is empty")
	}
	return texts, nil
}

// oneOf returns the one of an element and its negation that a statement has; nil if it has neither.
func (p *statementParser) oneOf(elements map[string]*node, name string) (n *node, where string, isNot bool, err error) {
	n, negation := elements[name], elements["Not"+name]
	switch {
	case n != nil && negation != nil:
		return nil, "", false, invalid(p.where, "it has both %s and Not%s", name, name)
	case negation != nil:
		return negation, p.where + ".Not" + name, true, nil
	}
	return n, p.where + "." + name, false, nil
}

var actionPattern = lazyregexp.New(`^[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+$`)

func (p *statementParser) readActions(elements map[string]*node) error {
	n, where, isNot, err := p.oneOf(elements, "Action")
	if err != nil {
		return err
	}
	if n == nil {
		return invalid(p.where, "it has neither Action nor NotAction")
	}
	texts, err := p.texts(n, where)
	if err != nil {
		return err
	}
	mayMatch, whole := false, map[string]bool{}
	for _, text := range texts {
		if text != "*" && !actionPattern().MatchString(text) {
			return invalid(where, "%q is not an action such as cloudtrail:StartQuery", text)
		}
		lower := strings.ToLower(text)
		p.parsed.actions = append(p.parsed.actions, literalPattern(lower))
		matchesOurs, wholeOf := mayMatchOurs(lower)
		mayMatch = mayMatch || matchesOurs
		for _, service := range wholeOf {
			whole[service] = true
		}
	}
	p.parsed.notActions = isNot
	p.parsed.hasNoEffect = !isNot && !mayMatch || isNot && len(whole) == len(services)
	return nil
}

var (
	accountID    = lazyregexp.New(`^\d{12}$`)
	rootARN      = lazyregexp.New(`^arn:aws[a-z-]*:iam::(\d{12}):root$`)
	principalARN = lazyregexp.New(`^arn:aws[a-z-]*:(?:iam|sts)::\d{12}:(?:user|role|assumed-role|federated-user)/[\w+=,.@/:-]+$`)
	serviceName  = lazyregexp.New(`^[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?$`)
)

func (p *statementParser) readPrincipals(elements map[string]*node) error {
	where := p.where + ".Principal"
	if elements["NotPrincipal"] != nil {
		return invalid(p.where+".NotPrincipal", "it is not supported; name principals in a condition on aws:PrincipalArn instead")
	}
	n := elements["Principal"]
	switch {
	case n == nil && p.isResource:
		return invalid(p.where, "it has no Principal")
	case n == nil:
		return nil
	case !p.isResource:
		return invalid(where, "a key's policy applies to the key's own principal: remove the element")
	case n.kind == textNode && n.text == "*":
		p.parsed.principals = principals{everybody: true, count: 1}
		return nil
	case n.kind != objectNode || len(n.members) == 0:
		return invalid(where, `it must be "*", or an object of AWS or Service and names`)
	}
	for _, m := range n.members {
		texts, err := p.texts(m.value, where+"."+m.name)
		if err != nil {
			return err
		}
		for _, text := range texts {
			if !p.parsed.principals.add(m.name, text) {
				return invalid(where+"."+m.name, "%q is not a principal: use an account, the ARN of a user, role or session, *, or a service", text)
			}
		}
	}
	return nil
}

// add adds a principal of a type, and reports whether such a principal can exist.
func (p *principals) add(kind, text string) bool {
	p.count++
	root := rootARN().FindStringSubmatch(text)
	switch {
	case kind == "Service" && serviceName().MatchString(text):
		p.services = append(p.services, text)
	case kind != "AWS":
		return false
	case text == "*":
		p.everybody = true
	case accountID().MatchString(text):
		p.accounts = append(p.accounts, text)
	case root != nil:
		p.accounts = append(p.accounts, root[1])
	case principalARN().MatchString(text):
		p.arns = append(p.arns, text)
	default:
		return false
	}
	return true
}

func (p *statementParser) readResources(elements map[string]*node) error {
	n, where, isNot, err := p.oneOf(elements, "Resource")
	if err != nil {
		return err
	}
	if n == nil {
		if !p.isResource {
			return invalid(p.where, "it has neither Resource nor NotResource")
		}
		return nil
	}
	texts, err := p.texts(n, where)
	if err != nil {
		return err
	}
	p.parsed.notResources = isNot
	if p.parsed.hasNoEffect {
		return nil
	}
	for _, text := range texts {
		if text == "*" {
			p.parsed.resources = append(p.parsed.resources, resourcePattern{all: true})
			continue
		}
		arn, err := parseARN(text, patternRules{wildcards: true, variables: p.hasVariables})
		if err != nil {
			return invalid(where, "%s", err.(*InvalidError).What)
		}
		if slices.ContainsFunc(arn[:arnParts-1], pattern.hasVariables) {
			return invalid(where, "%q has a variable before its last part", text)
		}
		p.parsed.resources = append(p.parsed.resources, resourcePattern{arn: arn})
	}
	return nil
}

func (p *statementParser) readCondition(elements map[string]*node) (err error) {
	if n := elements["Condition"]; n != nil && !p.parsed.hasNoEffect {
		p.parsed.conditions, err = p.parseConditions(n)
	}
	return err
}
