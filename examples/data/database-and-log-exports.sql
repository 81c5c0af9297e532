-- Database and log exports: DynamoDB tables, RDS snapshots and log groups that were exported, with the destination bucket.
-- tags: T1537, exfiltration, data export
SELECT eventtime, useridentity.arn AS by_whom, eventname, eventsource, coalesce(element_at(requestparameters, 's3Bucket'), element_at(requestparameters, 's3BucketName'), element_at(requestparameters, 'destination')) AS into_bucket
FROM main
WHERE eventname IN ('ExportTableToPointInTime', 'StartExportTask', 'CreateExportTask')
ORDER BY eventtime DESC
