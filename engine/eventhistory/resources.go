package eventhistory

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// resourcesOf returns the resources that an event names: first its list of resources, then those that its request
// parameters and response elements name according to our tables. All three are JSON, or empty; a parameter with
// members is their JSON as a text.
func resourcesOf(e *Event, listed, parameters, response string) (out []Resource, err error) {
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
	requested, err := membersOf(parameters)
	if err != nil {
		return nil, fmt.Errorf("request parameters: %w", err)
	}
	answered, err := membersOf(response)
	if err != nil {
		return nil, fmt.Errorf("response elements: %w", err)
	}
	for _, element := range elementsOf[e.Source] {
		values := requested
		if element.inResponse {
			values = answered
		}
		value, ok := values[element.member]
		if !ok || element.eventName != "" && element.eventName != e.Name {
			continue
		}
		for _, name := range element.names(value) {
			resource := Resource{element.resourceType, name}
			if resource.Type == "" {
				resource.Type = typeOfName(name)
			}
			add(resource)
		}
	}
	return out, nil
}

// membersOf returns the members of a column of an event, which is JSON or empty.
func membersOf(column string) (values map[string]string, err error) {
	if column != "" {
		err = json.Unmarshal([]byte(column), &values)
	}
	return values, err
}

// names returns the texts that an element's path leads to, in a value that is a text, or JSON if the path has
// steps.
func (p *element) names(value string) []string {
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

// matchesResources reports whether the conditions on resources hold for an event. The statement's conditions only
// hold for all such events.
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
	for _, p := range elements {
		if p.resourceType != value && p.resourceType != "" {
			continue
		}
		column := "requestparameters"
		if p.inResponse {
			column = "responseelements"
		}
		condition := fmt.Sprintf("eventsource = %s AND element_at(%s, %s) IS NOT NULL", textConstant(p.eventSource), column, textConstant(p.member))
		if p.eventName != "" {
			condition += " AND eventname = " + textConstant(p.eventName)
		}
		if !slices.Contains(conditions, condition) {
			conditions = append(conditions, condition)
		}
	}
	return strings.Join(conditions, " OR ")
}

// mayHaveResourceName is true of every event with a resource of a name: in its list, as a parameter or response
// element, or as a text within the JSON of one. JSON with escapes may hold the name in another spelling.
func mayHaveResourceName(value string) string {
	quoted := textConstant(value)
	conditions := []string{fmt.Sprintf("any_match(resources, r -> r.arn = %s OR r.arnprefix = %s)", quoted, quoted)}
	for _, column := range []string{"requestparameters", "responseelements"} {
		conditions = append(conditions, fmt.Sprintf(
			"any_match(map_values(%s), v -> v = %s OR strpos(v, %s) > 0 OR (starts_with(v, '{') OR starts_with(v, '[')) AND strpos(v, '\\') > 0)",
			column, quoted, textConstant(`"`+value+`"`)))
	}
	return strings.Join(conditions, " OR ")
}
