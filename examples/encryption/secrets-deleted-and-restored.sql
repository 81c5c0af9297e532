-- Secrets deleted and restored: Secrets that were deleted or restored; at_once marks deletions without a recovery window.
-- tags: T1485, data destruction, secrets manager
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'secretId') AS secret, element_at(requestparameters, 'forceDeleteWithoutRecovery') AS at_once
FROM main
WHERE eventsource = 'secretsmanager.amazonaws.com' AND eventname IN ('DeleteSecret', 'RestoreSecret')
ORDER BY eventtime DESC
