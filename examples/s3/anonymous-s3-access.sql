-- Anonymous S3 access: S3 object requests of anonymous callers; needs data events.
-- tags: T1530, collection, public access
SELECT eventtime, eventname, element_at(requestparameters, 'bucketName') AS bucket, element_at(requestparameters, 'key') AS key, sourceipaddress, errorcode
FROM main
WHERE eventsource = 's3.amazonaws.com' AND useridentity.accountid = 'anonymous'
ORDER BY eventtime DESC
