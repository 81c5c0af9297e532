-- S3 bucket readers: How many principals read from each bucket, with reads and distinct keys; needs data events.
-- tags: T1530, data access, access review
SELECT element_at(requestparameters, 'bucketName') AS bucket, count(DISTINCT useridentity.arn) AS readers, count(*) AS reads,
       count(DISTINCT element_at(requestparameters, 'key')) AS keys
FROM main
WHERE eventcategory = 'Data' AND eventsource = 's3.amazonaws.com' AND readonly
GROUP BY 1
ORDER BY readers DESC, reads DESC
