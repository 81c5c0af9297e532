-- S3 versioning suspended: Buckets whose versioning was suspended.
-- tags: T1490, ransomware, inhibit recovery
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'bucketName') AS bucket
FROM main
WHERE eventsource = 's3.amazonaws.com' AND eventname = 'PutBucketVersioning'
  AND json_extract_scalar(element_at(requestparameters, 'VersioningConfiguration'), '$.Status') = 'Suspended'
ORDER BY eventtime DESC
