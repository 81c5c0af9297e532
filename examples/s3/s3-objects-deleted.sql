-- S3 objects deleted: Deletions of S3 objects, by bucket, principal and day; needs data events.
-- tags: T1485, data destruction, impact
SELECT date(eventtime) AS day, element_at(requestparameters, 'bucketName') AS bucket, useridentity.arn AS who, count(*) AS deletions
FROM main
WHERE eventsource = 's3.amazonaws.com' AND eventname IN ('DeleteObject', 'DeleteObjects') AND errorcode IS NULL
GROUP BY 1, 2, 3
ORDER BY deletions DESC
LIMIT 20
