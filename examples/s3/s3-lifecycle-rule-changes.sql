-- S3 lifecycle rule changes: Lifecycle rules that were set or deleted; such rules can delete objects automatically.
-- tags: T1485.001, data destruction, lifecycle rules
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'bucketName') AS bucket
FROM main
WHERE eventsource = 's3.amazonaws.com' AND eventname IN ('PutBucketLifecycle', 'PutBucketLifecycleConfiguration', 'DeleteBucketLifecycle')
ORDER BY eventtime DESC
