-- KMS key usage: Decrypt, GenerateDataKey and ReEncrypt calls, by key and principal.
-- tags: kms, key usage
SELECT resources[1].arn AS kms_key, useridentity.arn AS who, count(*) AS decrypts, max(eventtime) AS latest
FROM main
WHERE eventsource = 'kms.amazonaws.com' AND eventname IN ('Decrypt', 'GenerateDataKey', 'ReEncrypt')
GROUP BY 1, 2
ORDER BY decrypts DESC
