-- Secrets that were deleted, and whether they can be had back.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'secretId') AS secret, element_at(requestparameters, 'forceDeleteWithoutRecovery') AS at_once
FROM main
WHERE eventsource = 'secretsmanager.amazonaws.com' AND eventname IN ('DeleteSecret', 'RestoreSecret')
ORDER BY eventtime DESC
