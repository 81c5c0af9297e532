-- S3 Block Public Access changes: S3 Block Public Access settings that were changed or deleted, for buckets and accounts.
-- tags: T1562, defense evasion, public access
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'bucketName') AS bucket, element_at(requestparameters, 'PublicAccessBlockConfiguration') AS setting
FROM main
WHERE eventsource = 's3.amazonaws.com' AND eventname IN ('DeletePublicAccessBlock', 'PutPublicAccessBlock', 'DeleteAccountPublicAccessBlock')
ORDER BY eventtime DESC
