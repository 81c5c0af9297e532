package trail

import (
	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/storage/catalog"
)

// fromRecord describes the trail of a record.
func fromRecord(r *catalog.Trail) *Trail {
	t := &Trail{
		Name: r.Name, Partition: r.Partition, Region: r.Region, AccountID: r.AccountID,
		S3BucketName: r.S3BucketName, S3KeyPrefix: r.S3KeyPrefix, SnsTopicName: r.SnsTopicName, IncludeGlobalEvents: r.IncludeGlobalEvents,
		MultiRegion: r.MultiRegion, Organization: r.Organization, LogFileValidation: r.LogFileValidation,
		CloudWatchLogsLogGroupARN: r.CloudWatchLogsLogGroupARN, CloudWatchLogsRoleARN: r.CloudWatchLogsRoleARN, KmsKeyID: r.KmsKeyID,
		RecursiveLogging: r.RecursiveLogging, Tags: store.TagsOf(r.Tags),
		AdvancedEventSelectors: store.SelectorsOf(r.AdvancedEventSelectors), InsightSelectors: store.InsightsOf(r.InsightSelectors),
		IsLogging: r.IsLogging, StartedAt: r.StartedAt, StoppedAt: r.StoppedAt, CreatedAt: r.CreatedAt,
	}
	for _, s := range r.EventSelectors {
		selector := Selector{s.ReadWriteType, s.IncludeManagementEvents, nil, s.ExcludeManagementEventSources}
		for _, d := range s.DataResources {
			selector.DataResources = append(selector.DataResources, DataResource(d))
		}
		t.EventSelectors = append(t.EventSelectors, selector)
	}
	for _, a := range r.Aggregations {
		t.Aggregations = append(t.Aggregations, Aggregation(a))
	}
	return t
}

// record makes the record of a trail.
func record(t *Trail) *catalog.Trail {
	r := &catalog.Trail{
		Name: t.Name, Partition: t.Partition, Region: t.Region, AccountID: t.AccountID,
		S3BucketName: t.S3BucketName, S3KeyPrefix: t.S3KeyPrefix, SnsTopicName: t.SnsTopicName, IncludeGlobalEvents: t.IncludeGlobalEvents,
		MultiRegion: t.MultiRegion, Organization: t.Organization, LogFileValidation: t.LogFileValidation,
		CloudWatchLogsLogGroupARN: t.CloudWatchLogsLogGroupARN, CloudWatchLogsRoleARN: t.CloudWatchLogsRoleARN, KmsKeyID: t.KmsKeyID,
		RecursiveLogging: t.RecursiveLogging, Tags: store.TagRecords(t.Tags),
		AdvancedEventSelectors: store.SelectorRecords(t.AdvancedEventSelectors), InsightSelectors: store.InsightRecords(t.InsightSelectors),
		IsLogging: t.IsLogging, StartedAt: t.StartedAt, StoppedAt: t.StoppedAt, CreatedAt: t.CreatedAt,
	}
	for _, s := range t.EventSelectors {
		selector := catalog.EventSelector{
			ReadWriteType: s.ReadWriteType, IncludeManagementEvents: s.IncludeManagementEvents, ExcludeManagementEventSources: s.ExcludeManagementEventSources,
		}
		for _, d := range s.DataResources {
			selector.DataResources = append(selector.DataResources, catalog.DataResource(d))
		}
		r.EventSelectors = append(r.EventSelectors, selector)
	}
	for _, a := range t.Aggregations {
		r.Aggregations = append(r.Aggregations, catalog.AggregationConfiguration(a))
	}
	return r
}
