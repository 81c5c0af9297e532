-- Secret rotation changes: Secrets whose rotation was started or canceled.
-- tags: secrets manager, credential rotation
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'secretId') AS secret
FROM main
WHERE eventsource = 'secretsmanager.amazonaws.com' AND eventname IN ('RotateSecret', 'CancelRotateSecret')
ORDER BY eventtime DESC
