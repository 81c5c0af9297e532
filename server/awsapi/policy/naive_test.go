package policy

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// naive decides as Evaluate does, from the texts of the policies, in the simplest way that there is: it shares no code with the
// package, and takes only what the generator of generated_test.go writes.
func naive(r *Request, identity []string, resource string) string {
	values := naiveValues(r)
	own := r.ResourceAccount == r.Principal.Account && r.Principal.Service == ""
	byKey := r.Principal.IsRoot && r.Principal.Service == ""
	byResource := false
	for _, text := range identity {
		for _, s := range naiveStatements(text) {
			if s["Effect"] == "Deny" && naiveApplies(s, r, values, false) {
				return "deny"
			}
			if s["Effect"] == "Allow" && r.Principal.Service == "" && naiveApplies(s, r, values, false) {
				byKey = true
			}
		}
	}
	for _, s := range naiveStatements(resource) {
		if s["Effect"] == "Deny" && naiveApplies(s, r, values, true) {
			return "deny"
		}
		if s["Effect"] == "Allow" && naiveApplies(s, r, values, true) {
			byResource = true
		}
	}
	if own && (byKey || byResource) || r.Principal.Service != "" && byResource || byKey && byResource {
		return "allow"
	}
	return "none"
}

func naiveStatements(text string) (all []map[string]any) {
	if text == "" {
		return nil
	}
	var d struct{ Statement []map[string]any }
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		panic(err)
	}
	return d.Statement
}

// naiveList is a value, or the values of a list, as texts.
func naiveList(v any) (texts []string) {
	if list, ok := v.([]any); ok {
		for _, item := range list {
			texts = append(texts, fmt.Sprint(item))
		}
		return texts
	}
	return []string{fmt.Sprint(v)}
}

// naiveValues is what the request has for each key, in lower case.
func naiveValues(r *Request) map[string][]string {
	v := map[string][]string{"aws:currenttime": {r.Now.Format(time.RFC3339)}, "aws:securetransport": {strconv.FormatBool(r.SecureTransport)}}
	for key, value := range map[string]string{
		"aws:sourcearn": r.SourceARN, "aws:sourceaccount": r.SourceAccount, "cloudtrail:externalid": r.ExternalID,
		"aws:principalaccount": r.Principal.Account, "aws:userid": r.Principal.UserID, "aws:principalarn": r.Principal.ARN,
	} {
		if value != "" {
			v[key] = []string{value}
		}
	}
	if found := naiveCompile(`^arn:aws:sts::(\d+):assumed-role/(\w+)/`).FindStringSubmatch(r.Principal.ARN); found != nil {
		v["aws:principalarn"] = []string{"arn:aws:iam::" + found[1] + ":role/" + found[2]}
	}
	if found := naiveCompile(`:user/(?:.*/)?(\w+)$`).FindStringSubmatch(r.Principal.ARN); found != nil {
		v["aws:username"] = []string{found[1]}
	}
	if r.SourceIP != (netip.Addr{}) {
		v["aws:sourceip"] = []string{r.SourceIP.String()}
	}
	for _, t := range r.ResourceTags {
		key := "aws:resourcetag/" + strings.ToLower(t.Key)
		v[key] = append(v[key], t.Value)
	}
	for _, t := range r.RequestTags {
		key := "aws:requesttag/" + strings.ToLower(t.Key)
		v[key] = append(v[key], t.Value)
		v["aws:tagkeys"] = append(v["aws:tagkeys"], t.Key)
	}
	return v
}

func naiveApplies(s map[string]any, r *Request, values map[string][]string, isResource bool) bool {
	if isResource && !naivePrincipal(s["Principal"], r.Principal) {
		return false
	}
	denies := s["Effect"] == "Deny"
	if !naiveAction(s, r.Action) || !naiveResource(s, r.Resource, values, denies) {
		return false
	}
	conditions, _ := s["Condition"].(map[string]any)
	for operator, keys := range conditions {
		for key, want := range keys.(map[string]any) {
			if !naiveCondition(operator, strings.ToLower(key), naiveList(want), values, denies) {
				return false
			}
		}
	}
	return true
}

func naivePrincipal(p any, who Principal) bool {
	if p == "*" {
		return true
	}
	for kind, names := range p.(map[string]any) {
		for _, name := range naiveList(names) {
			role := naiveCompile(`^arn:aws:iam::(\d+):role/(\w+)$`).FindStringSubmatch(name)
			switch {
			case kind == "Service":
				if name == who.Service {
					return true
				}
			case name == "*", name != "" && name == who.ARN:
				return true
			case who.Account != "" && (name == who.Account || name == "arn:aws:iam::"+who.Account+":root"):
				return true
			case role != nil && strings.HasPrefix(who.ARN, "arn:aws:sts::"+role[1]+":assumed-role/"+role[2]+"/"):
				return true
			}
		}
	}
	return false
}

func naiveAction(s map[string]any, action string) bool {
	list, isNot := s["Action"], false
	if list == nil {
		list, isNot = s["NotAction"], true
	}
	for _, pattern := range naiveList(list) {
		if naiveRegexp(pattern, "(?i)", ".*", ".").MatchString(action) {
			return !isNot
		}
	}
	return isNot
}

// naiveCompiled has the expressions that were compiled.
var naiveCompiled = map[string]*regexp.Regexp{}

func naiveCompile(expression string) *regexp.Regexp {
	if naiveCompiled[expression] == nil {
		naiveCompiled[expression] = regexp.MustCompile(expression)
	}
	return naiveCompiled[expression]
}

