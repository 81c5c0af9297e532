-- Default encryption disabled: Default encryption that was turned off for the EBS volumes of a Region or for a bucket.
-- tags: T1562, defense evasion, encryption at rest
SELECT eventtime, useridentity.arn AS by_whom, eventname, awsregion, element_at(requestparameters, 'bucketName') AS bucket
FROM main
WHERE eventname IN ('DisableEbsEncryptionByDefault', 'DeleteBucketEncryption')
ORDER BY eventtime DESC
