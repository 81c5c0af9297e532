-- S3 uploads by bucket: Gigabytes uploaded to each bucket, by principal; needs data events.
-- tags: data transfer, uploads
SELECT element_at(requestparameters, 'bucketName') AS bucket, useridentity.arn AS who, count(*) AS uploads,
       round(sum(TRY_CAST(element_at(additionaleventdata, 'bytesTransferredIn') AS double)) / 1e9, 3) AS gigabytes
FROM main
WHERE eventsource = 's3.amazonaws.com' AND eventname IN ('PutObject', 'UploadPart') AND errorcode IS NULL
GROUP BY 1, 2
ORDER BY gigabytes DESC NULLS LAST
