-- Buckets whose own access records were changed.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'bucketName') AS bucket, json_extract_scalar(element_at(requestparameters, 'BucketLoggingStatus'), '$.LoggingEnabled.TargetBucket') AS target
FROM main
WHERE eventsource = 's3.amazonaws.com' AND eventname = 'PutBucketLogging'
ORDER BY eventtime DESC
