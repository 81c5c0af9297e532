-- Blocks of everybody's reach that were taken from buckets and accounts.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'bucketName') AS bucket, element_at(requestparameters, 'PublicAccessBlockConfiguration') AS setting
FROM main
WHERE eventsource = 's3.amazonaws.com' AND eventname IN ('DeletePublicAccessBlock', 'PutPublicAccessBlock', 'DeleteAccountPublicAccessBlock')
ORDER BY eventtime DESC
