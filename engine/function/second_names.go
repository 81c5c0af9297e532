package function

import "strings"

// secondNames maps the second name of a function to the first one, under which Trino documents the function.
var secondNames = map[string]string{
	"arbitrary": "any_value", "every": "bool_and", "stddev": "stddev_samp", "variance": "var_samp",
	"ceil": "ceiling", "pow": "power", "rand": "random", "now": "current_timestamp",
	"day_of_month": "day", "dow": "day_of_week", "doy": "day_of_year", "week_of_year": "week", "yow": "year_of_week",
}

// nameFirst adds the first name to the description of a function listed by its second name.
func nameFirst(f Function) {
	if name, ok := secondNames[f.Name]; ok {
		f.Doc = strings.TrimSuffix(f.Doc, ".") + "; another name of " + name + "."
	}
}
