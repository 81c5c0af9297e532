package activity

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hidden is what CloudTrail writes in place of a secret.
const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

// secretMembers are the request members, in lower case, that an event hides: credentials that would let a reader
// impersonate the caller, and the events that clients push, which are in their stores.
var secretMembers = map[string]bool{"externalid": true, "auditevents": true, "nexttoken": true}

// Parameters are the members of a request as an event has them: names begin with a small letter, as in CloudTrail's
// records, texts have at most MaxStatementCharacters, and secrets are hidden.
func Parameters(members map[string]any) json.RawMessage {
	if len(members) == 0 {
		return nil
	}
	text, err := json.Marshal(shown(members))
	if err != nil {
		return nil // what came as JSON can be written as JSON
	}
	return text
}

func shown(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			if list, isList := member.([]any); isList && secretMembers[strings.ToLower(name)] {
				out[small(name)+"Count"] = len(list)
				continue
			}
			if secretMembers[strings.ToLower(name)] {
				out[small(name)] = hidden
				continue
			}
			out[small(name)] = shown(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			out[i] = shown(element)
		}
		return out
	case string:
		return Beginning(v)
	}
	return value
}

// small is a name that begins with a small letter.
func small(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}

// Beginning is a text, cut off after MaxStatementCharacters.
func Beginning(text string) string {
	if len(text) <= MaxStatementCharacters {
		return text
	}
	count := 0
	for at := range text {
		if count == MaxStatementCharacters {
			return text[:at]
		}
		count++
	}
	return text
}
