package eventhistory

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// resourcesOf returns the resources that an event names: those of its list of resources, then those that its request
// parameters name according to our table. Both are JSON, or empty; a parameter with members is their JSON as a text.
func resourcesOf(eventSource, listed, parameters string) (out []Resource, err error) {
	add := func(r Resource) {
		if r.Name != "" && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	var resources []struct{ Type, ARN, ARNPrefix string }
	if listed != "" {
		if err := json.Unmarshal([]byte(listed), &resources); err != nil {
			return nil, fmt.Errorf("resources: %w", err)
		}
	}
	for _, r := range resources {
		if r.ARN != "" {
			add(Resource{r.Type, r.ARN})
		} else {
			add(Resource{r.Type, r.ARNPrefix})
		}
	}
	var values map[string]string
	if parameters != "" {
		if err := json.Unmarshal([]byte(parameters), &values); err != nil {
			return nil, fmt.Errorf("request parameters: %w", err)
		}
	}
	for _, p := range parametersOf[eventSource] {
		if value, ok := values[p.member]; ok {
			for _, name := range p.names(value) {
				add(Resource{p.resourceType, name})
			}
		}
	}
	return out, nil
}

// names are the texts that a parameter's path leads to, in a value that is a text, or JSON if the path goes on.
func (p *parameter) names(value string) []string {
	isList := strings.HasPrefix(value, "[")
	if len(p.path) == 0 && !isList {
		return []string{value}
	}
	var tree any
	if json.Unmarshal([]byte(value), &tree) != nil {
		return nil // a text where other events have members
	}
	return textsAt(tree, p.path)
}

// textsAt are the texts at the end of a path. Lists are entered.
func textsAt(tree any, path []string) (out []string) {
	switch tree := tree.(type) {
	case []any:
		for _, element := range tree {
			out = append(out, textsAt(element, path)...)
		}
	case map[string]any:
		if len(path) > 0 {
			return textsAt(tree[path[0]], path[1:])
		}
	case string:
		if len(path) == 0 {
			return []string{tree}
		}
	}
	return out
}

// matchesResources reports whether the conditions on resources hold for an event. The statement's conditions only hold for
// all such events.
func (l *Lookup) matchesResources(e *Event) bool {
	for _, a := range l.Attributes {
		has := true
		switch a.Key {
		case ResourceType:
			has = slices.ContainsFunc(e.Resources, func(r Resource) bool { return r.Type == a.Value })
		case ResourceName:
			has = slices.ContainsFunc(e.Resources, func(r Resource) bool { return r.Name == a.Value })
		}
		if !has {
			return false
		}
	}
	return true
}

// mayHaveResourceType holds for every event with a resource of a type.
func mayHaveResourceType(value string) string {
	conditions := []string{"any_match(resources, r -> r.type = " + textConstant(value) + ")"}
	for _, p := range parameters {
		if p.resourceType == value {
			conditions = append(conditions, fmt.Sprintf("eventsource = %s AND element_at(requestparameters, %s) IS NOT NULL",
				textConstant(p.eventSource), textConstant(p.member)))
		}
	}
	return strings.Join(conditions, " OR ")
}

// mayHaveResourceName holds for every event with a resource of a name: in its list, as a parameter, or as a text within the
// JSON of one. JSON with escapes may hold it in another spelling.
func mayHaveResourceName(value string) string {
	quoted := textConstant(value)
	return fmt.Sprintf("any_match(resources, r -> r.arn = %s OR r.arnprefix = %s) OR "+
		"any_match(map_values(requestparameters), v -> v = %s OR strpos(v, %s) > 0 OR (starts_with(v, '{') OR starts_with(v, '[')) AND strpos(v, '\\') > 0)",
		quoted, quoted, quoted, textConstant(`"`+value+`"`))
}
