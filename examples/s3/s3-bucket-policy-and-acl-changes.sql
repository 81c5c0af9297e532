-- S3 bucket policy and ACL changes: Changes to bucket policies, ACLs and public access settings; allows_everybody marks policies with the principal "*".
-- tags: T1530, public access, bucket policy
SELECT eventtime, eventname, element_at(requestparameters, 'bucketName') AS bucket, useridentity.arn AS who,
       regexp_like(element_at(requestparameters, 'bucketPolicy'), '"Principal":("\*"|\{"AWS":"\*"\})') AS allows_everybody
FROM main
WHERE eventsource = 's3.amazonaws.com'
  AND eventname IN ('PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketAcl', 'PutBucketPublicAccessBlock', 'DeleteBucketPublicAccessBlock', 'DeleteAccountPublicAccessBlock')
ORDER BY eventtime DESC
