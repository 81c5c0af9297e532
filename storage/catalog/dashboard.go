package catalog

import "time"

const dashboardPrefix = "dashboard/"

func dashboardKey(name string) string { return dashboardPrefix + name }

// Dashboard is a dashboard of a client, or the tags, policy and last refresh of a managed one. The chain does not
// hold its record.
type Dashboard struct {
	Name      string `json:"Name"`      // unique in the lake
	Partition string `json:"Partition"` // of the ARN, "aws"
	Region    string `json:"Region"`
	AccountID string `json:"AccountID"`

	Widgets  []Widget         `json:"Widgets,omitempty"`
	Schedule *RefreshSchedule `json:"Schedule,omitempty"`
	// ScheduledAt is the instant up to which the schedule was kept: every later instant of the schedule is still to
	// come, or due.
	ScheduledAt    time.Time `json:"ScheduledAt,omitzero"`
	IsProtected    bool      `json:"IsProtected"` // from being deleted
	Tags           []Tag     `json:"Tags,omitempty"`
	ResourcePolicy string    `json:"ResourcePolicy,omitempty"` // JSON as given
	CreatedAt      time.Time `json:"CreatedAt"`
	UpdatedAt      time.Time `json:"UpdatedAt"`

	LastRefresh *DashboardRefresh `json:"LastRefresh,omitempty"`
	// FailureReason is why the last refresh failed, or why one that was due did not begin; "": neither.
	FailureReason string `json:"FailureReason,omitempty"`
}

// Widget is a statement of a dashboard, and how its rows are shown.
type Widget struct {
	Alias      string            `json:"Alias"` // of the statement
	Statement  string            `json:"Statement"`
	Parameters []string          `json:"Parameters,omitempty"` // names, for the statement's question marks
	View       map[string]string `json:"View"`
}

// RefreshSchedule says when a dashboard is refreshed.
type RefreshSchedule struct {
	Unit      string `json:"Unit,omitempty"` // HOURS or DAYS; "": none was given yet
	Value     int    `json:"Value,omitempty"`
	TimeOfDay string `json:"TimeOfDay,omitempty"` // HH:MM, UTC
	IsEnabled bool   `json:"IsEnabled"`
}

// DashboardRefresh is a run of the statements of a dashboard's widgets.
type DashboardRefresh struct {
	ID      string    `json:"ID"` // digits; Query.RefreshID of its statements
	BeganAt time.Time `json:"BeganAt"`
	EndedAt time.Time `json:"EndedAt,omitzero"`
}

// ARN is the dashboard's full name in the API.
func (d *Dashboard) ARN() string {
	return "arn:" + d.Partition + ":cloudtrail:" + d.Region + ":" + d.AccountID + ":dashboard/" + d.Name
}

// PutDashboard writes a dashboard, new or changed.
func (tx *Tx) PutDashboard(d *Dashboard) error { return put(tx, dashboardKey(d.Name), d) }

// Dashboard reads a dashboard.
func (tx *Tx) Dashboard(name string) (*Dashboard, error) {
	return get[Dashboard](tx, dashboardKey(name), "dashboard", name)
}

// Dashboards lists all dashboards by name.
func (tx *Tx) Dashboards() ([]*Dashboard, error) {
	return collect(scan[Dashboard](tx, dashboardPrefix, ""))
}

// DeleteDashboard removes a dashboard.
func (tx *Tx) DeleteDashboard(name string) error { return tx.delete(dashboardKey(name)) }
