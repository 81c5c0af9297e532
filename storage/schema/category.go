package schema

// Category is an eventCategory, spelled as in events. Its methods are all that the rest of the program knows of
// categories.
type Category string

// The categories that have a table.
const (
	Management        Category = "Management"
	Data              Category = "Data"
	NetworkActivity   Category = "NetworkActivity"
	Insight           Category = "Insight"
	ConfigurationItem Category = "ConfigurationItem"
	Evidence          Category = "Evidence"
	ActivityAuditLog  Category = "ActivityAuditLog"
)

// IsOfTrails reports whether trails deliver the category's events. A trail's files may mix such categories, and so
// may a store; its selectors choose among them.
func (c Category) IsOfTrails() bool {
	return c == Management || c == Data || c == NetworkActivity
}

// Takes reports whether a store of category c may hold an event with the category event, "" if its record has none.
// A store of trails takes all that trails deliver, and unknown categories; another store takes only its own
// category.
func (c Category) Takes(event Category) bool {
	if !c.IsOfTrails() {
		return event == c
	}
	return event != ConfigurationItem && event != Evidence && event != ActivityAuditLog
}

// HasIngestion reports whether the ingestion of the category's events can be stopped and started.
func (c Category) HasIngestion() bool { return c.IsOfTrails() || c == ConfigurationItem }

// IsOfOrganizations reports whether a store may take the category's events of all accounts of an organization. It
// may not for events from outside of AWS.
func (c Category) IsOfOrganizations() bool { return c != ActivityAuditLog }

// HasEventJSON reports whether the category's table has the events' original text.
func (c Category) HasEventJSON() bool {
	table, ok := ForCategory(string(c))
	if !ok {
		return false
	}
	_, ok = table.Lookup("eventjson")
	return ok
}

// HasDefaultSelector reports whether a selector may select all of the category's events. In other categories, a
// selector needs a resource type or an event source.
func (c Category) HasDefaultSelector() bool { return c != Data && c != NetworkActivity }
