package dashboards

import (
	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/storage/catalog"
)

// fromRecord describes the dashboard of a record.
func fromRecord(r *catalog.Dashboard) *Dashboard {
	d := &Dashboard{
		Name: r.Name, Partition: r.Partition, Region: r.Region, AccountID: r.AccountID,
		IsProtected: r.IsProtected, Tags: store.TagsOf(r.Tags), ResourcePolicy: r.ResourcePolicy, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
		ScheduledAt: r.ScheduledAt, FailureReason: r.FailureReason,
	}
	for _, w := range r.Widgets {
		d.Widgets = append(d.Widgets, Widget(w))
	}
	if r.Schedule != nil {
		schedule := Schedule(*r.Schedule)
		d.Schedule = &schedule
	}
	if r.LastRefresh != nil {
		refresh := Refresh(*r.LastRefresh)
		d.LastRefresh = &refresh
	}
	return d
}

// record makes the record of a dashboard. That of a managed one has no widgets.
func record(d *Dashboard) *catalog.Dashboard {
	r := &catalog.Dashboard{
		Name: d.Name, Partition: d.Partition, Region: d.Region, AccountID: d.AccountID,
		IsProtected: d.IsProtected, Tags: store.TagRecords(d.Tags), ResourcePolicy: d.ResourcePolicy, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
		ScheduledAt: d.ScheduledAt, FailureReason: d.FailureReason,
	}
	if !d.IsManaged {
		for _, w := range d.Widgets {
			r.Widgets = append(r.Widgets, catalog.Widget(w))
		}
	}
	if d.Schedule != nil {
		schedule := catalog.RefreshSchedule(*d.Schedule)
		r.Schedule = &schedule
	}
	if d.LastRefresh != nil {
		refresh := catalog.DashboardRefresh(*d.LastRefresh)
		r.LastRefresh = &refresh
	}
	return r
}
