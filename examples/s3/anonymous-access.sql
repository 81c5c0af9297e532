-- Objects that were reached without any credentials; needs data events.
SELECT eventtime, eventname, element_at(requestparameters, 'bucketName') AS bucket, element_at(requestparameters, 'key') AS key, sourceipaddress, errorcode
FROM main
WHERE eventsource = 's3.amazonaws.com' AND useridentity.accountid = 'anonymous'
ORDER BY eventtime DESC
