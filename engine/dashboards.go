package engine

import "github.com/auditlake/auditlake/engine/dashboards"

// The types of dashboards; engine/dashboards has their rules.
type (
	// Dashboards are the dashboards of a lake.
	Dashboards = dashboards.Dashboards
	// Dashboard describes a dashboard; changing it changes nothing in the lake.
	Dashboard = dashboards.Dashboard
	// DashboardWidget is a statement with how its rows are shown.
	DashboardWidget = dashboards.Widget
	// DashboardSchedule says when a dashboard is refreshed.
	DashboardSchedule = dashboards.Schedule
	// DashboardStatement is the statement that a refresh runs for a widget.
	DashboardStatement = dashboards.Statement
	// DashboardValues are the values of a refresh, by parameter.
	DashboardValues = dashboards.Values
	// AnswerValue is a value of an answer's row.
	AnswerValue = dashboards.Value
	// ManagedDashboard is a dashboard built into the program.
	ManagedDashboard = dashboards.Managed
)

// EventsBehind returns a statement for the events behind a row of an answer, see dashboards.EventsBehind.
var EventsBehind = dashboards.EventsBehind

// AsOf returns a statement that computes another statement's answer as of an instant, see dashboards.AsOf.
var AsOf = dashboards.AsOf

// Errors of dashboards. They are wrapped with what is wrong.
var (
	ErrDashboardNotFound   = dashboards.ErrNotFound
	ErrDashboardExists     = dashboards.ErrExists
	ErrTooManyDashboards   = dashboards.ErrTooMany
	ErrTooManyWidgets      = dashboards.ErrTooManyWidgets
	ErrDashboardName       = dashboards.ErrName
	ErrDashboardView       = dashboards.ErrView
	ErrDashboardSchedule   = dashboards.ErrSchedule
	ErrDashboardParameters = dashboards.ErrParameters
	ErrDashboardValues     = dashboards.ErrValues
	ErrDashboardManaged    = dashboards.ErrManaged
	ErrDashboardProtected  = dashboards.ErrProtected
	ErrEventsNotDerived    = dashboards.ErrNotDerived
	ErrDashboardRefreshing = dashboards.ErrRefreshing
)

// The parameters of widgets' statements, and the name of the dashboard that clients enable.
const (
	DashboardStartTime = dashboards.StartTime
	DashboardEndTime   = dashboards.EndTime
	DashboardPeriod    = dashboards.Period
	DashboardStoreID   = dashboards.StoreID
	HighlightsName     = dashboards.HighlightsName
	// MaxDashboardWidgets is the maximum number of widgets in a dashboard.
	MaxDashboardWidgets = dashboards.MaxWidgets
)

// ManagedDashboards returns the dashboards built into the program. The caller must not change them.
func ManagedDashboards() []*ManagedDashboard { return dashboards.ManagedDashboards() }

// ParseDashboardValues parses a client's values for the parameters of a refresh, see dashboards.ParseValues.
var ParseDashboardValues = dashboards.ParseValues

// ReplaceQuestionMarks replaces a statement's question marks with texts, see dashboards.ReplaceQuestionMarks.
var ReplaceQuestionMarks = dashboards.ReplaceQuestionMarks

// Dashboards returns the lake's dashboards.
func (l *Lake) Dashboards() *Dashboards { return l.dashboards }
