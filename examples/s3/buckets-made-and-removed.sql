-- Which buckets came, and which went.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'bucketName') AS bucket, awsregion
FROM main
WHERE eventsource = 's3.amazonaws.com' AND eventname IN ('CreateBucket', 'DeleteBucket')
ORDER BY eventtime DESC
