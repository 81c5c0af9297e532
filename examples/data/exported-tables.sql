-- Whole tables and databases that were exported to files.
SELECT eventtime, useridentity.arn AS by_whom, eventname, eventsource, coalesce(element_at(requestparameters, 's3Bucket'), element_at(requestparameters, 's3BucketName'), element_at(requestparameters, 'destination')) AS into_bucket
FROM main
WHERE eventname IN ('ExportTableToPointInTime', 'StartExportTask', 'CreateExportTask')
ORDER BY eventtime DESC
