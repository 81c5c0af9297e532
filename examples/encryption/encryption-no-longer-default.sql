-- What is stored in plain from now on: volumes of a region, a bucket.
SELECT eventtime, useridentity.arn AS by_whom, eventname, awsregion, element_at(requestparameters, 'bucketName') AS bucket
FROM main
WHERE eventname IN ('DisableEbsEncryptionByDefault', 'DeleteBucketEncryption')
ORDER BY eventtime DESC
