-- Objects that callers were refused; needs data events.
SELECT element_at(requestparameters, 'bucketName') AS bucket, useridentity.arn AS who, eventname, count(*) AS refusals, count(DISTINCT element_at(requestparameters, 'key')) AS keys
FROM main
WHERE eventcategory = 'Data' AND eventsource = 's3.amazonaws.com' AND errorcode = 'AccessDenied'
GROUP BY 1, 2, 3
ORDER BY refusals DESC
