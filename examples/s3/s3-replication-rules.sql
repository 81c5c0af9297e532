-- S3 replication rules: Replication rules that were set, with the destination buckets.
-- tags: T1537, exfiltration, replication
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'bucketName') AS bucket, json_extract(element_at(requestparameters, 'ReplicationConfiguration'), '$.Rule') AS rules
FROM main
WHERE eventsource = 's3.amazonaws.com' AND eventname = 'PutBucketReplication'
ORDER BY eventtime DESC
