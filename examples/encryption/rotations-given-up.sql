-- Secrets whose rotation was begun, or given up.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'secretId') AS secret
FROM main
WHERE eventsource = 'secretsmanager.amazonaws.com' AND eventname IN ('RotateSecret', 'CancelRotateSecret')
ORDER BY eventtime DESC
