-- Publicly accessible databases: RDS instances that were created or changed to be publicly accessible.
-- tags: T1190, initial access, internet exposure
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'dBInstanceIdentifier') AS database
FROM main
WHERE eventsource = 'rds.amazonaws.com' AND eventname IN ('CreateDBInstance', 'ModifyDBInstance')
  AND element_at(requestparameters, 'publiclyAccessible') = 'true'
ORDER BY eventtime DESC