func naiveRegexp(pattern, flags, star, mark string) *regexp.Regexp {
	text := regexp.QuoteMeta(pattern)
	text = strings.ReplaceAll(strings.ReplaceAll(text, `\*`, star), `\?`, mark)
	return naiveCompile(flags + "^" + text + "$")
}

func naiveResource(s map[string]any, resource string, values map[string][]string, denies bool) bool {
	list, isNot := s["Resource"], false
	if list == nil {
		list, isNot = s["NotResource"], true
	}
	if list == nil {
		return true
	}
	isUnknown := false
	for _, pattern := range naiveList(list) {
		if pattern == "*" {
			return !isNot
		}
		found, ok := naiveARN(pattern, resource, "(?i)", values)
		if ok && found {
			return !isNot
		}
		isUnknown = isUnknown || !ok
	}
	return isNot && (denies || !isUnknown)
}

var naiveVariable = regexp.MustCompile(`\$\{([^}]*)\}`)

// naiveResolve replaces variables, with marks in place of wildcards that come from values; ok is false if one has no value.
func naiveResolve(pattern string, values map[string][]string) (resolved string, ok bool) {
	ok = true
	resolved = naiveVariable.ReplaceAllStringFunc(pattern, func(v string) string {
		inside := v[2 : len(v)-1]
		if inside == "*" || inside == "?" {
			return map[string]string{"*": "\x01", "?": "\x02"}[inside]
		}
		name, fallback, hasDefault := strings.Cut(inside, ", ")
		found := values[strings.ToLower(name)]
		switch {
		case len(found) == 1:
			return strings.NewReplacer("*", "\x01", "?", "\x02").Replace(found[0])
		case len(found) == 0 && hasDefault:
			return strings.Trim(fallback, "'")
		}
		ok = false
		return ""
	})
	return resolved, ok
}

func naiveLike(pattern, flags, star, mark, text string) bool {
	expression := naiveRegexp(pattern, flags, star, mark).String()
	return naiveCompile(strings.NewReplacer("\x01", `\*`, "\x02", `\?`).Replace(expression)).MatchString(text)
}

func naiveARN(pattern, arn, flags string, values map[string][]string) (found, ok bool) {
	pattern, ok = naiveResolve(pattern, values)
	if !ok {
		return false, false
	}
	want, got := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(got) != 6 {
		return false, true
	}
	for i := range want {
		if !naiveLike(want[i], flags, ".*", ".", got[i]) {
			return false, true
		}
	}
	return true, true
}

func naiveCondition(operator, key string, want []string, values map[string][]string, denies bool) bool {
	got := values[key]
	if operator == "Null" {
		for _, w := range want {
			if w == strconv.FormatBool(len(got) == 0) {
				return true
			}
		}
		return false
	}
	forAll, forAny := strings.HasPrefix(operator, "ForAllValues:"), strings.HasPrefix(operator, "ForAnyValue:")
	operator = operator[strings.IndexByte(operator, ':')+1:]
	ifExists := strings.HasSuffix(operator, "IfExists")
	operator = strings.TrimSuffix(operator, "IfExists")
	isNot := strings.Contains(operator, "Not")
	operator = strings.Replace(operator, "Not", "", 1)
	if len(got) == 0 {
		return ifExists || forAll || isNot && !forAny
	}
	count := 0
	for _, value := range got {
		found, isUnknown := false, false
		for _, w := range want {
			same, ok := naiveCompare(operator, w, value, values)
			found, isUnknown = found || ok && same, isUnknown || !ok
		}
		if !isNot && found || isNot && !found && (!isUnknown || denies) {
			count++
		}
	}
	if forAny || !forAll && denies {
		return count > 0
	}
	return count == len(got)
}

// naiveCompare compares by an operator that is not negated; ok is false if that cannot be done.
func naiveCompare(operator, want, value string, values map[string][]string) (same, ok bool) {
	kind := naiveCompile(`^(String|Arn|Numeric|Date|Bool|Ip)`).FindString(operator)
	compared := 0
	switch kind {
	case "Arn":
		if strings.Count(value, ":") < 5 {
			return false, false
		}
		return naiveARN(want, value, "", values)
	case "String":
		if want, ok = naiveResolve(want, values); !ok {
			return false, false
		}
		flags, star, mark := "", `\*`, `\?`
		if operator == "StringLike" {
			star, mark = ".*", "."
		}
		if operator == "StringEqualsIgnoreCase" {
			flags = "(?i)"
		}
		return naiveLike(want, flags, star, mark, value), true
	case "Bool":
		value = strings.ToLower(value)
		return value == strings.ToLower(want), value == "true" || value == "false"
	case "Ip":
		_, network, err := net.ParseCIDR(want)
		at := net.ParseIP(value)
		return err == nil && network.Contains(at), at != nil
	case "Numeric":
		a, errA := strconv.ParseFloat(value, 64)
		b, errB := strconv.ParseFloat(want, 64)
		if errA != nil || errB != nil {
			return false, false
		}
		compared = map[bool]int{a < b: -1, a > b: 1}[true]
	case "Date":
		a, errA := time.Parse(time.RFC3339, value)
		if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
			a, errA = time.Unix(seconds, 0), nil
		}
		b, errB := time.Parse(time.RFC3339, want)
		if errA != nil || errB != nil {
			return false, false
		}
		compared = a.Compare(b)
	}
	switch strings.TrimPrefix(operator, kind) {
	case "Equals":
		return compared == 0, true
	case "LessThan":
		return compared < 0, true
	case "LessThanEquals":
		return compared <= 0, true
	case "GreaterThan":
		return compared > 0, true
	}
	return compared >= 0, true
}
