-- S3 access logging changes: Buckets whose access logging was changed, with the target bucket.
-- tags: T1562.008, defense evasion, access logging
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'bucketName') AS bucket, json_extract_scalar(element_at(requestparameters, 'BucketLoggingStatus'), '$.LoggingEnabled.TargetBucket') AS target
FROM main
WHERE eventsource = 's3.amazonaws.com' AND eventname = 'PutBucketLogging'
ORDER BY eventtime DESC
