-- S3 buckets created and deleted: Buckets that were created or deleted, and by whom.
-- tags: T1485, data destruction, bucket inventory
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'bucketName') AS bucket, awsregion
FROM main
WHERE eventsource = 's3.amazonaws.com' AND eventname IN ('CreateBucket', 'DeleteBucket')
ORDER BY eventtime DESC
