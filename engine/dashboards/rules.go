package dashboards

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/auditlake/auditlake/lazyregexp"
)

// views are the kinds of views of widgets, with the properties that each must have besides those of every view, and
// may have.
var views = map[string]struct{ required, optional []string }{
	"Table":     {},
	"LineChart": {[]string{"XAxisColumn", "YAxisColumn"}, []string{"FilterColumn"}},
	"PieChart":  {[]string{"LabelColumn", "ValueColumn"}, []string{"FilterColumn"}},
	"BarChart":  {[]string{"LabelColumn", "ValueColumn"}, []string{"FilterColumn", "Orientation"}},
}

// everyView are the properties that every view must have.
var everyView = []string{"Height", "Width", "Title", "View"}

// maxViewInches is how high or wide a view may be.
const maxViewInches = 100

var wholeNumber = lazyregexp.New(`^[1-9][0-9]{0,2}$`)

// CheckView applies the rules of view properties: what each view needs, and nothing that it does not know.
func CheckView(view map[string]string) error {
	kind, isView := views[view["View"]]
	if !isView {
		return fmt.Errorf("%w: View is Table, LineChart, PieChart or BarChart, not '%s'", ErrView, view["View"])
	}
	required := append(slices.Clone(everyView), kind.required...)
	for _, name := range required {
		if view[name] == "" {
			return fmt.Errorf("%w: a %s needs %s", ErrView, view["View"], name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(view)) {
		if !slices.Contains(required, name) && !slices.Contains(kind.optional, name) {
			return fmt.Errorf("%w: a %s has no %s", ErrView, view["View"], name)
		}
	}
	for _, name := range []string{"Height", "Width"} {
		if inches, err := strconv.Atoi(view[name]); err != nil || !wholeNumber().MatchString(view[name]) || inches > maxViewInches {
			return fmt.Errorf("%w: %s is 1 to %d inches, not '%s'", ErrView, name, maxViewInches, view[name])
		}
	}
	if o, given := view["Orientation"]; given && o != "Horizontal" && o != "Vertical" {
		return fmt.Errorf("%w: Orientation is Horizontal or Vertical, not '%s'", ErrView, o)
	}
	return nil
}

// check applies the rules of every dashboard that clients make or change.
func check(d *Dashboard) error {
	if !isName(d.Name) {
		return fmt.Errorf("%w: '%s' is not 3 to 128 letters, digits, underscores and dashes", ErrName, d.Name)
	}
	if len(d.Widgets) > MaxWidgets {
		return fmt.Errorf("%w: %d", ErrTooManyWidgets, len(d.Widgets))
	}
	for i, w := range d.Widgets {
		if err := checkWidget(&w); err != nil {
			return fmt.Errorf("widget %d: %w", i+1, err)
		}
	}
	if err := checkSchedule(d); err != nil {
		return err
	}
	return checkTags(d)
}

func checkWidget(w *Widget) error {
	if err := CheckView(w.View); err != nil {
		return err
	}
	return checkParameters(w.Statement, w.Parameters)
}

func checkTags(d *Dashboard) error {
	if len(d.Tags) > maxTags {
		return fmt.Errorf("%w: %d", ErrTooManyTags, len(d.Tags))
	}
	return nil
}

// sameWidgets reports whether widgets are the same, their aliases aside.
func sameWidgets(a, b []Widget) bool {
	return slices.EqualFunc(a, b, func(a, b Widget) bool {
		return a.Statement == b.Statement && slices.Equal(a.Parameters, b.Parameters) && maps.Equal(a.View, b.View)
	})
}
