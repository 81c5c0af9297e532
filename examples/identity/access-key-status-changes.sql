-- Access key status changes: Access keys that were activated, deactivated or deleted.
-- tags: T1531, access keys, key rotation
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'accessKeyId') AS key_id, coalesce(element_at(requestparameters, 'status'), 'deleted') AS status
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('UpdateAccessKey', 'DeleteAccessKey')
ORDER BY eventtime DESC
