-- S3 downloads by bucket: Gigabytes downloaded from each bucket, by principal; needs data events.
-- tags: T1530, exfiltration, data transfer
SELECT element_at(requestparameters, 'bucketName') AS bucket, useridentity.arn AS who, count(*) AS reads,
       round(sum(TRY_CAST(element_at(additionaleventdata, 'bytesTransferredOut') AS double)) / 1e9, 3) AS gigabytes
FROM main
WHERE eventsource = 's3.amazonaws.com' AND eventname = 'GetObject' AND errorcode IS NULL
GROUP BY 1, 2
ORDER BY gigabytes DESC NULLS LAST
LIMIT 20
