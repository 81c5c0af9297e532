-- Denied S3 requests: S3 object requests that were denied, by bucket and principal; needs data events.
-- tags: T1619, discovery, access denied
SELECT element_at(requestparameters, 'bucketName') AS bucket, useridentity.arn AS who, eventname, count(*) AS refusals, count(DISTINCT element_at(requestparameters, 'key')) AS keys
FROM main
WHERE eventcategory = 'Data' AND eventsource = 's3.amazonaws.com' AND errorcode = 'AccessDenied'
GROUP BY 1, 2, 3
ORDER BY refusals DESC
